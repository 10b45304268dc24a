//! The containers of `compose.yaml`, on ports of their own.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use stage::error::StageError;
use stage::places;
use stage::port::Port;
use stage::process::run;
use stage::wait;

/// A busy machine needs a while for what takes a second elsewhere.
const PATIENCE: Duration = Duration::from_mins(2);

/// A project of compose; it is taken down, volumes and all, when it is dropped.
#[derive(Debug)]
pub(crate) struct Compose {
    /// `docker compose`, or what it was called before.
    program: Vec<String>,
    project: String,
    ports: [Port; 3],
    changes: Option<PathBuf>,
}

// === impl Compose ===

impl Compose {
    /// Names a project; starts nothing yet.
    pub(crate) fn prepare() -> Result<Self, StageError> {
        let program = std::env::var("COMPOSE").map_err(|_| StageError::Missing {
            what: "the command of compose".to_owned(),
            how_to_get_it: "use `./just test-docker`".to_owned(),
        })?;
        let claim = || Port::claim().map_err(StageError::io("no free port"));
        Ok(Self {
            program: program.split_whitespace().map(str::to_owned).collect(),
            project: format!("keystile-test-{}", std::process::id()),
            ports: [claim()?, claim()?, claim()?],
            changes: None,
        })
    }

    /// Applies another file on top of the shipped one from now on, or none.
    pub(crate) fn change(&mut self, file: Option<&Path>) {
        self.changes = file.map(Path::to_owned);
    }

    /// Where applications call.
    pub(crate) fn proxy(&self) -> SocketAddr {
        let [proxy, _, _] = &self.ports;
        proxy.address()
    }

    /// Where administrators are.
    pub(crate) fn admin(&self) -> SocketAddr {
        let [_, admin, _] = &self.ports;
        admin.address()
    }

    /// Where developers are.
    pub(crate) fn portal(&self) -> SocketAddr {
        let [_, _, portal] = &self.ports;
        portal.address()
    }

    /// Starts services, or all of them; images are there already.
    pub(crate) fn up(&self, services: &[&str]) -> Result<(), StageError> {
        let up = ["up", "--detach", "--no-build"];
        self.run(&[&up, services].concat()).map(drop)
    }

    /// Takes everything down but what is in volumes.
    pub(crate) fn down(&self) -> Result<(), StageError> {
        self.run(&["down"]).map(drop)
    }

    /// Runs a command in a service's container.
    pub(crate) fn exec(&self, service: &str, command: &[&str]) -> Result<String, StageError> {
        self.run(&[&["exec", "-T", service], command].concat())
    }

    /// Returns everything the containers have written.
    pub(crate) fn logs(&self) -> Result<String, StageError> {
        self.run(&["logs", "--no-color"])
    }

    /// Returns this machine's address in the project's network.
    pub(crate) fn gateway(&self) -> Result<IpAddr, StageError> {
        let network = format!("{}_default", self.project);
        let format = "{{(index .IPAM.Config 0).Gateway}}";
        let address = docker(&["network", "inspect", &network, "--format", format])?;
        address
            .parse()
            .map_err(|_| StageError::unexpected("gateway of the network", &address))
    }

    /// Waits until a service's own health check is content.
    pub(crate) fn wait_until_healthy(&self, service: &str) -> Result<(), StageError> {
        let id = self.run(&["ps", "-q", service])?;
        wait::until(&format!("healthy {service}"), PATIENCE, || {
            let health = docker(&["inspect", "--format", "{{.State.Health.Status}}", &id]);
            match health.map_err(|error| error.to_string())?.as_str() {
                "healthy" => Ok(()),
                other => Err(other.to_owned()),
            }
        })
    }

    /// Says whom a service's container runs as.
    pub(crate) fn account(&self, service: &str) -> Result<String, StageError> {
        let id = self.run(&["ps", "-q", service])?;
        docker(&["inspect", "--format", "{{.Config.User}}", &id])
    }

    fn run(&self, arguments: &[&str]) -> Result<String, StageError> {
        let Some((program, first)) = self.program.split_first() else {
            return Err(StageError::unexpected("command in COMPOSE", &self.program));
        };
        let mut command = Command::new(program);
        command
            .args(first)
            .args(["--project-name", &self.project])
            .arg("--file")
            .arg(places::repository("compose.yaml"));
        if let Some(file) = &self.changes {
            command.arg("--file").arg(file);
        }
        let [proxy, admin, portal] = &self.ports;
        command
            .env("KEYSTILE_PROXY_PORT", proxy.number().to_string())
            .env("KEYSTILE_ADMIN_PORT", admin.number().to_string())
            .env("KEYSTILE_PORTAL_PORT", portal.number().to_string())
            .env(
                "KEYSTILE_PUBLIC_URL",
                format!("http://localhost:{}", portal.number()),
            );
        run("compose", command.args(arguments))
    }
}

impl Drop for Compose {
    fn drop(&mut self) {
        // Whoever drops it has no use for an error; the script that runs this ends the engine it began.
        let _ = self.run(&["down", "--volumes", "--timeout", "1"]);
    }
}

fn docker(arguments: &[&str]) -> Result<String, StageError> {
    run("docker", Command::new("docker").args(arguments))
}
