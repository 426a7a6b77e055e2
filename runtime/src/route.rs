//! Which surface of the server a request asks for.

use http::{Method, request::Parts};

use crate::instance::Instance;
use crate::published::{Document, Form, Page, is_page_wanted};
use crate::refusal::Refusal;

/// What a request is addressed to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Surface<'a> {
    /// The MCP endpoint.
    Endpoint,
    /// A browser's question whether it may use the endpoint or read the manifest (Fetch, CORS preflight).
    Preflight,
    /// A document for everybody.
    Document(&'a Document),
    /// What the server offers the caller.
    Manifest(Form),
    /// The page for people.
    Page(&'a Page),
}

impl Surface<'_> {
    pub(crate) fn is_endpoint(&self) -> bool {
        matches!(self, Self::Endpoint)
    }
}

pub(crate) fn surface<'a>(head: &Parts, instance: &'a Instance) -> Result<Surface<'a>, Refusal> {
    let path = head.uri.path();
    let endpoint = instance.location.path();
    // A client configured with a slash too many means the same endpoint.
    if path == endpoint || path.strip_suffix('/') == Some(endpoint) {
        return match head.method {
            Method::POST => Some(Surface::Endpoint),
            Method::OPTIONS => Some(Surface::Preflight),
            _ if is_page_wanted(head) => instance.page().map(Surface::Page),
            _ => None,
        }
        .ok_or(Refusal::MethodNotAllowed);
    }
    if let Some(document) = instance.published().asked(&head.uri) {
        return Ok(Surface::Document(document));
    }
    // A person types the name of the host.
    if path == "/"
        && is_page_wanted(head)
        && let Some(page) = instance.page()
    {
        return Ok(Surface::Page(page));
    }
    let below = path.strip_prefix(instance.location.base());
    let form = Form::ALL
        .into_iter()
        .find(|form| below == Some(form.path()))
        .ok_or(Refusal::NoSuchPath)?;
    match head.method {
        Method::OPTIONS => Ok(Surface::Preflight),
        _ => Ok(Surface::Manifest(form)),
    }
}
