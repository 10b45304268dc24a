//! A private PostgreSQL on a free port, in a folder that goes away.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::error::StageError;
use crate::port::Port;
use crate::process::{Process, run};
use crate::wait;

/// Where Debian and its relatives put each version's programs.
const VERSIONS: &str = "/usr/lib/postgresql";

/// Whom the server runs as where we are root, which it refuses to run as.
const ACCOUNTS: [&str; 2] = ["postgres", "nobody"];

/// A busy machine may need a while to begin.
const START: Duration = Duration::from_mins(1);

/// A running server with an empty database; it ends when it is dropped.
#[derive(Debug)]
pub struct PostgreSql {
    programs: Programs,
    port: Port,
    process: Process,
    // Dropped last: the data is in it.
    folder: TempDir,
}

/// Where the server's programs are, and whom they run as.
#[derive(Debug)]
struct Programs {
    folder: PathBuf,
    account: Option<Account>,
}

#[derive(Debug, Clone, Copy)]
struct Account {
    user: u32,
    group: u32,
}

// === impl PostgreSql ===

impl PostgreSql {
    /// Makes a database in a new folder and starts a server for it; waits until it answers.
    pub fn start() -> Result<Self, StageError> {
        Self::start_with(|_, _| Ok(()))
    }

    /// Starts a server that lets nobody in without TLS, with a certificate and its key as PEM.
    pub fn encrypted(certificate: &str, key: &str) -> Result<Self, StageError> {
        Self::start_with(|programs, data| encrypt(programs, data, (certificate, key)))
    }

    fn start_with(
        settle: impl FnOnce(&Programs, &Path) -> Result<(), StageError>,
    ) -> Result<Self, StageError> {
        let folder = tempfile::tempdir().map_err(StageError::io("cannot make a folder"))?;
        let programs = Programs::find(folder.path())?;
        let data = folder.path().join("data");
        run("initdb", &mut initialise(&programs, &data))?;
        settle(&programs, &data)?;
        let port = Port::claim().map_err(StageError::io("no free port"))?;
        let process = launch(&programs, folder.path(), port.number())?;
        Ok(Self {
            programs,
            port,
            process,
            folder,
        })
    }

    /// Stops it, as an operator would who has no time; its data stays.
    pub fn stop(&mut self) {
        self.end("fast");
    }

    /// Ends it as a crash would; its data stay as they are.
    pub fn crash(&mut self) {
        self.end("immediate");
    }

    /// Starts it again on its data and port, after [`PostgreSql::stop`] or [`PostgreSql::crash`].
    pub fn start_again(&mut self) -> Result<(), StageError> {
        self.process = launch(&self.programs, self.folder.path(), self.port.number())?;
        Ok(())
    }

    fn end(&mut self, how: &str) {
        let mut stop = self.programs.command("pg_ctl");
        stop.args(["stop", "-w", "-m", how, "-D"])
            .arg(self.folder.path().join("data"));
        // Its process is ended anyway; this way it leaves no shared memory.
        let _ = run("pg_ctl", &mut stop);
        self.process.kill();
    }

    /// Returns its port.
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// Returns the URL of its database.
    pub fn url(&self) -> String {
        format!(
            "postgres://keystile@127.0.0.1:{}/postgres",
            self.port.number()
        )
    }

    /// Returns everything it has written.
    pub fn log(&self) -> String {
        self.process.log()
    }
}

impl Drop for PostgreSql {
    fn drop(&mut self) {
        self.crash();
    }
}

// === impl Programs ===

impl Programs {
    /// Finds the newest version, and an account that may use the folder.
    fn find(folder: &Path) -> Result<Self, StageError> {
        let account = if is_root(folder)? {
            let account = account()?;
            chown(folder, Some(account.user), Some(account.group))
                .map_err(StageError::io("cannot hand the folder over"))?;
            Some(account)
        } else {
            None
        };
        Ok(Self {
            folder: newest()?,
            account,
        })
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.folder.join(program));
        if let Some(account) = self.account {
            command.uid(account.user).gid(account.group);
        }
        command.current_dir("/");
        command
    }
}

fn initialise(programs: &Programs, data: &Path) -> Command {
    let mut command = programs.command("initdb");
    command
        .args(["--auth=trust", "--username=keystile", "--encoding=UTF8"])
        .args(["--locale=C", "--no-sync", "-D"])
        .arg(data);
    command
}

/// Starts the server on the data in a folder and waits until it answers.
fn launch(programs: &Programs, folder: &Path, port: u16) -> Result<Process, StageError> {
    let mut command = serve(programs, &folder.join("data"), port);
    let mut process = Process::spawn("postgres", &mut command, &folder.join("postgres.log"))?;
    wait::until("readiness of postgres", START, || {
        if let Err(ended) = process.still_runs() {
            return Ok(Err(ended));
        }
        let ready = run("pg_isready", &mut is_ready(programs, port));
        ready.map(|_| Ok(())).map_err(|error| error.to_string())
    })??;
    Ok(process)
}

/// Has a server speak TLS, and nothing else to whoever comes over the network.
fn encrypt(
    programs: &Programs,
    data: &Path,
    (certificate, key): (&str, &str),
) -> Result<(), StageError> {
    let write = |name: &str, text: &str| {
        let path = data.join(name);
        fs::write(&path, text)?;
        // It wants a key that nobody else may read.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        let Some(Account { user, group }) = programs.account else {
            return Ok(());
        };
        chown(&path, Some(user), Some(group))
    };
    let files = [
        ("server.crt", certificate),
        ("server.key", key),
        ("pg_hba.conf", "hostssl all all 127.0.0.1/32 trust\n"),
        ("postgresql.auto.conf", "ssl = on\n"),
    ];
    files
        .into_iter()
        .try_for_each(|(name, text)| write(name, text))
        .map_err(StageError::io("cannot write a server's files"))
}

fn serve(programs: &Programs, data: &Path, port: u16) -> Command {
    let mut command = programs.command("postgres");
    command
        .arg("-D")
        .arg(data)
        .args(["-c", "listen_addresses=127.0.0.1"])
        .args(["-c", &format!("port={port}")])
        // A socket file's path may be too long; nobody needs it.
        .args(["-c", "unix_socket_directories="])
        // The data goes away with the test: a crash of the machine may take it.
        .args(["-c", "fsync=off"]);
    command
}

fn is_ready(programs: &Programs, port: u16) -> Command {
    let mut command = programs.command("pg_isready");
    command.args(["-h", "127.0.0.1", "-p", &port.to_string(), "-d", "postgres"]);
    command
}

fn newest() -> Result<PathBuf, StageError> {
    let missing = || StageError::Missing {
        what: "PostgreSQL".to_owned(),
        how_to_get_it: "install the package `postgresql`".to_owned(),
    };
    let version = |entry: fs::DirEntry| entry.file_name().to_str()?.parse::<u32>().ok();
    let newest = fs::read_dir(VERSIONS)
        .map_err(|_| missing())?
        .flatten()
        .filter_map(version)
        .max();
    let newest = newest.ok_or_else(missing)?;
    Ok(Path::new(VERSIONS).join(newest.to_string()).join("bin"))
}

/// Whether we are root: whoever made the folder owns it.
fn is_root(folder: &Path) -> Result<bool, StageError> {
    let metadata = fs::metadata(folder).map_err(StageError::io("cannot look at the folder"))?;
    Ok(metadata.uid() == 0)
}

fn account() -> Result<Account, StageError> {
    let accounts = fs::read_to_string("/etc/passwd").map_err(StageError::io("no accounts"))?;
    let numbers = |name: &str| {
        let mut fields = accounts
            .lines()
            .map(|line| line.split(':'))
            .find_map(|mut fields| (fields.next() == Some(name)).then_some(fields))?;
        Some(Account {
            user: fields.nth(1)?.parse().ok()?,
            group: fields.next()?.parse().ok()?,
        })
    };
    ACCOUNTS
        .into_iter()
        .find_map(numbers)
        .ok_or_else(|| StageError::Missing {
            what: "an account other than root to run PostgreSQL".to_owned(),
            how_to_get_it: "add the account `postgres`".to_owned(),
        })
}
