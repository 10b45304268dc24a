//! One fault: it begins, lasts, ends, gateways recover, and then nothing may be wrong for a while.

use std::thread;
use std::time::{Duration, Instant};

use stage::client::{Connection, Request};
use stage::error::StageError;
use stage::wait;

use crate::fault::{Fault, Feed};
use crate::ground::{Ground, WORKERS};
use crate::options::Effort;
use crate::population::{PATHS, Population};
use crate::truth::Span;

/// How many connections see whether every worker has recovered: Envoy gives each to the worker that has
/// the fewest, so however those of the load are spread, each worker gets some of so many.
const CONNECTIONS: usize = 4 * WORKERS;

/// How long recovering may take before it counts as none at all.
const RECOVERY: Duration = Duration::from_secs(30);

/// How often the upstream's memory is emptied.
const BETWEEN: Duration = Duration::from_millis(100);

/// A fault that happened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Episode {
    /// Which.
    pub(crate) fault: Fault,
    /// From its beginning until gateways had recovered.
    pub(crate) window: Span,
    /// How long that took from its end, if they did.
    pub(crate) recovery: Option<Duration>,
}

/// What an episode needs.
#[derive(Debug)]
pub(crate) struct Director<'a> {
    /// Where it happens.
    pub(crate) ground: &'a mut Ground,
    /// Who asks meanwhile.
    pub(crate) population: &'a Population,
    /// How long things last.
    pub(crate) effort: Effort,
    /// How long gateways decide by what they know.
    pub(crate) max_stale: Duration,
}

// === impl Director ===

impl Director<'_> {
    /// Lets a fault happen.
    pub(crate) fn play(&mut self, fault: Fault, seed: u64) -> Result<Episode, StageError> {
        let begin = Instant::now();
        if fault.feed() == Feed::CutOff {
            self.population.truth().hearing.begin(begin);
        }
        fault.begin(self.ground, seed)?;
        self.note_beginning(fault, begin);
        self.hold(fault.lasts(self.effort.lasts, self.max_stale));
        let ending = Instant::now();
        fault.end(self.ground)?;
        let over = Instant::now();
        self.note_end(
            fault,
            Span {
                begin: ending,
                end: over,
            },
        );
        let heard = self.recovered();
        let end = Instant::now();
        if fault.feed() == Feed::CutOff && heard.is_ok() {
            self.population.truth().hearing.hear(end);
        }
        if let Err(error) = &heard {
            eprintln!("drill: {}: {error}", fault.name());
        }
        self.hold(self.effort.calm);
        Ok(Episode {
            fault,
            window: Span { begin, end },
            recovery: heard.ok().map(|()| end.duration_since(over)),
        })
    }

    fn note_beginning(&self, fault: Fault, begin: Instant) {
        let end = Instant::now();
        let mut truth = self.population.truth();
        if fault.feed() == Feed::CutOff {
            truth.hearing.complete(end);
        }
        if let Some(ahead_ms) = fault.envoy_ahead_ms() {
            truth.clock.step(ahead_ms, Span { begin, end });
        }
    }

    fn note_end(&self, fault: Fault, ended: Span) {
        let mut truth = self.population.truth();
        if fault.feed() == Feed::CutOff {
            truth.hearing.end(ended.end);
        }
        if fault.envoy_ahead_ms().is_some() {
            truth.clock.step(0, ended);
        }
    }

    /// Waits until every worker accepts a key that was made now, and refuses it when it is deleted.
    pub(crate) fn recovered(&self) -> Result<(), StageError> {
        let (admin, marker) = (&self.population.admin, self.population.marker);
        let key = wait::until("key after a fault", RECOVERY, || {
            admin
                .issue_key(marker, "marker")
                .map_err(|error| error.to_string())
        })?;
        let [path, _] = PATHS;
        let request = Request::get(path).header("apikey", key.key.as_str());
        self.answered_everywhere(200, &request)?;
        wait::until("end of a key", RECOVERY, || {
            admin
                .delete_credential(marker, key.id)
                .map_err(|error| error.to_string())
        })?;
        self.answered_everywhere(401, &request)
    }

    fn answered_everywhere(&self, status: u16, request: &Request) -> Result<(), StageError> {
        let proxy = self.ground.scene.envoy.address();
        let mut connections = Vec::new();
        wait::until("answer of every worker", RECOVERY, || {
            if connections.is_empty() {
                for _ in 0..CONNECTIONS {
                    let connection = Connection::open(proxy);
                    connections.push(connection.map_err(|error| error.to_string())?);
                }
            }
            for connection in &mut connections {
                match connection.exchange(request) {
                    Ok(answer) if answer.status == status => {}
                    Ok(answer) => return Err(answer.status.to_string()),
                    Err(error) => {
                        // Another one could be with another worker: all of them once more.
                        connections.clear();
                        return Err(error.to_string());
                    }
                }
            }
            Ok(())
        })
    }

    /// Lets time pass; the upstream remembers everything unless it is told to forget.
    fn hold(&self, duration: Duration) {
        let until = Instant::now() + duration;
        while Instant::now() < until {
            self.ground.scene.upstream.forget();
            thread::sleep(BETWEEN.min(duration));
        }
    }
}
