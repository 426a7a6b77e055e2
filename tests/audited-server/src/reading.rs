//! Tools, a prompt and a template that change nothing.

use std::time::Duration;

use mcp_edge::prelude::*;
use serde_json::json;

/// Gives back its arguments.
pub(crate) fn repeat() -> Tool {
    let input = json!({ "type": "object" });
    Tool::untyped("repeat", input, |_, arguments| async {
        Ok(ToolResult::new().structured(arguments))
    })
    .description("Gives back its arguments.")
    .read_only(true)
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Reports {
    /// How many reports of progress.
    #[schemars(range(max = 10_000))]
    reports: u32,
    /// Between one and the next.
    #[schemars(range(max = 60_000))]
    pause_millis: u64,
    /// How long each one's message is.
    #[schemars(range(max = 100_000))]
    #[serde(default)]
    bytes: usize,
}

/// Reports progress for as long as it is told.
#[tool(read_only)]
pub(crate) async fn report(cx: Context, input: Reports) -> Result<String, ToolError> {
    let message = "x".repeat(input.bytes);
    for done in 0..input.reports {
        cx.progress((done.into(), input.reports.into()), &message)
            .await;
        cx.sleep(Duration::from_millis(input.pause_millis)).await;
    }
    Ok(format!("reported {} times", input.reports))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Words {
    words: String,
}

/// Fails, and tells only the log what it was told.
#[tool(read_only)]
pub(crate) async fn fail(input: Words) -> Result<(), ToolError> {
    Err(ToolError::internal(input.words))
}

/// Is for readers only.
#[tool(read_only)]
pub(crate) async fn secret_rule() -> Result<String, ToolError> {
    Ok("trust no caller".to_owned())
}

/// Panics, which ends the instance where the host cannot go on.
#[tool(read_only)]
#[expect(clippy::panic, reason = "it is what the tool is for")]
pub(crate) async fn break_down() -> Result<(), ToolError> {
    panic!("the audited server was asked to panic");
}

/// Repeats its words.
#[prompt]
pub(crate) async fn greet(input: Words) -> Result<String, RequestError> {
    Ok(format!("Greet {}.", input.words))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Note {
    id: String,
}

/// A note that says how long its id is.
#[resource(template = "audited://notes/{id}", mime_type = "text/plain")]
pub(crate) async fn note(note: Note) -> Result<String, RequestError> {
    Ok(format!("{} letters", note.id.len()))
}
