//! The manifest at its own URL.

use http::{HeaderValue, header, request};
use mcp_edge_audit::digest::sha256;

use super::document::{answer, etag};
use crate::auth::Caller;
use crate::http::Response;
use crate::instance::Instance;
use crate::refusal::Refusal;

/// How the manifest is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// As it is: `sha256sum` gives its digest.
    Json,
    /// In a JWS (RFC 7515, 7.1), signed with a key of the server's key set.
    Signed,
}

/// What the signature is for, so that it never counts as one over anything else (RFC 8725, 3.11).
const TYPE: &str = "mcp-manifest";

impl Form {
    pub(crate) const ALL: [Self; 2] = [Self::Json, Self::Signed];

    /// Where it stands, after the path of the MCP endpoint.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Json => "/manifest",
            Self::Signed => "/manifest.jws",
        }
    }
}

/// Sends `caller` the manifest of what it may see.
pub(crate) fn respond(
    form: Form,
    head: &request::Parts,
    caller: &Caller,
    instance: &Instance,
) -> Result<Response, Refusal> {
    if !matches!(head.method, http::Method::GET | http::Method::HEAD) {
        return Err(Refusal::DocumentMethodNotAllowed);
    }
    let manifest = instance.manifest(caller);
    let mut response = match form {
        Form::Json => {
            let digest = manifest.digest.trim_start_matches("sha256:");
            answer(head, &manifest.bytes, "application/json", etag(digest))
        }
        Form::Signed => {
            let evidence = instance.trail.evidence();
            let jws = evidence
                .map(|evidence| evidence.jws(TYPE, &manifest.bytes))
                .ok_or(Refusal::NotFound { endpoint: None })?;
            let etag = etag(&sha256(jws.as_bytes()));
            answer(head, &jws.into(), "application/jose", etag)
        }
    };
    let scope = if instance.policy.is_open() {
        "public"
    } else {
        "private"
    };
    let age = format!("{scope}, max-age={}", instance.settings.lists.ttl.as_secs());
    let headers = response.headers_mut();
    if let Ok(age) = HeaderValue::from_str(&age) {
        headers.insert(header::CACHE_CONTROL, age);
    }
    headers.insert(header::VARY, HeaderValue::from_static("Authorization"));
    Ok(response)
}
