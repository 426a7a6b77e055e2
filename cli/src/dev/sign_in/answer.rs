//! Responses.

use std::fmt::Display;

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY, VARY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::Value as Json;
use url::{Host, Url};

use super::page;

/// A response.
pub(super) struct Answer(pub(super) http::Response<String>);

impl Answer {
    fn new(status: StatusCode, media_type: &'static str, body: String) -> Self {
        let mut response = http::Response::new(body);
        *response.status_mut() = status;
        let answer = Self(response);
        // Codes and tokens are in them (RFC 6749, 5.1).
        answer
            .with(CONTENT_TYPE, media_type)
            .with(CACHE_CONTROL, "no-store")
            .with(X_CONTENT_TYPE_OPTIONS, "nosniff")
    }

    /// Sets a header; a value that is not one of HTTP is left out.
    fn with(mut self, name: HeaderName, value: impl Display) -> Self {
        if let Ok(value) = HeaderValue::try_from(value.to_string()) {
            self.0.headers_mut().insert(name, value);
        }
        self
    }

    pub(super) fn text(status: StatusCode, text: &str) -> Self {
        Self::new(status, "text/plain; charset=utf-8", text.to_owned())
    }

    pub(super) fn json(status: StatusCode, json: &Json) -> Self {
        Self::new(status, "application/json", json.to_string())
    }

    /// A page without scripts and frames, whose form leads to this server and from there to `destination`.
    pub(super) fn page(status: StatusCode, html: &str, destination: Option<&Url>) -> Self {
        // Chromium checks the redirect after a form too, and a policy cannot name an IPv6 address.
        let forms = match destination.map(|url| (url.host(), url)) {
            Some((Some(Host::Ipv6(_)), url)) => format!(" {}:", url.scheme()),
            Some((_, url)) => format!(" {}", url.origin().ascii_serialization()),
            None => String::new(),
        };
        Self::new(status, "text/html; charset=utf-8", html.to_owned())
            .with(
                CONTENT_SECURITY_POLICY,
                format!(
                    "default-src 'none'; style-src 'sha256-{}'; form-action 'self'{forms}; frame-ancestors 'none'; base-uri 'none'",
                    page::style_digest()
                ),
            )
            .with(X_FRAME_OPTIONS, "DENY")
            // With `no-referrer`, browsers send the page's own form without an origin.
            .with(REFERRER_POLICY, "same-origin")
    }

    /// A page for the user, where the client must not get an answer.
    pub(super) fn refusal(why: &str) -> Self {
        Self::page(StatusCode::BAD_REQUEST, &page::refusal(why), None)
    }

    pub(super) fn redirect(url: &Url) -> Self {
        Self::text(StatusCode::SEE_OTHER, "")
            .with(LOCATION, url)
            .with(REFERRER_POLICY, "same-origin")
    }

    /// Lets the page at `origin` read it.
    pub(super) fn readable_by(self, origin: Option<&str>) -> Self {
        let answer = self.with(VARY, "Origin");
        let Some(origin) = origin else { return answer };
        answer
            .with(ACCESS_CONTROL_ALLOW_ORIGIN, origin)
            .with(ACCESS_CONTROL_ALLOW_METHODS, "GET, POST")
            .with(
                ACCESS_CONTROL_ALLOW_HEADERS,
                "content-type, mcp-protocol-version",
            )
    }
}
