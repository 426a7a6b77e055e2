//! A tool that reaches outside.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::Request;
use mcp_edge::prelude::*;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Upstream {
    url: String,
}

/// What an upstream that repeats what it hears says it heard.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct Heard {
    headers: BTreeMap<String, String>,
}

/// Sends a GET request to an upstream that answers with the headers it got, and gives them back.
#[tool(read_only)]
pub(crate) async fn read_upstream(cx: Context, input: Upstream) -> Result<Json<Heard>, ToolError> {
    let request = Request::get(&input.url)
        .body(Bytes::new())
        .map_err(|error| ToolError::new(error.to_string()))?;
    let response = cx.fetch(request).await?;
    let heard = serde_json::from_slice(response.body()).map_err(|error| {
        ToolError::new(format!("the upstream did not repeat its headers: {error}"))
    })?;
    Ok(Json(heard))
}
