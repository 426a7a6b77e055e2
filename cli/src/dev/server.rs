//! A server that runs, on one of the hosts.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::group::{Group, INTERVAL};
use super::requests;
use super::running::Announcement;
use crate::check::host::Host;
use crate::development::{self, FOLDER};
use crate::output::Failure;
use crate::{local_host, secret_file};

/// Far beyond what any host takes to start; Wrangler builds first.
const MAX_START: Duration = Duration::from_secs(600);
const MAX_PROBE: Duration = Duration::from_secs(10);

/// One server to be started.
pub(super) struct Launch<'a> {
    pub(super) host: Host,
    /// The program of a process, or the folder with the host's file.
    pub(super) place: &'a Path,
    /// The folder of the project.
    pub(super) folder: &'a Path,
    pub(super) port: u16,
    pub(super) variables: &'a BTreeMap<String, String>,
    pub(super) is_raw: bool,
}

/// A server that answers; dropping it stops it, and waits for the last lines of its log.
pub(super) struct Server {
    group: Option<Group>,
    log: Option<JoinHandle<()>>,
    announcement: Option<Announcement>,
}

impl Server {
    /// Starts it, and returns when it answers.
    pub(super) fn start(launch: &Launch<'_>, stop: &AtomicBool) -> Result<Self, Failure> {
        let port = launch.port;
        // Otherwise the process that has the port would be taken for the server.
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Err(Failure::usage(format!(
                "another process listens on port {port}; stop it, or name another port with --port"
            )));
        }
        let mut command = match launch.host {
            Host::Native => native(launch),
            Host::Workers => workers(launch)?,
            Host::Spin => spin(launch),
        };
        let mut group = Group::start(command.stdout(Stdio::piped()))?;
        let log = group.child().stdout.take();
        let mut server = Self {
            log: log.map(|log| requests::print(log, launch.is_raw)),
            group: Some(group),
            announcement: None,
        };
        server.wait(port, stop)?;
        Ok(server)
    }

    /// Tells `mcp-edge call` and its like where the server is.
    pub(super) fn announced(
        mut self,
        folder: &Path,
        url: &str,
        token: Option<&str>,
    ) -> Result<Self, Failure> {
        self.announcement = Some(Announcement::write(folder, url, token)?);
        Ok(self)
    }

    pub(super) fn has_ended(&mut self) -> bool {
        self.group
            .as_mut()
            .is_none_or(|group| group.ended().is_some())
    }

    fn wait(&mut self, port: u16, stop: &AtomicBool) -> Result<(), Failure> {
        let probe = local_host::agent(MAX_PROBE);
        let url = format!("http://127.0.0.1:{port}/livez");
        let deadline = Instant::now().checked_add(MAX_START);
        while !probe
            .get(&url)
            .call()
            .is_ok_and(|answer| answer.status().is_success())
        {
            if self.has_ended() {
                return Err(Failure::check(
                    "the server does not start; correct what it reports above",
                ));
            }
            if stop.load(Ordering::Relaxed) {
                return Err(Failure::check("the start was interrupted"));
            }
            if deadline.is_none_or(|deadline| Instant::now() > deadline) {
                return Err(Failure::check(format!(
                    "the server does not answer within {} s",
                    MAX_START.as_secs()
                )));
            }
            std::thread::sleep(INTERVAL);
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.announcement = None;
        self.group = None;
        if let Some(log) = self.log.take() {
            // It has reported its own panic.
            let _ = log.join();
        }
    }
}

fn native(launch: &Launch<'_>) -> Command {
    let mut command = Command::new(launch.place);
    // A gateway is in a folder with its data.
    let own = launch
        .place
        .parent()
        .filter(|folder| folder.starts_with(launch.folder.join(FOLDER)));
    command
        .current_dir(own.unwrap_or(launch.folder))
        .env("MCP_EDGE_LISTEN", format!("127.0.0.1:{}", launch.port))
        .envs(launch.variables);
    command
}

fn workers(launch: &Launch<'_>) -> Result<Command, Failure> {
    let folder = launch.folder.join(FOLDER);
    development::make_folder(&folder)?;
    // A file and not an argument, which every process on the machine could read.
    let file = folder.join("dev.vars");
    let mut lines = String::new();
    for (name, value) in launch.variables {
        if value.contains('\'') {
            return Err(Failure::usage(format!(
                "the variable {name} has a quote in it, which Wrangler cannot be given in a file"
            )));
        }
        lines.push_str(&format!("{name}='{value}'\n"));
    }
    secret_file::write(&file, &lines)?;
    let mut command = Command::new("wrangler");
    command
        .args(["dev", "--local", "--show-interactive-dev-session=false"])
        .args(["--ip", "127.0.0.1", "--port", &launch.port.to_string()])
        .current_dir(launch.place);
    let own = launch.folder.join(".dev.vars");
    for file in [own, file] {
        if file.is_file() {
            command.arg("--env-file").arg(file);
        }
    }
    Ok(command)
}

/// Whether the server in `place` gets the variable `name`: Spin passes those of its manifest alone.
pub(super) fn passes(host: Host, place: &Path, name: &str) -> bool {
    let declares = |manifest: String| manifest.contains(&name.to_ascii_lowercase());
    host != Host::Spin || std::fs::read_to_string(place.join("spin.toml")).is_ok_and(declares)
}

fn spin(launch: &Launch<'_>) -> Command {
    let mut command = Command::new("spin");
    command
        .args(["up", "--listen", &format!("127.0.0.1:{}", launch.port)])
        .current_dir(launch.place);
    for (name, value) in launch.variables {
        // In the environment and not in an argument, which every process on the machine could read.
        command.env(format!("SPIN_VARIABLE_{name}"), value);
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spin_passes_what_its_manifest_declares() {
        let folder = tempfile::tempdir().unwrap();
        let passed = |host| passes(host, folder.path(), "MCP_EDGE_DEV_SIGN_IN");
        assert!(passed(Host::Native) && !passed(Host::Spin));
        let manifest = "[variables]\nmcp_edge_dev_sign_in = { default = \"\" }\n";
        std::fs::write(folder.path().join("spin.toml"), manifest).unwrap();
        assert!(passed(Host::Spin));
    }
}
