//! The native server as a network program: attacks on its connections, and ordinary clients that must lose no answer.

use anyhow::Result;

use super::stages::Scope;
use super::{Session, Tally};
use crate::host::Host;
use crate::setup::{node, python};

pub(super) fn check(session: &Session) -> Result<Tally> {
    session.builds.servers(Host::Native)?;
    // Before the tests, whose deadlines are not made for it.
    python::install(python::Group::Http)?;
    node::folder()?;
    let requests = match session.scope {
        Scope::Full => "10000",
        Scope::Fast | Scope::Usual => "2000",
    };
    Tally::of_tests(
        session
            .suite("network")?
            .env("MCP_EDGE_HOST", Host::Native.to_string())
            .env("MCP_EDGE_REQUESTS", requests)
            // Most of the time they wait for the server to close a connection.
            .args(["--test-threads", "16"]),
    )
}
