//! Tools whose results are unusual, or wrong.

use mcp_edge::prelude::*;
use serde_json::json;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Panics {
    /// Whether to report progress first, so that the panic comes in the middle of a stream.
    #[serde(default)]
    in_stream: bool,
}

/// Panics.
#[tool]
#[expect(clippy::panic, reason = "it is what the tool is for")]
pub(crate) async fn panics(cx: Context, input: Panics) -> Result<(), ToolError> {
    if input.in_stream {
        cx.progress(0.5, "about to panic").await;
    }
    panic!("the fixture was asked to panic");
}

/// Fails for a reason that no client may learn.
#[tool]
pub(crate) async fn fails_inside() -> Result<(), ToolError> {
    Err(ToolError::internal("unspeakable detail"))
}

/// Gives structured content that is not an object, which legacy clients do not know.
#[tool]
pub(crate) async fn numbers() -> Result<Json<Vec<u32>>, ToolError> {
    Ok(Json(vec![1, 2, 3]))
}

/// Gives structured content that does not fit the output schema.
pub(crate) fn broken_output() -> Tool {
    let input = json!({ "type": "object", "additionalProperties": false });
    let output = json!({
        "type": "object",
        "properties": { "count": { "type": "integer" } },
        "required": ["count"],
    });
    Tool::untyped("broken_output", input, |_, _| async {
        Ok(ToolResult::new().structured(json!({ "count": "three" })))
    })
    .description("Gives structured content that does not fit its output schema.")
    .output_schema(output)
}
