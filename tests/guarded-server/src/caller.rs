//! Tools that say who is calling.

use mcp_edge::auth::Principal;
use mcp_edge::prelude::*;

/// Says that the server is there, to everybody.
#[tool(read_only)]
pub(crate) async fn about() -> Result<String, ToolError> {
    Ok("a guarded server".to_owned())
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Who {
    issuer: String,
    subject: String,
    tenant: Option<String>,
    client: Option<String>,
    actors: Vec<String>,
    scopes: Vec<String>,
    roles: Vec<String>,
    groups: Vec<String>,
}

/// Gives back who is calling, as the server knows it.
#[tool(read_only)]
pub(crate) async fn who_am_i(cx: Context) -> Result<Json<Who>, ToolError> {
    let principal = cx
        .caller()
        .principal()
        .ok_or_else(|| ToolError::new("the caller is anonymous"))?;
    Ok(Json(Who::from(principal)))
}

impl From<&Principal> for Who {
    fn from(principal: &Principal) -> Self {
        Self {
            issuer: principal.issuer().to_owned(),
            subject: principal.subject().to_owned(),
            tenant: principal.tenant().map(str::to_owned),
            client: principal.client().map(str::to_owned),
            actors: principal
                .actors()
                .iter()
                .map(|actor| actor.subject.clone())
                .collect(),
            scopes: principal.scopes().iter().cloned().collect(),
            roles: principal.roles().to_vec(),
            groups: principal.groups().to_vec(),
        }
    }
}
