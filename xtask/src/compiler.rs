//! What cargo calls in place of the compiler for packages of the workspace, so that one compilation also lints and documents.
//! `cargo clippy` and `cargo doc` would check every dependency once more.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus};
use std::sync::OnceLock;

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::Value;

use crate::{process, say, workspace};

/// What cargo calls.
const VARIABLE: &str = "RUSTC_WORKSPACE_WRAPPER";

/// What a compilation does besides, or instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Compiles, lints and documents.
    LintAndDocument,
    /// Lints libraries for another machine, and makes no code of them.
    Lint,
}

impl Work {
    const ALL: [Self; 2] = [Self::LintAndDocument, Self::Lint];

    /// The name of this program under which it is called in place of the compiler, to do that.
    const fn program(self) -> &'static str {
        match self {
            Self::LintAndDocument => "lint-and-document",
            Self::Lint => "lint",
        }
    }

    /// What this program is called for in place of the compiler, if it is.
    pub fn of(program: &OsStr) -> Option<Self> {
        let name = Path::new(program).file_name()?;
        Self::ALL.into_iter().find(|work| name == work.program())
    }

    /// Has `command`, one of cargo's, do this with what it compiles of the workspace.
    pub fn add_to(self, command: &mut Command) -> Result<()> {
        // Made once: lanes would otherwise replace it while another one runs it.
        static COPY: OnceLock<Result<PathBuf, String>> = OnceLock::new();
        let copy = COPY.get_or_init(|| copy().map_err(|error| format!("{error:#}")));
        let copy = copy.as_ref().map_err(|error| anyhow!("{error}"))?;
        command.env(VARIABLE, copy.join(self.program()));
        Ok(())
    }
}

/// This program, under each name, in a folder where no build replaces it.
fn copy() -> Result<PathBuf> {
    let folder = workspace::target_folder("tools/bin")?;
    let own = std::env::current_exe().context("this program has no path")?;
    for work in Work::ALL {
        // Renamed, since one that runs cannot be written to.
        let path = folder.join(work.program());
        let new = path.with_extension(std::process::id().to_string());
        fs::copy(&own, &new).with_context(|| format!("cannot copy {}", own.display()))?;
        fs::rename(&new, &path).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(folder)
}

/// Does `work` as cargo has asked for a compilation, `arguments` being the compiler and its arguments.
pub fn main(work: Work, arguments: &[OsString]) -> Result<ExitCode> {
    let compilation = Compilation::of(arguments)?;
    let mut clippy = Command::new("clippy-driver");
    match (work, compilation) {
        (Work::Lint, Some(compilation)) if compilation.is_library && compilation.has_target => {
            // Cargo looks for it; what depends on the library reads its metadata.
            let library = compilation.library();
            fs::write(&library, "")
                .with_context(|| format!("cannot write {}", library.display()))?;
            clippy.args(without_code(arguments));
            status(&mut clippy).map(code)
        }
        (Work::LintAndDocument, Some(compilation)) if compilation.has_documentation => {
            let compiled = status(clippy.args(arguments))?;
            if !compiled.success() {
                return Ok(code(compiled));
            }
            let mut rustdoc = Command::new("rustdoc");
            rustdoc.args(documentation(arguments));
            if !compilation.is_library {
                // As cargo has it: no other crate can use what is in a program.
                rustdoc.arg("--document-private-items");
            }
            rustdoc.arg("--out-dir").arg(compilation.documents());
            status(&mut rustdoc).map(code)
        }
        _ => status(clippy.args(arguments)).map(code),
    }
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

/// What the compiler is asked for.
#[derive(Debug, PartialEq)]
struct Compilation {
    name: String,
    /// What cargo adds to the names of files, to tell compilations apart.
    suffix: String,
    output: PathBuf,
    is_library: bool,
    /// Whether another machine will run it, or has its own options; what the compiler loads itself has not.
    has_target: bool,
    /// Tests and build scripts have none.
    has_documentation: bool,
}

impl Compilation {
    /// `None` for questions about the compiler.
    fn of(arguments: &[OsString]) -> Result<Option<Self>> {
        let (mut name, mut kind, mut output) = (None, None, None);
        let (mut suffix, mut has_target, mut is_test) = (String::new(), false, false);
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut value = || {
                let value = rest.next().and_then(|value| value.to_str());
                value.context("an option of the compiler has no value")
            };
            match argument.to_str().unwrap_or_default() {
                "--test" => is_test = true,
                "--target" => has_target = true,
                "--out-dir" => output = Some(PathBuf::from(value()?)),
                "--crate-name" => name = Some(value()?.to_owned()),
                "--crate-type" => kind = kind.or(Some(value()?)),
                "-C" => {
                    if let Some(found) = value()?.strip_prefix("extra-filename=") {
                        suffix = found.to_owned();
                    }
                }
                _ => {}
            }
        }
        let (Some(name), Some(kind), Some(output)) = (name, kind, output) else {
            return Ok(None);
        };
        Ok(Some(Self {
            has_documentation: !is_test && name != "build_script_build",
            name,
            suffix,
            output,
            is_library: kind != "bin" && !is_test,
            has_target,
        }))
    }

    /// The file that cargo expects of a library.
    fn library(&self) -> PathBuf {
        let Self { name, suffix, .. } = self;
        self.output.join(format!("lib{name}{suffix}.rlib"))
    }

    /// A folder each for documents: a program may have the name of a library, and several are documented at once.
    fn documents(&self) -> PathBuf {
        let Self { name, suffix, .. } = self;
        let of_profile = self.output.parent().unwrap_or(&self.output);
        of_profile.join("doc").join(format!("{name}{suffix}"))
    }
}

/// The arguments of the documentation tool for what the compiler compiles with `arguments`.
fn documentation(arguments: &[OsString]) -> Vec<OsString> {
    let mut kept = Vec::new();
    let mut rest = arguments.iter().skip(1);
    while let Some(argument) = rest.next() {
        match argument.to_str().unwrap_or_default() {
            // Where code goes, which code it is, and how it is made.
            "--out-dir" | "-C" => drop(rest.next()),
            flag if flag.starts_with("--emit=") => {}
            _ => kept.push(argument.clone()),
        }
    }
    kept
}

/// `arguments` of a compilation that ends before it makes code.
fn without_code(arguments: &[OsString]) -> Vec<OsString> {
    let arguments = arguments.iter();
    arguments
        .map(|argument| match argument.to_str() {
            Some(flag) if flag.starts_with("--emit=") => "--emit=dep-info,metadata".into(),
            _ => argument.clone(),
        })
        .collect()
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

/// Runs `build`, a `cargo build`, with `work`, and hands what it makes to `made`, a message of cargo's at a time.
pub fn build(build: &mut Command, work: Work, mut made: impl FnMut(&Value)) -> Result<Findings> {
    work.add_to(build.arg("--message-format=json"))?;
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

    fn of(line: &str) -> Option<Compilation> {
        Compilation::of(&arguments(line)).expect("each option has its value")
    }

    const LIBRARY: &str = "rustc --crate-name a --edition=2024 src/lib.rs --error-format=json --crate-type lib \
         --emit=dep-info,metadata,link -C embed-bitcode=no --warn=missing_docs --cfg feature=\"b\" -C metadata=c \
         -C extra-filename=-d --out-dir /target/debug/deps -L dependency=/target/debug/deps --extern e=/libe.rmeta";

    #[test]
    fn a_compilation_is_understood() {
        let library = of(LIBRARY).expect("it compiles a library");
        assert_eq!(
            library.library(),
            Path::new("/target/debug/deps/liba-d.rlib")
        );
        assert_eq!(library.documents(), Path::new("/target/debug/doc/a-d"));
        assert!(library.is_library && library.has_documentation && !library.has_target);

        let tests = of(&format!("{LIBRARY} --test")).expect("it compiles tests");
        assert!(!tests.is_library && !tests.has_documentation);
        let other = of(&format!("{LIBRARY} --target wasm32-wasip2"));
        assert!(other.is_some_and(|library| library.has_target));
        let script = "rustc --crate-name build_script_build build.rs --crate-type bin --out-dir /target/debug/build/a";
        assert!(of(script).is_some_and(|script| !script.has_documentation));
        assert_eq!(of("rustc -vV"), None);
        assert!(Compilation::of(&arguments("rustc --crate-name")).is_err());
    }

    #[test]
    fn a_library_is_documented_as_it_is_compiled() {
        let expected = "--crate-name a --edition=2024 src/lib.rs --error-format=json --crate-type lib --warn=missing_docs \
             --cfg feature=\"b\" -L dependency=/target/debug/deps --extern e=/libe.rmeta";
        assert_eq!(documentation(&arguments(LIBRARY)), arguments(expected));
    }

    #[test]
    fn a_library_is_linted_without_its_code() {
        let expected = LIBRARY.replace(",link", "");
        assert_eq!(without_code(&arguments(LIBRARY)), arguments(&expected));
    }

    #[test]
    fn a_program_knows_what_it_is_called_for() {
        assert_eq!(
            Work::of(OsStr::new("/target/tools/bin/lint")),
            Some(Work::Lint)
        );
        assert_eq!(Work::of(OsStr::new("/target/debug/xtask")), None);
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
