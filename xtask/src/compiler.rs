//! What cargo calls in place of the compiler for packages of the workspace, so that one compilation also lints and documents.
//! `cargo clippy` and `cargo doc` would check every dependency once more.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus};
use std::sync::OnceLock;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{process, say, workspace};

/// What cargo calls.
const VARIABLE: &str = "RUSTC_WORKSPACE_WRAPPER";

/// The name of this program under which it is called in place of the compiler.
const NAME: &str = "lint-and-document";

/// Whether this program was called in place of the compiler.
pub fn is_called(program: &OsStr) -> bool {
    Path::new(program).file_name() == Some(OsStr::new(NAME))
}

/// Has `command`, one of cargo's, lint and document what it compiles of the workspace.
pub fn lint_and_document(command: &mut Command) -> Result<()> {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    let program = match PROGRAM.get() {
        Some(program) => program,
        None => {
            let program = copy()?;
            PROGRAM.get_or_init(|| program)
        }
    };
    command.env(VARIABLE, program);
    Ok(())
}

/// This program in a place where no build replaces it.
fn copy() -> Result<PathBuf> {
    let path = workspace::target_folder("tools/bin")?.join(NAME);
    let own = std::env::current_exe().context("this program has no path")?;
    // Renamed, since one that runs cannot be written to.
    let new = path.with_extension(std::process::id().to_string());
    fs::copy(&own, &new).with_context(|| format!("cannot copy {}", own.display()))?;
    fs::rename(&new, &path).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

/// Compiles as cargo has asked, `arguments` being the compiler and its arguments.
pub fn main(arguments: &[OsString]) -> Result<ExitCode> {
    let compiled = status(Command::new("clippy-driver").args(arguments))?;
    let (true, Some(documentation)) = (compiled.success(), Documentation::of(arguments)?) else {
        return Ok(code(compiled));
    };
    let mut rustdoc = Command::new("rustdoc");
    rustdoc.args(&documentation.arguments);
    rustdoc.arg("--out-dir").arg(&documentation.folder);
    status(&mut rustdoc).map(code)
}

fn status(command: &mut Command) -> Result<ExitStatus> {
    let program = command.get_program().display().to_string();
    command
        .status()
        .with_context(|| format!("cannot start `{program}`"))
}

fn code(status: ExitStatus) -> ExitCode {
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    code.map_or(ExitCode::FAILURE, ExitCode::from)
}

/// How to document a library or a program.
#[derive(Debug, PartialEq)]
struct Documentation {
    arguments: Vec<OsString>,
    folder: PathBuf,
}

impl Documentation {
    /// As it is compiled; `None` for what has no documentation: tests, build scripts, and questions about the compiler.
    fn of(arguments: &[OsString]) -> Result<Option<Self>> {
        let mut kept = Vec::new();
        let (mut name, mut kind, mut output) = (None, None, None);
        let mut rest = arguments.iter().skip(1);
        while let Some(argument) = rest.next() {
            let mut value = || {
                rest.next()
                    .context("an option of the compiler has no value")
            };
            match argument.to_str().unwrap_or_default() {
                "--test" => return Ok(None),
                "--out-dir" => output = Some(value()?),
                // What code is generated, and how.
                "-C" => drop(value()?),
                flag if flag.starts_with("--emit=") => {}
                "--crate-name" => {
                    let value = value()?;
                    name = Some(value);
                    kept.extend([argument.clone(), value.clone()]);
                }
                "--crate-type" => {
                    let value = value()?;
                    kind = kind.or(Some(value));
                    kept.extend([argument.clone(), value.clone()]);
                }
                _ => kept.push(argument.clone()),
            }
        }
        let (Some(name), Some(kind), Some(output)) = (name, kind, output) else {
            return Ok(None);
        };
        if name == "build_script_build" {
            return Ok(None);
        }
        if kind == "bin" {
            // As cargo has it: nobody else can use what is in a program.
            kept.push("--document-private-items".into());
        }
        // A folder each: a program may have the name of a library, and several are documented at once.
        let of_profile = Path::new(output).parent();
        let mut folder = OsString::from(name);
        folder.push("-");
        folder.push(kind);
        Ok(of_profile.map(|of_profile| Self {
            arguments: kept,
            folder: of_profile.join("doc").join(folder),
        }))
    }
}

/// What linting and documenting have found, in this build or in the one that compiled what has not changed since.
#[derive(Debug, Default)]
pub struct Findings {
    /// About the code.
    pub code: Vec<String>,
    /// About its documentation.
    pub documentation: Vec<String>,
}

impl Findings {
    /// Takes a message of cargo's; its text, if the compiler has written it.
    fn add(&mut self, message: &Value) -> Option<String> {
        if message["reason"] != "compiler-message" {
            return None;
        }
        let diagnostic = &message["message"];
        let text = diagnostic["rendered"].as_str().unwrap_or_default();
        let code = diagnostic["code"]["code"].as_str();
        // Without a code and a place it counts the others.
        let has_place = diagnostic["spans"]
            .as_array()
            .is_some_and(|spans| !spans.is_empty());
        if code.is_some() || has_place {
            let found = match code.is_some_and(|code| code.starts_with("rustdoc::")) {
                true => &mut self.documentation,
                false => &mut self.code,
            };
            found.push(text.to_owned());
        }
        Some(text.to_owned())
    }
}

/// Runs `build`, a `cargo build`, and hands what it makes to `made`, a message of cargo's at a time.
pub fn build(build: &mut Command, mut made: impl FnMut(&Value)) -> Result<Findings> {
    lint_and_document(build.arg("--message-format=json"))?;
    let mut findings = Findings::default();
    let status = process::run_lines(build, |line| match serde_json::from_str(line) {
        Ok(message) => match findings.add(&message) {
            Some(text) => say!("{text}"),
            None => made(&message),
        },
        Err(_) => say!("{line}"),
    })?;
    ensure!(status.success(), "it does not compile");
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn arguments(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    fn of(line: &str) -> Option<Documentation> {
        Documentation::of(&arguments(line)).expect("each option has its value")
    }

    #[test]
    fn a_library_is_documented_as_it_is_compiled() {
        let documentation = of(
            "rustc --crate-name a --edition=2024 src/lib.rs --error-format=json --crate-type lib \
             --emit=dep-info,metadata,link -C embed-bitcode=no --warn=missing_docs --cfg feature=\"b\" -C metadata=c \
             --out-dir /target/debug/deps -L dependency=/target/debug/deps --extern d=/target/debug/deps/libd.rmeta",
        );
        let expected = "--crate-name a --edition=2024 src/lib.rs --error-format=json --crate-type lib --warn=missing_docs \
             --cfg feature=\"b\" -L dependency=/target/debug/deps --extern d=/target/debug/deps/libd.rmeta";
        assert_eq!(
            documentation,
            Some(Documentation {
                arguments: arguments(expected),
                folder: "/target/debug/doc/a-lib".into(),
            })
        );
    }

    #[test]
    fn what_is_no_documentation_is_left_out() {
        let library =
            "rustc --crate-name a src/lib.rs --crate-type lib --out-dir /target/debug/deps";
        assert!(of(library).is_some());
        assert_eq!(of(&format!("{library} --test")), None);
        assert_eq!(of("rustc -vV"), None);
        assert_eq!(
            of(
                "rustc --crate-name build_script_build build.rs --crate-type bin --out-dir /target/debug/build/a"
            ),
            None
        );
        assert!(Documentation::of(&arguments("rustc --crate-name")).is_err());
    }

    #[test]
    fn findings_are_told_from_their_number() {
        let mut findings = Findings::default();
        let message = |code: Value, spans: Value| json!({ "reason": "compiler-message", "message": { "rendered": "text", "code": code, "spans": spans } });
        for (code, spans) in [
            (json!({ "code": "clippy::a" }), json!([{}])),
            (json!({ "code": "rustdoc::b" }), json!([{}])),
            (json!(null), json!([{}])),
            (json!(null), json!([])),
        ] {
            assert_eq!(findings.add(&message(code, spans)).as_deref(), Some("text"));
        }
        assert_eq!(findings.add(&json!({ "reason": "build-finished" })), None);
        assert_eq!((findings.code.len(), findings.documentation.len()), (2, 1));
    }
}
