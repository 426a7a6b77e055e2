//! One suite over HTTP, unchanged against any host.

mod attacks;
mod bad_input;
mod browsers;
mod discovery;
mod documents;
mod events;
mod examples;
mod headers;
mod identity;
mod keys;
mod legacy;
mod lists;
mod memory;
mod modern;
mod outside;
mod policy;
mod rates;
mod refusals;
mod streams;
mod subjects;
mod values;

use std::process::ExitCode;

use mcp_edge_tests::suite;

fn main() -> anyhow::Result<ExitCode> {
    let tests = [
        modern::tests(),
        refusals::tests(),
        headers::tests(),
        lists::tests(),
        streams::tests(),
        legacy::tests(),
        memory::tests(),
        browsers::tests(),
        keys::tests(),
        events::tests(),
        outside::tests(),
        examples::tests(),
        identity::tests(),
        discovery::tests(),
        documents::tests(),
        policy::tests(),
        subjects::tests(),
        rates::tests(),
        attacks::tests(),
        bad_input::tests(),
        values::tests(),
    ];
    suite::run(tests.into_iter().flatten().collect())
}
