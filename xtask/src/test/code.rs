//! What looks at the code and its own tests, without a host.

use std::process::Command;

use anyhow::Result;

use super::stages::Scope;
use super::{Session, Tally};
use crate::host::Host;
use crate::setup::stand_in;
use crate::{process, setup, workspace};

/// The suites, which need running servers.
const SUITES: &str = "mcp-edge-tests";

/// What is linted and documented: with the tests, dependencies have the features that they are built with.
const EVERYTHING: [&str; 2] = ["--workspace", "--all-targets"];

/// What of the build is a test. With more, tests would be made of what says that it has none.
const TESTS: [&str; 2] = ["--workspace", "--tests"];

const DENY_WARNINGS: [&str; 3] = ["--", "-D", "warnings"];

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

pub(super) fn clippy() -> Result<Tally> {
    let mut clippy = patient_cargo(&["clippy", "--quiet"]);
    Tally::of(clippy.args(EVERYTHING).args(DENY_WARNINGS))
}

/// In the profile that the edge runs, so that what macros are made of is compiled already.
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
        let mut clippy = patient_cargo(&["clippy", "--quiet", "--release", "--lib"]);
        clippy.args(["--package", "mcp-edge", "--target", target]);
        tally += Tally::of_one(clippy.args(DENY_WARNINGS));
    }
    Ok(tally)
}

/// Libraries, and what cargo would document besides.
pub(super) fn docs() -> Result<Tally> {
    let mut docs = patient_cargo(&["doc", "--quiet", "--no-deps", "--workspace", "--lib"]);
    // There are none, but with them dependencies have the features that clippy has checked them with.
    docs.arg("--examples");
    for program in workspace::documented_programs()? {
        docs.args(["--bin", &program]);
    }
    Tally::of(docs.env("RUSTDOCFLAGS", "-D warnings"))
}

pub(super) fn unit(session: &Session) -> Result<Tally> {
    session.builds.native()?;
    let mut units = tests();
    units.env("JSON_SCHEMA_TESTS", setup::python::json_schema_suite()?);
    let mut tally = Tally::of_tests(&mut units)?;
    let mut documentation = workspace::cargo(&["test", "--quiet", "--doc", "--workspace"]);
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

fn patient_cargo(arguments: &[&str]) -> Command {
    workspace::patient(&workspace::cargo(arguments))
}

/// What is measured, and what it is measured beside: its lints and its documentation. Two packages wait for a full run: the peers,
/// which depend on nothing of ours, and the issuer of tokens, which signs, so that all that verifies would be checked again for it.
pub(super) fn benches(session: &Session) -> Result<Tally> {
    const APART: [&str; 4] = [
        "--exclude",
        "mcp-edge-bench-native",
        "--exclude",
        "mcp-edge-bench-tokens",
    ];
    let cargo = |arguments: &[&str]| {
        let mut cargo = workspace::patient(&workspace::cargo_for_benches(arguments));
        cargo.args(["--quiet", "--locked", "--workspace"]);
        if session.scope < Scope::Full {
            cargo.args(APART);
        }
        cargo
    };
    let mut clippy = cargo(&["clippy", "--all-targets"]);
    let mut tally = Tally::of_one(clippy.args(DENY_WARNINGS));
    let mut docs = cargo(&["doc", "--no-deps", "--lib", "--examples"]);
    tally += Tally::of_one(docs.env("RUSTDOCFLAGS", "-D warnings"));
    if session.scope == Scope::Full {
        tally += Tally::of_tests(&mut cargo(&["test", "--lib"]))?;
    }
    Ok(tally)
}

/// Its own tests and lints. clippy compiles it in place of rustc: to check it, as `cargo clippy` does, would be to check all of
/// wasmtime first.
pub(super) fn stand_in() -> Result<Tally> {
    let mut tally = Tally::of_tests(&mut stand_in::cargo(&["test", "--quiet"])?)?;
    let mut build = stand_in::cargo(&["build", "--quiet", "--bins", "--tests"])?;
    build
        .env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver")
        // As `cargo clippy -- -D warnings` hands it over.
        .env("CLIPPY_ARGS", "-Dwarnings__CLIPPY_HACKERY__");
    tally += Tally::of_one(&mut build);
    Ok(tally)
}
