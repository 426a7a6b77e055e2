//! The page that a browser gets at the server's URL.

mod html;

use bytes::Bytes;
use http::{HeaderValue, Method, header, request};
use mcp_edge_audit::digest::sha256;
use serde_json::Value;

use super::Sources;
use super::card::CARD_PATH;
use super::document::{answer, etag};
use crate::auth::Caller;
use crate::config::{PageContent, PageRenderer};
use crate::http::Response;

const TYPE: &str = "text/html; charset=utf-8";

/// A page for people, made once for an instance.
#[derive(Debug)]
pub(crate) struct LandingPage {
    html: Bytes,
    etag: Option<HeaderValue>,
    policy: Option<HeaderValue>,
    cache_control: Option<HeaderValue>,
}

impl LandingPage {
    pub(super) fn new(sources: &Sources<'_>, renderer: PageRenderer) -> Self {
        let Sources {
            location, identity, ..
        } = sources;
        let server = &sources.server.identity;
        let own = server.description.as_deref();
        let card = format!("{}{CARD_PATH}", location.base());
        let manifest = sources.manifest(&Caller::Anonymous);
        let manifest: Value = serde_json::from_slice(&manifest.bytes).unwrap_or_default();
        let page = renderer.render(&PageContent {
            title: server.display_name(),
            name: &server.name,
            version: &server.version,
            description: sources.settings.card.description.or(own),
            website_url: server.website_url.as_deref(),
            url: location.url(),
            card: sources.documents().at(&card).map(|_| card.as_str()),
            authorization_servers: identity.authorization_servers(),
            has_issuers: identity.has_issuers(),
            requires_token: identity.requires_token(),
            manifest: &manifest,
        });
        let age = format!("public, max-age={}", sources.settings.lists.ttl.as_secs());
        Self {
            etag: etag(&sha256(page.html.as_bytes())),
            html: page.html.into(),
            policy: HeaderValue::from_str(&page.content_security_policy).ok(),
            cache_control: HeaderValue::from_str(&age).ok(),
        }
    }

    pub(crate) fn respond(&self, head: &request::Parts) -> Response {
        let mut response = answer(head, &self.html, TYPE, self.etag.clone());
        let headers = response.headers_mut();
        let same = HeaderValue::from_static;
        for (name, value) in [
            (header::CONTENT_SECURITY_POLICY, self.policy.clone()),
            (header::CACHE_CONTROL, self.cache_control.clone()),
            // A client asks for something else at the same place.
            (header::VARY, Some(same("Accept"))),
            (header::X_CONTENT_TYPE_OPTIONS, Some(same("nosniff"))),
            (header::REFERRER_POLICY, Some(same("no-referrer"))),
        ] {
            if let Some(value) = value {
                headers.insert(name, value);
            }
        }
        response
    }
}

/// Whether the client is a browser that wants to show something: no client of the protocol asks for HTML.
pub(crate) fn is_wanted(head: &request::Parts) -> bool {
    let accepted = head.headers.get_all(header::ACCEPT).iter();
    let mut types = accepted
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    matches!(head.method, Method::GET | Method::HEAD)
        && types.any(|part| {
            let mut parts = part.split(';').map(str::trim);
            let media_type = parts.next().unwrap_or_default();
            // RFC 9110, 12.4.2: a weight of 0 means that it is not wanted.
            let is_refused = parts
                .filter_map(|parameter| parameter.split_once('='))
                .filter(|(name, _)| name.eq_ignore_ascii_case("q"))
                .any(|(_, weight)| weight.parse() == Ok(0_f32));
            media_type.eq_ignore_ascii_case("text/html") && !is_refused
        })
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn wanted(method: Method, accept: &[&str]) -> bool {
        let mut request = Request::builder().method(method);
        for value in accept {
            request = request.header(header::ACCEPT, *value);
        }
        is_wanted(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn only_a_browser_wants_a_page() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assert!(wanted(Method::GET, &[browser]));
        assert!(wanted(Method::HEAD, &["image/png", "Text/HTML; q=0.5"]));
        assert!(!wanted(Method::POST, &[browser]));
        for other in [
            "text/event-stream",
            "*/*",
            "application/json",
            "text/htm",
            "text/html;q=0, application/json",
            "text/html; Q=0.000",
        ] {
            assert!(!wanted(Method::GET, &[other]), "{other}");
        }
        assert!(!wanted(Method::GET, &[]));
    }
}
