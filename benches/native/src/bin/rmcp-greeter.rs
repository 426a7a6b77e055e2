//! The server of `examples/hello`, written with rmcp: `rmcp-greeter ADDRESS`.
//!
//! Stateless and answering in plain JSON, on axum and tokio's executor for all cores.

use std::io;
use std::sync::Arc;

use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{ServerCapabilities, ServerConfig};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{ServerHandler, schemars, tool, tool_handler, tool_router};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Greet {
    /// Whom to greet.
    name: String,
}

#[derive(Clone)]
struct Greeter {
    tools: ToolRouter<Self>,
}

#[tool_router]
impl Greeter {
    #[tool(
        description = "Greets a person by name.",
        annotations(read_only_hint = true)
    )]
    fn greet(&self, Parameters(Greet { name }): Parameters<Greet>) -> String {
        format!("Hello, {name}!")
    }
}

#[tool_handler(router = self.tools)]
impl ServerHandler for Greeter {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let address = std::env::args()
        .nth(1)
        .ok_or_else(|| io::Error::other("no address"))?;
    let listener = tokio::net::TcpListener::bind(address).await?;

    // Made once: rmcp asks for a server for each request.
    let greeter = Greeter {
        tools: Greeter::tool_router(),
    };
    let service: StreamableHttpService<Greeter, LocalSessionManager> = StreamableHttpService::new(
        move || Ok(greeter.clone()),
        Arc::default(),
        StreamableHttpServerConfig::default()
            .with_legacy_session_mode(false)
            .with_json_response(true),
    );
    let router = axum::Router::new().nest_service("/mcp", service);
    axum::serve(listener, router).await
}
