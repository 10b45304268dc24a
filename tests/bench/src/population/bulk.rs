//! Fills the tables of a registry that does not run: a million keys through its API would take hours.

use std::fmt::Write as _;

use keystile_protocol::id::ProductVersionId;
use keystile_protocol::key::ApiKey;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Row as _};

use crate::error::BenchError;
use crate::keys::{self, KEYS_PER_APPLICATION};

/// How many applications are written in one go.
const BATCH: u64 = 100;

/// When everything was created, in milliseconds since 1970.
const CREATED_AT: i64 = 1_750_000_000_000;

/// The epoch of a registry that was restored.
const NEXT_EPOCH: &str = "00000000-0000-4000-8000-000000000002";

/// Rows of four tables on their way into the database.
#[derive(Debug, Default)]
struct Rows {
    applications: Vec<String>,
    registrations: Vec<String>,
    credentials: Vec<String>,
    changes: Vec<String>,
}

/// Adds the applications of so many keys, registered for a version, and the keys' credentials.
pub(super) async fn fill(
    url: &str,
    version: ProductVersionId,
    keys: u64,
) -> Result<(), BenchError> {
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(url).await?;
    let (fast, tidy) = if url.starts_with("sqlite:") {
        (
            "pragma synchronous = off; pragma cache_size = -1000000",
            "pragma wal_checkpoint(truncate)",
        )
    } else {
        ("select 1", "analyze")
    };
    run(&mut connection, fast.to_owned()).await?;
    run(&mut connection, "begin".to_owned()).await?;
    insert(&mut connection, version, keys).await?;
    run(&mut connection, "commit".to_owned()).await?;
    run(&mut connection, tidy.to_owned()).await?;
    Ok(connection.close().await?)
}

async fn insert(
    connection: &mut AnyConnection,
    version: ProductVersionId,
    keys: u64,
) -> Result<(), BenchError> {
    let row = sqlx::query("select revision from registry where one = 1")
        .fetch_one(&mut *connection)
        .await?;
    let mut revision: i64 = row.try_get("revision")?;
    let applications = keys.div_ceil(KEYS_PER_APPLICATION);
    for first in (0..applications).step_by(usize::try_from(BATCH).unwrap_or(1)) {
        let mut rows = Rows::default();
        for number in first..applications.min(first + BATCH) {
            rows.add(number, version, &mut revision);
        }
        run(connection, rows.into_statements()).await?;
    }
    run(
        connection,
        format!("update registry set revision = {revision}"),
    )
    .await
}

/// Gives the history another name.
pub(super) async fn begin_new_epoch(url: &str) -> Result<(), BenchError> {
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(url).await?;
    let change = format!("update registry set epoch = '{NEXT_EPOCH}'");
    run(&mut connection, change).await?;
    Ok(connection.close().await?)
}

// === impl Rows ===

impl Rows {
    /// Adds an application, its registration and its keys.
    fn add(&mut self, number: u64, version: ProductVersionId, revision: &mut i64) {
        let id = keys::application(number);
        let name = format!("application-{number}");
        self.applications.push(format!(
            "('{id}','{name}','{name}','reference-{number}',{CREATED_AT},{CREATED_AT})"
        ));
        self.change("application", &id.to_string(), revision);
        if number > 0 {
            let registration = keys::registration(number);
            self.registrations.push(format!(
                "('{registration}','{id}','{version}','approved',{CREATED_AT},{CREATED_AT})"
            ));
        }
        let first = number * KEYS_PER_APPLICATION;
        for number in first..first + KEYS_PER_APPLICATION {
            let key = keys::key(number);
            let digest = ApiKey::new(key).digest();
            let credential = keys::credential(number);
            self.credentials.push(format!(
                "('{credential}','{id}','bench','{digest}','ks_','0000',{CREATED_AT},{CREATED_AT})"
            ));
            self.change("credential", &credential.to_string(), revision);
        }
    }

    fn change(&mut self, kind: &str, id: &str, revision: &mut i64) {
        *revision += 1;
        self.changes.push(format!("('{kind}','{id}',{revision})"));
    }

    fn into_statements(self) -> String {
        let mut text = String::new();
        for (table, rows) in [
            (
                "application (application_id, name, name_key, reference_id, created_at, updated_at)",
                self.applications,
            ),
            (
                "registration (registration_id, application_id, product_version_id, status, \
                 created_at, updated_at)",
                self.registrations,
            ),
            (
                "credential (credential_id, application_id, display_name, digest, prefix, \
                 last_four, created_at, updated_at)",
                self.credentials,
            ),
            ("change (kind, entity_id, revision)", self.changes),
        ] {
            if !rows.is_empty() {
                // Writing to a text cannot fail.
                let _ = writeln!(text, "insert into {table} values {};", rows.join(","));
            }
        }
        text
    }
}

/// Nothing in it comes from elsewhere: ids, digests and numbers of this run alone.
async fn run(connection: &mut AnyConnection, text: String) -> Result<(), BenchError> {
    sqlx::raw_sql(AssertSqlSafe(text))
        .execute(connection)
        .await?;
    Ok(())
}
