//! A SQLite file, read and changed behind the registry's back.

use std::path::Path;

use sqlx::{Connection as _, Executor as _, SqliteConnection};

/// Executes statements.
pub(crate) fn execute(file: &Path, statements: &str) {
    on(file, async |connection: &mut SqliteConnection| {
        connection
            .execute(sqlx::AssertSqlSafe(statements.to_owned()))
            .await
            .unwrap();
    });
}

/// Asks for one value.
pub(crate) fn ask(file: &Path, question: &'static str) -> String {
    on(file, async |connection: &mut SqliteConnection| {
        let answer: String = sqlx::query_scalar(question)
            .fetch_one(connection)
            .await
            .unwrap();
        answer
    })
}

fn on<T>(file: &Path, act: impl AsyncFnOnce(&mut SqliteConnection) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let url = format!("sqlite:{}?mode=rwc", file.display());
        let mut connection = SqliteConnection::connect(&url).await.unwrap();
        let outcome = act(&mut connection).await;
        connection.close().await.unwrap();
        outcome
    })
}

/// Keeps a moment of the file in sight while something happens.
pub(crate) fn while_reading<T>(file: &Path, happens: impl FnOnce() -> T) -> T {
    on(file, async |connection: &mut SqliteConnection| {
        let begin = "begin; select count(*) from application";
        connection.execute(begin).await.unwrap();
        let outcome = happens();
        connection.execute("rollback").await.unwrap();
        outcome
    })
}
