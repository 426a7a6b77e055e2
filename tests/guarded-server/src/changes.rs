//! Tools that change something, or would if there were anything here.

use mcp_edge::prelude::*;

use crate::reading::Rule;

/// Changes a rule.
#[tool(destructive = false)]
pub(crate) async fn change_rule(input: Rule) -> Result<String, ToolError> {
    Ok(format!("changed the rule {}", input.rule))
}

/// Changes nothing in particular, and not often.
#[tool(destructive = false)]
pub(crate) async fn change_slowly() -> Result<String, ToolError> {
    Ok("changed".to_owned())
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Payment {
    amount: u64,
    currency: String,
}

/// Pays.
#[tool(destructive)]
pub(crate) async fn pay(input: Payment) -> Result<String, ToolError> {
    Ok(format!("paid {} {}", input.amount, input.currency))
}

/// Deletes a rule.
#[tool(destructive)]
pub(crate) async fn delete_rule(input: Rule) -> Result<String, ToolError> {
    Ok(format!("deleted the rule {}", input.rule))
}
