//! The registry's database goes away, is locked, is cut off or has no room, under load, and nobody
//! has to start anything again.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;
use sqlx::{Connection as _, Executor as _, PgConnection};
use stage::client::Request;
use stage::postgres::PostgreSql;
use stage::registry::{Database, Listeners, Registry};
use stage::scene::Scene;
use stage::wait;

use crate::commands::done;
use crate::{sqlite, writers};

const PATIENCE: Duration = Duration::from_mins(1);

/// How long a client waits for a refusal at most: five seconds for a lock or a connection, and what a
/// busy machine adds.
const REFUSED: Duration = Duration::from_secs(15);

const CLIENTS: usize = 4;

/// A key that works at a gateway, whatever becomes of the database.
struct Known {
    scene: Scene,
    request: Request,
}

impl Known {
    fn to(registry: Registry) -> Self {
        let scene = Scene::set(registry, Ok).unwrap();
        let admin = scene.registry.admin().unwrap();
        admin.create_service("weather-v1", &json!({})).unwrap();
        let application = admin.create_application("Umbrella", "umbrella").unwrap();
        let key = admin.issue_key(application, "known").unwrap().key;
        let request = Request::get("/").header("apikey", key.as_str());
        scene.envoy.send_until(200, PATIENCE, &request).unwrap();
        Self { scene, request }
    }

    fn works(&self) {
        let status = self.scene.envoy.send(&self.request).unwrap().status;
        assert_eq!(status, 200, "a known key goes on");
    }
}

fn status(registry: &Registry, path: &str) -> u16 {
    let answer = Request::get(path).send(registry.listeners().admin);
    answer.unwrap().status
}

/// Waits until a write succeeds, without anybody starting anything.
fn recovers(registry: &Registry) {
    let admin = registry.admin();
    wait::until("write", PATIENCE, || {
        let admin = match &admin {
            Ok(admin) => admin.clone(),
            Err(_) => registry.admin().map_err(|error| error.to_string())?,
        };
        let body = json!({"name": "After"});
        let answer = admin.caller().post("/admin/v1/applications", &body);
        match answer.map(|answer| answer.call.status) {
            Ok(201) => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .unwrap();
}

#[test]
fn a_database_that_stops_and_starts_under_load_loses_no_acknowledged_write() {
    let mut server = PostgreSql::start().unwrap();
    let known = Known::to(Registry::start(&Database::Url(server.url())).unwrap());
    let registry = &known.scene.registry;
    let (told, ()) = writers::during(registry, CLIENTS, || {
        std::thread::sleep(Duration::from_millis(300));
        server.stop();
        known.works();
        assert_eq!(status(registry, "/healthz"), 204, "it lives");
        assert_eq!(status(registry, "/readyz"), 503, "and is not ready");
        known.works();
        server.start_again().unwrap();
        wait::until("readiness", PATIENCE, || {
            match status(registry, "/readyz") {
                204 => Ok(()),
                other => Err(other.to_string()),
            }
        })
        .unwrap();
        recovers(registry);
    });
    assert!(!told.written.is_empty() && !told.doubtful.is_empty());
    assert!(told.slowest < REFUSED, "{:?}", told.slowest);
    told.matches(registry);
    known.works();
}

#[test]
fn connections_that_are_cut_under_load_end_in_an_error_or_a_write_that_is_there() {
    let server = PostgreSql::start().unwrap();
    let registry = Registry::start(&Database::Url(server.url())).unwrap();
    let (told, ()) = writers::during(&registry, CLIENTS, || {
        for _ in 0..20 {
            std::thread::sleep(Duration::from_millis(50));
            on(&server, async |connection| {
                let all = "select pg_terminate_backend(pid) from pg_stat_activity \
                           where pid <> pg_backend_pid() and usename = 'keystile'";
                connection.execute(all).await.unwrap();
            });
        }
        recovers(&registry);
    });
    assert!(!told.written.is_empty() && !told.doubtful.is_empty());
    told.matches(&registry);
}

#[test]
fn a_lock_that_somebody_holds_is_a_refusal_and_no_pile_up() {
    let server = PostgreSql::start().unwrap();
    let registry = Registry::start(&Database::Url(server.url())).unwrap();
    on(&server, async |connection| {
        let lock = "begin; lock table registry in exclusive mode";
        connection.execute(lock).await.unwrap();
        let begin = Instant::now();
        let (told, ()) = tokio::task::block_in_place(|| {
            writers::during(&registry, 20, || std::thread::sleep(Duration::from_secs(1)))
        });
        assert_eq!(told.written.len(), 0);
        assert!(told.doubtful.len() >= 20 && told.odd.is_empty(), "{told:?}");
        assert!(begin.elapsed() < REFUSED, "{:?}", begin.elapsed());
        assert_eq!(status(&registry, "/readyz"), 204, "reading goes on");
    });
    recovers(&registry);
}

fn on(server: &PostgreSql, act: impl AsyncFnOnce(&mut PgConnection)) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .worker_threads(1)
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut connection = PgConnection::connect(&server.url()).await.unwrap();
        act(&mut connection).await;
        connection.close().await.unwrap();
    });
}

/// Bounds the files that a process may write, from outside (util-linux, which Debian always has).
fn bound(registry: &Registry, bytes: &str) {
    let process = registry.process_id().unwrap().to_string();
    let limit = format!("--fsize={bytes}:unlimited");
    done(Command::new("prlimit").args(["--pid", &process, &limit]));
}

#[test]
fn a_disk_without_room_refuses_writes_stops_nobody_and_recovers() {
    let mut registry = Registry::prepare(&Database::Sqlite, Listeners::free().unwrap()).unwrap();
    let serving = registry.serving().unwrap();
    let mut command = Command::new("sh");
    command
        // The signal would end the process; ignored, writes fail as on a full disk.
        .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
        .arg(serving.get_program())
        .args(serving.get_args());
    registry.start_as(&mut command).unwrap();
    let known = Known::to(registry);
    let registry = &known.scene.registry;
    let file = PathBuf::from(registry.database().strip_prefix("sqlite:").unwrap());
    let log = fs::metadata(format!("{}-wal", file.display()))
        .unwrap()
        .len();
    let (told, ()) = writers::during(registry, CLIENTS, || {
        bound(registry, &log.to_string());
        std::thread::sleep(Duration::from_secs(1));
        known.works();
        assert_eq!(status(registry, "/readyz"), 204, "reading goes on");
        bound(registry, "unlimited");
        recovers(registry);
    });
    assert!(!told.doubtful.is_empty(), "there was no room");
    told.matches(registry);
    known.works();
    assert_eq!(sqlite::ask(&file, "pragma integrity_check"), "ok");
}

#[test]
fn fifty_writers_at_once_are_never_told_that_the_database_is_locked() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let (told, ()) = writers::during(&registry, 50, || {
        std::thread::sleep(Duration::from_secs(1));
    });
    assert_eq!(
        (&told.odd, told.doubtful.len()),
        (&Vec::new(), 0),
        "{:?}",
        told.slowest
    );
    assert!(told.written.len() >= 50);
    told.matches(&registry);
}
