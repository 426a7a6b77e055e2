//! What looks at the code and its own tests, without a host.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::stages::Scope;
use super::{Session, Tally};
use crate::compiler::{self, Work};
use crate::host::Host;
use crate::setup::stand_in;
use crate::{pages, process, setup, workspace};

/// The suites, which need running servers.
const SUITES: &str = "mcp-edge-tests";

/// What of the build is a test. With more, tests would be made of what says that it has none.
const TESTS: [&str; 2] = ["--workspace", "--tests"];

pub(super) fn fmt() -> Result<Tally> {
    let workspaces = [
        workspace::root().to_owned(),
        workspace::benches(),
        stand_in::folder(),
    ];
    Ok(workspaces
        .iter()
        .map(|folder| {
            let mut fmt = workspace::cargo(&["fmt", "--all", "--check"]);
            Tally::of_one(fmt.current_dir(folder))
        })
        .sum())
}

pub(super) fn clippy(session: &Session) -> Result<Tally> {
    let native = session.builds.native()?;
    Ok(Tally::of_found(&native.findings.code))
}

/// In the profile that the edge runs, so that everything else is compiled already.
pub(super) fn clippy_on_the_edge(session: &Session) -> Result<Tally> {
    // Not before what other stages wait for: cargo lets one command at a time write to a target directory.
    for host in &session.hosts {
        let _ = session.builds.servers(*host);
    }
    let mut tally = Tally::default();
    for target in [Host::Workers, Host::Spin]
        .into_iter()
        .filter_map(Host::target)
    {
        setup::rust::target(target, "the edge runs it")?;
        let mut build = workspace::cargo(&["build", "--release", "--lib"]);
        build.args(["--package", "mcp-edge", "--target", target]);
        let findings = compiler::build(&mut build, Work::Lint, |_| ())?;
        tally += Tally::of_found(&findings.code);
    }
    Ok(tally)
}

pub(super) fn docs(session: &Session) -> Result<Tally> {
    let native = session.builds.native()?;
    let mut tally = Tally::of_found(&native.findings.documentation);
    let program = native.program("mcp-edge")?;
    tally += pages::check(Path::new(program.get_program()), &[])?;
    Ok(tally)
}

pub(super) fn unit(session: &Session) -> Result<Tally> {
    session.builds.native()?;
    let mut units = tests();
    Work::LintAndDocument.add_to(&mut units)?;
    units.env("JSON_SCHEMA_TESTS", setup::python::json_schema_suite()?);
    let mut tally = Tally::of_tests(&mut units)?;
    let mut documentation = workspace::cargo(&["test", "--quiet", "--doc", "--workspace"]);
    Work::LintAndDocument.add_to(&mut documentation)?;
    tally += Tally::of_tests(&mut documentation)?;
    Ok(tally)
}

/// The faster test runner where there is one. Without it dependencies are built once more, since cargo's own runs the suites
/// unless their package is left out, and then agrees with others about other features.
fn tests() -> Command {
    if process::find("cargo-nextest").is_some() {
        let mut tests = workspace::cargo(&["nextest", "run", "--no-fail-fast"]);
        tests.args(["--status-level", "fail"]).args(TESTS);
        tests.args(["--filterset", &format!("not package({SUITES})")]);
        tests
    } else {
        let mut tests = workspace::cargo(&["test", "--quiet", "--no-fail-fast"]);
        tests.args(TESTS).args(["--exclude", SUITES]);
        tests
    }
}

/// What is measured, and what it is measured beside: its lints and its documentation. Two packages wait for a full run: the
/// peers, which depend on nothing of ours, and the issuer of tokens, which signs, so that all that verifies would be checked
/// again for it.
pub(super) fn benches(session: &Session) -> Result<Tally> {
    const APART: [&str; 4] = [
        "--exclude",
        "mcp-edge-bench-native",
        "--exclude",
        "mcp-edge-bench-tokens",
    ];
    let cargo = |arguments: &[&str]| {
        let mut cargo = workspace::at_low_priority(&workspace::cargo_for_benches(arguments));
        cargo.args(["--quiet", "--locked", "--workspace"]);
        if session.scope < Scope::Full {
            cargo.args(APART);
        }
        cargo
    };
    let build = compiler::build(
        &mut cargo(&["build", "--lib", "--bins", "--tests"]),
        Work::LintAndDocument,
        |_| (),
    )?;
    let mut tally = Tally::of_found(&build.code);
    tally += Tally::of_found(&build.documentation);
    if session.scope == Scope::Full {
        let mut tests = cargo(&["test", "--lib"]);
        Work::LintAndDocument.add_to(&mut tests)?;
        tally += Tally::of_tests(&mut tests)?;
    }
    Ok(tally)
}

/// Its own tests and lints.
pub(super) fn stand_in() -> Result<Tally> {
    let mut build = stand_in::cargo(&["build", "--bins", "--tests"])?;
    let findings = compiler::build(&mut build, Work::LintAndDocument, |_| ())?;
    let mut tally = Tally::of_found(&findings.code);
    tally += Tally::of_found(&findings.documentation);
    let mut tests = stand_in::cargo(&["test", "--quiet"])?;
    Work::LintAndDocument.add_to(&mut tests)?;
    tally += Tally::of_tests(&mut tests)?;
    Ok(tally)
}

#[cfg(test)]
mod tests {
    use anyhow::Result;

    use crate::{process, workspace};

    /// Rustdoc compiles the examples of a README that a crate includes.
    #[test]
    fn examples_in_readmes_are_compiled() -> Result<()> {
        let root = workspace::root();
        let facade = workspace::read(&root.join("mcp-edge/src/lib.rs"))?;
        let readmes = process::output(&mut workspace::git(&["ls-files", "*README.md"]))?;
        let mut compiled = 0;
        for readme in readmes.lines() {
            if !workspace::read(&root.join(readme))?.contains("```rust") {
                continue;
            }
            let package = readme.strip_suffix("README.md").unwrap_or_default();
            let library = workspace::read(&root.join(package).join("src/lib.rs"));
            let is_compiled = facade.contains(&format!("include_str!(\"../../{readme}\")"))
                || library.is_ok_and(|code| code.contains("include_str!(\"../README.md\")"));
            assert!(is_compiled, "no crate includes {readme} for rustdoc");
            compiled += 1;
        }
        assert!(compiled > 0);
        Ok(())
    }
}
