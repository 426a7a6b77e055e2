//! Tools that most callers do not see.

use mcp_edge::prelude::*;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Report {
    /// Clients repeat it in a header.
    #[schemars(extend("x-mcp-header" = "Region"))]
    region: String,
}

/// For the tenant `acme` only.
#[tool(read_only)]
pub(crate) async fn acme_report(input: Report) -> Result<String, ToolError> {
    Ok(format!("all is well at acme in {}", input.region))
}

/// Asks for a scope itself, which no rule does.
#[tool(read_only, scope = "mcp:admin")]
pub(crate) async fn own_scope() -> Result<String, ToolError> {
    Ok("the scope was there".to_owned())
}

/// For auditors, of whom no other caller is to know.
#[tool(read_only)]
pub(crate) async fn audit() -> Result<String, ToolError> {
    Ok("audited".to_owned())
}

/// No rule names it.
#[tool(read_only)]
pub(crate) async fn quarantined() -> Result<String, ToolError> {
    Ok("no caller reads this".to_owned())
}
