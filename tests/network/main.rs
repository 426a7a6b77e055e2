//! The native server as a network program: connections that attack it are closed, and others are served all along; early
//! refusals arrive; a stop waits for nothing that does not end.

mod attacked;
mod clients;
mod floods;
mod heads;
mod limits;
mod readers;
mod records;
mod refusals;
mod silence;
mod stopping;
mod tokens;

use std::process::ExitCode;

use mcp_edge_tests::suite;

use crate::attacked::Network;

fn main() -> anyhow::Result<ExitCode> {
    let tests = [
        silence::tests(),
        readers::tests(),
        tokens::tests(),
        refusals::tests(),
        heads::tests(),
        floods::tests(),
        limits::tests(),
        records::tests(),
        stopping::tests(),
        clients::tests(),
    ];
    suite::run_on(
        Network::from_environment,
        tests.into_iter().flatten().collect(),
    )
}
