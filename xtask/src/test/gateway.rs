//! Gateways as their users deploy them: folders without a build command, before an API that records what it gets.

use anyhow::Result;

use super::{Session, Tally};
use crate::gateway;
use crate::host::Host;

/// The protocol is served by a catalog alone as by tools in Rust.
pub(super) fn protocol(session: &Session, host: Host) -> Result<Tally> {
    gateway::build_for_tests(host)?;
    Tally::of_tests(
        session
            .suite("black_box")?
            .env("MCP_EDGE_HOST", host.to_string())
            .env("MCP_EDGE_CATALOG_ALONE", "1"),
    )
}

pub(super) fn check(session: &Session, host: Host) -> Result<Tally> {
    gateway::build_for_tests(host)?;
    Tally::of_tests(
        session
            .suite("gateway")?
            .env("MCP_EDGE_HOST", host.to_string())
            .args(["--test-threads", "4"]),
    )
}
