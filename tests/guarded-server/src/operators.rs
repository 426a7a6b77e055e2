//! What rules by groups and by arguments are about.

use mcp_edge::prelude::*;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Command {
    command: String,
}

/// Repeats a command that no rule denies.
#[tool]
pub(crate) async fn shell_run(input: Command) -> Result<String, ToolError> {
    Ok(format!("ran {} bytes", input.command.len()))
}

/// Is called at most three times from one address.
#[tool]
pub(crate) async fn shell_knock() -> Result<String, ToolError> {
    Ok("come in".to_owned())
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Case {
    id: String,
}

/// For the cases of A only.
#[prompt]
pub(crate) async fn case_summary(input: Case) -> Result<String, RequestError> {
    Ok(format!("Summarise {}.", input.id))
}

/// Completes the name of a case, also of one that a caller may not see.
pub(crate) async fn complete_case(
    _: Context,
    _: CompletionRequest,
) -> Result<Vec<String>, RequestError> {
    Ok(vec!["A-1".to_owned(), "SECRET-2".to_owned()])
}
