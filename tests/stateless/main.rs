//! Nothing remembers anything: one conversation, every request of which another host answers, while the keys
//! change; and the same with a server that has a catalog alongside its tools, every request of which another process answers.
//!
//! The hosts are those in `MCP_EDGE_HOSTS`, for which `cargo xtask test` has built the server; where it is not set, all
//! three, and the server is built for each. Fewer of them prove less, so leaving one out takes saying so.

mod conversation;
mod relay;

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use libtest_mimic::{Arguments, Trial};
use mcp_edge_tests::recorder::Received;
use mcp_edge_tests::servers::start;
use mcp_edge_tests::upstream::{Reply, Upstream};
use mcp_edge_tests::{gateway, hosts};
use serde_json::json;
use xtask::conformance::mounted;
use xtask::host::Host;
use xtask::workspace;

use crate::conversation::Catalog;
use crate::relay::Relay;

const SERVER: &str = "fixture-server";

fn main() -> Result<ExitCode> {
    xtask::process::stop_children_on_signal()?;
    let hosts = hosts()?;
    if std::env::var_os("MCP_EDGE_HOSTS").is_none() {
        for host in &hosts {
            host.build(SERVER)
                .with_context(|| format!("{host} is not there; leave it out of MCP_EDGE_HOSTS"))?;
        }
        Host::Native.build(mounted::SERVER)?;
    }
    let trials = vec![
        Trial::test("a_conversation_does_not_notice_who_answers", move || {
            let relay = Relay::new(hosts, |host, keys| start(host, SERVER, keys));
            conversation::hold(&mut { relay }, None);
            Ok(())
        }),
        Trial::test("a_catalog_alongside_the_tools_does_not_change_that", || {
            with_a_catalog().map_err(|error| format!("{error:#}").into())
        }),
    ];
    Ok(libtest_mimic::run(&Arguments::from_args(), trials).exit_code())
}

/// The server runs natively only: each request starts it.
fn with_a_catalog() -> Result<()> {
    let folder = workspace::target_folder("tmp/stateless")?;
    let data = mounted::data(Command::new(gateway::program()), &folder)?;
    let upstream =
        Upstream::start(|request: &Received| Reply::json(&json!({ "path": request.target })));
    let url = upstream.url();
    let relay = Relay::new(vec![Host::Native], move |_, keys| {
        let variables = vec![
            ("MCP_EDGE_ENV", mounted::STATELESS.to_owned()),
            ("ORDERS_URL", url.clone()),
        ];
        mounted::start(&data, keys, variables)
    });
    conversation::hold(&mut { relay }, Some(&Catalog::read()?));
    // One for each call of an operation.
    assert_eq!(upstream.received().len(), 3);
    Ok(())
}
