//! The tools, resources and prompts of the conformance example, with the operations of a catalog alongside. Natively only.

use mcp_edge::host::SharedHost;
use mcp_edge::{StartError, Started};

async fn start(host: SharedHost, environment: Option<String>) -> Result<Started, StartError> {
    let gateway = mcp_edge_gateway::load(&host, environment.as_deref()).await?;
    let settings = gateway.settings();
    let server = gateway.mount(conformance::builder()).build()?;
    Ok(Started { server, settings })
}

mcp_edge::serve!(start = start);
