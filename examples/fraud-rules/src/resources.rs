//! The rules, for clients to read.

use mcp_edge::prelude::*;

use crate::book::{Book, Rule};

/// All fraud rules that are in force.
#[resource(
    uri = "rules://all",
    title = "All rules",
    mime_type = "application/json"
)]
pub(crate) async fn all_rules(book: State<Book>) -> Result<Json<Vec<Rule>>, RequestError> {
    Ok(Json(book.rules.clone()))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct RuleId {
    id: String,
}

/// One fraud rule.
#[resource(
    template = "rules://{id}",
    title = "Rule",
    mime_type = "application/json"
)]
pub(crate) async fn rule(book: State<Book>, rule: RuleId) -> Result<Json<Rule>, RequestError> {
    Ok(Json(book.rule(&rule.id)?.clone()))
}
