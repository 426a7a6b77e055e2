//! What tests of identity need: an OpenID provider, and a server that trusts it.

use std::fs::File;
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::host::{self, Host, Launch, Running};
use crate::process::Group;
use crate::setup::{self, npm};
use crate::workspace;

/// The server that trusts the provider.
pub const SERVER: &str = "guarded-server";

/// Far beyond what making the keys takes.
const LIMIT: Duration = Duration::from_secs(180);

/// The provider in `tests/provider`, in a process of its own; dropping it stops it.
#[derive(Debug)]
pub struct Provider {
    group: Group,
    url: String,
    log: PathBuf,
}

impl Provider {
    /// Starts a provider with new keys on a free port, and returns when it answers.
    pub fn start() -> Result<Self> {
        let port = host::free_port()?;
        let log = workspace::target_folder("logs")?.join(format!("provider-{port}.log"));
        let file = File::create(&log).with_context(|| format!("cannot open {}", log.display()))?;
        let other = file.try_clone().context("cannot share a log file")?;
        let mut command = setup::node::command()?;
        command
            .arg(workspace::root().join("tests/provider/provider.mjs"))
            .arg(port.to_string())
            .env("NODE_PATH", npm::install(npm::Group::Provider)?)
            .stdout(Stdio::from(file))
            .stderr(Stdio::from(other));
        let mut provider = Self {
            group: Group::start(&mut command)?,
            url: format!("http://127.0.0.1:{port}"),
            log,
        };
        provider.wait(port)?;
        Ok(provider)
    }

    /// Its issuer, below which its test control is.
    pub fn url(&self) -> &str {
        &self.url
    }

    fn wait(&mut self, port: u16) -> Result<()> {
        let deadline = Instant::now() + LIMIT;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            let ended = self.group.ended()?;
            if ended.is_some() || Instant::now() > deadline {
                let said = workspace::read(&self.log)?;
                bail!("the OpenID provider does not start; it said:\n{said}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

/// Starts the guarded server, built before, with `issuer` as the one that it trusts.
pub fn start_server(host: Host, keys: &str, issuer: &str) -> Result<Running> {
    start_server_in(environment(host), host, keys, issuer)
}

/// The same, in another environment than that of most tests.
pub fn start_server_in(environment: &str, host: Host, keys: &str, issuer: &str) -> Result<Running> {
    let port = host::free_port()?;
    host.start(&Launch {
        example: SERVER,
        port,
        keys,
        variables: vec![
            ("MCP_EDGE_URL", format!("http://127.0.0.1:{port}/mcp")),
            ("TEST_ISSUER", issuer.to_owned()),
            ("MCP_EDGE_ENV", environment.to_owned()),
        ],
        descriptors: None,
        key_values: &[],
        deployment: None,
    })
}

/// Calls at once are counted only where `mcp.toml` is told that the host can.
fn environment(host: Host) -> &'static str {
    match host {
        Host::Native => "native",
        Host::Workers | Host::Spin => "",
    }
}
