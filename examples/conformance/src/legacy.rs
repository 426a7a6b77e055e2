//! Tools of the scenarios of 2025-11-25 that ask in the middle of a call. Clients of that era cannot be asked by a
//! server that remembers nothing: they get a tool error that says so.

use mcp_edge::prelude::*;
use serde_json::{Map, Value, json};

use crate::inputs::{said, sampling};

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Prompted {
    /// What to send to the client's model.
    prompt: String,
}

/// Has the client's model say something.
#[tool(read_only)]
pub(crate) async fn test_sampling(cx: Context, input: Prompted) -> Result<String, ToolError> {
    let message = cx.ask("sampling", sampling(&input.prompt, 100)).await?;
    Ok(format!("LLM response: {}", said(&message)))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Shown {
    /// What to show to the user.
    message: String,
}

/// Asks the user for a name and an address.
#[tool(read_only)]
pub(crate) async fn test_elicitation(cx: Context, input: Shown) -> Result<String, ToolError> {
    let schema = json!({
        "type": "object",
        "properties": {
            "username": { "type": "string", "description": "User's response" },
            "email": { "type": "string", "description": "User's email address" },
        },
        "required": ["username", "email"],
    });
    let answer = cx
        .ask("user", Form::with_schema(input.message, schema))
        .await;
    Ok(format!("User response: {}", outcome(answer)?))
}

/// Asks with a default for every kind of field.
#[tool(read_only)]
pub(crate) async fn test_elicitation_sep1034_defaults(cx: Context) -> Result<String, ToolError> {
    let schema = json!({
        "type": "object",
        "properties": {
            "name": { "type": "string", "default": "John Doe" },
            "age": { "type": "integer", "default": 30 },
            "score": { "type": "number", "default": 95.5 },
            "status": { "type": "string", "enum": ["active", "inactive", "pending"], "default": "active" },
            "verified": { "type": "boolean", "default": true },
        },
    });
    let question = Form::with_schema("Please review the defaults", schema);
    let answer = cx.ask("defaults", question).await;
    Ok(format!("Elicitation completed: {}", outcome(answer)?))
}

/// Asks with every kind of choice.
#[tool(read_only)]
pub(crate) async fn test_elicitation_sep1330_enums(cx: Context) -> Result<String, ToolError> {
    let names = json!(["option1", "option2", "option3"]);
    let titled = |kind: &str| {
        json!([
            { "const": "value1", "title": format!("First {kind}") },
            { "const": "value2", "title": format!("Second {kind}") },
            { "const": "value3", "title": format!("Third {kind}") },
        ])
    };
    let schema = json!({
        "type": "object",
        "properties": {
            "untitledSingle": { "type": "string", "enum": names },
            "titledSingle": { "type": "string", "oneOf": titled("Option") },
            "legacyEnum": {
                "type": "string",
                "enum": ["opt1", "opt2", "opt3"],
                "enumNames": ["Option One", "Option Two", "Option Three"],
            },
            "untitledMulti": { "type": "array", "items": { "type": "string", "enum": names } },
            "titledMulti": { "type": "array", "items": { "anyOf": titled("Choice") } },
        },
    });
    let question = Form::with_schema("Please choose", schema);
    let answer = cx.ask("choices", question).await;
    Ok(format!("Elicitation completed: {}", outcome(answer)?))
}

/// What the user did, in the words of the scenarios.
fn outcome(answer: Result<Value, AskError>) -> Result<String, AskError> {
    let (action, content) = match answer {
        Ok(content) => ("accept", content),
        Err(AskError::Declined) => ("decline", Value::Object(Map::new())),
        Err(AskError::Cancelled) => ("cancel", Value::Object(Map::new())),
        Err(error) => return Err(error),
    };
    Ok(format!("action={action}, content={content}"))
}
