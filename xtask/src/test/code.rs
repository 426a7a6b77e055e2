//! What looks at the code and its own tests, without a host.

use std::process::Command;

use anyhow::Result;

use super::Tally;
use crate::{process, setup, workspace};

/// The suites that need a running server.
const NEED_A_SERVER: [&str; 2] = ["--exclude", "mcp-edge-tests"];

/// It compiles wasmtime, which is only bearable in the profile of tools.
const STAND_IN: &str = "mcp-edge-spin-stand-in";

pub(super) fn fmt() -> Result<Tally> {
    Tally::of(&mut workspace::cargo(&["fmt", "--all", "--check"]))
}

pub(super) fn clippy() -> Result<Tally> {
    setup::rust::target("wasm32-unknown-unknown", "Workers run it")?;
    setup::rust::target("wasm32-wasip2", "Spin runs it")?;
    let mut tally = Tally::default();
    let natively = ["--workspace", "--all-targets"];
    let as_wasm = [
        "--package=mcp-edge",
        "--target=wasm32-unknown-unknown",
        "--target=wasm32-wasip2",
    ];
    for selection in [&natively[..], &as_wasm] {
        let mut clippy = workspace::cargo(&["clippy", "--quiet"]);
        clippy.args(selection).args(["--", "-D", "warnings"]);
        tally += Tally::of_one(&mut clippy);
    }
    Ok(tally)
}

/// Libraries, and what cargo would document besides.
pub(super) fn docs() -> Result<Tally> {
    let mut docs = workspace::cargo(&["doc", "--quiet", "--no-deps", "--workspace", "--lib"]);
    // There are none, but with them dependencies have the features that clippy has checked them with.
    docs.arg("--examples");
    for program in workspace::documented_programs()? {
        docs.args(["--bin", &program]);
    }
    Tally::of(docs.env("RUSTDOCFLAGS", "-D warnings"))
}

pub(super) fn unit() -> Result<Tally> {
    let rest = ["--workspace", "--exclude", STAND_IN];
    let mut units = tests("dev");
    units.env("JSON_SCHEMA_TESTS", setup::python::json_schema_suite()?);
    let mut tally = Tally::of_tests(units.args(rest).args(NEED_A_SERVER))?;
    tally += Tally::of_tests(tests("tool").args(["--package", STAND_IN]))?;
    let mut documentation = workspace::cargo(&["test", "--quiet", "--doc"]);
    tally += Tally::of_tests(documentation.args(rest).args(NEED_A_SERVER))?;
    Ok(tally)
}

/// The faster test runner where there is one.
fn tests(profile: &str) -> Command {
    if process::find("cargo-nextest").is_some() {
        let mut tests = workspace::cargo(&["nextest", "run", "--no-fail-fast", "--no-tests=pass"]);
        tests.args(["--status-level", "fail", "--cargo-profile", profile]);
        tests
    } else {
        let mut tests = workspace::cargo(&["test", "--quiet", "--no-fail-fast"]);
        tests.args(["--lib", "--bins", "--tests", "--profile", profile]);
        tests
    }
}
