//! What minting and opening a token costs, natively and in wasm.

use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use super::Effort;
use super::aim::{Aim, Bound, figure};
use super::build;
use super::median::median;
use super::report::{Section, table};
use crate::setup::{self, node};
use crate::{process, workspace};

const PACKAGE: &str = "mcp-edge-bench-tokens";
const WASM: &str = "wasm32-unknown-unknown";
const TOKENS: [(&str, &str); 3] = [
    ("session", "session"),
    ("state", "request state, 1 KiB of journal"),
    ("cursor", "cursor"),
];

/// Nanoseconds by operation, once for each round.
type Rounds = Vec<Map<String, Value>>;

pub(super) fn measure(effort: &Effort) -> Result<Section> {
    setup::rust::target(WASM, "tokens are measured in it")?;
    build::ours()?;
    let build = ["build", "--release", "--package", PACKAGE, "--lib"];
    process::run(workspace::cargo(&build).args(["--target", WASM]))?;

    let release = workspace::target().join("release");
    let module = workspace::target().join(WASM).join("release");
    let mut native = Command::new(release.join(PACKAGE));
    let mut wasm = node::command()?;
    wasm.arg(workspace::root().join("benches/tokens/time.mjs"))
        .arg(module.join(format!("{}.wasm", PACKAGE.replace('-', "_"))));
    for command in [&mut native, &mut wasm] {
        command.arg(effort.tokens.to_string());
    }

    let (mut natively, mut in_wasm) = (Rounds::new(), Rounds::new());
    for _ in 0..effort.rounds {
        natively.push(round(&mut native)?);
        in_wasm.push(round(&mut wasm)?);
    }
    Ok(section(&natively, &in_wasm))
}

fn round(command: &mut Command) -> Result<Map<String, Value>> {
    let output = process::output(command)?;
    serde_json::from_str(&output).context("times that are not JSON")
}

fn section(natively: &Rounds, in_wasm: &Rounds) -> Section {
    let mut rows = Vec::new();
    for (token, name) in TOKENS {
        for operation in ["mint", "open"] {
            let key = format!("{operation}_{token}");
            let (native, wasm) = (microseconds(natively, &key), microseconds(in_wasm, &key));
            rows.push(vec![
                format!("{operation}: {name}"),
                figure(native, "µs"),
                figure(wasm, "µs"),
                figure(wasm / native, ""),
            ]);
        }
    }
    let heads = ["", "natively", "in wasm", "wasm over native"].map(str::to_owned);
    Section {
        text: format!(
            "\
## Tokens

What it costs to mint a token and to open it, with the digests that bind it to its principal and, for a request state, to its
request. The wasm runs in Node, since workerd's clock stands still while a Worker computes:

{}",
            table(&heads, rows)
        ),
        aims: vec![Aim {
            what: "a session token opened in wasm".to_owned(),
            bound: Bound::AtMost(20.0),
            measured: microseconds(in_wasm, "open_session"),
            unit: "µs",
        }],
    }
}

fn microseconds(rounds: &Rounds, key: &str) -> f64 {
    let times = rounds.iter().filter_map(|round| round.get(key)?.as_f64());
    median(times) / 1000.0
}
