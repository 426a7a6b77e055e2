//! The server of `tests/mounted-server`: the tools of the conformance example, with a catalog alongside.

use std::process::Command;

use anyhow::Result;

use crate::host::{Host, Launch, Output, Running, free_port};
use crate::{keys, process, workspace};

/// The server, which runs natively only.
pub const SERVER: &str = "mounted-server";

/// Builds its data with the command `mcp-edge`, and starts the server that was compiled before.
pub fn start(mut program: Command) -> Result<Running> {
    let folder = workspace::target_folder("mounted")?;
    process::run(
        program
            .args(["gateway", "build", "--data-only", "--config"])
            .arg(workspace::server(SERVER)?.join("mcp.toml"))
            .arg("--out")
            .arg(&folder),
    )?;
    let data = folder.join("data").display().to_string();
    Host::Native.start(&Launch {
        example: SERVER,
        port: free_port()?,
        keys: &keys::fresh("test")?,
        variables: vec![("MCP_EDGE_DATA", data)],
        output: Output::Log,
        descriptors: None,
        deployment: None,
    })
}
