//! What needs a server that runs on a host.

use std::process::Command;

use anyhow::Result;

use super::{Session, Tally};
use crate::conformance::{self, Revision};
use crate::host::Host;
use crate::{audit, identity, workspace};

pub(super) const EXAMPLES: [&str; 3] = ["hello", "fraud-rules", "conformance"];

/// What the tests talk to besides: tools that misbehave in every way, and long lists.
pub(super) const FIXTURE: &str = "fixture-server";

/// All of them.
pub(super) const SERVERS: [&str; 6] = [
    EXAMPLES[0],
    EXAMPLES[1],
    EXAMPLES[2],
    FIXTURE,
    identity::SERVER,
    audit::SERVER,
];

pub(super) fn build(session: &mut Session, host: Host) -> Result<Tally> {
    let built = host
        .compile(&SERVERS)
        .and_then(|()| session.build_all(host, &SERVERS));
    if built.is_err() {
        session.broken.insert(host);
    }
    built.map(|()| Tally {
        passed: SERVERS.len(),
        failed: 0,
    })
}

pub(super) fn black_box(session: &mut Session, host: Host) -> Result<Tally> {
    for server in [FIXTURE, identity::SERVER] {
        session.build(host, server)?;
    }
    let mut suite = suite();
    suite
        .args(["--test", "black_box"])
        .env("MCP_EDGE_HOST", host.to_string())
        .env("MCP_EDGE_URL", session.server(host, "fraud-rules")?)
        .env(
            "MCP_EDGE_CONFORMANCE_URL",
            session.server(host, "conformance")?,
        );
    Tally::of_tests(&mut suite)
}

pub(super) fn conformance(session: &mut Session, host: Host, revision: Revision) -> Result<Tally> {
    let url = session.server(host, conformance::EXAMPLE)?;
    conformance::judge(&url, host, revision)
}

/// The test starts and restarts its servers itself, through this crate; it only wants them built.
pub(super) fn stateless(session: &mut Session) -> Result<Tally> {
    for host in session.hosts.clone() {
        for server in [FIXTURE, "fraud-rules"] {
            session.build(host, server)?;
        }
    }
    on_all_hosts(session, "stateless")
}

/// The test makes and builds its server itself.
pub(super) fn new(session: &mut Session) -> Result<Tally> {
    on_all_hosts(session, "new")
}

fn on_all_hosts(session: &Session, test: &str) -> Result<Tally> {
    let hosts: Vec<String> = session.hosts.iter().map(Host::to_string).collect();
    Tally::of_tests(
        suite()
            .args(["--test", test])
            .env("MCP_EDGE_HOSTS", hosts.join(",")),
    )
}

pub(super) fn suite() -> Command {
    workspace::cargo(&["test", "--quiet", "--package", "mcp-edge-tests"])
}
