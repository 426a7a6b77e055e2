//! The audit trail through the front door: every request is on record at real receivers and at a recorder, whatever goes
//! wrong in between.

mod bindings;
mod collector;
mod count;
mod crowds;
mod delivery;
mod documents;
mod ends;
mod faults;
mod impostors;
mod killed;
mod objects;
mod redaction;
mod said;
mod secrets;
mod sizes;
mod vendors;

use std::process::ExitCode;

use mcp_edge_tests::audited::Hosting;
use mcp_edge_tests::suite;

fn main() -> anyhow::Result<ExitCode> {
    let tests = [
        documents::tests(),
        said::tests(),
        sizes::tests(),
        secrets::tests(),
        ends::tests(),
        vendors::tests(),
        impostors::tests(),
        collector::tests(),
        objects::tests(),
        bindings::tests(),
        delivery::tests(),
        redaction::tests(),
        killed::tests(),
        crowds::tests(),
        faults::tests(),
        count::tests(),
    ];
    suite::run_on(
        Hosting::from_environment,
        tests.into_iter().flatten().collect(),
    )
}
