//! The registry as a process of its own, on a database of its own.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::api::{Admin, Caller, Journal, Visitor};
use crate::client::{Request, Response};
use crate::error::StageError;
use crate::port::Port;
use crate::process::{Process, run};
use crate::{places, wait};

/// Migrating a database takes a moment; a busy machine may need many.
const START: Duration = Duration::from_mins(1);

/// Who the command line makes tokens for.
pub const ADMIN: &str = "admin@keystile.test";

/// Where a registry keeps its data.
#[derive(Debug, Clone)]
pub enum Database {
    /// In a file of its own, which goes away with the registry.
    Sqlite,
    /// Where a URL says.
    Url(String),
}

/// Where a registry listens.
#[derive(Debug)]
pub struct Listeners {
    /// The portal: pages and the Portal Client API.
    pub portal: SocketAddr,
    /// The admin APIs.
    pub admin: SocketAddr,
    /// What gateways ask.
    pub gateway: SocketAddr,
    // Held, so that a registry finds its ports free when it starts again.
    _claims: Vec<Port>,
}

/// A registry with an administrator and tokens; it ends when it is dropped.
#[derive(Debug)]
pub struct Registry {
    process: Option<Process>,
    listeners: Listeners,
    database: String,
    journal: Journal,
    welcome_link: String,
    admin_token: String,
    gateway_token: String,
    settings: Vec<String>,
    // Dropped last: the database and the log are in it.
    folder: TempDir,
}

// === impl Listeners ===

impl Listeners {
    /// Claims free ports.
    pub fn free() -> Result<Self, StageError> {
        let claim = || Port::claim().map_err(StageError::io("no free port"));
        let (portal, admin, gateway) = (claim()?, claim()?, claim()?);
        Ok(Self {
            portal: portal.address(),
            admin: admin.address(),
            gateway: gateway.address(),
            _claims: vec![portal, admin, gateway],
        })
    }

    /// Kong's ports: admin 8001, portal 8003, gateway feed 8005.
    pub fn documented() -> Self {
        let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Self {
            portal: at(8003),
            admin: at(8001),
            gateway: at(8005),
            _claims: Vec::new(),
        }
    }
}

// === impl Registry ===

impl Registry {
    /// Starts a registry on free ports and waits until it is ready.
    pub fn start(database: &Database) -> Result<Self, StageError> {
        let mut registry = Self::prepare(database, Listeners::free()?)?;
        registry.start_again()?;
        Ok(registry)
    }

    /// Makes the database, the administrator and the tokens, and starts nothing yet.
    pub fn prepare(database: &Database, listeners: Listeners) -> Result<Self, StageError> {
        let folder = tempfile::tempdir().map_err(StageError::io("cannot make a folder"))?;
        let database = match database {
            Database::Url(url) => url.clone(),
            Database::Sqlite => format!("sqlite:{}", folder.path().join("registry.db").display()),
        };
        let at = |arguments: &[&str]| {
            let mut command = Command::new(places::registry()?);
            command
                .args(arguments)
                .args(["--database", &database])
                .args(["--admin-listen", &listeners.admin.to_string()]);
            run("keystile-registry", &mut command)
        };
        let welcome_link = at(&["admin", "create", "--email", ADMIN])?;
        let token = |scope| {
            at(&[
                "token", "create", "--admin", ADMIN, "--scope", scope, "--name", scope,
            ])
        };
        Ok(Self {
            process: None,
            welcome_link,
            admin_token: token("admin")?,
            gateway_token: token("gateway")?,
            listeners,
            database,
            journal: Journal::default(),
            settings: Vec::new(),
            folder,
        })
    }

    /// Makes a setting of it from its next start on, as a flag with its value.
    #[must_use]
    pub fn with(mut self, flag: &str, value: &str) -> Self {
        self.settings.push(format!("{flag}={value}"));
        self
    }

    /// Starts another one on the same database, with the same settings and tokens: a replica.
    pub fn replica(&self) -> Result<Self, StageError> {
        let mut replica = Self {
            process: None,
            listeners: Listeners::free()?,
            database: self.database.clone(),
            journal: self.journal.clone(),
            welcome_link: self.welcome_link.clone(),
            admin_token: self.admin_token.clone(),
            gateway_token: self.gateway_token.clone(),
            settings: self.settings.clone(),
            folder: tempfile::tempdir().map_err(StageError::io("cannot make a folder"))?,
        };
        replica.start_again()?;
        Ok(replica)
    }

    /// Starts it on its ports and database and waits until it is ready.
    pub fn start_again(&mut self) -> Result<(), StageError> {
        let mut command = self.serving()?;
        self.start_as(&mut command)
    }

    /// Starts it by a command of somebody's own making and waits until it is ready.
    pub fn start_as(&mut self, command: &mut Command) -> Result<(), StageError> {
        self.kill();
        let mut process = Process::spawn("the registry", command, &self.log_file())?;
        let admin = self.listeners.admin;
        // The outer result ends the waiting when there is nothing to wait for any more.
        wait::until("readiness of the registry", START, || {
            if let Err(ended) = process.still_runs() {
                return Ok(Err(ended));
            }
            let ready = Request::get("/readyz").send(admin);
            match ready.map_err(|error| error.to_string())? {
                Response { status: 204, .. } => Ok(Ok(())),
                response => Err(format!("{} {}", response.status, response.text())),
            }
        })??;
        self.process = Some(process);
        Ok(())
    }

    /// Ends it at once, as a crash would.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// Sends it a signal, such as `STOP`.
    pub fn signal(&self, name: &str) -> Result<(), StageError> {
        let process = self.process.as_ref();
        process.map_or(Ok(()), |one| one.signal(name))
    }

    /// Asks it to end, as whoever supervises it would.
    pub fn terminate(&self) -> Result<(), StageError> {
        self.signal("TERM")
    }

    /// Waits until it has ended by itself.
    pub fn wait_for_its_end(&mut self, patience: Duration) -> Result<(), StageError> {
        let Some(process) = &mut self.process else {
            return Ok(());
        };
        wait::until("end of the registry", patience, || {
            let ended = process.still_runs().err().map(drop);
            ended.ok_or_else(|| "it runs".to_owned())
        })
    }

    /// Returns what the operating system knows the process by, if it runs.
    pub fn process_id(&self) -> Option<u32> {
        self.process.as_ref().map(Process::id)
    }

    /// Returns the URL of its database.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// Returns where it listens.
    pub fn listeners(&self) -> &Listeners {
        &self.listeners
    }

    /// Returns the link that sets the password of [`ADMIN`], once.
    pub fn welcome_link(&self) -> &str {
        &self.welcome_link
    }

    /// Returns the token of an administrator.
    pub fn admin_token(&self) -> &str {
        &self.admin_token
    }

    /// Returns the token a gateway shows.
    pub fn gateway_token(&self) -> &str {
        &self.gateway_token
    }

    /// Returns what was asked through [`Registry::admin`] and [`Registry::visitor`].
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Returns an administrator's client.
    pub fn admin(&self) -> Result<Admin, StageError> {
        Admin::new(self.admin_caller())
    }

    /// Returns what asks its admin APIs with an administrator's token.
    pub fn admin_caller(&self) -> Caller {
        let caller = Caller::new(self.listeners.admin, self.journal.clone());
        caller.with_token(&self.admin_token)
    }

    /// Returns the client of somebody who is not logged in to the portal.
    pub fn visitor(&self) -> Visitor {
        Visitor::new(Caller::new(self.listeners.portal, self.journal.clone()))
    }

    /// Returns the program with a command of its command line, on this registry's database.
    pub fn operated(&self, arguments: &[&str]) -> Result<Command, StageError> {
        let mut command = Command::new(places::registry()?);
        command
            .args(arguments)
            .env("KEYSTILE_DATABASE", &self.database);
        Ok(command)
    }

    /// Returns the program with a command that calls this registry's admin API, as an owner.
    pub fn called(&self, arguments: &[&str]) -> Result<Command, StageError> {
        let mut command = Command::new(places::registry()?);
        command
            .args(arguments)
            .env("KEYSTILE_URL", format!("http://{}", self.listeners.admin))
            .env("KEYSTILE_TOKEN", &self.admin_token);
        Ok(command)
    }

    /// Returns everything it has written, over all its starts.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("registry.log")
    }

    /// Returns the command that serves it, for whoever starts it under other circumstances.
    pub fn serving(&self) -> Result<Command, StageError> {
        let mut command = Command::new(places::registry()?);
        command
            .arg("serve")
            .args(["--database", &self.database])
            .args(["--portal-listen", &self.listeners.portal.to_string()])
            .args(["--admin-listen", &self.listeners.admin.to_string()])
            .args(["--gateway-listen", &self.listeners.gateway.to_string()])
            .args(["--public-url", &format!("http://{}", self.listeners.portal)])
            .arg("--insecure-http")
            .args(&self.settings);
        Ok(command)
    }
}
