//! What the event of a request costs.

use std::process::Command;

use anyhow::Result;

use super::aim::{Aim, Bound, figure};
use super::build;
use super::report::table;
use super::tokens::{PACKAGE, Times, microseconds};
use crate::{process, workspace};

const WITH_DIGESTS: &str = "event_with_digests";

const OPERATIONS: [(&str, &str); 4] = [
    ("event", "written and linked into its chain"),
    (
        WITH_DIGESTS,
        "the same with digests of arguments and result",
    ),
    ("event_seal", "the signature of a batch"),
    ("event_receipt", "the signature of a receipt"),
];

/// Microseconds that an event may cost.
const MAX_MICROSECONDS: f64 = 15.0;

/// The line of an event as it usually is.
fn line() -> Result<String> {
    build::ours()?;
    let program = workspace::target().join("release").join(PACKAGE);
    process::output(Command::new(program).arg("event"))
}

/// The figures, with a heading of their own.
pub(super) fn text(times: &Times) -> Result<String> {
    let heads = ["", "natively", "in wasm", "wasm over native"].map(str::to_owned);
    let rows = OPERATIONS.map(|(key, name)| {
        let native = microseconds(&times.natively, key);
        let wasm = microseconds(&times.in_wasm, key);
        vec![
            name.to_owned(),
            figure(native, "µs"),
            figure(wasm, "µs"),
            figure(wasm / native, ""),
        ]
    });
    Ok(format!(
        "
## Events

What the event of a `tools/call` with some 90 bytes of arguments and 140 of result costs, beside what a request costs without one:

{}
Such an event is a line of {} bytes in the log.
",
        table(&heads, rows),
        line()?.trim_end().len(),
    ))
}

pub(super) fn aims(times: &Times) -> Vec<Aim> {
    [("natively", &times.natively), ("in wasm", &times.in_wasm)]
        .map(|(place, rounds)| Aim {
            what: format!("{place}: an event with its digests, in its chain"),
            bound: Bound::AtMost(MAX_MICROSECONDS),
            measured: microseconds(rounds, WITH_DIGESTS),
            unit: "µs",
        })
        .into()
}
