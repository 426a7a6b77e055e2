//! Which surface of the server a request asks for.

use http::{Method, request::Parts};

use crate::discovery::manifest::Form;
use crate::discovery::{Document, LandingPage, is_page_wanted};
use crate::guard::{ENDPOINT_METHODS, READ_METHODS};
use crate::instance::Instance;
use crate::refusal::Refusal;

/// What a request is addressed to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Surface<'a> {
    /// A document for everybody.
    Document(&'a Document),
    /// The page for people.
    Page(&'a LandingPage),
    /// What pages of certain origins only may use.
    Guarded(Guarded),
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Guarded {
    /// The MCP endpoint.
    Endpoint,
    /// A browser's question whether it may use the endpoint or read the manifest (Fetch, CORS preflight), with the methods
    /// that it may use.
    Preflight(&'static str),
    /// What the server offers the caller.
    Manifest(Form),
}

impl Surface<'_> {
    pub(crate) fn is_endpoint(&self) -> bool {
        matches!(self, Self::Guarded(Guarded::Endpoint))
    }
}

pub(crate) fn surface<'a>(head: &Parts, instance: &'a Instance) -> Result<Surface<'a>, Refusal> {
    let sources = instance.sources();
    let path = head.uri.path();
    let endpoint = instance.location.path();
    if path == endpoint {
        return match head.method {
            Method::POST => Some(Surface::Guarded(Guarded::Endpoint)),
            Method::OPTIONS => Some(Surface::Guarded(Guarded::Preflight(ENDPOINT_METHODS))),
            _ if is_page_wanted(head) => sources.page().map(Surface::Page),
            _ => None,
        }
        .ok_or(Refusal::MethodNotAllowed);
    }
    if let Some(document) = sources.documents().asked(&head.uri) {
        return Ok(Surface::Document(document));
    }
    // A person types the name of the host.
    if path == "/"
        && is_page_wanted(head)
        && let Some(page) = sources.page()
    {
        return Ok(Surface::Page(page));
    }
    let below = path.strip_prefix(instance.location.base());
    let form = Form::ALL
        .into_iter()
        .find(|form| below == Some(form.path()))
        .ok_or_else(|| no_such_path(path, endpoint))?;
    Ok(Surface::Guarded(match head.method {
        Method::OPTIONS => Guarded::Preflight(READ_METHODS),
        _ => Guarded::Manifest(form),
    }))
}

/// A slash at the end makes another URL, which the resource metadata does not name (RFC 9728, 3.3). A client that sends one is
/// told which path is served.
fn no_such_path(path: &str, endpoint: &str) -> Refusal {
    let is_near =
        path.strip_suffix('/') == Some(endpoint) || endpoint.strip_suffix('/') == Some(path);
    Refusal::NotFound {
        endpoint: is_near.then(|| endpoint.to_owned()),
    }
}
