//! A tool that reaches outside.

use bytes::Bytes;
use http::Request;
use mcp_edge::prelude::*;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Fetch {
    url: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Fetched {
    status: u16,
    body: String,
}

/// Sends a GET request and gives back the answer.
#[tool]
pub(crate) async fn fetch(cx: Context, input: Fetch) -> Result<Json<Fetched>, ToolError> {
    let request = Request::get(input.url)
        .body(Bytes::new())
        .map_err(|error| ToolError::new(error.to_string()))?;
    let response = cx.fetch(request).await?;
    Ok(Json(Fetched {
        status: response.status().as_u16(),
        body: String::from_utf8_lossy(response.body()).into_owned(),
    }))
}
