//! Tools that destroy something, or would if there were anything here.

use bytes::Bytes;
use http::Request;
use mcp_edge::prelude::*;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Payment {
    /// Who hears of it when it was paid.
    witness: String,
}

/// Pays, which its witness hears of.
#[tool(destructive)]
pub(crate) async fn pay(cx: Context, input: Payment) -> Result<String, ToolError> {
    let request = Request::post(&input.witness)
        .body(Bytes::new())
        .map_err(|error| ToolError::new(error.to_string()))?;
    cx.fetch(request).await?;
    Ok("paid".to_owned())
}

/// Panics in the middle of it, which ends the instance where the host cannot go on.
#[tool(destructive)]
#[expect(clippy::panic, reason = "it is what the tool is for")]
pub(crate) async fn destroy_all() -> Result<(), ToolError> {
    panic!("the audited server was asked to destroy all");
}
