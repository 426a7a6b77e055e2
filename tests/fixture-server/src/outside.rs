//! Tools that reach outside.

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
    let response = cx.fetch(get(&input)?).await?;
    Ok(Json(Fetched {
        status: response.status().as_u16(),
        body: String::from_utf8_lossy(response.body()).into_owned(),
    }))
}

/// Answers, and sends a GET request only then.
#[tool]
pub(crate) async fn fetch_afterwards(cx: Context, input: Fetch) -> Result<String, ToolError> {
    let request = get(&input)?;
    let later = cx.clone();
    cx.after_response(async move {
        // The server at the other end sees whether it came.
        let _ = later.fetch(request).await;
    });
    Ok("answered first".to_owned())
}

fn get(input: &Fetch) -> Result<Request<Bytes>, ToolError> {
    Request::get(&input.url)
        .body(Bytes::new())
        .map_err(|error| ToolError::new(error.to_string()))
}
