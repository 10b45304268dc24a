//! A whole drill: ground by ground, round by round.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use keystile_registry::clock::Clock;
use stage::error::StageError;

use crate::chance;
use crate::crowd::Crowd;
use crate::episode::{Director, Episode};
use crate::fault::{self, Fault};
use crate::ground::{Ground, Kind, Place, WORKERS};
use crate::options::Options;
use crate::population::Population;
use crate::registrar::Registrar;
use crate::tally::{Results, Row};
use crate::truth::{Promise, Seen, Truth, Verdict};

/// From the registry's answer to the last worker (DESIGN.md, section 11).
const PROPAGATION: Duration = Duration::from_secs(1);

/// How soon the feed is followed again after an outage.
const COMEBACK: Duration = Duration::from_secs(5);

/// How many wrong decisions are told one by one.
const EXAMPLES: usize = 10;

/// What happens at one ground.
struct Plan<'a> {
    place: Place,
    faults: Vec<Fault>,
    options: &'a Options,
}

/// Who acts while faults happen.
struct Cast<'a> {
    population: &'a Population,
    registrar: &'a Registrar<'a>,
    crowd: &'a Crowd<'a>,
}

/// Ends those who ask and change, even if what they accompany fails.
struct Ending<'a>(&'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Drills what the options say.
pub(crate) fn run(options: &Options) -> Result<Results, StageError> {
    let begin = Instant::now();
    let seed = options.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    eprintln!("drill: --seed {seed} repeats the choices of this one");
    let mut results = Results::of(seed);
    for (number, place) in (0_u64..).zip(Place::ALL) {
        let mut chance = chance::for_one(seed, number);
        let mut faults = Vec::new();
        for _ in 0..options.effort().rounds {
            let all = options.faults().into_iter();
            let mut round: Vec<Fault> = all.filter(|fault| fault.place() == place).collect();
            chance.shuffle(&mut round);
            faults.extend(round);
        }
        if !faults.is_empty() {
            let plan = Plan {
                place,
                faults,
                options,
            };
            plan.drill(&mut chance, &mut results)?;
        }
    }
    results.took = begin.elapsed();
    Ok(results)
}

// === impl Plan ===

impl Plan<'_> {
    fn drill(&self, chance: &mut fastrand::Rng, results: &mut Results) -> Result<(), StageError> {
        eprintln!(
            "drill: starting Envoy, registry and database ({:?})",
            self.place
        );
        let mut ground = Ground::prepare(self.place)?;
        let truth = Truth::of_nothing(self.promise(), (Instant::now(), Clock::System.now()));
        let population = Population::found(&ground.scene.registry, truth)?;
        let is_over = AtomicBool::new(false);
        let registrar = Registrar::new(&population, &is_over);
        let crowd = Crowd::new(&population, ground.scene.envoy.address(), &is_over);
        let lasting = registrar.settle_in(chance);
        let cast = Cast {
            population: &population,
            registrar: &registrar,
            crowd: &crowd,
        };
        self.director(&mut ground, &population).recovered()?;
        if self.options.lie {
            population.lie();
        }
        thread::scope(|threads| {
            let _ending = Ending(&is_over);
            let changes = chance.fork();
            threads.spawn(|| registrar.work(changes));
            for _ in 0..WORKERS {
                let choices = chance.fork();
                threads.spawn(|| crowd.ask(choices, lasting));
            }
            self.play_all(&mut ground, &cast, (chance, results))
        })?;
        self.look_back(&ground, results)
    }

    fn play_all(
        &self,
        ground: &mut Ground,
        cast: &Cast<'_>,
        (chance, results): (&mut fastrand::Rng, &mut Results),
    ) -> Result<(), StageError> {
        let mut played = Vec::new();
        for (number, fault) in self.faults.iter().enumerate() {
            let before = cast.registrar.done();
            let seed = chance.u64(..);
            let episode = self.director(ground, cast.population).play(*fault, seed)?;
            played.push(episode);
            let row = cast.count(&played, results);
            let changes = cast.registrar.done() - before;
            let row = Row { changes, ..row };
            eprintln!(
                "drill: {}/{} {}: {} requests, {changes} changes, {} wrong allows, {} wrong denies, \
                 {} undecided, recovered after {:?}",
                number + 1,
                self.faults.len(),
                fault.name(),
                row.tally.requests,
                row.tally.wrong_allows,
                row.tally.wrong_denies,
                row.tally.undecided,
                row.recovery,
            );
            results
                .rows
                .entry(*fault)
                .or_insert_with(Row::none)
                .join(&row);
            if episode.recovery.is_none() {
                // What comes after it would show nothing.
                break;
            }
        }
        results.oddities.extend(cast.registrar.take_refusals());
        Ok(())
    }

    /// Looks for what no answer tells.
    fn look_back(&self, ground: &Ground, results: &mut Results) -> Result<(), StageError> {
        let reloads = fault::reloads(ground)?;
        if reloads > 0 && self.place != Place::Planted {
            let oddity = format!("the filter trapped by itself, {reloads} times");
            results.oddities.push(oddity);
        }
        if let Some(kind) = ground.disk_kind() {
            results.disk = Some(match kind {
                Kind::Mounted => "a small file system in memory, filled to the last byte (ENOSPC)",
                Kind::Limited => "a limit on the size of the registry's files (EFBIG)",
            });
        }
        Ok(())
    }

    fn director<'a>(&self, ground: &'a mut Ground, population: &'a Population) -> Director<'a> {
        Director {
            ground,
            population,
            effort: self.options.effort(),
            max_stale: self.place.max_stale(),
        }
    }

    fn promise(&self) -> Promise {
        Promise {
            propagation: PROPAGATION,
            comeback: COMEBACK,
            max_stale: self.place.max_stale(),
        }
    }
}

// === impl Cast ===

impl Cast<'_> {
    /// Judges what clients were told since the last time; returns what became of the last episode.
    fn count(&self, played: &[Episode], results: &mut Results) -> Row {
        let mut row = Row::none();
        row.times = 1;
        row.recovery = played.last().and_then(|episode| episode.recovery);
        let seen = self.crowd.take();
        let truth = self.population.truth();
        for one in &seen {
            let verdict = truth.judge(one);
            let episode = played.iter().find(|it| it.window.meets(one.span));
            match episode {
                Some(_) => row.tally.add(verdict),
                None => results.calm.add(verdict),
            }
            let is_excused = verdict == Verdict::Undecided
                && episode.is_some_and(|episode| episode.fault.may_close());
            let is_wrong = verdict != Verdict::Right && !is_excused;
            if is_wrong && results.examples.len() < EXAMPLES {
                let example = describe(&truth, one, (verdict, episode));
                results.examples.push(example);
            }
        }
        row
    }
}

/// Says what was wrong with an answer.
fn describe(truth: &Truth, seen: &Seen, (verdict, episode): (Verdict, Option<&Episode>)) -> String {
    let place = episode.map_or("no fault".to_owned(), |episode| {
        let into = seen
            .span
            .begin
            .saturating_duration_since(episode.window.begin);
        format!("{}, {into:?} after its beginning", episode.fault.name())
    });
    format!(
        "{verdict:?}: {:?} asked for service {} and got {:?} within {:?}, expected {:?} ({place})",
        seen.subject,
        seen.service,
        seen.outcome,
        seen.span.end.duration_since(seen.span.begin),
        truth.expected(seen),
    )
}
