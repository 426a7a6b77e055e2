//! Prompts that ask or fail.

use mcp_edge::prelude::*;

use crate::questions::Name;

/// Asks before it is given.
#[prompt]
pub(crate) async fn asks_first(cx: Context) -> Result<String, RequestError> {
    let user: Name = cx.ask("name", Form::new("Whom is it for?")).await?;
    Ok(format!("for {}", user.name))
}

/// Fails for a reason that no client may learn.
#[prompt]
pub(crate) async fn broken() -> Result<String, RequestError> {
    Err(RequestError::internal("unspeakable detail"))
}
