//! The folder of a server, and how it is built for a host.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use mcp_edge_config::Configuration;
use serde_json::Value as Json;

use super::group::{Group, INTERVAL};
use crate::catalog::description::{description, is_gateway};
use crate::check::host::Host;
use crate::development::FOLDER;
use crate::file::File;
use crate::output::Failure;

/// What a folder holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A package of Rust.
    Package,
    /// `mcp.toml` and documents, without code.
    Gateway,
}

/// A server's folder.
pub(super) struct Project<'a> {
    kind: Kind,
    folder: PathBuf,
    file: &'a File,
    /// The folder with the programs of a gateway.
    prebuilt: Option<&'a Path>,
}

/// A server that can be started.
#[derive(Default)]
pub(super) struct Build {
    /// What the host runs: the program of a process, or the folder with the host's file.
    pub(super) place: PathBuf,
    /// Files outside of the folder that it was made of.
    pub(super) sources: BTreeSet<PathBuf>,
}

/// What a server says of itself.
#[derive(Default)]
pub(super) struct Description {
    pub(super) name: Option<String>,
    /// The scopes that its tools ask for.
    pub(super) scopes: BTreeSet<String>,
}

impl Description {
    fn read(described: &Json) -> Self {
        let text = |value: &Json| value.as_str().map(str::to_owned);
        let tools = described.get("tools").and_then(Json::as_array);
        let tools = tools.into_iter().flatten();
        let scopes = tools.filter_map(|tool| tool.get("scopes")?.as_array());
        Self {
            name: described.get("name").and_then(text),
            scopes: scopes.flatten().filter_map(text).collect(),
        }
    }
}

impl<'a> Project<'a> {
    /// The project in the folder of `file`.
    pub(super) fn find(file: &'a File, prebuilt: Option<&'a Path>) -> Result<Self, Failure> {
        let named = match file.folder() {
            folder if folder == Path::new("") => Path::new("."),
            folder => folder,
        };
        let folder = std::path::absolute(named)
            .map_err(|error| Failure::usage(format!("cannot find {}: {error}", named.display())))?;
        let kind = if folder.join("Cargo.toml").is_file() {
            Kind::Package
        } else if file
            .read()
            .is_ok_and(|configuration| is_gateway(&configuration))
        {
            Kind::Gateway
        } else {
            return Err(Failure::usage(format!(
                "there is no server in {}: it has neither a Cargo.toml, nor an mcp.toml with [gateway]; go to the folder of a server, or \
                 make one with `mcp-edge new` or `mcp-edge gateway new`",
                folder.display()
            )));
        };
        Ok(Self {
            kind,
            folder,
            file,
            prebuilt,
        })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Builds for `host`, and returns early if `stop` is set. The compiler's messages go to standard error.
    pub(super) fn build(
        &self,
        host: Host,
        environment: Option<&str>,
        stop: &AtomicBool,
    ) -> Result<Build, Failure> {
        match (self.kind, host) {
            (Kind::Gateway, _) => self.gateway(host, environment, stop),
            (Kind::Package, Host::Native) => self.program(stop),
            // `wrangler dev` builds by itself, and again after a change.
            (Kind::Package, Host::Workers) => Ok(self.in_place()),
            (Kind::Package, Host::Spin) => {
                let mut build = Command::new("spin");
                run(build.arg("build").current_dir(&self.folder), stop)?;
                Ok(self.in_place())
            }
        }
    }

    /// What the server says of itself, where that is known without compiling it once more.
    pub(super) fn describe(
        &self,
        host: Host,
        place: &Path,
        configuration: &Configuration,
    ) -> Description {
        let described = match (self.kind, host) {
            (Kind::Gateway, _) => description(configuration, self.file)
                .ok()
                .map(|(described, _)| Json::Object(described)),
            (Kind::Package, Host::Native) => {
                let output = Command::new(place)
                    .arg("describe")
                    .stderr(Stdio::inherit())
                    .output();
                output
                    .ok()
                    .and_then(|output| serde_json::from_slice(&output.stdout).ok())
            }
            (Kind::Package, _) => None,
        };
        // A server that cannot be described says why when it starts.
        described.map_or_else(Description::default, |described| {
            Description::read(&described)
        })
    }

    /// Whether `host` notices changes by itself.
    pub(super) fn is_watched_by(&self, host: Host) -> bool {
        self.kind == Kind::Package && host == Host::Workers
    }

    fn in_place(&self) -> Build {
        Build {
            place: self.folder.clone(),
            sources: BTreeSet::new(),
        }
    }

    /// The program that cargo makes of the package.
    fn program(&self, stop: &AtomicBool) -> Result<Build, Failure> {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo
            .args([
                "build",
                "--bins",
                "--message-format=json-render-diagnostics",
            ])
            .current_dir(&self.folder);
        let messages = run(&mut cargo, stop)?;
        let programs = programs(&messages, &self.folder.join("Cargo.toml"));
        let program = match programs.as_slice() {
            [one] => one.clone(),
            [] => {
                return Err(Failure::usage(format!(
                    "the package in {} has no program; add src/main.rs, as `mcp-edge new` writes it",
                    self.folder.display()
                )));
            }
            _ => {
                return Err(Failure::usage(format!(
                    "the package in {} has several programs; leave one, as `mcp-edge new` writes it",
                    self.folder.display()
                )));
            }
        };
        let dep_info = std::fs::read_to_string(program.with_extension("d")).unwrap_or_default();
        Ok(Build {
            place: program,
            sources: super::watch::sources(&dep_info),
        })
    }

    /// The folder that `mcp-edge gateway build` writes.
    fn gateway(
        &self,
        host: Host,
        environment: Option<&str>,
        stop: &AtomicBool,
    ) -> Result<Build, Failure> {
        let own = std::env::current_exe()
            .map_err(|error| Failure::usage(format!("this program cannot be found: {error}")))?;
        let out = self.folder.join(FOLDER).join("dev").join(host.name());
        let mut build = Command::new(own);
        build.args(["gateway", "build", "--host", host.name()]);
        build.arg("--config").arg(self.file.path());
        build.arg("--out").arg(&out);
        if let Some(environment) = environment {
            build.args(["--env", environment]);
        }
        if let Some(prebuilt) = self.prebuilt {
            build.arg("--prebuilt").arg(prebuilt);
        }
        run(&mut build, stop)?;
        Ok(Build {
            place: match host {
                Host::Native => out.join("mcp-edge-gateway"),
                Host::Workers | Host::Spin => out,
            },
            sources: BTreeSet::new(),
        })
    }
}

/// Runs `command` to its end and returns its standard output.
fn run(command: &mut Command, stop: &AtomicBool) -> Result<String, Failure> {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or_default().display();
    let arguments: Vec<_> = command.get_args().take(2).collect();
    let shown = format!("{name} {}", arguments.join(" ".as_ref()).display());
    let mut group = Group::start(command.stdout(Stdio::piped()))?;
    let output = group.child().stdout.take();
    let reader = std::thread::spawn(move || {
        let mut text = Vec::new();
        let read = output.map(|mut output| std::io::Read::read_to_end(&mut output, &mut text));
        // What could not be read is missing below.
        drop(read);
        String::from_utf8_lossy(&text).into_owned()
    });
    let status = loop {
        if let Some(status) = group.ended() {
            break status;
        }
        if stop.load(Ordering::Relaxed) {
            return Err(Failure::check("the build was interrupted"));
        }
        std::thread::sleep(INTERVAL);
    };
    let text = reader.join().unwrap_or_default();
    match status.success() {
        true => Ok(text),
        false => Err(Failure::check(format!(
            "the build failed: `{shown}` ended with {status}; correct what it reports above"
        ))),
    }
}

/// The programs of the package whose manifest is `manifest`, of cargo's messages.
fn programs(messages: &str, manifest: &Path) -> Vec<PathBuf> {
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let same = |path: &str| {
        let path = Path::new(path);
        path == manifest || path.canonicalize().ok() == manifest.canonicalize().ok()
    };
    let programs = messages.filter_map(|message: Json| {
        let of = message.get("manifest_path").and_then(Json::as_str);
        let program = message.get("executable").and_then(Json::as_str)?;
        of.is_some_and(same).then(|| PathBuf::from(program))
    });
    programs.collect()
}
