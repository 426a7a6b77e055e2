//! The native process.

use std::process::Command;

use anyhow::Result;

use super::Launch;
use crate::{keys, process, workspace};

/// The native program of the gateway, in the folder of a deployment.
pub const GATEWAY: &str = "mcp-edge-gateway";

pub(super) fn build(example: &str) -> Result<()> {
    process::run(&mut workspace::cargo_for(example, &["build", "--bins"])?)
}

pub(super) fn command(launch: &Launch<'_>) -> Result<Command> {
    let program = match launch.deployment {
        Some(folder) => folder.join(GATEWAY),
        None => workspace::target().join("debug").join(launch.example),
    };
    let mut command = match launch.descriptors {
        None => Command::new(program),
        Some(most) => {
            let mut shell = Command::new("sh");
            shell.args(["-c", "ulimit -n \"$1\" && exec \"$2\"", "sh"]);
            shell.arg(most.to_string()).arg(program);
            shell
        }
    };
    match launch.deployment {
        Some(folder) => {
            command.current_dir(folder);
        }
        None => {
            let data = workspace::server(launch.example)?.join("data");
            if data.is_dir() {
                command.env("MCP_EDGE_DATA", data);
            }
        }
    }
    command
        .env("MCP_EDGE_LISTEN", format!("127.0.0.1:{}", launch.port))
        .env(keys::SETTING, launch.keys)
        .envs(launch.variables.iter().map(|(name, value)| (name, value)));
    Ok(command)
}
