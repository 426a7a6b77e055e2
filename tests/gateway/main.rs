//! The gateway through the front door: a folder that `mcp-edge gateway build` has written, deployed on one host, with an API
//! behind it that records what it gets.

mod api;
mod approvals;
mod arguments;
mod authority;
mod build;
mod calls;
mod clients;
mod failures;
mod live;
mod orthanc;
mod policy;
mod prefect;
mod rates;
mod refusals;
mod requests;
mod search;
mod tenants;
mod verified;

use std::process::ExitCode;

use mcp_edge_tests::gateway::Hosting;
use mcp_edge_tests::suite;

fn main() -> anyhow::Result<ExitCode> {
    let tests = [
        approvals::tests(),
        arguments::tests(),
        authority::tests(),
        build::tests(),
        calls::tests(),
        clients::tests(),
        failures::tests(),
        live::tests(),
        orthanc::tests(),
        policy::tests(),
        prefect::tests(),
        rates::tests(),
        refusals::tests(),
        requests::tests(),
        search::tests(),
        tenants::tests(),
        verified::tests(),
    ];
    suite::run_on(
        Hosting::from_environment,
        tests.into_iter().flatten().collect(),
    )
}
