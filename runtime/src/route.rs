//! Which surface of the server a request asks for.

use http::{Method, request::Parts};

use crate::config::Settings;
use crate::refusal::Refusal;

/// What a request is addressed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Surface {
    /// The MCP endpoint.
    Endpoint,
    /// A browser's question whether it may use the endpoint (Fetch, CORS preflight).
    Preflight,
}

pub(crate) fn surface(head: &Parts, settings: &Settings) -> Result<Surface, Refusal> {
    let path = head.uri.path();
    // A client configured with a slash too many means the same endpoint.
    let same = path == settings.server.path || path.strip_suffix('/') == Some(settings.server.path);
    match (same, &head.method) {
        (false, _) => Err(Refusal::NoSuchPath),
        (true, &Method::POST) => Ok(Surface::Endpoint),
        (true, &Method::OPTIONS) => Ok(Surface::Preflight),
        (true, _) => Err(Refusal::MethodNotAllowed),
    }
}
