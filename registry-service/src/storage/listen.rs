//! Hearing of other replicas' writes as they commit, where the database can say so.
//!
//! PostgreSQL tells whoever listens; this only makes waits shorter. What it does not tell, because a
//! connection was lost or the database is SQLite, [`Storage::refresh_position`] finds by looking.

use std::time::Duration;

use sqlx::postgres::PgListener;
use sqlx::{AnyPool, Database as _, Error, Postgres};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;

use crate::storage::feed::{self, Position};
use crate::storage::{Connection, Result};

/// What writes are announced as.
const CHANNEL: &str = "keystile_write";

/// How long a lost connection is left alone.
const PAUSE: Duration = Duration::from_secs(1);

/// Listens as long as it lives.
#[derive(Debug)]
pub(super) struct Listening(JoinHandle<()>);

// === impl Listening ===

impl Listening {
    /// Begins to listen, on a connection of its own.
    pub(super) fn begin(url: Url, pool: AnyPool, news: watch::Sender<Position>) -> Self {
        Self(tokio::spawn(async move {
            loop {
                let lost = listen(&url, &pool, &news).await;
                tracing::debug!(
                    error = &lost as &dyn std::error::Error,
                    "other replicas' writes are not heard of"
                );
                tokio::time::sleep(PAUSE).await;
            }
        }))
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Tells those who listen that a write has changed something, once it commits; only PostgreSQL can.
pub(super) async fn tell(connection: &mut Connection) -> Result<()> {
    if connection.backend_name() == Postgres::NAME {
        sqlx::query("notify keystile_write")
            .execute(connection)
            .await?;
    }
    Ok(())
}

/// Looks where the history stands whenever something is heard, until that fails.
async fn listen(url: &Url, pool: &AnyPool, news: &watch::Sender<Position>) -> Error {
    let failed = async {
        let mut listener = PgListener::connect(url.as_str()).await?;
        listener.listen(CHANNEL).await?;
        loop {
            listener.recv().await?;
            let mut connection = pool.acquire().await?;
            if let Ok(position) = feed::position(&mut connection).await {
                feed::announce(news, position);
            }
        }
    };
    let outcome: std::result::Result<std::convert::Infallible, Error> = failed.await;
    match outcome {
        Err(error) => error,
        Ok(never) => match never {},
    }
}
