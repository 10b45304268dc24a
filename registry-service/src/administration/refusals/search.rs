//! From what somebody has, such as the end of a key or the number on an error, to what it is about.

use keystile_protocol::key::{ApiKey, KeyDigest, is_well_formed};
use uuid::Uuid;

use crate::administration::{Acting, Result, applications};
use crate::domain::application::Application;
use crate::domain::credential::Credential;
use crate::domain::id::{ApplicationId, CredentialId};
use crate::domain::timestamp::Timestamp;
use crate::refusals::Refusal;
use crate::storage::{Connection, Operator, Range, Wanted, application, audit, credential};

/// Text of this length or more is a whole key: nothing shorter is strong enough for one.
const SHORTEST_KEY: usize = 22;

/// How many characters of a key's end are kept.
const SHOWN: usize = 4;

/// As many as are found at once.
const SOME: Range = Range {
    limit: 20,
    offset: 0,
};

/// What somebody looks for.
#[derive(Clone, PartialEq, Eq)]
pub enum Sought {
    /// The id of something.
    Id(Uuid),
    /// A whole key, which is nothing but its digest from here on.
    Key {
        /// What stands in for it.
        digest: KeyDigest,
        /// Whether it begins like those that are issued here, and has another form all the same.
        has_slip: bool,
    },
    /// How a key begins, if that is said, and ends.
    Hint {
        /// The beginning, which may be empty.
        prefix: String,
        /// The end.
        last_four: String,
    },
    /// Part of an application's name.
    Name(String),
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Credentials, each with whose it is.
    Credentials(Vec<(Credential, Application)>),
    /// An application that has no credential.
    NoCredential(Box<Application>),
    /// A key that was withdrawn.
    Withdrawn {
        /// When.
        at: Timestamp,
    },
    /// A key like those that are issued here, with a slip in it.
    Garbled,
    /// A key that was never one here.
    UnknownKey,
    /// A request to the registry itself.
    Request {
        /// Its id.
        id: Uuid,
        /// Why it was refused, if it was and that is still known.
        refusal: Option<Refusal>,
        /// How many writes there were with it.
        writes: i64,
    },
    /// Nothing.
    Nothing,
}

// === impl Sought ===

impl Sought {
    /// Tells what a text is, the most certain first; empty text is nothing.
    pub fn parse(text: &str, key_prefix: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        if let Ok(id) = text.parse() {
            return Some(Self::Id(id));
        }
        if let Some((prefix, last_four)) = text.split_once('…').or_else(|| text.split_once("..."))
        {
            return Some(Self::hint(prefix, last_four));
        }
        if text.len() >= SHORTEST_KEY && !text.contains(char::is_whitespace) {
            let is_ours = text.starts_with(&format!("{key_prefix}_"));
            return Some(Self::Key {
                digest: ApiKey::new(text).digest(),
                has_slip: is_ours && !is_well_formed(key_prefix, text.as_bytes()),
            });
        }
        if text.chars().count() == SHOWN {
            return Some(Self::hint("", text));
        }
        Some(Self::Name(text.to_owned()))
    }

    /// Whether a page may show it again: a key it may not, and some keys look like ids.
    pub const fn may_be_shown(&self) -> bool {
        matches!(self, Self::Hint { .. } | Self::Name(_))
    }

    fn hint(prefix: &str, last_four: &str) -> Self {
        Self::Hint {
            prefix: prefix.trim().to_owned(),
            last_four: last_four.trim().to_owned(),
        }
    }
}

/// Looks for what somebody means.
pub async fn find(acting: &Acting, sought: Sought) -> Result<Found> {
    let mut snapshot = acting.read().await?;
    match sought {
        Sought::Id(id) => by_id(acting, &mut snapshot, id).await,
        Sought::Key { digest, has_slip } => by_key(&mut snapshot, (digest, has_slip)).await,
        Sought::Hint { prefix, last_four } => by_hint(&mut snapshot, &prefix, &last_four).await,
        Sought::Name(name) => by_name(&mut snapshot, &name).await,
    }
}

async fn by_key(
    connection: &mut Connection,
    (digest, has_slip): (KeyDigest, bool),
) -> Result<Found> {
    Ok(match by_digest(connection, digest).await? {
        Found::UnknownKey if has_slip => Found::Garbled,
        found => found,
    })
}

/// Four characters may be an application's name as well.
async fn by_hint(connection: &mut Connection, prefix: &str, last_four: &str) -> Result<Found> {
    let hint = (prefix, last_four);
    let found = credential::find_by_hint(connection, hint, SOME.limit).await?;
    if found.is_empty() {
        return by_name(connection, last_four).await;
    }
    owned(connection, found).await
}

async fn by_id(acting: &Acting, connection: &mut Connection, id: Uuid) -> Result<Found> {
    if let Some(found) = credential::find(connection, CredentialId(id)).await? {
        return owned(connection, vec![found]).await;
    }
    if let Some(found) = application::lookup(connection, ApplicationId(id)).await? {
        return of_application(connection, found).await;
    }
    let wanted = Wanted::all(Range::FIRST).equal("request_id", id);
    let writes = audit::list(connection, &wanted).await?.total;
    let refusal = acting.registry.refusals.find(&id.to_string());
    if refusal.is_some() || writes > 0 {
        return Ok(Found::Request {
            id,
            refusal,
            writes,
        });
    }
    // Keys that were taken in may have any form.
    let digest = ApiKey::new(id.to_string()).digest();
    Ok(match by_digest(connection, digest).await? {
        Found::UnknownKey => Found::Nothing,
        found => found,
    })
}

async fn by_digest(connection: &mut Connection, digest: KeyDigest) -> Result<Found> {
    if let Some(found) = credential::find_by_digest(connection, digest).await? {
        return owned(connection, vec![found]).await;
    }
    let withdrawn = credential::withdrawn_at(connection, digest).await?;
    Ok(withdrawn.map_or(Found::UnknownKey, |at| Found::Withdrawn { at }))
}

async fn by_name(connection: &mut Connection, name: &str) -> Result<Found> {
    let wanted = Wanted::all(SOME).with("name", Operator::Contains, name);
    let applications = application::list(connection, &wanted).await?.items;
    if let [only] = applications.as_slice() {
        return of_application(connection, only.clone()).await;
    }
    let mut pairs = Vec::new();
    for application in applications {
        pairs.append(&mut keys(connection, &application).await?);
    }
    Ok(if pairs.is_empty() {
        Found::Nothing
    } else {
        Found::Credentials(pairs)
    })
}

async fn of_application(connection: &mut Connection, application: Application) -> Result<Found> {
    let pairs = keys(connection, &application).await?;
    Ok(if pairs.is_empty() {
        Found::NoCredential(Box::new(application))
    } else {
        Found::Credentials(pairs)
    })
}

async fn keys(
    connection: &mut Connection,
    application: &Application,
) -> Result<Vec<(Credential, Application)>> {
    let list = credential::list(connection, application.id, &Wanted::all(SOME)).await?;
    let pair = |key| (key, application.clone());
    Ok(list.items.into_iter().map(pair).collect())
}

async fn owned(connection: &mut Connection, credentials: Vec<Credential>) -> Result<Found> {
    let mut pairs = Vec::new();
    for credential in credentials {
        let owner = applications::existing(connection, credential.application).await?;
        pairs.push((credential, owner));
    }
    Ok(Found::Credentials(pairs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_an_id_an_end_of_a_key_or_a_name() {
        let id = Uuid::from_u128(7);
        for (text, expected) in [
            (" ", None),
            (id.to_string().as_str(), Some(Sought::Id(id))),
            ("ks_A…wxyz", Some(Sought::hint("ks_A", "wxyz"))),
            ("ks_A...wxyz", Some(Sought::hint("ks_A", "wxyz"))),
            (" wxyz ", Some(Sought::hint("", "wxyz"))),
            ("Umbrella", Some(Sought::Name("Umbrella".to_owned()))),
        ] {
            assert!(Sought::parse(text, "ks") == expected, "{text}");
        }
    }

    #[test]
    fn a_whole_key_is_never_shown_again() {
        for key in [
            "ks_0000000000000000000000000000000000000x",
            "imported-elsewhere-0123456789",
            "0191d8a4-7c5f-7c43-9a55-2b8b7d3c1f00",
        ] {
            let sought = Sought::parse(key, "ks").unwrap();
            assert!(!sought.may_be_shown(), "{key}");
        }
    }
}
