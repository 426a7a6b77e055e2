//! Tools that reach outside.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use mcp_edge::host::FetchOptions;
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
    Ok(Json(fetched(&cx.fetch(get(&input)?).await?)))
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

#[derive(Deserialize, JsonSchema)]
pub(crate) struct FetchWith {
    url: String,
    /// The maximum size of the body, in bytes.
    max_bytes: usize,
    /// The maximum time, in milliseconds.
    timeout_ms: Option<u64>,
    /// Whether it may go to a private network.
    private: Option<bool>,
    /// Whether it goes to a service instead of the network.
    service: Option<bool>,
}

/// Sends a GET request with options of its own, and gives back the answer.
#[tool]
pub(crate) async fn fetch_with(cx: Context, input: FetchWith) -> Result<Json<Fetched>, ToolError> {
    let options = FetchOptions {
        timeout: input.timeout_ms.map(Duration::from_millis),
        private: input.private.unwrap_or(true),
        binding: input
            .service
            .filter(|is_wanted| *is_wanted)
            .map(|_| "ORDERS"),
        ..FetchOptions::new(input.max_bytes)
    };
    let request = get(&Fetch { url: input.url })?;
    Ok(Json(fetched(&cx.fetch_with(request, options).await?)))
}

fn fetched(response: &http::Response<Bytes>) -> Fetched {
    Fetched {
        status: response.status().as_u16(),
        body: String::from_utf8_lossy(response.body()).into_owned(),
    }
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct ReadData {
    name: String,
    start: u64,
    end: u64,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct DataRange {
    length: u64,
    bytes: Vec<u8>,
}

/// Reads a range of a data file of the deployment.
#[tool]
pub(crate) async fn read_data(cx: Context, input: ReadData) -> Result<Json<DataRange>, ToolError> {
    let file = cx.data(&input.name).await?;
    let file = file.ok_or_else(|| ToolError::new(format!("there is no {}", input.name)))?;
    Ok(Json(DataRange {
        length: file.length(),
        bytes: file.read(input.start..input.end).await?.to_vec(),
    }))
}

fn get(input: &Fetch) -> Result<Request<Bytes>, ToolError> {
    Request::get(&input.url)
        .body(Bytes::new())
        .map_err(|error| ToolError::new(error.to_string()))
}
