//! The past, which no test can wait for: written into the registry's database, beside the registry.

use std::process::Command;

use stage::registry::Registry;

const PROGRAM: &str = "import sqlite3, sys\n\
    database = sqlite3.connect(sys.argv[1], timeout=20)\n\
    database.executescript(sys.argv[2])\n\
    database.commit()\n";

/// A month in which an application was used more from day to day, was refused now and then, and failed
/// on a bad day.
const MONTH: &str = "insert into usage (began_at, span_ms, credential_id, application_id, service_id, \
    product_version_id, status, latency, requests) \
    with recursive day(n) as (select 0 union all select n + 1 from day where n < 28), \
    outcome(status, latency, share) as (values (200, 4, 60), (200, 9, 25), (200, 14, 3), (404, 5, 9), \
    (503, 18, 2)) \
    select (cast(strftime('%s', 'now') as integer) / 86400 - n) * 86400000, 3600000, c.credential_id, \
    c.application_id, s.service_id, s.product_version_id, status, latency, \
    1 + (29 - n) * share * (3 + n % 7) * (case when status = 503 and n = 11 then 40 else 1 end) / 10 \
    from day, outcome, credential c, service s \
    where n % 7 <> 5 and (status <> 503 or n % 5 = 1)";

/// Makes every key look as if it had been used for a month.
pub(crate) fn use_keys(registry: &Registry) {
    write(registry, MONTH);
}

/// Makes the log-ins of pages this much older.
pub(crate) fn age_log_ins(registry: &Registry, minutes: u32) {
    let ms = i64::from(minutes) * 60_000;
    write(
        registry,
        &format!(
            "update session set expires_at = expires_at - {ms}, created_at = created_at - {ms}, \
             authenticated_at = authenticated_at - {ms}, used_at = used_at - {ms}"
        ),
    );
}

fn write(registry: &Registry, sql: &str) {
    let file = registry.database().trim_start_matches("sqlite:");
    let mut command = Command::new("python3");
    let output = command.args(["-c", PROGRAM, file, sql]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the past is not written: {said}");
}
