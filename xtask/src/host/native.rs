//! The native process.

use std::process::Command;

use anyhow::Result;

use super::Launch;
use crate::{keys, process, workspace};

pub(super) fn build(example: &str) -> Result<()> {
    process::run(&mut workspace::cargo_for(example, &["build", "--bins"])?)
}

pub(super) fn command(launch: &Launch<'_>) -> Result<Command> {
    let mut command = Command::new(workspace::target().join("debug").join(launch.example));
    command
        .env("MCP_EDGE_LISTEN", format!("127.0.0.1:{}", launch.port))
        .env(keys::SETTING, launch.keys)
        .envs(launch.variables.iter().map(|(name, value)| (name, value)));
    Ok(command)
}
