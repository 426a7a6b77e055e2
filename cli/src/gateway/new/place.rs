//! Where the API is.

use http::Uri;
use mcp_edge_runtime::host::is_private_host;
use mcp_edge_runtime::{allows_redirect, is_secure_url};

use super::document::Facts;

/// Where requests are sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A person named it.
    Given(String),
    /// The document proposes it: https, at a public name or address.
    Proposed(String),
    /// The document names none that could be proposed, or this one.
    Unknown(String),
}

/// A document that is not from this machine or the private network.
const ELSEWHERE: &str = "https://example.com/";

impl Place {
    /// What a document, perhaps fetched from `from`, says. A document is the word of a stranger: it must not make a deployment
    /// send a credential over http, or ask an address of the private network.
    pub(super) fn of_document(facts: &Facts<'_>, from: Option<&str>) -> Self {
        let Some(server) = facts.server() else {
            return Self::Unknown(String::new());
        };
        let absolute = match (server.starts_with('/'), from.and_then(origin)) {
            (true, Some(origin)) => format!("{origin}{server}"),
            _ => server,
        };
        let url = absolute.trim_end_matches('/').to_owned();
        let is_plain = !url.contains(['?', '#', '{', '}']) && url.parse::<Uri>().is_ok();
        match is_plain && allows_redirect(ELSEWHERE, &url) && !is_private(&url) {
            true => Self::Proposed(url),
            false => Self::Unknown(url),
        }
    }

    pub(super) fn url(&self) -> &str {
        match self {
            Self::Given(url) | Self::Proposed(url) | Self::Unknown(url) => url,
        }
    }
}

/// Whether `upstreams.NAME.private` must be set for a URL.
pub(super) fn is_private(url: &str) -> bool {
    let uri: Option<Uri> = url.parse().ok();
    uri.is_some_and(|uri| is_private_host(uri.host().unwrap_or_default()))
}

/// Whether `upstreams.NAME.allow_http` must be set for a URL.
pub(super) fn is_readable_in_transit(url: &str) -> bool {
    url.starts_with("http://") && !is_secure_url(url)
}

fn origin(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    Some(format!("{}://{}", uri.scheme_str()?, uri.authority()?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::gateway::new::document::Facts;

    #[test]
    fn a_document_proposes_public_https_only() {
        let of = |url: &str, from: Option<&str>| {
            let document =
                json!({ "servers": [{ "url": url, "variables": { "v": { "default": "2" } } }] });
            Place::of_document(&Facts::of(&document), from)
        };
        let proposed = |url: &str| Place::Proposed(url.to_owned());
        let unknown = |url: &str| Place::Unknown(url.to_owned());
        for (url, expected) in [
            (
                "https://a.example.com/v{v}/",
                proposed("https://a.example.com/v2"),
            ),
            ("http://a.example.com", unknown("http://a.example.com")),
            (
                "https://169.254.169.254",
                unknown("https://169.254.169.254"),
            ),
            ("http://localhost:8080", unknown("http://localhost:8080")),
            ("https://vault.internal", unknown("https://vault.internal")),
            (
                "https://{tenant}.example.com",
                unknown("https://{tenant}.example.com"),
            ),
            (
                "https://u:p@a.example.com",
                unknown("https://u:p@a.example.com"),
            ),
            ("/v1", unknown("/v1")),
        ] {
            assert_eq!(of(url, None), expected, "{url}");
        }
        let from = Some("https://a.example.com/docs/openapi.json");
        assert_eq!(of("/v1", from), proposed("https://a.example.com/v1"));
    }

    #[test]
    fn what_a_url_needs_is_known() {
        for (url, private, http) in [
            ("https://a.example.com", false, false),
            ("http://a.example.com", false, true),
            ("http://127.0.0.1:8080/a", true, false),
            ("https://10.0.0.1", true, false),
            ("http://orders", true, true),
            ("https://[::1]:1", true, false),
        ] {
            assert_eq!(
                (is_private(url), is_readable_in_transit(url)),
                (private, http),
                "{url}"
            );
        }
    }
}
