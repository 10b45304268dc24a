//! What a case file holds: configuration, fixtures, exchanges and what is expected of them.
//!
//! Every member that is not listed here is refused, so that no expectation is passed over.

pub(crate) mod expect;
pub(crate) mod fixtures;
pub(crate) mod request;
pub(crate) mod step;

use serde::Deserialize;

use expect::Expect;
use fixtures::{Config, Fixtures};
use request::Request;
use step::Step;

/// A case: what is there, then what happens.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Written")]
pub(crate) struct Case {
    /// How the filter is configured.
    pub(crate) config: Config,
    /// What the registry holds before the first step.
    pub(crate) fixtures: Fixtures,
    /// Exchanges and actions in order; never empty.
    pub(crate) steps: Vec<Step>,
}

/// A case as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "members for people have to be known too")]
struct Written {
    id: String,
    source: Option<String>,
    note: Option<String>,
    tags: Option<Vec<String>>,
    cls: Option<Class>,
    kind: Option<Kind>,
    config: Config,
    fixtures: Fixtures,
    request: Option<Request>,
    expect: Option<Expect>,
    recommend: Option<Expect>,
    steps: Option<Vec<Step>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Class {
    Parity,
    Diverge,
    AppRegistration,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Sequence,
}

// === impl Case ===

impl TryFrom<Written> for Case {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let steps = match (written.kind, written.steps, written.request) {
            (Some(Kind::Sequence), Some(steps), None) if !steps.is_empty() => {
                if written.expect.is_some() || written.recommend.is_some() {
                    return Err("a sequence has its expectations in its steps");
                }
                steps
            }
            (None, None, Some(request)) => {
                let expect = written.recommend.or(written.expect);
                let expect = expect.ok_or("`expect` is missing")?;
                vec![Step::Exchange { request, expect }]
            }
            _ => return Err("either `request`, or `kind: \"sequence\"` and `steps`"),
        };
        Ok(Self {
            config: written.config,
            fixtures: written.fixtures,
            steps,
        })
    }
}

#[cfg(test)]
mod tests;
