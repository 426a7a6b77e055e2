//! What minting and opening a resumption token, verifying an access token and writing an event cost, natively and in wasm.

use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use super::Effort;
use super::access;
use super::aim::{Aim, Bound, figure};
use super::build;
use super::event;
use super::median::median;
use super::report::{Section, table};
use crate::setup::{self, node};
use crate::{process, workspace};

pub(super) const PACKAGE: &str = "mcp-edge-bench-tokens";
const WASM: &str = "wasm32-unknown-unknown";
const TOKENS: [(&str, &str); 3] = [
    ("session", "session"),
    ("state", "request state, 1 KiB of journal"),
    ("cursor", "cursor"),
];

/// Nanoseconds by operation, once for each round.
pub(super) type Rounds = Vec<Map<String, Value>>;

/// What was measured.
#[derive(Default)]
pub(super) struct Times {
    pub(super) natively: Rounds,
    pub(super) in_wasm: Rounds,
    /// The `jsonwebtoken` crate, by algorithm.
    pub(super) by_jsonwebtoken: Rounds,
}

pub(super) fn measure(effort: &Effort) -> Result<Section> {
    setup::rust::target(WASM, "tokens are measured in it")?;
    build::ours()?;
    build::others()?;
    let build = ["build", "--release", "--package", PACKAGE, "--lib"];
    process::run(workspace::cargo_for_benches(&build).args(["--target", WASM]))?;

    let release = workspace::target().join("release");
    let module = workspace::target().join(WASM).join("release");
    let milliseconds = effort.milliseconds.to_string();
    let mut native = Command::new(release.join(PACKAGE));
    native.args(["time", &milliseconds]);
    let mut wasm = node::command()?;
    wasm.arg(workspace::root().join("benches/tokens/time.mjs"))
        .arg(module.join(format!("{}.wasm", PACKAGE.replace('-', "_"))))
        .arg(&milliseconds);
    let mut jsonwebtoken = Command::new(release.join("jsonwebtoken"));
    jsonwebtoken.arg(&milliseconds).arg(access::issue()?);

    let mut times = Times::default();
    for _ in 0..effort.rounds {
        times.natively.push(round(&mut native)?);
        times.in_wasm.push(round(&mut wasm)?);
        times.by_jsonwebtoken.push(round(&mut jsonwebtoken)?);
    }
    section(&times)
}

fn round(command: &mut Command) -> Result<Map<String, Value>> {
    let output = process::output(command)?;
    serde_json::from_str(&output).context("times that are not JSON")
}

fn section(times: &Times) -> Result<Section> {
    let (natively, in_wasm) = (&times.natively, &times.in_wasm);
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
    let mut aims = vec![Aim {
        what: "a session token opened in wasm".to_owned(),
        bound: Bound::AtMost(20.0),
        measured: microseconds(in_wasm, "open_session"),
        unit: "µs",
    }];
    aims.extend(event::aims(times));
    Ok(Section {
        text: format!(
            "\
## Tokens

What it costs to mint a resumption token and to open it, with the digests that bind it to its principal and, for a request state, to its
request. The wasm runs in Node, since workerd's clock stands still while a Worker computes:

{}",
            table(&heads, rows)
        ) + &access::text(times)
            + &event::text(times)?,
        aims,
    })
}

/// The median, in microseconds.
pub(super) fn microseconds(rounds: &Rounds, key: &str) -> f64 {
    let times = rounds.iter().filter_map(|round| round.get(key)?.as_f64());
    median(times) / 1000.0
}
