//! Nothing remembers anything: one conversation, every request of which another host answers, while the keys
//! change.
//!
//! The hosts are those in `MCP_EDGE_HOSTS`, `native,workers,spin` where it is not set. Fewer of them prove less,
//! so leaving one out takes saying so.

mod conversation;
mod relay;

use std::process::ExitCode;

use anyhow::{Context, Result};
use libtest_mimic::{Arguments, Trial};
use xtask::host::{ALL, Host};

use crate::relay::Relay;

fn main() -> Result<ExitCode> {
    xtask::process::stop_children_on_signal()?;
    let hosts = hosts()?;
    let name = "a_conversation_does_not_notice_who_answers";
    let trial = Trial::test(name, move || {
        conversation::hold(&mut Relay::new(hosts)?);
        Ok(())
    });
    Ok(libtest_mimic::run(&Arguments::from_args(), vec![trial]).exit_code())
}

fn hosts() -> Result<Vec<Host>> {
    let Ok(names) = std::env::var("MCP_EDGE_HOSTS") else {
        return Ok(ALL.to_vec());
    };
    println!("MCP_EDGE_HOSTS: the conversation moves between {names} only");
    names
        .split(',')
        .map(|name| name.trim().parse())
        .collect::<Result<_>>()
        .context("MCP_EDGE_HOSTS is not a list of hosts")
}
