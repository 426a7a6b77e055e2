//! The server of `examples/hello`, which a program of its own keeps to itself.

use mcp_edge::prelude::*;
use mcp_edge::serde_json::json;

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

/// The server.
pub fn server() -> Result<Server, BuildError> {
    server_of(1)
}

/// The server with so many tools, of which `greet` is the last.
pub fn server_of(tools: usize) -> Result<Server, BuildError> {
    let server = Server::builder("com.example/hello", env!("CARGO_PKG_VERSION")).title("Hello");
    (1..tools)
        .fold(server, |server, number| server.tool(other(number)))
        .tool(greet)
        .build()
}

fn other(number: usize) -> Tool {
    let schema = json!({ "type": "object" });
    let tool = Tool::untyped(format!("other_{number}"), schema, async |_, _| {
        Ok(ToolResult::text("Hello!"))
    });
    tool.read_only(true)
}
