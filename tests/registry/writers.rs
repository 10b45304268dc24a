//! Writers at the same time, on two replicas: whoever reads along misses nothing.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use keystile_protocol::id::ApplicationId;
use keystile_protocol::state::Entry;
use keystile_registry::clock::Clock;
use keystile_registry::random::Random;
use keystile_registry::storage::Storage;
use stage::postgres::PostgreSql;

use crate::desk::Desk;

const WRITERS: usize = 6;
const WRITES: usize = 25;
const PATIENCE: Duration = Duration::from_mins(2);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reader_at_a_revision_has_missed_no_lower_one() {
    let server = Arc::new(PostgreSql::start().unwrap());
    let one = Arc::new(Desk::on_postgres(&server, 1).await);
    let two = Arc::new(Desk::on_postgres(&server, 2).await);
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let desk = Arc::clone(if writer % 2 == 0 { &one } else { &two });
            tokio::spawn(write(desk, writer))
        })
        .collect();
    let reading = read_along(&one);
    let read = tokio::time::timeout(PATIENCE, reading).await.unwrap();
    let mut written = BTreeSet::new();
    for writer in writers {
        written.append(&mut writer.await.unwrap());
    }
    assert_eq!(read, written);
}

#[tokio::test]
async fn a_replica_hears_of_anothers_write_without_looking() {
    let server = Arc::new(PostgreSql::start().unwrap());
    let desk = Desk::on_postgres(&server, 1).await;
    let database = server.url().parse().unwrap();
    // Nothing looks at regular intervals but a registry, and this is only its storage.
    let other = Storage::open(&database, &Clock::System, &Random::seeded(2)).await;
    let other = other.unwrap();
    let mut position = other.watch_position();
    let hearing = async {
        // Listening begins in the background: a write before that is not heard.
        let mut number = 0;
        loop {
            desk.application(&number.to_string()).await;
            number += 1;
            let news = tokio::time::timeout(Duration::from_millis(200), position.changed());
            if news.await.is_ok() {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, hearing).await.unwrap();
}

async fn write(desk: Arc<Desk>, writer: usize) -> BTreeSet<ApplicationId> {
    let mut written = BTreeSet::new();
    for number in 0..WRITES {
        written.insert(desk.application(&format!("{writer}.{number}")).await);
    }
    written
}

/// Follows the feed until it has told of as many revisions as there are writes.
async fn read_along(desk: &Desk) -> BTreeSet<ApplicationId> {
    let mut read = BTreeSet::new();
    let mut page = desk.page(None, 0).await;
    loop {
        for entry in &page.entries {
            match entry {
                Entry::Application(application) => read.insert(application.id),
                other => panic!("nothing else was written: {other:?}"),
            };
        }
        if page.last.0 == i64::try_from(WRITERS * WRITES).unwrap() {
            return read;
        }
        page = desk.page_within(Some(page.epoch), page.last.0, 1000).await;
        assert!(!page.start_over);
    }
}
