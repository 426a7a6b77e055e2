//! Natively: hyper that answers a constant, rmcp, and ours.

use std::process::Command;

use anyhow::Result;

use super::Effort;
use super::build;
use super::load::{self, Case};
use super::report::Section;
use super::request::{CALL, LIST};
use super::server::{Server, Serving};
use crate::{keys, workspace};

pub(super) const FLOOR: &str = "a constant from hyper";
const RMCP: &str = "rmcp";
const OURS: &str = "mcp-edge";

const CASES: [Case; 4] = [
    Case::new(CALL, 1),
    Case::new(CALL, 16),
    Case::new(LIST, 1),
    Case::new(LIST, 16),
];

pub(super) fn measure(effort: &Effort) -> Result<Section> {
    build::ours()?;
    build::others()?;
    let servers = [
        floor(),
        Server {
            name: RMCP,
            command: Box::new(|port| given_address("rmcp-greeter", port)),
            authorization: None,
            authorizations: None,
        },
        Server {
            name: OURS,
            command: ours("hello")?,
            authorization: None,
            authorizations: None,
        },
    ];
    let serving: Vec<Serving> = servers.iter().map(Server::start).collect::<Result<_>>()?;
    let rates = load::compare(&serving, &CASES, effort)?;

    let text = format!(
        "\
## Natively

Requests per second, as a multiple of what hyper reaches that answers a constant, with the settings of our adapter:

{}
Requests per second of mcp-edge, as a multiple of what rmcp reaches (stateless, answering in JSON, on axum):

{}",
        rates.table(&CASES, [FLOOR, RMCP, OURS].into_iter(), |server| (
            server, FLOOR
        )),
        rates.table(&CASES, [RMCP].into_iter(), |other| (OURS, other)),
    );
    let aims = CASES
        .into_iter()
        .filter(|case| case.request == CALL)
        .flat_map(|case| [(case, FLOOR, 0.8), (case, RMCP, 3.0)])
        .map(|(case, reference, least)| rates.aim("natively", case, OURS, reference, least))
        .collect();
    Ok(Section { text, aims })
}

/// What hyper itself costs.
pub(super) fn floor() -> Server {
    Server {
        name: FLOOR,
        command: Box::new(|port| given_address("hyper-floor", port)),
        authorization: None,
        authorizations: None,
    }
}

/// What serves one of our own on a port of 127.0.0.1.
pub(super) fn ours(name: &'static str) -> Result<Box<dyn Fn(u16) -> Command>> {
    let keys = keys::fresh("bench")?;
    Ok(Box::new(move |port| {
        let mut command = program(name);
        command
            .env("MCP_EDGE_LISTEN", format!("127.0.0.1:{port}"))
            .env(keys::SETTING, &keys);
        command
    }))
}

fn given_address(name: &str, port: u16) -> Command {
    let mut command = program(name);
    command.arg(format!("127.0.0.1:{port}"));
    command
}

fn program(name: &str) -> Command {
    Command::new(workspace::target().join("release").join(name))
}
