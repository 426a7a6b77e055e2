//! The tools, resources and prompts of the conformance example, with the operations of a catalog alongside; in the environment
//! `stateless`, those of the fixture server. Natively only.

use mcp_edge::host::SharedHost;
use mcp_edge::{StartError, Started};

/// The environment in which the server is that of the test of state.
const STATELESS: &str = "stateless";

async fn start(host: SharedHost, environment: Option<String>) -> Result<Started, StartError> {
    let gateway = mcp_edge_gateway::load(&host, environment.as_deref()).await?;
    let settings = gateway.settings();
    let own = match environment.as_deref() {
        Some(STATELESS) => fixture_server::builder(),
        _ => conformance::builder(),
    };
    let server = gateway.mount(own).build()?;
    Ok(Started { server, settings })
}

mcp_edge::serve!(start = start);
