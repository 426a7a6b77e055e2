//! One suite over HTTP, unchanged against any host; with `MCP_EDGE_CATALOG_ALONE`, its protocol part against a gateway.

mod addresses;
mod attacks;
mod bad_input;
mod browsers;
mod catalog_alone;
mod data;
mod discovery;
mod documents;
mod eras;
mod events;
mod examples;
mod headers;
mod health;
mod hosts;
mod identity;
mod in_flight;
mod keys;
mod legacy;
mod lists;
mod memory;
mod modern;
mod nulls;
mod open;
mod outside;
mod policy;
mod rates;
mod refusals;
mod signatures;
mod stalled;
mod streams;
mod subjects;
mod unknowns;
mod upstreams;
mod values;

use std::process::ExitCode;

use mcp_edge_tests::servers::CATALOG_ALONE;
use mcp_edge_tests::suite;

fn main() -> anyhow::Result<ExitCode> {
    if std::env::var_os(CATALOG_ALONE).is_some() {
        return suite::run(catalog_alone::tests());
    }
    let tests = [
        modern::tests(),
        refusals::tests(),
        headers::tests(),
        hosts::tests(),
        health::tests(),
        nulls::tests(),
        lists::tests(),
        streams::tests(),
        stalled::tests(),
        in_flight::tests(),
        legacy::tests(),
        eras::tests(),
        memory::tests(),
        browsers::tests(),
        keys::tests(),
        events::tests(),
        open::tests(),
        outside::tests(),
        data::tests(),
        upstreams::tests(),
        signatures::tests(),
        examples::tests(),
        identity::tests(),
        discovery::tests(),
        documents::tests(),
        policy::tests(),
        subjects::tests(),
        unknowns::tests(),
        rates::tests(),
        addresses::tests(),
        attacks::tests(),
        bad_input::tests(),
        values::tests(),
    ];
    suite::run(tests.into_iter().flatten().collect())
}
