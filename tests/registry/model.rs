//! Random writes against a model of what they mean: in the end, and on the way, the filter's own
//! decision about every key is the model's, and so is what administrators are told of it.
//!
//! The seed is printed; `KEYSTILE_SEED` repeats it.

mod deed;
mod explanation;
mod world;

use std::collections::BTreeSet;
use std::sync::Arc;

use keystile_core::clock::Timestamp;
use keystile_core::decide::{Finding, Verdict, decide};
use keystile_core::reply::Denial;
use keystile_core::table::Table;
use keystile_protocol::id::Epoch;
use keystile_registry::random::Random;
use stage::postgres::PostgreSql;

use crate::desk::Desk;
use world::{Decision, World};

/// How many writes there are. PostgreSQL is told each of them over a connection, and takes longer.
const ON_SQLITE: usize = 2000;
const ON_POSTGRES: usize = 600;

/// How many writes there are between two looks.
const BETWEEN: usize = 50;

#[tokio::test]
async fn every_key_is_decided_as_the_model_says_on_sqlite() {
    follows_the_model(&Desk::on_sqlite().await, ON_SQLITE).await;
}

#[tokio::test]
async fn every_key_is_decided_as_the_model_says_on_postgres() {
    let server = Arc::new(PostgreSql::start().unwrap());
    follows_the_model(&Desk::on_postgres(&server, 1).await, ON_POSTGRES).await;
}

async fn follows_the_model(desk: &Desk, writes: usize) {
    let seed = seed();
    println!("KEYSTILE_SEED={seed}");
    let chance = Random::seeded(seed);
    let mut world = World::begin(desk).await;
    let mut gateway = Gateway::default();
    let mut decided = BTreeSet::new();
    for number in 1..=writes {
        world.step(desk, &chance).await;
        if number % BETWEEN == 0 {
            gateway.catch_up(desk).await;
            let now = desk.registry.clock.now().0;
            decided.append(&mut agree(&world, &gateway.table, now));
        }
    }
    explanation::agrees(&world, desk).await;
    assert_eq!(
        decided.len(),
        3,
        "a model that knows no others proves little"
    );
}

/// Compares every decision; returns which there were.
fn agree(world: &World, table: &Table, now: i64) -> BTreeSet<Decision> {
    let mut seen = BTreeSet::new();
    for (service, digest, expected) in world.decisions(now) {
        let service = table.find_service(&service).unwrap();
        let holder = table.find_holder(&digest).ok_or(Denial::UnknownKey);
        let decided = match decide(service, holder, Finding::Absent, Timestamp(now)) {
            Verdict::Permit(_) => Decision::Permitted,
            Verdict::Deny(Denial::UnknownKey) => Decision::Unknown,
            Verdict::Deny(_) => Decision::Refused,
        };
        assert_eq!(decided, expected, "{} with {digest}", service.name);
        seen.insert(decided);
    }
    seen
}

/// A gateway's table, filled from the feed.
#[derive(Default)]
struct Gateway {
    table: Table,
    epoch: Option<Epoch>,
    last: i64,
}

impl Gateway {
    async fn catch_up(&mut self, desk: &Desk) {
        loop {
            let page = desk.page(self.epoch, self.last).await;
            if page.start_over {
                self.table.start_over();
            }
            (self.epoch, self.last) = (Some(page.epoch), page.last.0);
            let is_complete = page.is_complete();
            for entry in page.entries {
                self.table.apply(entry);
            }
            if is_complete {
                return;
            }
        }
    }
}

fn seed() -> u64 {
    let given = std::env::var("KEYSTILE_SEED").ok();
    let given = given.map(|text| text.parse().expect("KEYSTILE_SEED is a number"));
    given.unwrap_or_else(|| Random::from_system().unwrap().uuid().as_u64_pair().0)
}
