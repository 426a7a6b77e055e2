//! What tests of the audit trail need: receivers of events, and a server that sends them some.

use std::fs::File;
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::host::{self, Host, Launch, Running};
use crate::process::Group;
use crate::setup::python;
use crate::workspace;

/// The server whose requests go on record.
pub const SERVER: &str = "audited-server";

/// The folder in the collector's package that has the collector itself.
const COLLECTOR: &str = "rotel/rotel-agent";

/// Far beyond what any of them takes to start.
const LIMIT: Duration = Duration::from_secs(180);

/// A real receiver, in a process of its own; dropping it stops it.
#[derive(Debug)]
pub struct Receiver {
    group: Group,
    port: u16,
    log: PathBuf,
}

/// An OpenTelemetry collector that hands on what it gets to a program which writes it down as JSON.
#[derive(Debug)]
pub struct Collector {
    collector: Receiver,
    decoder: Receiver,
}

impl Collector {
    /// Starts both.
    pub fn start() -> Result<Self> {
        let programs = python::install(python::Group::Receivers)?;
        let decoder = Receiver::start("decoder", |port| {
            let mut command = Command::new(programs.join("python"));
            command
                .arg(workspace::root().join("tests/receivers/decoder.py"))
                .arg(port.to_string());
            Ok(command)
        })?;
        let collector = Receiver::start("collector", |port| {
            let mut command = Command::new(package(&programs, COLLECTOR)?);
            command
                .args(["start", "--batch-timeout", "100ms"])
                .args(["--otlp-http-endpoint", &format!("127.0.0.1:{port}")])
                .args([
                    "--otlp-grpc-endpoint",
                    &format!("127.0.0.1:{}", host::free_port()?),
                ])
                .args(["--otlp-exporter-endpoint", &decoder.url()])
                .args(["--otlp-exporter-protocol", "http"]);
            Ok(command)
        })?;
        Ok(Self { collector, decoder })
    }

    /// Where it takes OTLP over HTTP.
    pub fn url(&self) -> String {
        self.collector.url()
    }

    /// The file with one JSON object a line: `path`, as in `/v1/logs`, and `request`, what came there.
    pub fn decoded(&self) -> &Path {
        &self.decoder.log
    }
}

/// Starts a server of the S3 API, which takes any credentials.
pub fn start_objects() -> Result<Receiver> {
    let programs = python::install(python::Group::Receivers)?;
    Receiver::start("objects", |port| {
        let mut command = Command::new(programs.join("moto_server"));
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        Ok(command)
    })
}

impl Receiver {
    fn start(name: &str, command: impl FnOnce(u16) -> Result<Command>) -> Result<Self> {
        let port = host::free_port()?;
        let log = workspace::target_folder("logs")?.join(format!("{name}-{port}.log"));
        let file = File::create(&log).with_context(|| format!("cannot open {}", log.display()))?;
        let other = file.try_clone().context("cannot share a log file")?;
        let mut command = command(port)?;
        command.stdout(Stdio::from(file)).stderr(Stdio::from(other));
        let mut receiver = Self {
            group: Group::start(&mut command)?,
            port,
            log,
        };
        receiver.wait(name)?;
        Ok(receiver)
    }

    /// Its URL, without a path.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn wait(&mut self, name: &str) -> Result<()> {
        let deadline = Instant::now() + LIMIT;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            let ended = self.group.ended()?;
            if ended.is_some() || Instant::now() > deadline {
                let said = workspace::read(&self.log)?;
                bail!("the receiver `{name}` does not start; it said:\n{said}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

/// A file of a package, below the one folder of packages that a virtual environment has.
fn package(programs: &Path, file: &str) -> Result<PathBuf> {
    let libraries = programs.with_file_name("lib");
    let entries = std::fs::read_dir(&libraries)
        .with_context(|| format!("cannot list {}", libraries.display()))?;
    let mut paths = entries.filter_map(|entry| {
        let path = entry.ok()?.path().join("site-packages").join(file);
        path.is_file().then_some(path)
    });
    paths
        .next()
        .with_context(|| format!("no package has {file}"))
}

/// Starts the audited server, built before. Besides what every server needs it is given its own URL and
/// `variables`; natively it may open so many descriptors.
pub fn start_server(
    host: Host,
    keys: &str,
    variables: &[(&str, String)],
    descriptors: Option<u16>,
) -> Result<Running> {
    let port = host::free_port()?;
    let mut all = vec![("MCP_EDGE_URL", host::endpoint(port))];
    all.retain(|(name, _)| !variables.iter().any(|(known, _)| known == name));
    all.extend(variables.iter().cloned());
    host.start(&Launch {
        example: SERVER,
        port,
        keys,
        variables: all,
        descriptors,
        key_values: &[],
        deployment: None,
    })
}
