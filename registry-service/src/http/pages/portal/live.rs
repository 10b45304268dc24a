//! How far a change has come: on how many gateways it is in force.

use axum::Json;
use axum::extract::Query;
use serde::{Deserialize, Serialize};

use crate::gateways::Spread;
use crate::http::pages::portal::guest::Member;
use crate::registry::Registry;

/// Which change is asked about.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    revision: i64,
}

/// How far it has come, in words.
#[derive(Debug, Serialize)]
pub(super) struct Live {
    revision: i64,
    text: String,
    done: bool,
}

/// Says how far a change has come; the script asks until it is everywhere.
pub(super) async fn show(member: Member, Query(Asked { revision }): Query<Asked>) -> Json<Live> {
    Json(Live::of(&member.visit.registry, revision))
}

// === impl Live ===

impl Live {
    /// Says how far everything has come that was changed until now.
    pub(super) fn now(registry: &Registry) -> Self {
        let head = registry.storage.watch_position().borrow().head;
        Self::of(registry, head)
    }

    /// Says how far a revision has come.
    pub(super) fn of(registry: &Registry, revision: i64) -> Self {
        let Spread { live_on, gateways } = registry.gateways.spread(revision, registry.clock.now());
        let text = match gateways {
            0 => "No gateway follows this registry at the moment.".to_owned(),
            1 => format!("Live on {live_on} of 1 gateway."),
            _ => format!("Live on {live_on} of {gateways} gateways."),
        };
        Self {
            revision,
            text,
            done: gateways > 0 && live_on == gateways,
        }
    }

    /// Returns a page's path with the query that makes it show how far the change has come.
    pub(super) fn on_page(&self, path: &str) -> String {
        format!("{path}?revision={}", self.revision)
    }
}
