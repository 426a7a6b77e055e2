//! Builds an example for a host, starts it there, and stops it again.

mod native;
pub mod open;
mod ports;
mod ready;
mod spin;
mod workers;

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::str::FromStr;

use anyhow::{Context, Result, bail};

pub use self::native::GATEWAY;
pub use self::ports::free_port;
use crate::process::{self, Group};
use crate::{keys, say, setup, workspace};

/// What runs a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Host {
    /// A process of its own.
    Native,
    /// Cloudflare's workerd, through `wrangler dev`.
    Workers,
    /// Spin, or the stand-in for it.
    Spin,
}

/// All of them, in the order of the summary.
pub const ALL: [Host; 3] = [Host::Native, Host::Workers, Host::Spin];

/// One server to be started.
#[derive(Debug, Clone)]
pub struct Launch<'a> {
    /// The name of its package, and of its folder in `examples/`, in `tests/`, or where servers are made.
    pub example: &'a str,
    /// The port on 127.0.0.1.
    pub port: u16,
    /// The keyring, as in the setting [`keys::SETTING`].
    pub keys: &'a str,
    /// What else the server reads from its host, by the name in `SCREAMING_SNAKE_CASE`.
    pub variables: Vec<(&'a str, String)>,
    /// How many file descriptors a native process may open, where that is not what this one may.
    pub descriptors: Option<u16>,
    /// What the key-value store `default` has at the start, on Spin.
    pub key_values: &'a [(&'a str, String)],
    /// A folder that can be deployed as it is, as `mcp-edge gateway build` writes it; its own files say what runs.
    pub deployment: Option<&'a Path>,
}

impl Launch<'_> {
    /// A folder of its own for each port: several servers may run at once. It has nothing left of the server that had the port
    /// before.
    fn folder(&self, host: Host) -> Result<PathBuf> {
        let path = format!("hosts/{host}/{}-{}", self.example, self.port);
        let old = workspace::target_folder(&path)?;
        std::fs::remove_dir_all(&old).with_context(|| format!("cannot empty {}", old.display()))?;
        workspace::target_folder(path)
    }
}

/// A server that answers; dropping it stops it.
#[derive(Debug)]
pub struct Running {
    group: Group,
    url: String,
    log: PathBuf,
}

impl Running {
    /// The MCP endpoint.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The file in `target/logs` that takes the server's output.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// The id of the process that was started.
    pub fn id(&self) -> u32 {
        self.group.id()
    }

    /// Whether the server has ended by itself.
    pub fn has_ended(&mut self) -> Result<bool> {
        Ok(self.group.ended()?.is_some())
    }

    /// Asks the server to end, and waits for its exit status.
    pub fn terminate(self) -> Result<ExitStatus> {
        self.group.terminate()
    }

    /// Does what Ctrl-C in a terminal does, and waits for the server's exit status.
    pub fn interrupt(self) -> Result<ExitStatus> {
        self.group.interrupt()
    }

    /// Ends the server as a power cut would, in the middle of whatever it does.
    pub fn kill(self) -> Result<()> {
        self.group.kill()
    }
}

impl Host {
    /// The compile target, unless that is this machine.
    pub fn target(self) -> Option<&'static str> {
        match self {
            Self::Native => None,
            Self::Workers => Some("wasm32-unknown-unknown"),
            Self::Spin => Some("wasm32-wasip2"),
        }
    }

    /// Compiles several servers for this host at once: what takes longest of each is linking, which uses one core. What is
    /// then left of [`build`](Self::build) is quick.
    pub fn compile(self, servers: &[&str]) -> Result<()> {
        let mut build = workspace::cargo(&["build"]);
        match self.target() {
            None => build.arg("--bins"),
            Some(target) => {
                setup::rust::target(target, "this host runs it")?;
                build.args(["--release", "--lib", "--target", target])
            }
        };
        for server in servers {
            build.args(["--package", server]);
        }
        process::run(&mut build)
    }

    /// Compiles an example for this host: for the edge as it is deployed, but for wasm-opt, which takes a minute and changes
    /// the size and the speed; natively so that it is quick to build, and with the checks of arithmetic that a release leaves
    /// out.
    pub fn build(self, example: &str) -> Result<()> {
        workspace::server(example)?;
        match self {
            Self::Native => native::build(example),
            Self::Workers => workers::build(example),
            Self::Spin => spin::build(example),
        }
    }

    /// Starts an example that was built before, and returns when it answers. `wrangler` gets a second chance: it was
    /// seen to hang before it had started workerd.
    pub fn start(self, launch: &Launch<'_>) -> Result<Running> {
        match self.attempt(launch) {
            Err(error) if self == Self::Workers => {
                say!("{error:#}\nwrangler is started once more");
                self.attempt(launch)
            }
            started => started,
        }
    }

    fn attempt(self, launch: &Launch<'_>) -> Result<Running> {
        // Otherwise the process that has the port would be taken for the server.
        if !ports::is_free(launch.port) {
            bail!(
                "another process listens on port {}; name another port",
                launch.port
            );
        }
        let mut command = match self {
            Self::Native => native::command(launch),
            Self::Workers => workers::command(launch),
            Self::Spin => spin::command(launch),
        }?;
        let log = self.log_to_file(launch, &mut command)?;
        let mut running = Running {
            group: Group::start(&mut command)?,
            url: endpoint(launch.port),
            log,
        };
        ready::wait(&mut running, self, launch.port)
            .with_context(|| format!("`{}` does not start on {self}", launch.example))?;
        Ok(running)
    }

    fn log_to_file(self, launch: &Launch<'_>, command: &mut Command) -> Result<PathBuf> {
        let name = format!("{self}-{}-{}.log", launch.example, launch.port);
        let path = workspace::target_folder("logs")?.join(name);
        let file =
            File::create(&path).with_context(|| format!("cannot open {}", path.display()))?;
        let other = file.try_clone().context("cannot share a log file")?;
        command.stdout(Stdio::from(file)).stderr(Stdio::from(other));
        Ok(path)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Native => "native",
            Self::Workers => "workers",
            Self::Spin => "spin",
        })
    }
}

impl FromStr for Host {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Self> {
        match ALL.into_iter().find(|host| host.to_string() == name) {
            Some(host) => Ok(host),
            None => bail!("there is no host `{name}`; there are: native, workers, spin"),
        }
    }
}

/// Where a server that listens on `port` is called.
pub fn endpoint(port: u16) -> String {
    format!("http://127.0.0.1:{port}/mcp")
}

/// Starts an example that was built before, on a free port and with a key of its own, where anyone may call it.
pub fn start_for_test(host: Host, example: &str) -> Result<Running> {
    host.start(&Launch {
        example,
        port: free_port()?,
        keys: &keys::fresh("test")?,
        variables: open::variables(&workspace::server(example)?)?,
        descriptors: None,
        key_values: &[],
        deployment: None,
    })
}

/// The example's own `wrangler.toml`, for a module that is built already.
pub fn workers_manifest(example: &str) -> Result<String> {
    workers::manifest_of(example)
}

/// Installs the stand-in for Spin where there is no `spin` in PATH.
pub fn require_spin_or_stand_in() -> Result<()> {
    spin::require_one()
}

/// Whether `cargo xtask dev` can serve on `host` here; the error says what is missing.
pub fn check_for_dev(host: Host) -> Result<()> {
    match host {
        Host::Native | Host::Workers => Ok(()),
        Host::Spin => spin::require(),
    }
}
