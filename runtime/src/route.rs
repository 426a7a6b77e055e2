//! Which surface of the server a request asks for.

use http::{Method, request::Parts};

use crate::auth::METADATA;
use crate::document::Document;
use crate::instance::Instance;
use crate::refusal::Refusal;

/// What a request is addressed to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Surface<'a> {
    /// The MCP endpoint.
    Endpoint,
    /// A browser's question whether it may use the endpoint (Fetch, CORS preflight).
    Preflight,
    /// A document for everybody.
    Document(&'a Document),
}

/// Where documents stand that are found by their names (RFC 8615).
const WELL_KNOWN: &str = "/.well-known/";

/// Where the server's public keys stand.
pub(crate) const JWKS: &str = "/.well-known/jwks.json";

pub(crate) fn surface<'a>(head: &Parts, instance: &'a Instance) -> Result<Surface<'a>, Refusal> {
    let path = head.uri.path();
    if is_endpoint(path, instance) {
        return match head.method {
            Method::POST => Ok(Surface::Endpoint),
            Method::OPTIONS => Ok(Surface::Preflight),
            _ => Err(Refusal::MethodNotAllowed),
        };
    }
    // At the root, and below it for the endpoint's path (RFC 9728, 3.1).
    let below = path
        .strip_prefix(WELL_KNOWN)
        .and_then(|name| name.strip_prefix(METADATA));
    let document = match below {
        Some(rest) if rest.is_empty() || is_endpoint(rest, instance) => {
            instance.resource_metadata.as_ref()
        }
        _ if path == JWKS => instance.jwks.as_ref(),
        _ => None,
    };
    document.map(Surface::Document).ok_or(Refusal::NoSuchPath)
}

/// A client configured with a slash too many means the same endpoint.
fn is_endpoint(path: &str, instance: &Instance) -> bool {
    let endpoint = instance.location.path();
    path == endpoint || path.strip_suffix('/') == Some(endpoint)
}
