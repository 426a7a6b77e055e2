//! What needs a server that runs on a host.

use anyhow::Result;

use super::stages::Scope;
use super::{Session, Tally};
use crate::conformance::{self, Revision};
use crate::host::{self, Host};
use crate::{audit, bench, identity, process, say, workspace};

/// What the tests talk to besides the examples: tools that misbehave in every way, and long lists.
pub(super) const FIXTURE: &str = "fixture-server";

/// All that the tests talk to.
pub(super) const SERVERS: [&str; 6] = [
    "hello",
    "fraud-rules",
    "conformance",
    FIXTURE,
    identity::SERVER,
    audit::SERVER,
];

pub(super) fn build(session: &Session, host: Host) -> Result<Tally> {
    session.builds.servers(host)?;
    Ok(Tally {
        passed: SERVERS.len(),
        ..Tally::default()
    })
}

pub(super) fn black_box(session: &Session, host: Host) -> Result<Tally> {
    let fraud_rules = session.server(host, "fraud-rules")?;
    let conformance = session.server(host, "conformance")?;
    Tally::of_tests(
        session
            .suite("black_box")?
            .env("MCP_EDGE_HOST", host.to_string())
            .env("MCP_EDGE_URL", fraud_rules)
            .env("MCP_EDGE_CONFORMANCE_URL", conformance),
    )
}

pub(super) fn conformance(session: &Session, host: Host, revision: Revision) -> Result<Tally> {
    let url = session.server(host, conformance::EXAMPLE)?;
    conformance::judge(&url, &host.to_string(), revision)
}

/// As many scenarios pass as of the example alone.
pub(super) fn mounted(session: &Session) -> Result<Tally> {
    let program = session.builds.native()?.program("mcp-edge")?;
    let server = conformance::mounted::start_for_suite(program)?;
    let mut tally = Tally::default();
    for revision in [Revision::Modern, Revision::Legacy] {
        tally += conformance::judge(server.url(), conformance::mounted::SERVER, revision)?;
    }
    Ok(tally)
}

/// The test starts and restarts its servers itself, through this crate; it only wants them built.
pub(super) fn stateless(session: &Session) -> Result<Tally> {
    for host in &session.hosts {
        session.builds.servers(*host)?;
    }
    Tally::of_tests(
        session
            .suite("stateless")?
            .env("MCP_EDGE_HOSTS", list(&session.hosts)),
    )
}

/// The test makes and builds its server itself: in a full run for every host, otherwise natively and for one of the others or,
/// in one commit of three, with a program that it has installed itself.
pub(super) fn new(session: &Session) -> Result<Tally> {
    let mut hosts = session.hosts.clone();
    if session.scope < Scope::Full
        && hosts == host::ALL
        && let Some(turn) = turn()
    {
        hosts.retain(|host| *host == Host::Native || *host == turn);
        match turn {
            Host::Native => say!("the new server installs `mcp-edge`; it is no edge host's turn"),
            _ => say!("the new server answers natively and on {turn}, whose turn it is"),
        }
    }
    let native = session.builds.native()?;
    Tally::of_tests(
        session
            .suite("new")?
            .env("MCP_EDGE_HOSTS", list(&hosts))
            .env(
                "MCP_EDGE_PROGRAM",
                native.program("mcp-edge")?.get_program(),
            ),
    )
}

/// Once nothing else builds the examples, which it does as well.
pub(super) fn bench(session: &Session) -> Result<Tally> {
    for host in &session.hosts {
        let _ = session.builds.servers(*host);
    }
    bench::try_out()
}

/// Whose turn the long part of the stage is: it changes from commit to commit, and repeating the run of one changes nothing.
/// `None` outside a repository.
fn turn() -> Option<Host> {
    let commit = process::output(&mut workspace::git(&["rev-parse", "HEAD"])).ok()?;
    let last = usize::from_str_radix(commit.get(..4)?, 16).ok()?;
    host::ALL.get(last % host::ALL.len()).copied()
}

fn list(hosts: &[Host]) -> String {
    let hosts: Vec<String> = hosts.iter().map(Host::to_string).collect();
    hosts.join(",")
}
