//! The page that a browser gets at the server's URL.

use std::fmt::Write as _;

use base64ct::{Base64, Encoding as _};
use bytes::Bytes;
use http::{HeaderValue, Method, header, request};
use mcp_edge_audit::digest::sha256;
use mcp_edge_clients::{
    Authentication, CLIENTS, Connection, Scope, ServerInfo as ClientServer, System,
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Sources;
use super::card::CARD_PATH;
use super::document::{answer, etag};
use crate::auth::Caller;
use crate::http::Response;
use crate::revision::Revision;

const TYPE: &str = "text/html; charset=utf-8";

/// Everything that the page looks like. Nothing is loaded from anywhere.
const STYLE: &str = include_str!("landing_page.css");

/// A page for people, made once for an sources.
#[derive(Debug)]
pub(crate) struct LandingPage {
    html: Bytes,
    etag: Option<HeaderValue>,
    policy: Option<HeaderValue>,
    cache_control: Option<HeaderValue>,
}

impl LandingPage {
    pub(crate) fn new(sources: &Sources<'_>) -> Self {
        let html = Writer::page(sources);
        let style = Base64::encode_string(&Sha256::digest(STYLE));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        );
        let age = format!("public, max-age={}", sources.settings.lists.ttl.as_secs());
        Self {
            etag: etag(&sha256(html.as_bytes())),
            html: html.into(),
            policy: HeaderValue::from_str(&policy).ok(),
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

struct Writer(String);

impl Writer {
    fn page(sources: &Sources<'_>) -> String {
        let mut page = Self(String::new());
        let server = &sources.server.identity;
        let name = server.display_name();
        page.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        page.element("title", &format!("{name}, an MCP server"));
        page.raw(&format!(
            "<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        ));
        page.element("h1", name);
        let own = server.description.as_deref();
        if let Some(description) = sources.settings.card.description.or(own) {
            page.element("p", description);
        }
        page.facts(sources);
        page.offers(sources);
        page.clients(sources);
        page.raw("</main>\n</body>\n</html>\n");
        page.0
    }

    fn facts(&mut self, sources: &Sources<'_>) {
        let server = &sources.server.identity;
        self.raw("<dl>\n");
        if let Some(url) = sources.location.url() {
            self.fact("URL", |page| page.code(url));
        }
        self.fact("Name", |page| page.code(&server.name));
        self.fact("Version", |page| page.text(&server.version));
        // It has its keys and its settings, or it would not have made this page.
        self.fact("Health", |page| page.text("serving"));
        self.fact("Protocol", |page| {
            page.text(&Revision::ALL.map(Revision::as_str).join(", "));
        });
        let identity = sources.identity;
        self.fact("Sign-in", |page| match identity.authorization_servers() {
            [] if identity.has_issuers() => {
                page.text("with an access token from the operator of the server");
            }
            [] => page.text("not needed"),
            issuers => page.text(&issuers.join(", ")),
        });
        if let Some(url) = server.website_url.as_deref().filter(|url| is_web(url)) {
            self.fact("Read more", |page| page.link(url, url));
        }
        let card = format!("{}{CARD_PATH}", sources.location.base());
        if sources.documents().at(&card).is_some() {
            self.fact("For programs", |page| page.link(&card, "Server Card"));
        }
        self.raw("</dl>\n");
    }

    /// What an anonymous caller may see.
    fn offers(&mut self, sources: &Sources<'_>) {
        self.element("h2", "What it offers");
        let manifest = sources.manifest(&Caller::Anonymous);
        let manifest: Value = serde_json::from_slice(&manifest.bytes).unwrap_or_default();
        let mut is_empty = true;
        for (list, heading) in [
            ("tools", "Tools"),
            ("resources", "Resources"),
            ("resourceTemplates", "Resource templates"),
            ("prompts", "Prompts"),
        ] {
            let entries = manifest.get(list).and_then(Value::as_array);
            let entries = entries.map_or(&[][..], Vec::as_slice);
            if entries.is_empty() {
                continue;
            }
            is_empty = false;
            self.element("h3", heading);
            self.raw("<dl>\n");
            for entry in entries {
                self.entry(entry);
            }
            self.raw("</dl>\n");
        }
        match (is_empty, sources.identity.has_issuers()) {
            (true, true) => self.element("p", "Sign in with a client to see it."),
            (false, true) => self.element("p", "A client that signs in may see more."),
            (true, false) => self.element("p", "Nothing yet."),
            (false, false) => {}
        }
    }

    fn entry(&mut self, entry: &Value) {
        let text = |member: &str| entry.get(member).and_then(Value::as_str);
        let id = text("uri").or(text("uriTemplate")).or(text("name"));
        let name = text("title").or(text("name")).unwrap_or_default();
        self.fact(name, |page| {
            if let Some(id) = id.filter(|id| *id != name) {
                page.code(id);
            }
            page.text(text("description").unwrap_or_default());
        });
    }

    fn clients(&mut self, sources: &Sources<'_>) {
        let server = &sources.server.identity;
        let Some(url) = sources.location.url() else {
            // Its author sees this, before the server goes anywhere.
            self.element(
                "p",
                "Once server.url is set in mcp.toml, this page says how each client is connected.",
            );
            return;
        };
        let identity = sources.identity;
        let access = if !identity.authorization_servers().is_empty() {
            Authentication::SignIn
        } else if identity.requires_token() {
            Authentication::Token
        } else {
            Authentication::Open
        };
        let title = Some(server.display_name());
        let Ok(known) = ClientServer::new(&server.name, title, url, access) else {
            return;
        };
        self.element("h2", "Connect a client");
        for client in CLIENTS {
            self.raw("<details>\n");
            self.element("summary", client.name);
            self.connection(&client.connection(&known, Scope::User));
            self.raw("</details>\n");
        }
    }

    fn connection(&mut self, connection: &Connection) {
        if let Some(link) = &connection.link {
            self.raw("<p>");
            self.link(link, "Add it with one click");
            self.raw("</p>\n");
        }
        if let Some(command) = &connection.command {
            self.element("p", "In a terminal:");
            self.block(command);
        }
        if let Some(block) = &connection.block {
            let mut places: Vec<String> = Vec::new();
            for system in System::ALL {
                let place = connection.file.as_ref().map(|file| file.on(system));
                places.extend(place.filter(|place| !places.contains(place)));
            }
            self.element("p", &format!("In {}:", places.join(" or ")));
            self.block(&block.text);
        }
        match connection.steps.as_slice() {
            [] => {}
            [step] => self.element("p", step),
            steps => {
                self.raw("<ol>\n");
                for step in steps {
                    self.element("li", step);
                }
                self.raw("</ol>\n");
            }
        }
    }

    /// It scrolls, so a person without a mouse must get there.
    fn block(&mut self, text: &str) {
        self.raw("<pre tabindex=\"0\"><code>");
        self.text(text);
        self.raw("</code></pre>\n");
    }

    fn fact(&mut self, name: &str, value: impl FnOnce(&mut Self)) {
        self.raw("<div>");
        self.element("dt", name);
        self.raw("<dd>");
        value(self);
        self.raw("</dd></div>\n");
    }

    fn code(&mut self, text: &str) {
        self.element("code", text);
    }

    fn link(&mut self, url: &str, text: &str) {
        self.raw("<a href=\"");
        self.text(url);
        self.raw("\">");
        self.text(text);
        self.raw("</a>");
    }

    fn element(&mut self, name: &str, text: &str) {
        self.raw(&format!("<{name}>"));
        self.text(text);
        self.raw(&format!("</{name}>\n"));
    }

    fn raw(&mut self, html: &str) {
        self.0.push_str(html);
    }

    /// Text of anybody: it stays text, in an attribute too.
    fn text(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '&' | '<' | '>' | '"' | '\'' => {
                    let _ = write!(self.0, "&#{};", u32::from(character));
                }
                other => self.0.push(other),
            }
        }
    }
}

/// What may stand behind a link: a script must not.
fn is_web(url: &str) -> bool {
    ["https://", "http://"]
        .iter()
        .any(|scheme| url.starts_with(scheme))
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

    #[test]
    fn text_stays_text() {
        let mut page = Writer(String::new());
        page.link("javascript:\"'", "<script>&");
        assert_eq!(
            page.0,
            "<a href=\"javascript:&#34;&#39;\">&#60;script&#62;&#38;</a>"
        );
    }
}
