//! Keys and values that the attributes do not know.
#![allow(unused_variables)]

use mcp_edge::prelude::*;

/// A slip.
#[tool(read_ony)]
async fn slip() -> Result<String, ToolError> {
    Ok(String::new())
}

/// Nothing like it.
#[prompt(colour = "red")]
async fn unlike() -> Result<String, RequestError> {
    Ok(String::new())
}

/// Twice.
#[tool(title = "One", title = "Two")]
async fn twice() -> Result<String, ToolError> {
    Ok(String::new())
}

/// A flag where a text belongs.
#[tool(title)]
async fn flag_for_text() -> Result<String, ToolError> {
    Ok(String::new())
}

/// A text where a flag belongs.
#[tool(idempotent = "yes")]
async fn text_for_flag() -> Result<String, ToolError> {
    Ok(String::new())
}

/// Neither.
#[tool(title = 5)]
async fn number() -> Result<String, ToolError> {
    Ok(String::new())
}

/// An empty name.
#[tool(name = " ")]
async fn unnamed() -> Result<String, ToolError> {
    Ok(String::new())
}

/// Both at once.
#[tool(read_only, destructive)]
async fn contradiction() -> Result<String, ToolError> {
    Ok(String::new())
}

fn main() {}
