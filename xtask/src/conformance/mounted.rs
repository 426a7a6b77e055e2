//! The server of `tests/mounted-server`: the tools of a server in Rust, with a catalog alongside.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::host::{Host, Launch, Running, free_port};
use crate::{keys, process, workspace};

/// The server, which runs natively only.
pub const SERVER: &str = "mounted-server";

/// Its environment with the tools of the fixture server, which needs `ORDERS_URL`.
pub const STATELESS: &str = "stateless";

/// Builds its data in `folder` with the command `mcp-edge`, and gives the folder with them.
pub fn data(mut program: Command, folder: &Path) -> Result<PathBuf> {
    process::run(
        program
            .args(["gateway", "build", "--data-only", "--config"])
            .arg(workspace::server(SERVER)?.join("mcp.toml"))
            .arg("--out")
            .arg(folder),
    )?;
    Ok(folder.join("data"))
}

/// Starts the server that was compiled before, with its data, these keys and these variables.
pub fn start(data: &Path, keys: &str, mut variables: Vec<(&str, String)>) -> Result<Running> {
    variables.push(("MCP_EDGE_DATA", data.display().to_string()));
    Host::Native.start(&Launch {
        example: SERVER,
        port: free_port()?,
        keys,
        variables,
        descriptors: None,
        key_values: &[],
        deployment: None,
    })
}

/// Builds its data, and starts it with the tools of the conformance example.
pub fn start_for_suite(program: Command) -> Result<Running> {
    let data = data(program, &workspace::target_folder("mounted")?)?;
    start(&data, &keys::fresh("test")?, Vec::new())
}
