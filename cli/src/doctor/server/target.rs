//! The server that is looked at, by its URL.

use http::Uri;
use mcp_edge_runtime::discovery::card::{CARD_PATH, CATALOG_PATH};
use mcp_edge_runtime::is_loopback_url;

use crate::output::Failure;
use crate::style::shown;

/// A URL, and those that follow from it.
pub(super) struct Target {
    /// As it was given.
    pub(super) url: String,
    origin: String,
    /// As the URL has it.
    path: String,
}

impl Target {
    pub(super) fn parse(url: &str) -> Result<Self, Failure> {
        let failed = || {
            Failure::usage(format!(
                "`{}` is not a valid URL of an MCP endpoint; it must be an absolute http or https URL without user, query and fragment, as \
                 https://mcp.example.com/mcp",
                shown(url)
            ))
        };
        let uri: Uri = url.parse().map_err(|_| failed())?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(failed());
        };
        if !matches!(scheme, "http" | "https") || url.contains(['?', '#', '@']) {
            return Err(failed());
        }
        Ok(Self {
            url: url.to_owned(),
            origin: format!("{scheme}://{authority}"),
            path: uri.path().to_owned(),
        })
    }

    /// Whether no attacker in transit can read the traffic.
    pub(super) fn is_private(&self) -> bool {
        self.origin.starts_with("https://") || self.is_loopback()
    }

    pub(super) fn is_loopback(&self) -> bool {
        is_loopback_url(&self.url)
    }

    /// Where the resource metadata may stand, in the order of clients (RFC 9728, 3.1; 2026-07-28, basic/authorization).
    pub(super) fn resource_metadata(&self) -> Vec<String> {
        let root = format!("{}/.well-known/oauth-protected-resource", self.origin);
        match self.path.as_str() {
            "/" => vec![root],
            path => vec![format!("{root}{path}"), root],
        }
    }

    /// Where the Server Card stands, unless a catalog names another place (SEP-2127).
    pub(super) fn card(&self) -> String {
        format!(
            "{}{}{CARD_PATH}",
            self.origin,
            self.path.trim_end_matches('/')
        )
    }

    pub(super) fn catalog(&self) -> String {
        format!("{}{CATALOG_PATH}", self.origin)
    }

    /// Whether `url` is at the same server.
    pub(super) fn has(&self, url: &str) -> bool {
        let rest = url.strip_prefix(&self.origin);
        rest.is_some_and(|rest| rest.starts_with('/'))
    }

    /// Whether `url` is the same but for a slash at its end.
    pub(super) fn is(&self, url: &str) -> bool {
        url.trim_end_matches('/') == self.url.trim_end_matches('/')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_at_the_paths_of_the_standards() {
        let target = Target::parse("https://h.example:8443/public/mcp/").unwrap();
        assert_eq!(
            target.resource_metadata(),
            [
                "https://h.example:8443/.well-known/oauth-protected-resource/public/mcp/",
                "https://h.example:8443/.well-known/oauth-protected-resource",
            ]
        );
        assert_eq!(
            target.card(),
            "https://h.example:8443/public/mcp/server-card"
        );
        assert_eq!(
            target.catalog(),
            "https://h.example:8443/.well-known/ai-catalog.json"
        );
        assert!(target.is("https://h.example:8443/public/mcp"));
        let root = Target::parse("https://h.example").unwrap();
        assert_eq!(root.resource_metadata().len(), 1);
        assert_eq!(root.card(), "https://h.example/server-card");
    }

    #[test]
    fn what_is_not_a_url_of_an_endpoint_is_refused() {
        for url in [
            "",
            "h.example/mcp",
            "/mcp",
            "ftp://h/mcp",
            "https://u@h/mcp",
            "https://h/mcp?a",
        ] {
            assert!(Target::parse(url).is_err(), "{url}");
        }
    }
}
