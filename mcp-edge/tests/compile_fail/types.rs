//! Types that do not cross the wire.
#![allow(unused_variables)]

use mcp_edge::prelude::*;

#[derive(Deserialize)]
struct NoSchema {}

struct NoConversion;

struct NoContent;

/// Takes an input without a schema.
#[tool]
async fn unreadable(input: NoSchema) -> Result<String, ToolError> {
    Ok(String::new())
}

/// Fails with an error that says nothing to a model.
#[tool]
async fn unexplained() -> Result<String, NoConversion> {
    Ok(String::new())
}

/// Gives something that is no content.
#[tool]
async fn unwritable() -> Result<NoContent, ToolError> {
    Ok(NoContent)
}

fn main() {}
