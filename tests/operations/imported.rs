//! `import-keys`: keys that clients have already.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use keystile_protocol::id::ApplicationId;
use keystile_protocol::key::ApiKey;
use stage::postgres::PostgreSql;
use stage::registry::{Database, Registry};
use stage::wait;
use tempfile::TempDir;

use crate::commands::{done, ended, refused};

const PATIENCE: Duration = Duration::from_mins(1);

/// How many keys an import takes in at once.
const BATCH: usize = 250;

/// How many an import has that is stopped half-way.
const KEYS: usize = 6_000;

/// A registry with two applications, and a folder for files of keys.
struct Place {
    registry: Registry,
    acme: ApplicationId,
    folder: TempDir,
}

impl Place {
    fn on(database: &Database) -> Self {
        let registry = Registry::start(database).unwrap();
        let admin = registry.admin().unwrap();
        let acme = admin.create_application("Acme", "acme").unwrap();
        admin.create_application("Other", "other").unwrap();
        Self {
            registry,
            acme,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    fn import(&self, file: &PathBuf, flags: &[&str]) -> Command {
        let mut command = self.registry.called(&["import-keys"]).unwrap();
        command.args(flags).arg(file);
        command
    }

    /// How many keys the first application has.
    fn count(&self) -> usize {
        let path = format!("/admin/v1/applications/{}/credentials", self.acme);
        let admin = self.registry.admin().unwrap();
        let page = admin.caller().get(&path).unwrap().expect(200).unwrap();
        usize::try_from(page.body["meta"]["page"]["total"].as_u64().unwrap()).unwrap()
    }
}

fn key(number: usize) -> String {
    format!("a-key-nobody-would-guess-{number}")
}

/// So many keys of the first application, by their digests or as they are, in turns.
fn keys(count: usize) -> String {
    let mut text = "application,display_name,key\n".to_owned();
    for number in 0..count {
        let key = key(number);
        let key = if number % 2 == 0 {
            key
        } else {
            format!("sha256:{}", ApiKey::new(key).digest())
        };
        writeln!(text, "acme,key {number},{key}").unwrap();
    }
    text
}

/// Waits until the first application has more than so many keys.
fn wait_for_more(place: &Place, than: usize) {
    wait::until("more keys", PATIENCE, || match place.count() {
        count if count > than => Ok(()),
        count => Err(format!("{count} keys")),
    })
    .unwrap();
}

/// Whole batches are there, and no other key.
fn whole(place: &Place) -> usize {
    let there = place.count();
    assert!(there < KEYS, "it was stopped too late to tell anything");
    assert_eq!(there % BATCH, 0, "a batch is there whole or not at all");
    there
}

fn goes_on_where_it_was(database: &Database) {
    let mut place = Place::on(database);
    let file = place.file("keys.csv", &keys(KEYS));
    let mut killed = place.import(&file, &[]);
    let quiet = killed.stdout(Stdio::null()).stderr(Stdio::null());
    let mut killed = quiet.spawn().unwrap();
    wait_for_more(&place, 0);
    killed.kill().unwrap();
    killed.wait().unwrap();
    let there = whole(&place);

    let mut stopping = place.import(&file, &[]);
    let stopping = stopping.stderr(Stdio::piped()).spawn().unwrap();
    wait_for_more(&place, there);
    place.registry.kill();
    let told = stopping.wait_with_output().unwrap();
    let complaint = String::from_utf8(told.stderr).unwrap();
    assert_eq!(told.status.code(), Some(1), "{complaint}");
    assert!(complaint.contains("stopped: "), "{complaint}");

    place.registry.start_again().unwrap();
    let there = whole(&place);
    let said = done(&mut place.import(&file, &[]));
    let added = KEYS - there;
    let expected = format!("{added} keys taken in, {there} there already, 0 refused\n");
    assert_eq!(said, expected);
    assert_eq!(place.count(), KEYS);
    let said = done(&mut place.import(&file, &["--dry-run"]));
    let nothing = format!("0 keys taken in, {KEYS} there already");
    assert!(said.starts_with(&nothing), "{said}");
}

#[test]
fn an_import_that_is_killed_goes_on_where_it_was_on_sqlite() {
    goes_on_where_it_was(&Database::Sqlite);
}

#[test]
fn an_import_that_is_killed_goes_on_where_it_was_on_postgres() {
    let server = PostgreSql::start().unwrap();
    goes_on_where_it_was(&Database::Url(server.url()));
}

#[test]
fn one_line_that_is_refused_stops_all_unless_it_is_to_be_skipped() {
    let place = Place::on(&Database::Sqlite);
    let weak = "short-secret";
    let text = format!(
        "application,key\nacme,{}\nnobody,{}\nacme,{weak}\nacme\nother,{}\n",
        key(1),
        key(2),
        key(1)
    );
    let file = place.file("keys.csv", &text);
    for flags in [&[][..], &["--dry-run"]] {
        let complaint = refused(&mut place.import(&file, flags));
        for line in [
            "line 3: `application` names no application",
            "line 4: `key`",
            "line 5: has 1 values",
            "line 6: `key` is that of line 2, for another application",
            "4 of the lines are refused; no key was taken in",
        ] {
            assert!(complaint.contains(line), "{complaint}");
        }
        assert!(
            !complaint.contains(weak) && !complaint.contains("nobody-would"),
            "{complaint}"
        );
        assert_eq!(place.count(), 0, "nothing is half done");
    }
    let told = ended(&mut place.import(&file, &["--skip-refused"]));
    assert_eq!(told.status, 0, "{told:?}");
    assert_eq!(told.out, "1 keys taken in, 0 there already, 4 refused\n");
    assert!(told.complaint.contains("line 3: "), "{told:?}");
    assert_eq!(place.count(), 1);
}

#[test]
fn every_format_is_taken_from_a_file_and_from_the_standard_input() {
    let place = Place::on(&Database::Sqlite);
    let line = |number| {
        format!(
            "{{\"application\": \"acme\", \"key\": \"{}\"}}\n",
            key(number)
        )
    };
    let deck = format!(
        "_format_version: '3.0'\nconsumers:\n- username: a\n  custom_id: acme\n  \
         keyauth_credentials:\n  - key: {}\n    ttl: 3600\n",
        key(2)
    );
    done(&mut place.import(&place.file("keys.jsonl", &line(1)), &[]));
    done(&mut place.import(&place.file("kong.yaml", &deck), &[]));
    let mut piped = place.import(&PathBuf::from("-"), &["--format", "jsonl"]);
    let mut piped = piped
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    piped
        .stdin
        .take()
        .unwrap()
        .write_all(line(3).as_bytes())
        .unwrap();
    assert!(piped.wait().unwrap().success());
    assert_eq!(place.count(), 3);
    let complaint = refused(&mut place.import(&PathBuf::from("-"), &[]));
    assert!(complaint.contains("--format"), "{complaint}");
    assert!(!place.registry.log().contains("nobody-would-guess"));
}

#[test]
fn long_work_shows_a_bar_at_a_terminal_and_plain_lines_elsewhere() {
    let place = Place::on(&Database::Sqlite);
    let file = place.file("keys.csv", &keys(2_000));
    let told = ended(&mut place.import(&file, &["--dry-run"]));
    assert_eq!(told.complaint.lines().count(), 8, "{}", told.complaint);
    assert!(
        told.complaint.ends_with("checked: 2000 of 2000\n"),
        "{}",
        told.complaint
    );
    assert!(
        !told.complaint.contains(['\r', '\u{1b}']),
        "no bar: {}",
        told.complaint
    );
    let command = place.import(&file, &[]);
    let mut terminal = Command::new("script");
    let words = [command.get_program()]
        .into_iter()
        .chain(command.get_args());
    let words: Vec<String> = words
        .map(|word| format!("'{}'", word.to_str().unwrap()))
        .collect();
    terminal.args(["-qec", &words.join(" "), "/dev/null"]);
    terminal.env("TERM", "xterm");
    terminal.envs(
        command
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    let shown = done(&mut terminal);
    assert!(shown.contains('\u{1b}'), "a bar moves: {shown:?}");
    assert!(shown.contains("/2000 taken in, "), "{shown:?}");
    assert!(!shown.contains("of 2000"), "no lines beside it: {shown:?}");
    assert!(
        shown.contains("2000 keys taken in, 0 there already, 0 refused"),
        "{shown:?}"
    );
}
