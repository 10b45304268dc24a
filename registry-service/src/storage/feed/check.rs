//! What is known of one key: one statement, so that everything in it was true at one moment.

use std::sync::LazyLock;

use keystile_protocol::check::Outcome;
use keystile_protocol::key::KeyDigest;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::storage::feed::entry::{self, APPLICATION, CREDENTIAL};
use crate::storage::feed::{Position, position_of};
use crate::storage::question::Question;
use crate::storage::{Result, Storage};

const FROM: &str = "from registry g cross join portal o \
    left join credential k on k.digest = $1 and k.suspended_at is null \
    left join application a on a.application_id = k.application_id \
    left join developer d on d.developer_id = a.developer_id";

static TEXT: LazyLock<String> =
    LazyLock::new(|| format!("select g.epoch, g.revision, {CREDENTIAL}, {APPLICATION} {FROM}"));

// === impl Storage ===

impl Storage {
    /// Reads what is known of a key, and where the history stood then.
    pub async fn check(&self, digest: KeyDigest) -> Result<(Position, Outcome)> {
        let question = Question {
            text: &TEXT,
            about: Some(digest),
        };
        let found = self.questions.ask(question).await?;
        let row = found.as_ref().as_ref().ok_or(sqlx::Error::RowNotFound)?;
        Ok((position_of(row)?, outcome(row)?))
    }
}

fn outcome(row: &AnyRow) -> Result<Outcome> {
    let has = |column| row.try_get::<Option<String>, _>(column);
    if has("credential_id")?.is_none() || has("application_id")?.is_none() {
        return Ok(Outcome::Unknown);
    }
    Ok(Outcome::Found {
        credential: entry::credential(row)?,
        application: entry::application(row)?,
    })
}
