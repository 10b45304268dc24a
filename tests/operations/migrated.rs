//! Migrations: an old database, and a migration that is killed in the middle.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use serde_json::json;
use sqlx::migrate::Migrator;
use sqlx::{Connection as _, Executor as _, PgConnection, SqliteConnection};
use stage::postgres::PostgreSql;
use stage::registry::{Database, Listeners, Registry};

use crate::commands::done;
use crate::sqlite;

const PATIENCE: Duration = Duration::from_mins(1);

/// Makes a migration last as long as it may, in its transaction.
const OBSTACLE: &str = "create trigger obstacle before insert on _sqlx_migrations begin \
    select count(*) from (with recursive n(i) as (select 1 union all select i + 1 from n \
    where i < 4000000000) select i from n); end";

async fn migrator() -> Migrator {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../registry-service/migrations");
    Migrator::new(folder).await.unwrap()
}

fn migrate(database: &str) -> Command {
    let mut command = Command::new(stage::places::registry().unwrap());
    command.args(["migrate", "--database", database]);
    command
}

fn killed(mut process: Child) {
    process.kill().unwrap();
    process.wait().unwrap();
}

#[tokio::test]
async fn a_migration_that_is_killed_on_sqlite_is_undone_and_done_again() {
    let migrator = migrator().await;
    let folder = tempfile::tempdir().unwrap();
    for (number, migration) in migrator.iter().enumerate().skip(1) {
        let file = folder.path().join(format!("{number}.db"));
        let database = format!("sqlite:{}", file.display());
        let url = format!("{database}?mode=rwc");
        let mut connection = SqliteConnection::connect(&url).await.unwrap();
        connection
            .execute("pragma journal_mode = wal")
            .await
            .unwrap();
        let before = migrator.iter().nth(number - 1).unwrap().version;
        migrator.run_to(before, &mut connection).await.unwrap();
        connection.execute(OBSTACLE).await.unwrap();
        let process = migrate(&database).spawn().unwrap();
        connection.execute("pragma busy_timeout = 0").await.unwrap();
        wait_until_busy(&mut connection).await;
        killed(process);
        let applied = "select count(*) from _sqlx_migrations";
        let count: i64 = sqlx::query_scalar(applied)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(
            count,
            i64::try_from(number).unwrap(),
            "{} is undone",
            migration.version
        );
        connection.execute("drop trigger obstacle").await.unwrap();
        connection.close().await.unwrap();
        done(&mut migrate(&database));
        let mut connection = SqliteConnection::connect(&url).await.unwrap();
        let integrity: String = sqlx::query_scalar("pragma integrity_check")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(integrity, "ok");
        connection.close().await.unwrap();
    }
}

/// Waits until somebody writes.
async fn wait_until_busy(connection: &mut SqliteConnection) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while connection.execute("begin immediate").await.is_ok() {
        connection.execute("rollback").await.unwrap();
        assert!(tokio::time::Instant::now() < deadline, "no migration began");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_migration_that_is_killed_on_postgres_is_undone_and_done_again() {
    let migrator = migrator().await;
    let server = PostgreSql::start().unwrap();
    let mut connection = PgConnection::connect(&server.url()).await.unwrap();
    for (number, migration) in migrator.iter().enumerate().skip(1) {
        let anew = "drop schema public cascade; create schema public";
        connection.execute(anew).await.unwrap();
        let before = migrator.iter().nth(number - 1).unwrap().version;
        migrator.run_to(before, &mut connection).await.unwrap();
        // Whoever has done all of a migration waits here before it commits.
        let obstacle = "begin; lock table _sqlx_migrations in share mode";
        connection.execute(obstacle).await.unwrap();
        let process = migrate(&server.url()).spawn().unwrap();
        let waiting = "select count(*) from pg_locks where not granted";
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while sqlx::query_scalar::<_, i64>(waiting)
            .fetch_one(&mut connection)
            .await
            .unwrap()
            == 0
        {
            assert!(tokio::time::Instant::now() < deadline, "no migration began");
        }
        killed(process);
        connection.execute("rollback").await.unwrap();
        done(&mut migrate(&server.url()));
        let applied: i64 = sqlx::query_scalar("select count(*) from _sqlx_migrations")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        let all = i64::try_from(migrator.iter().count()).unwrap();
        assert_eq!(applied, all, "{}", migration.version);
    }
}

/// A registry on what the first schema kept.
fn old() -> (Registry, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let file: PathBuf = folder.path().join("old.db");
    sqlite::execute(&file, include_str!("first_schema.sql"));
    let database = Database::Url(format!("sqlite:{}", file.display()));
    let mut registry = Registry::prepare(&database, Listeners::free().unwrap()).unwrap();
    registry.start_again().unwrap();
    (registry, folder)
}

#[test]
fn a_database_of_the_first_schema_keeps_its_keys_tokens_and_history() {
    let (registry, _folder) = old();
    let old = "kst_AnAdminTokenOfTheFirstSchema00010YQmix";
    let address = registry.listeners().admin;
    let admin = stage::api::Caller::new(address, stage::api::Journal::default()).with_token(old);
    let portals = admin.get("/v2/portals").unwrap().expect(200).unwrap();
    assert_eq!(portals.body["data"][0]["name"], "Old portal");
    let audit = admin.get("/admin/v1/audit?page[size]=100").unwrap();
    assert!(
        audit.body.to_string().contains("admin.create"),
        "{}",
        audit.body
    );
    let gateway =
        stage::api::Caller::new(registry.listeners().gateway, stage::api::Journal::default())
            .with_token("kst_AGatewayTokenOfTheFirstSchema00136UHxr");
    let state = gateway
        .get("/gateway/v1/state")
        .unwrap()
        .expect(200)
        .unwrap();
    let digest = keystile_protocol::key::ApiKey::new("ks_a-key-of-the-first-schema").digest();
    let told = state.body.to_string();
    for part in ["weather-v1", "Umbrella", &digest.to_string()] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    let application = "00000000-0000-4000-8000-000000000012";
    let path = format!("/admin/v1/applications/{application}/credentials");
    let revoked = json!({"key": "ks_a-key-that-was-revoked-then"});
    let answer = admin.post(&path, &revoked).unwrap();
    assert_eq!(answer.call.status, 409, "a revoked key never comes back");
}
