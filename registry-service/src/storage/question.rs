//! Short questions: one statement and one row at most, on connections that do nothing else.
//!
//! A pool makes sure that a connection works when it is taken and when it comes back, which takes longer
//! than these questions do. One statement sees one moment on both databases, so no transaction is
//! needed. Whoever asks the same while a question waits for its turn shares the answer: the statement
//! begins after all of them have asked, so nobody learns anything older than they would alone.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use keystile_protocol::key::KeyDigest;
use sqlx::any::{AnyConnectOptions, AnyRow};
use sqlx::{AnyConnection, ConnectOptions as _, Error};
use tokio::sync::{OnceCell, Semaphore};
use tokio::time::timeout;

use crate::storage::open::{Engine, prepare};
use crate::storage::{Result, StorageError};

/// How many are answered at a time.
const PLACES: usize = 4;

/// How long one waits for its answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// A statement, and the one value it may name as `$1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Question {
    /// The statement.
    pub(super) text: &'static str,
    /// The value.
    pub(super) about: Option<KeyDigest>,
}

/// Where short questions are asked.
pub(super) struct Questions {
    options: AnyConnectOptions,
    engine: Engine,
    places: Semaphore,
    idle: Mutex<Vec<AnyConnection>>,
    waiting: Mutex<BTreeMap<Question, Waiting>>,
}

/// The row that is found; shared by all who asked for it.
type Found = Arc<Option<AnyRow>>;

/// A question that waits for its turn, with all who ask it.
type Waiting = Arc<OnceCell<Found>>;

// === impl Questions ===

impl fmt::Debug for Questions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Questions(..)")
    }
}

impl Questions {
    /// Connects when somebody asks.
    pub(super) fn new(options: AnyConnectOptions, engine: Engine) -> Arc<Self> {
        Arc::new(Self {
            options,
            engine,
            places: Semaphore::new(PLACES),
            idle: Mutex::default(),
            waiting: Mutex::default(),
        })
    }

    /// Asks, and waits for the row.
    pub(super) async fn ask(self: &Arc<Self>, question: Question) -> Result<Found> {
        let waiting = Arc::clone(lock(&self.waiting).entry(question).or_default());
        let answer = waiting.get_or_try_init(|| self.begin(question));
        match timeout(PATIENCE, answer).await {
            Ok(found) => found.map(Arc::clone),
            Err(_) => Err(StorageError::Busy(Error::PoolTimedOut)),
        }
    }

    /// Answers no more.
    pub(super) fn close(&self) {
        self.places.close();
        lock(&self.idle).clear();
    }

    /// A question goes on when whoever asked first has hung up: a statement that is cut off would take
    /// its connection along.
    async fn begin(self: &Arc<Self>, question: Question) -> Result<Found> {
        let questions = Arc::clone(self);
        let answer = tokio::spawn(async move { questions.answer(question).await });
        answer
            .await
            .unwrap_or(Err(StorageError::Busy(Error::WorkerCrashed)))
    }

    async fn answer(&self, question: Question) -> Result<Found> {
        let place = self.places.acquire().await;
        // Whoever asks from here on begins another: this one's statement may be under way.
        lock(&self.waiting).remove(&question);
        let _place = place.map_err(|_| StorageError::Busy(Error::PoolClosed))?;
        let idle = lock(&self.idle).pop();
        if let Some(mut connection) = idle
            && let Ok(found) = read(&mut connection, question).await
        {
            return Ok(self.put_back(connection, found));
        }
        // There was none, or it did not work any more.
        let mut connection = self.options.connect().await?;
        prepare(&mut connection, self.engine).await?;
        let found = read(&mut connection, question).await?;
        Ok(self.put_back(connection, found))
    }

    fn put_back(&self, connection: AnyConnection, found: Option<AnyRow>) -> Found {
        if !self.places.is_closed() {
            lock(&self.idle).push(connection);
        }
        Arc::new(found)
    }
}

async fn read(connection: &mut AnyConnection, question: Question) -> Result<Option<AnyRow>> {
    let mut query = sqlx::query(question.text);
    if let Some(digest) = question.about {
        query = query.bind(digest.to_string());
    }
    Ok(query.fetch_optional(connection).await?)
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
