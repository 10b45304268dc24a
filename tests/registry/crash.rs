//! A registry that is killed in the middle of writes: what it acknowledged is there afterwards.

use std::collections::BTreeSet;
use std::sync::mpsc::{self, Sender};
use std::thread;

use serde_json::json;
use stage::api::Admin;
use stage::error::StageError;
use stage::postgres::PostgreSql;
use stage::registry::{Database, Registry};

/// How many writes are acknowledged before each kill.
const WRITES: usize = 250;

const KILLS: usize = 4;

const WRITERS: usize = 4;

#[test]
fn killing_the_registry_loses_no_acknowledged_write_on_sqlite() {
    survives(&Database::Sqlite);
}

#[test]
fn killing_the_registry_loses_no_acknowledged_write_on_postgres() {
    let server = PostgreSql::start().unwrap();
    survives(&Database::Url(server.url()));
}

fn survives(database: &Database) {
    let mut registry = Registry::start(database).unwrap();
    let mut acknowledged = BTreeSet::new();
    for _ in 0..KILLS {
        acknowledged.append(&mut killed_while_writing(&mut registry));
        registry.start_again().unwrap();
    }
    assert!(acknowledged.len() >= KILLS * WRITES);
    let kept = applications(&registry.admin().unwrap()).unwrap();
    let lost: Vec<_> = acknowledged.difference(&kept).collect();
    assert!(lost.is_empty(), "{} of {}", lost.len(), acknowledged.len());
}

/// Writes from several sides, kills the registry meanwhile, and returns what it acknowledged.
fn killed_while_writing(registry: &mut Registry) -> BTreeSet<String> {
    let (sender, receiver) = mpsc::channel();
    let writers: Vec<_> = (0..WRITERS)
        .map(|_| {
            let (admin, sender) = (registry.admin().unwrap(), sender.clone());
            thread::spawn(move || write(&admin, &sender))
        })
        .collect();
    drop(sender);
    let mut acknowledged: BTreeSet<_> = receiver.iter().take(WRITES).collect();
    registry.kill();
    // Those that were acknowledged before the registry was gone.
    acknowledged.extend(receiver.iter());
    for writer in writers {
        writer.join().unwrap();
    }
    acknowledged
}

/// Adds applications until nobody answers.
fn write(admin: &Admin, acknowledged: &Sender<String>) {
    let add = || -> Result<String, StageError> {
        let body = json!({"name": "Weather"});
        let answer = admin.caller().post("/admin/v1/applications", &body)?;
        answer.expect(201)?.parse("/id")
    };
    while let Ok(id) = add() {
        acknowledged.send(id).unwrap();
    }
}

fn applications(admin: &Admin) -> Result<BTreeSet<String>, StageError> {
    let portals = admin.caller().get("/v2/portals")?.expect(200)?;
    let portal: String = portals.parse("/data/0/id")?;
    let mut found = BTreeSet::new();
    for page in 1.. {
        let path = format!("/v2/portals/{portal}/applications?page[size]=100&page[number]={page}");
        let answer = admin.caller().get(&path)?.expect(200)?;
        let ids = answer.list()?.iter().filter_map(|item| item["id"].as_str());
        let before = found.len();
        found.extend(ids.map(str::to_owned));
        if found.len() == before {
            break;
        }
    }
    Ok(found)
}
