//! A tool whose input is described by hand, with what JSON Schema 2020-12 has beyond types.

use mcp_edge::prelude::*;
use serde_json::json;

/// What a client sees must mean what stands here: `$defs`, `$anchor` and all.
pub(crate) fn json_schema_2020_12_tool() -> Tool {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {
            "address": {
                "$anchor": "addressDef",
                "type": "object",
                "properties": {
                    "street": { "type": "string" },
                    "city": { "type": "string" },
                },
            },
        },
        "properties": {
            "name": { "type": "string" },
            "address": { "$ref": "#/$defs/address" },
            "contactMethod": { "type": "string", "enum": ["phone", "email"] },
            "phone": { "type": "string" },
            "email": { "type": "string" },
        },
        "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
        "if": {
            "properties": { "contactMethod": { "const": "phone" } },
            "required": ["contactMethod"],
        },
        "then": { "required": ["phone"] },
        "else": { "required": ["email"] },
        "additionalProperties": false,
    });
    Tool::untyped("json_schema_2020_12_tool", schema, |_, arguments| async move {
        Ok(ToolResult::text(format!("Contact accepted: {arguments}")))
    })
    .description("Takes a contact, described with the keywords of JSON Schema 2020-12.")
    .read_only(true)
}
