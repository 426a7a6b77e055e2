//! Prefect, a real workflow server, as the API behind a gateway. Its document is its own.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use xtask::host::free_port;
use xtask::process::Group;
use xtask::setup::python;
use xtask::workspace;

use crate::http::{Endpoint, Raw};
use crate::request::post;

/// Far longer than it takes to start.
const LIMIT: Duration = Duration::from_secs(600);

/// A server with a database of its own. It ends when it is dropped, or with the suite.
#[derive(Debug)]
pub struct Prefect {
    endpoint: Endpoint,
    _group: Group,
}

/// Installs Prefect, or gives the reason why this machine cannot have it.
pub fn installed() -> Result<(), String> {
    program().as_ref().map(drop).map_err(Clone::clone)
}

/// The interpreter that has it.
fn program() -> &'static Result<PathBuf, String> {
    static PROGRAM: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    PROGRAM.get_or_init(|| match python::install(python::Group::Prefect) {
        Ok(programs) => Ok(programs.join("python")),
        Err(error) => Err(format!("{error:#}")),
    })
}

impl Prefect {
    /// Starts one that has no flows.
    pub fn start() -> Result<Self> {
        let port = free_port()?;
        let home = workspace::target_folder(format!("tmp/prefect-{port}"))?;
        std::fs::remove_dir_all(&home).context("cannot remove an old database")?;
        std::fs::create_dir_all(&home).context("cannot make a folder for the database")?;
        let path = home.join("prefect.log");
        let log = std::fs::File::create(&path)?;
        let program = program()
            .as_ref()
            .map_err(|error| anyhow::anyhow!("{error}"))?;
        let mut command = Command::new(program);
        command
            // Its own script has the path of the interpreter where it was installed.
            .args(["-m", "prefect", "server", "start"])
            .args(["--no-ui", "--no-services"])
            .args(["--host", "127.0.0.1"])
            .args(["--port", &port.to_string()])
            .env("PREFECT_HOME", &home)
            // It tells its makers nothing.
            .env("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
            .env("DO_NOT_TRACK", "1")
            .stdout(log.try_clone()?)
            .stderr(log);
        let mut group = Group::start(&mut command)?;
        let endpoint = Endpoint::new(&format!("http://127.0.0.1:{port}"))?;
        let deadline = Instant::now() + LIMIT;
        while !get(&endpoint, "/api/health").is_ok_and(|answer| answer.status == 200) {
            if group.ended()?.is_some() || Instant::now() > deadline {
                bail!("Prefect does not start; see {}", path.display());
            }
            thread::sleep(Duration::from_millis(100));
        }
        Ok(Self {
            endpoint,
            _group: group,
        })
    }

    /// The URL of its API.
    pub fn url(&self) -> String {
        format!("http://{}/api", self.endpoint.authority())
    }

    /// Its OpenAPI document.
    pub fn document(&self) -> Result<String> {
        let answer = get(&self.endpoint, "/openapi.json")?;
        ensure!(answer.status == 200, "{}: {}", answer.status, answer.body);
        Ok(answer.body)
    }
}

fn get(endpoint: &Endpoint, path: &str) -> Result<Raw> {
    endpoint.raw(&post(Value::Null).http_method("GET").path(path))
}
