//! The native server as a network program: attacks on its connections.

use anyhow::Result;

use super::{Session, Tally};
use crate::host::Host;

pub(super) fn check(session: &Session) -> Result<Tally> {
    session.builds.servers(Host::Native)?;
    Tally::of_tests(
        session
            .suite("network")?
            .env("MCP_EDGE_HOST", Host::Native.to_string())
            // Most of the time they wait for the server to close a connection.
            .args(["--test-threads", "16"]),
    )
}
