//! What is compiled once in a run and then used by many stages: the first that needs it compiles it, the others wait.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, anyhow};
use serde_json::Value;

use super::deploy;
use super::served::SERVERS;
use crate::compiler::{self, Findings, Work};
use crate::host::{self, Host};
use crate::{parallel, workspace};

/// What the stages of one run have compiled.
#[derive(Default)]
pub(super) struct Builds {
    /// How the examples for Workers are built.
    pub(super) examples: Examples,
    native: OnceLock<Result<Native, String>>,
    wasm: [OnceLock<Result<(), String>>; host::ALL.len()],
    servers: [OnceLock<Result<(), String>>; host::ALL.len()],
    uploads: OnceLock<Result<deploy::Uploads, String>>,
}

/// How a run builds the examples for Workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Examples {
    /// As the other servers.
    #[default]
    Plain,
    /// As the stage `deploy` uploads them.
    Uploaded,
    /// The same, each manifest by its own command.
    EachUploaded,
}

/// What one build has made of the workspace natively: every program, and every test; and what is wrong with the code.
#[derive(Default)]
pub(super) struct Native {
    pub(super) findings: Findings,
    suites: BTreeMap<String, PathBuf>,
    programs: BTreeMap<String, PathBuf>,
}

impl Native {
    /// The program of the suite `name`, a test target of the package `mcp-edge-tests`.
    pub(super) fn suite(&self, name: &str) -> Result<&PathBuf> {
        self.suites
            .get(name)
            .with_context(|| format!("the build has made no suite `{name}`"))
    }

    /// A command that runs the program `name`.
    pub(super) fn program(&self, name: &str) -> Result<Command> {
        let path = self.programs.get(name);
        path.map(Command::new)
            .with_context(|| format!("the build has made no program `{name}`"))
    }
}

/// All that is compiled natively. Every cargo command of a run that compiles has these, so that they agree about the features of
/// dependencies, and nothing is compiled twice.
pub(super) const SELECTION: [&str; 4] = ["--workspace", "--lib", "--bins", "--tests"];

impl Builds {
    /// Programs and tests of the whole workspace.
    pub(super) fn native(&self) -> Result<&Native> {
        once(&self.native, native)
    }

    /// The servers compiled to the wasm of `host`, as the deployment releases them; nothing for a native process.
    pub(super) fn wasm(&self, host: Host) -> Result<()> {
        once(slot(&self.wasm, host), || match host {
            Host::Native => Ok(()),
            Host::Workers | Host::Spin => host.compile(&SERVERS),
        })
        .copied()
    }

    /// What `wrangler deploy` would upload of the examples.
    pub(super) fn uploads(&self) -> Result<&deploy::Uploads> {
        once(&self.uploads, || {
            self.wasm(Host::Workers)?;
            Ok(deploy::uploads(self.examples == Examples::EachUploaded))
        })
    }

    /// Every server, so that `host` can start it.
    pub(super) fn servers(&self, host: Host) -> Result<()> {
        once(slot(&self.servers, host), || {
            match host {
                Host::Native => self.native().map(drop),
                Host::Spin => {
                    // In a target directory of its own: meanwhile Workers' wasm is compiled where Spin's will be.
                    host::require_spin_or_stand_in()?;
                    self.wasm(host)
                }
                Host::Workers => {
                    self.wasm(host)?;
                    let mut rest = SERVERS.to_vec();
                    if self.examples != Examples::Plain {
                        // They run as they would be uploaded.
                        let uploads = self.uploads()?;
                        rest.retain(|server| !uploads.has(server));
                    }
                    parallel::each(&rest, |server| host.build(server))
                        .into_iter()
                        .collect()
                }
            }
        })
        .copied()
    }
}

fn slot<T>(slots: &[T; host::ALL.len()], host: Host) -> &T {
    match host {
        Host::Native => &slots[0],
        Host::Workers => &slots[1],
        Host::Spin => &slots[2],
    }
}

/// The result of `make`, which runs once; concurrent callers wait for it.
fn once<T>(place: &OnceLock<Result<T, String>>, make: impl FnOnce() -> Result<T>) -> Result<&T> {
    place
        .get_or_init(|| make().map_err(|error| format!("{error:#}")))
        .as_ref()
        .map_err(|error| anyhow!("not run, since what it needs could not be built: {error}"))
}

fn native() -> Result<Native> {
    let mut native = Native::default();
    let mut build = workspace::cargo(&["build"]);
    let findings = compiler::build(build.args(SELECTION), Work::LintAndDocument, |message| {
        native.add(message)
    })?;
    Ok(Native { findings, ..native })
}

impl Native {
    /// Adds what cargo says that it has just made.
    fn add(&mut self, message: &Value) {
        let target = &message["target"];
        let (Some(name), Some(path)) = (target["name"].as_str(), message["executable"].as_str())
        else {
            return;
        };
        let made = match (
            target["kind"][0].as_str(),
            message["profile"]["test"].as_bool(),
        ) {
            (Some("test"), _) if is_suite(message) => &mut self.suites,
            (Some("bin"), Some(false)) => &mut self.programs,
            _ => return,
        };
        made.insert(name.to_owned(), PathBuf::from(path));
    }
}

fn is_suite(message: &Value) -> bool {
    let suites = workspace::root().join("tests/Cargo.toml");
    message["manifest_path"]
        .as_str()
        .is_some_and(|path| Path::new(path) == suites)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use anyhow::bail;
    use serde_json::json;

    use super::*;

    #[test]
    fn suites_and_programs_are_told_from_other_tests() -> Result<()> {
        let mut native = Native::default();
        let suites = workspace::root().join("tests/Cargo.toml");
        for (kind, name, test, manifest) in [
            ("test", "black_box", true, suites.display().to_string()),
            ("test", "it", true, "/elsewhere/Cargo.toml".to_owned()),
            ("bin", "hello", false, "/hello/Cargo.toml".to_owned()),
            ("bin", "tested", true, "/hello/Cargo.toml".to_owned()),
        ] {
            native.add(&json!({
                "reason": "compiler-artifact",
                "manifest_path": manifest,
                "target": { "kind": [kind], "name": name },
                "profile": { "test": test },
                "executable": format!("/target/{name}"),
            }));
        }
        native.add(&json!({ "reason": "build-finished", "success": true }));
        assert_eq!(native.suite("black_box")?, Path::new("/target/black_box"));
        assert_eq!(native.program("hello")?.get_program(), "/target/hello");
        assert!(native.suite("it").is_err());
        assert!(native.program("tested").is_err());
        Ok(())
    }

    #[test]
    fn a_build_that_fails_is_not_repeated() {
        let (place, tries) = (OnceLock::new(), Cell::new(0));
        for _ in 0..2 {
            let made: Result<&()> = once(&place, || {
                tries.set(tries.get() + 1);
                bail!("no")
            });
            assert!(made.is_err());
        }
        assert_eq!(tries.get(), 1);
    }
}
