//! A model reads the doc comment.
#![allow(unused_variables)]

use mcp_edge::prelude::*;

#[tool]
async fn undescribed() -> Result<String, ToolError> {
    Ok(String::new())
}

///
#[resource(uri = "rules://all")]
async fn empty() -> Result<String, RequestError> {
    Ok(String::new())
}

#[doc = include_str!("description.rs")]
#[prompt]
async fn elsewhere() -> Result<String, RequestError> {
    Ok(String::new())
}

fn main() {}
