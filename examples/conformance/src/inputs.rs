//! Tools of the scenarios of 2026-07-28 that need something from the client before they can answer.

use futures_util::future::try_join3;
use mcp_edge::mrtr::{Roots, Sampling};
use mcp_edge::prelude::*;
use serde_json::{Value, json};

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Name {
    pub(crate) name: String,
}

#[derive(Deserialize, JsonSchema)]
struct Color {
    color: String,
}

#[derive(Deserialize, JsonSchema)]
struct Confirmation {
    ok: bool,
}

pub(crate) fn name_form(message: &str) -> Form<Name> {
    Form::new(message)
}

pub(crate) fn sampling(prompt: &str, max_tokens: u32) -> Sampling {
    Sampling::new(json!({
        "messages": [{ "role": "user", "content": { "type": "text", "text": prompt } }],
        "maxTokens": max_tokens,
    }))
}

pub(crate) fn said(message: &Value) -> &str {
    message
        .pointer("/content/text")
        .and_then(Value::as_str)
        .unwrap_or("not text")
}

/// Needs sampling; a client that did not declare it is refused.
#[tool(read_only)]
pub(crate) async fn test_missing_capability(cx: Context) -> Result<String, ToolError> {
    let message = cx
        .ask("capital_question", sampling("Say anything.", 10))
        .await?;
    Ok(said(&message).to_owned())
}

/// Asks for a name and greets.
#[tool(read_only)]
pub(crate) async fn test_input_required_result_elicitation(
    cx: Context,
) -> Result<String, ToolError> {
    let user = cx.ask("user_name", name_form("What is your name?")).await?;
    Ok(format!("Hello, {}!", user.name))
}

/// Asks the client's model.
#[tool(read_only)]
pub(crate) async fn test_input_required_result_sampling(cx: Context) -> Result<String, ToolError> {
    let question = sampling("What is the capital of France?", 100);
    let message = cx.ask("capital_question", question).await?;
    Ok(format!("The model said: {}", said(&message)))
}

/// Asks for the client's roots.
#[tool(read_only)]
pub(crate) async fn test_input_required_result_list_roots(
    cx: Context,
) -> Result<String, ToolError> {
    let roots = cx.ask("client_roots", Roots).await?;
    Ok(format!("Client roots: {}", json!(roots)))
}

/// Asks for a confirmation, and remembers that it asked.
#[tool(read_only)]
pub(crate) async fn test_input_required_result_request_state(
    cx: Context,
) -> Result<String, ToolError> {
    let answer: Confirmation = cx.ask("confirm", Form::new("Please confirm")).await?;
    Ok(format!("state-ok, confirmed: {}", answer.ok))
}

/// Asks three things at once.
#[tool(read_only)]
pub(crate) async fn test_input_required_result_multiple_inputs(
    cx: Context,
) -> Result<String, ToolError> {
    let (user, greeting, roots) = try_join3(
        cx.ask("user_name", name_form("What is your name?")),
        cx.ask("greeting", sampling("Generate a greeting", 50)),
        cx.ask("client_roots", Roots),
    )
    .await?;
    Ok(format!(
        "{}: {}, with {} roots",
        user.name,
        said(&greeting),
        roots.len()
    ))
}

/// Asks one thing after the other.
#[tool(read_only)]
pub(crate) async fn test_input_required_result_multi_round(
    cx: Context,
) -> Result<String, ToolError> {
    let first = name_form("Step 1: What is your name?");
    let user = cx.ask("step1", first).await?;
    let second = Form::new("Step 2: What is your favorite color?");
    let favorite: Color = cx.ask("step2", second).await?;
    Ok(format!("{} likes {}.", user.name, favorite.color))
}

/// Asks for a confirmation; a state that was tampered with is refused before it gets here.
#[tool(read_only)]
pub(crate) async fn test_input_required_result_tampered_state(
    cx: Context,
) -> Result<String, ToolError> {
    let answer: Confirmation = cx.ask("confirm", Form::new("Please confirm")).await?;
    Ok(format!("Confirmed: {}", answer.ok))
}

/// Asks only what the client declared that it can be asked.
#[tool(read_only)]
pub(crate) async fn test_input_required_result_capabilities(
    cx: Context,
) -> Result<String, ToolError> {
    if cx
        .client()
        .supports(&json!({ "elicitation": { "form": {} } }))
    {
        let user = cx.ask("user_name", name_form("What is your name?")).await?;
        return Ok(format!("Hello, {}!", user.name));
    }
    let message = cx
        .ask("greeting", sampling("Generate a greeting", 50))
        .await?;
    Ok(said(&message).to_owned())
}
