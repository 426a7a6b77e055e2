//! The hosts that a test needs all of.

use anyhow::{Context, Result};
use xtask::host::{ALL, Host};

/// Those in `MCP_EDGE_HOSTS`, all where it is not set. Fewer of them prove less, so leaving one out takes saying so.
pub fn hosts() -> Result<Vec<Host>> {
    let Ok(names) = std::env::var("MCP_EDGE_HOSTS") else {
        return Ok(ALL.to_vec());
    };
    println!("MCP_EDGE_HOSTS: this runs on {names} only");
    names
        .split(',')
        .map(|name| name.trim().parse())
        .collect::<Result<_>>()
        .context("MCP_EDGE_HOSTS is not a list of hosts")
}
