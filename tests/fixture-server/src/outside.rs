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
