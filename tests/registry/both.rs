//! One text of a test, for both databases.

/// Runs an async function that takes a `&Desk` on SQLite and on PostgreSQL.
macro_rules! on_both {
    ($($name:ident => $sqlite:ident, $postgres:ident;)+) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn $sqlite() {
            $name(&$crate::desk::Desk::on_sqlite().await).await;
        }

        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn $postgres() {
            let server = stage::postgres::PostgreSql::start().unwrap();
            $name(&$crate::desk::Desk::on_postgres(&std::sync::Arc::new(server), 1).await).await;
        }
    )+};
}

pub(crate) use on_both;
