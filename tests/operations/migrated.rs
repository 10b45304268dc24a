//! A migration that is killed in the middle.

use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::{Connection as _, Executor as _, PgConnection};
use stage::postgres::PostgreSql;

use crate::commands::done;

const PATIENCE: Duration = Duration::from_mins(1);

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
