//! Functions that clients could not call.
#![allow(unused_variables)]

use mcp_edge::prelude::*;

#[derive(Deserialize, JsonSchema)] #[serde(crate = "mcp_edge::serde")] #[schemars(crate = "mcp_edge::schemars")]
struct Input {}

struct Rules;

/// Is not async.
#[tool]
fn not_async(input: Input) -> Result<String, ToolError> {
    Ok(String::new())
}

impl Rules {
    /// Takes self.
    #[tool]
    async fn method(&self, input: Input) -> Result<String, ToolError> {
        Ok(String::new())
    }
}

/// Has two inputs.
#[tool]
async fn two_inputs(cx: Context, first: Input, second: Input) -> Result<String, ToolError> {
    Ok(String::new())
}

/// Has two contexts.
#[prompt]
async fn two_contexts(first: Context, second: Context) -> Result<String, RequestError> {
    Ok(String::new())
}

/// Borrows its context.
#[tool]
async fn borrowed(cx: &Context) -> Result<String, ToolError> {
    Ok(String::new())
}

/// Is generic.
#[tool]
async fn generic<T: JsonSchema>(input: T) -> Result<String, ToolError> {
    Ok(String::new())
}

/// Is generic, too.
#[tool]
async fn also_generic(input: impl JsonSchema) -> Result<String, ToolError> {
    Ok(String::new())
}

/// Is unsafe.
#[tool]
async unsafe fn dangerous() -> Result<String, ToolError> {
    Ok(String::new())
}

/// Returns nothing.
#[tool]
async fn nothing(input: Input) {}

/// Returns no Result.
#[tool]
async fn no_result(input: Input) -> String {
    String::new()
}

/// Is no function.
#[tool]
struct NoFunction;

fn main() {}
