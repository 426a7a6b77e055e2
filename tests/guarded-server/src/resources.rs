//! Resources and templates, one for each kind of caller.

use mcp_edge::prelude::*;

/// For everybody.
#[resource(uri = "guarded://welcome", mime_type = "text/plain")]
pub(crate) async fn welcome() -> Result<String, RequestError> {
    Ok("welcome".to_owned())
}

/// For readers.
#[resource(uri = "guarded://notes", mime_type = "text/plain")]
pub(crate) async fn notes() -> Result<String, RequestError> {
    Ok("the notes".to_owned())
}

/// For the tenant `acme` only.
#[resource(uri = "guarded://acme/plan", mime_type = "text/plain")]
pub(crate) async fn acme_plan() -> Result<String, RequestError> {
    Ok("the plan of acme".to_owned())
}

/// No rule names it.
#[resource(uri = "guarded://quarantined", mime_type = "text/plain")]
pub(crate) async fn quarantined() -> Result<String, RequestError> {
    Ok("no caller reads this".to_owned())
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct File {
    id: String,
}

/// For readers.
#[resource(template = "guarded://notes/{id}", mime_type = "text/plain")]
pub(crate) async fn note(file: File) -> Result<String, RequestError> {
    Ok(format!("the note {}", file.id))
}

/// For the tenant `acme` only.
#[resource(template = "guarded://acme/files/{id}", mime_type = "text/plain")]
pub(crate) async fn acme_file(file: File) -> Result<String, RequestError> {
    Ok(format!("the file {} of acme", file.id))
}

/// For the tenant `acme` only, although its URIs fit the template below as well.
#[resource(template = "guarded://desk/{id}", mime_type = "text/plain")]
pub(crate) async fn acme_desk(file: File) -> Result<String, RequestError> {
    Ok(format!("the desk of acme, {}", file.id))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Place {
    path: String,
}

/// For readers.
#[resource(template = "guarded://desk/{+path}", mime_type = "text/plain")]
pub(crate) async fn desk(place: Place) -> Result<String, RequestError> {
    Ok(format!("the desk, {}", place.path))
}

/// Completes a path of the desk.
pub(crate) async fn complete_path(
    _: Context,
    _: CompletionRequest,
) -> Result<Vec<String>, RequestError> {
    Ok(vec!["drawer/1".to_owned()])
}

/// No rule names it.
#[resource(template = "guarded://quarantined/{id}", mime_type = "text/plain")]
pub(crate) async fn quarantined_file(file: File) -> Result<String, RequestError> {
    Ok(format!("no caller reads {}", file.id))
}
