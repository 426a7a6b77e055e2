//! Servers under measurement: each starts on a port of its own.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::request::CALL;
use crate::process::{self, Group};
use crate::{host, workspace};

/// Far beyond what any of them takes.
const LIMIT: Duration = Duration::from_secs(60);

/// How to start a server.
pub(super) struct Server {
    /// Its name in the results.
    pub(super) name: &'static str,
    /// The command that serves on a port of 127.0.0.1.
    pub(super) command: Box<dyn Fn(u16) -> Command>,
    /// The Authorization header that its callers send.
    pub(super) authorization: Option<String>,
    /// A file of headers of which each request under load has the next.
    pub(super) authorizations: Option<PathBuf>,
}

/// A server that answers; dropping it stops it.
pub(super) struct Serving {
    pub(super) name: &'static str,
    pub(super) port: u16,
    /// From the start of the process to the first answer.
    pub(super) start: Duration,
    pub(super) authorization: Option<String>,
    pub(super) authorizations: Option<PathBuf>,
    group: Group,
}

impl Server {
    /// Starts it and waits for its first answer.
    pub(super) fn start(&self) -> Result<Serving> {
        let port = host::free_port()?;
        let path = workspace::target_folder("logs")?.join(format!("bench-{port}.log"));
        let log = File::create(&path).with_context(|| format!("cannot open {}", path.display()))?;
        let mut command = (self.command)(port);
        // What a server logs of its requests costs it what writing costs, and no disk.
        command.stdout(Stdio::null()).stderr(log);

        let began = Instant::now();
        let mut group = Group::start(&mut command)?;
        let authorization = self.authorization.as_deref();
        while CALL
            .ask(port, authorization)
            .with_context(|| self.name)?
            .is_none()
        {
            if group.ended()?.is_some() || began.elapsed() > LIMIT {
                bail!("{} does not start; see {}", self.name, path.display());
            }
            std::thread::sleep(Duration::from_micros(200));
        }
        Ok(Serving {
            name: self.name,
            port,
            start: began.elapsed(),
            authorization: self.authorization.clone(),
            authorizations: self.authorizations.clone(),
            group,
        })
    }
}

impl Serving {
    /// How much memory it holds now, in megabytes.
    pub(super) fn memory(&self) -> Result<f64> {
        let id = self.group.id().to_string();
        let kibibytes = process::output(Command::new("ps").args(["-o", "rss=", "-p", &id]))?;
        let kibibytes: f64 = kibibytes.parse().context("`ps` tells no size")?;
        Ok(kibibytes * 1024.0 / 1e6)
    }
}
