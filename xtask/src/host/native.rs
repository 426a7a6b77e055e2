//! The native process.

use std::process::Command;

use anyhow::Result;

use super::{Launch, Profile};
use crate::{keys, process, workspace};

pub(super) fn build(example: &str, profile: Profile) -> Result<()> {
    let mut build = workspace::cargo(&["build", "--package", example, "--bins"]);
    if profile == Profile::Release {
        build.arg("--release");
    }
    process::run(&mut build)
}

pub(super) fn command(launch: &Launch<'_>) -> Result<Command> {
    let folder = match launch.profile {
        Profile::Debug => "debug",
        Profile::Release => "release",
    };
    let mut command = Command::new(workspace::target().join(folder).join(launch.example));
    command
        .env("MCP_EDGE_LISTEN", format!("127.0.0.1:{}", launch.port))
        .env(keys::SETTING, launch.keys)
        .envs(launch.variables.iter().map(|(name, value)| (name, value)));
    Ok(command)
}
