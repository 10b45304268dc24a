//! Keys of Kong's consumers, as decK exports them (`deck gateway dump`). What else is in the file is
//! not read.

use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::domain::timestamp::Timestamp;
use crate::domain::wish::Wish;
use crate::import::read::Parsed;
use crate::import::{Mistake, Written};

/// The part of Kong's declarative configuration that is about keys.
#[derive(Deserialize)]
struct Configuration {
    consumers: Vec<Consumer>,
}

/// A consumer. Its application has its `custom_id` as reference id, or its name.
#[derive(Deserialize)]
struct Consumer {
    username: Option<String>,
    custom_id: Option<String>,
    #[serde(default)]
    keyauth_credentials: Vec<Credential>,
}

/// A key.
#[derive(Deserialize)]
struct Credential {
    key: Spanned<String>,
    /// How many seconds it has left.
    ttl: Option<i64>,
}

/// Reads the keys.
pub(super) fn lines(text: &str, now: Timestamp) -> Vec<Parsed> {
    // Such files are as large as there are keys.
    let options = serde_saphyr::options! { budget: None };
    let read = serde_saphyr::from_str_with_options::<Configuration>(text, options);
    match read {
        Ok(configuration) => configuration
            .consumers
            .into_iter()
            .flat_map(|consumer| keys(consumer, now))
            .map(Ok)
            .collect(),
        Err(error) => vec![Err(Mistake {
            line: error.location().map_or(1, |place| place.line()),
            field: None,
            // The parser's own words show what stands there.
            reason:
                "is not YAML with `consumers` and their `keyauth_credentials`, as decK writes it"
                    .to_owned(),
        })],
    }
}

fn keys(consumer: Consumer, now: Timestamp) -> impl Iterator<Item = Written> {
    let application = consumer.custom_id.or(consumer.username).unwrap_or_default();
    let keys = consumer.keyauth_credentials.into_iter();
    keys.map(move |credential| Written {
        line: credential.key.referenced.line(),
        application: application.clone(),
        display_name: None,
        key: credential.key.value,
        expires_at: match credential.ttl {
            None => Wish::Keep,
            Some(seconds) => {
                let end = now.plus_ms(seconds.saturating_mul(1000));
                Wish::Set(end.to_string())
            }
        },
    })
}
