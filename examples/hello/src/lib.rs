//! The smallest server: one tool.

use mcp_edge::prelude::*;

#[derive(Deserialize, JsonSchema)]
struct Greet {
    /// Whom to greet.
    name: String,
}

/// Greets a person by name.
#[tool(read_only)]
async fn greet(input: Greet) -> Result<String, ToolError> {
    Ok(format!("Hello, {}!", input.name))
}

fn server() -> Result<Server, BuildError> {
    Server::builder("com.example/hello", env!("CARGO_PKG_VERSION"))
        .title("Hello")
        .tool(greet)
        .build()
}

mcp_edge::serve!(server);
