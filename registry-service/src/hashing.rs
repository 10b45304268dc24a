//! Where passwords are hashed and verified: off the runtime, a few at a time, and not for everyone
//! who asks.
//!
//! One hash takes 19 MiB and tens of milliseconds by design. Without permits a flood of log-ins
//! would take the machine from everything else the registry does.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, RecvError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, available_parallelism};

use tokio::sync::{Semaphore, TryAcquireError, oneshot};

use crate::domain::password::{Password, PasswordHash, Salt, Workspace};
use crate::niceness::{self, Niceness};

/// How many requests wait for each one that is hashing; a core does this many in a few seconds.
const WAITING_FOR_EACH: usize = 60;

/// Hashes and verifies passwords; its clones share the same permits.
#[derive(Debug, Clone)]
pub struct Hashing {
    permits: usize,
    /// One for each that hashes.
    running: Arc<Semaphore>,
    /// One for each request that runs or waits.
    admitted: Arc<Semaphore>,
    workers: Workers,
}

/// Threads that hash, one for each permit and each in memory of its own; they end when nobody can send
/// them work any more.
#[derive(Debug, Clone)]
struct Workers(Sender<Job>);

/// What a worker does next.
type Job = Box<dyn FnOnce(&mut Workspace) + Send>;

/// Why a password was not hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HashingError {
    /// Too many are waiting; the same may succeed later.
    #[error("too many passwords wait to be hashed")]
    Busy,
    /// The work was lost, or there is no memory for it.
    #[error("a password could not be hashed")]
    Failed,
}

// === impl Hashing ===

impl Hashing {
    /// Returns one with a permit for each core of the machine but one, which is left to everybody who
    /// does not log in.
    pub fn for_this_machine() -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        Self::with_permits((cores - 1).max(1))
    }

    /// Returns one that does so many at a time.
    pub fn with_permits(permits: usize) -> Self {
        Self {
            permits,
            running: Arc::new(Semaphore::new(permits)),
            admitted: Arc::new(Semaphore::new(permits * (1 + WAITING_FOR_EACH))),
            workers: Workers::start(permits),
        }
    }

    /// Returns how many requests wait for others' passwords to be hashed.
    pub fn waiting(&self) -> i64 {
        let working = self.permits - self.running.available_permits();
        let admitted = self.permits * (1 + WAITING_FOR_EACH) - self.admitted.available_permits();
        i64::try_from(admitted.saturating_sub(working)).unwrap_or(i64::MAX)
    }

    /// Hashes a new password.
    pub async fn hash(&self, password: Password, salt: Salt) -> Result<PasswordHash, HashingError> {
        self.run(move |workspace| PasswordHash::of(&password, salt, workspace))
            .await?
            .map_err(|_| HashingError::Failed)
    }

    /// Whether a hash is that of a password. Without a hash it says no, after the same work.
    pub async fn verify(
        &self,
        hash: Option<PasswordHash>,
        password: Password,
    ) -> Result<bool, HashingError> {
        let is_known = hash.is_some();
        let hash = hash.unwrap_or_else(PasswordHash::of_nobody);
        let is_same = self
            .run(move |workspace| hash.is_of(&password, workspace))
            .await?;
        Ok(is_known && is_same)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Workspace) -> T + Send + 'static,
    ) -> Result<T, HashingError> {
        let admitted =
            Arc::clone(&self.admitted)
                .try_acquire_owned()
                .map_err(|error| match error {
                    TryAcquireError::NoPermits => HashingError::Busy,
                    TryAcquireError::Closed => HashingError::Failed,
                })?;
        let running = Arc::clone(&self.running)
            .acquire_owned()
            .await
            .map_err(|_| HashingError::Failed)?;
        // The permits go with the work: a client that hangs up does not stop what it began.
        let (answer, answered) = oneshot::channel();
        self.workers.begin(move |workspace| {
            let result = work(workspace);
            drop((running, admitted));
            // A client that has hung up does not read it.
            let _ = answer.send(result);
        })?;
        answered.await.map_err(|_| HashingError::Failed)
    }
}

// === impl Workers ===

impl Workers {
    fn start(count: usize) -> Self {
        let (sender, receiver) = mpsc::channel();
        let receiver = Arc::new(Mutex::new(receiver));
        let niceness = Niceness::after_caller(niceness::PASSWORDS);
        for _ in 0..count {
            let receiver = Arc::clone(&receiver);
            thread::spawn(move || {
                niceness.take();
                work_through(&receiver);
            });
        }
        Self(sender)
    }

    fn begin(&self, job: impl FnOnce(&mut Workspace) + Send + 'static) -> Result<(), HashingError> {
        let sent = self.0.send(Box::new(job));
        sent.map_err(|_| HashingError::Failed)
    }
}

fn work_through(jobs: &Mutex<Receiver<Job>>) {
    let mut workspace = Workspace::default();
    while let Ok(job) = next(jobs) {
        // A job that fails answers nobody, which its request notices; the next one is another's and
        // writes all of the memory anew.
        let _ = catch_unwind(AssertUnwindSafe(|| job(&mut workspace)));
    }
}

/// Whoever has the lock waits for the next job; the others wait for the lock.
fn next(jobs: &Mutex<Receiver<Job>>) -> Result<Job, RecvError> {
    jobs.lock().unwrap_or_else(PoisonError::into_inner).recv()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: Salt = Salt(*b"sixteen bytes ..");

    #[tokio::test]
    async fn a_password_is_verified_against_its_hash_and_no_other() {
        let hashing = Hashing::with_permits(1);
        let hash = hashing.hash(Password::attempt("one"), SALT).await.unwrap();
        for (text, expected) in [("one", true), ("two", false)] {
            let verified = hashing.verify(Some(hash.clone()), Password::attempt(text));
            assert_eq!(verified.await, Ok(expected), "{text}");
        }
        let unknown = hashing.verify(None, Password::attempt("one"));
        assert_eq!(unknown.await, Ok(false), "nobody's password is right");
    }

    #[tokio::test]
    async fn whoever_comes_when_the_queue_is_full_is_told_so_at_once() {
        let hashing = Hashing::with_permits(1);
        let places = u32::try_from(1 + WAITING_FOR_EACH).unwrap();
        let crowd = hashing.admitted.acquire_many(places).await.unwrap();
        let refused = hashing.verify(None, Password::attempt("one"));
        assert_eq!(refused.await, Err(HashingError::Busy));
        drop(crowd);
        let admitted = hashing.verify(None, Password::attempt("one"));
        assert_eq!(admitted.await, Ok(false));
    }

    #[tokio::test]
    async fn a_permit_comes_back_when_the_work_is_done() {
        let hashing = Hashing::with_permits(1);
        for _ in 0..3 {
            hashing.run(|_| ()).await.unwrap();
        }
        assert_eq!(hashing.running.available_permits(), 1);
    }

    #[tokio::test]
    async fn work_that_fails_is_told_and_the_next_is_done() {
        let hashing = Hashing::with_permits(1);
        let failed = hashing.run(|_| panic!("no memory")).await;
        assert_eq!(failed, Err::<(), _>(HashingError::Failed));
        assert_eq!(hashing.run(|_| 1).await, Ok(1));
        assert_eq!(hashing.running.available_permits(), 1);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn those_who_hash_give_way_to_everybody_else() {
        let priority = || rustix::process::getpriority_process(None).unwrap();
        let hashing = Hashing::with_permits(1);
        let of_others = priority();
        let of_hashing = hashing.run(move |_| priority()).await;
        assert_eq!(
            of_hashing,
            Ok((of_others + i32::from(niceness::PASSWORDS)).min(19))
        );
        assert_eq!(priority(), of_others, "nobody else does");
    }

    #[tokio::test]
    async fn few_threads_ever_hash() {
        let hashing = Hashing::with_permits(2);
        let mut threads = std::collections::BTreeSet::new();
        for _ in 0..50 {
            let id = hashing.run(|_| format!("{:?}", thread::current().id()));
            threads.insert(id.await.unwrap());
        }
        assert!(threads.len() <= 2, "each keeps memory: {threads:?}");
    }
}
