//! Ordinary clients of HTTP: no request loses its answer, whether it is served or refused before its body is read.

use std::process::Command;

use anyhow::Result;
use mcp_edge_tests::suite::Test;
use xtask::setup::{node, python};
use xtask::{process, workspace};

use crate::attacked::Network;

/// How many requests all clients send together; divided among them.
const VARIABLE: &str = "MCP_EDGE_REQUESTS";
/// Enough that a server that loses answers loses some of these.
const REQUESTS: usize = 2_000;

const LIBRARIES: [&str; 5] = ["aiohttp", "httpx", "requests", "urllib", "fetch"];

pub fn tests() -> Vec<Test<Network>> {
    let test = |library| {
        Test::on(
            format!("{}::{library}", module_path!()),
            move |network: &Network| {
                let url = network.ordinary().url();
                if let Err(error) = run(library, url) {
                    panic!("{error:#}");
                }
            },
        )
    };
    LIBRARIES.into_iter().map(test).collect()
}

/// Its output says which request lost its answer.
fn run(library: &str, url: &str) -> Result<()> {
    let all = match std::env::var(VARIABLE) {
        Ok(number) => number.parse()?,
        Err(_) => REQUESTS,
    };
    let count = all / LIBRARIES.len();
    let folder = workspace::root().join("tests/clients/mix");
    let mut command = if library == "fetch" {
        let mut node = node::command()?;
        node.arg(folder.join("mix.mjs"));
        node
    } else {
        let programs = python::install(python::Group::Http)?;
        let mut python = Command::new(programs.join("python"));
        python.arg(folder.join("mix.py")).arg(library);
        python
    };
    process::run(command.args([url, &count.to_string()]))
}
