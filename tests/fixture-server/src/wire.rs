//! Tools that show what reaches a handler.

use mcp_edge::prelude::*;
use serde_json::{Map, Value, json};

/// Gives back its arguments, whatever they are.
pub(crate) fn echo() -> Tool {
    Tool::untyped("echo", json!({ "type": "object" }), |_, arguments| async {
        Ok(ToolResult::new().structured(arguments))
    })
    .description("Gives back its arguments.")
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Checked {
    #[schemars(range(min = 1, max = 10))]
    count: u8,
    unit: Unit,
    #[schemars(length(max = 8))]
    label: Option<String>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Unit {
    Metre,
    Second,
}

/// Takes arguments that can be wrong in several ways, and gives them back.
#[tool]
pub(crate) async fn checked(input: Checked) -> Result<Json<Checked>, ToolError> {
    Ok(Json(input))
}

/// Takes arguments that clients repeat in headers, one of each type and one inside another, and gives them back.
pub(crate) fn mirrored() -> Tool {
    let schema = json!({
        "type": "object",
        "properties": {
            "region": { "type": "string", "x-mcp-header": "Region" },
            "count": { "type": "integer", "x-mcp-header": "Count" },
            "dry": { "type": "boolean", "x-mcp-header": "Dry" },
            "target": {
                "type": "object",
                "properties": { "tenant": { "type": "string", "x-mcp-header": "Tenant" } },
            },
        },
    });
    Tool::untyped("mirrored", schema, |_, arguments| async {
        Ok(ToolResult::new().structured(arguments))
    })
    .description("Gives back its arguments, which clients repeat in headers.")
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Described {
    revision: String,
    name: Option<String>,
    capabilities: Map<String, Value>,
}

/// Gives back what the client said of itself.
#[tool]
pub(crate) async fn describe_client(cx: Context) -> Result<Json<Described>, ToolError> {
    let client = cx.client();
    Ok(Json(Described {
        revision: client.revision().as_str().to_owned(),
        name: client.name().map(str::to_owned),
        capabilities: client.capabilities().clone(),
    }))
}
