//! Servers whose requests go on record, with real receivers and with one that fails as it is told.

use anyhow::Result;

use super::{Session, Tally};
use crate::host::Host;
use crate::setup::python;

pub(super) fn check(session: &Session, host: Host) -> Result<Tally> {
    session.builds.servers(host)?;
    // Before the tests, whose deadlines are not made for it.
    python::install(python::Group::Receivers)?;
    Tally::of_tests(
        session
            .suite("audit")?
            .env("MCP_EDGE_HOST", host.to_string())
            // Most of the time they wait for what a sink does when its receiver does not answer.
            .args(["--test-threads", "6"]),
    )
}
