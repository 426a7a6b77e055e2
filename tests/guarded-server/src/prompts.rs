//! Prompts, one for each kind of caller.

use mcp_edge::prelude::*;

use crate::reading::Rule;

/// For everybody.
#[prompt]
pub(crate) async fn welcome() -> Result<String, RequestError> {
    Ok("Welcome.".to_owned())
}

/// For readers.
#[prompt]
pub(crate) async fn review_for_readers(input: Rule) -> Result<String, RequestError> {
    Ok(format!("Review the rule {}.", input.rule))
}

/// Completes the name of a rule.
pub(crate) async fn complete_rule(
    _: Context,
    typed: CompletionRequest,
) -> Result<Vec<String>, RequestError> {
    let rules = ["large-amount", "late-payment"];
    Ok(rules
        .into_iter()
        .filter(|rule| rule.starts_with(&typed.value))
        .map(str::to_owned)
        .collect())
}

/// For the tenant `acme` only.
#[prompt]
pub(crate) async fn acme_summary() -> Result<String, RequestError> {
    Ok("Summarise acme.".to_owned())
}

/// No rule names it.
#[prompt]
pub(crate) async fn quarantined() -> Result<String, RequestError> {
    Ok("No caller reads this.".to_owned())
}
