//! Resources that ask, fail or are not there.

use mcp_edge::prelude::*;

use crate::questions::Name;

/// Asks before it is read.
#[resource(uri = "fixture://asks", mime_type = "text/plain")]
pub(crate) async fn asks(cx: Context) -> Result<String, RequestError> {
    let user: Name = cx.ask("name", Form::new("Who reads this?")).await?;
    Ok(format!("read by {}", user.name))
}

/// Fails for a reason that no client may learn.
#[resource(uri = "fixture://broken", mime_type = "text/plain")]
pub(crate) async fn broken() -> Result<String, RequestError> {
    Err(RequestError::internal("unspeakable detail"))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct File {
    path: String,
}

/// A file at any path that does not begin with `missing`.
#[resource(template = "fixture://files/{+path}", mime_type = "text/plain")]
pub(crate) async fn file(file: File) -> Result<String, RequestError> {
    if file.path.starts_with("missing") {
        return Err(RequestError::not_found());
    }
    Ok(format!("the file {}", file.path))
}
