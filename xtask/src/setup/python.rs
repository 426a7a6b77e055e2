//! Python, with the official MCP package.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::{announce, lock};
use crate::{process, workspace};

const REQUIREMENT: &str = "mcp==2.3.0";

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
