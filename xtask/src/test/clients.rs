//! Official clients against a server on each host. A client is a program that holds the conversation of
//! `tests/clients/conversation.json`; it takes the endpoint, a revision, and the endpoint of a server with long lists.

use std::process::Command;

use anyhow::Result;

use super::builds::Native;
use super::served::FIXTURE;
use super::{Session, Tally};
use crate::host::Host;
use crate::{clients, say};

struct Client {
    name: &'static str,
    command: fn(&Native) -> Result<Command>,
    revisions: &'static [&'static str],
}

const CLIENTS: [Client; 4] = [
    Client {
        name: "TypeScript, @modelcontextprotocol/client",
        command: |_| clients::typescript("client.mjs"),
        revisions: &["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26"],
    },
    Client {
        name: "TypeScript, @modelcontextprotocol/sdk",
        command: |_| clients::typescript("sdk.mjs"),
        revisions: &["2025-11-25"],
    },
    Client {
        name: "Python, mcp",
        command: |_| clients::python("conversation.py"),
        revisions: &["2026-07-28", "2025-11-25"],
    },
    Client {
        name: "Rust, rmcp",
        command: rust,
        revisions: &["2026-07-28", "2025-11-25"],
    },
];

pub(super) fn check(session: &Session, host: Host) -> Result<Tally> {
    let url = session.server(host, "fraud-rules")?;
    let crowd = session.server(host, FIXTURE)?;
    let native = session.builds.native()?;
    let mut tally = Tally::default();
    for Client {
        name,
        command,
        revisions,
    } in CLIENTS
    {
        for revision in revisions {
            say!("{name}, {revision}");
            tally += Tally::of_one(command(native)?.args([&url, *revision, &crowd]));
        }
    }
    Ok(tally)
}

fn rust(native: &Native) -> Result<Command> {
    native.program("mcp-edge-client-rmcp")
}
