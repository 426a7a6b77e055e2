//! What writes the page for people.

use std::fmt;

use serde_json::Value;

/// What writes the page that a browser gets at the server's URL.
///
/// It stands among the settings, so that a server without a page does not carry what writes one.
#[derive(Clone, Copy)]
pub struct PageRenderer {
    name: &'static str,
    render: fn(&PageContent<'_>) -> RenderedPage,
}

/// What a page tells.
pub(crate) struct PageContent<'a> {
    /// The server's name for people.
    pub(crate) title: &'a str,
    pub(crate) name: &'a str,
    pub(crate) version: &'a str,
    pub(crate) description: Option<&'a str>,
    /// A page about the server, of whatever scheme.
    pub(crate) website_url: Option<&'a str>,
    /// The public URL of the endpoint.
    pub(crate) url: Option<&'a str>,
    /// The path of the Server Card, if there is one.
    pub(crate) card: Option<&'a str>,
    /// Where callers can sign in.
    pub(crate) authorization_servers: &'a [String],
    pub(crate) has_issuers: bool,
    /// Whether callers without a token may do nothing.
    pub(crate) requires_token: bool,
    /// The manifest of what callers without a token may see.
    pub(crate) manifest: &'a Value,
}

/// A page with the security policy that lets a browser show it (Content Security Policy, Level 3).
pub(crate) struct RenderedPage {
    pub(crate) html: String,
    pub(crate) content_security_policy: String,
}

impl PageRenderer {
    pub(crate) const fn new(
        name: &'static str,
        render: fn(&PageContent<'_>) -> RenderedPage,
    ) -> Self {
        Self { name, render }
    }

    pub(crate) fn render(self, content: &PageContent<'_>) -> RenderedPage {
        (self.render)(content)
    }
}

impl PartialEq for PageRenderer {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl fmt::Debug for PageRenderer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
