//! Nothing remembers anything: one conversation, every request of which another host answers, while the keys
//! change.
//!
//! The hosts are those in `MCP_EDGE_HOSTS`, for which `cargo xtask test` has built the server; where it is not set, all
//! three, and the server is built for each. Fewer of them prove less, so leaving one out takes saying so.

mod conversation;
mod relay;

use std::process::ExitCode;

use anyhow::{Context, Result};
use libtest_mimic::{Arguments, Trial};
use mcp_edge_tests::hosts;

use crate::relay::{Relay, SERVER};

fn main() -> Result<ExitCode> {
    xtask::process::stop_children_on_signal()?;
    let hosts = hosts()?;
    if std::env::var_os("MCP_EDGE_HOSTS").is_none() {
        for host in &hosts {
            host.build(SERVER)
                .with_context(|| format!("{host} is not there; leave it out of MCP_EDGE_HOSTS"))?;
        }
    }
    let name = "a_conversation_does_not_notice_who_answers";
    let trial = Trial::test(name, move || {
        conversation::hold(&mut Relay::new(hosts));
        Ok(())
    });
    Ok(libtest_mimic::run(&Arguments::from_args(), vec![trial]).exit_code())
}
