//! The page itself.

use std::fmt::Write as _;

use base64ct::{Base64, Encoding as _};
use mcp_edge_clients::{
    Authentication, CLIENTS, Connection, Scope, ServerInfo as ClientServer, System,
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::config::{PageContent, PageRenderer, RenderedPage};
use crate::revision::Revision;

/// Everything that the page looks like. Nothing is loaded from anywhere.
const STYLE: &str = include_str!("style.css");

impl PageRenderer {
    /// What the server is, what it offers those who prove nothing, and how to connect clients.
    pub const HTML: Self = Self::new("html", render);
}

fn render(content: &PageContent<'_>) -> RenderedPage {
    let style = Base64::encode_string(&Sha256::digest(STYLE));
    RenderedPage {
        html: Writer::page(content),
        content_security_policy: format!(
            "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
    }
}

struct Writer(String);

impl Writer {
    fn page(content: &PageContent<'_>) -> String {
        let mut page = Self(String::new());
        let name = content.title;
        page.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        page.element("title", &format!("{name}, an MCP server"));
        page.raw(&format!(
            "<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        ));
        page.element("h1", name);
        if let Some(description) = content.description {
            page.element("p", description);
        }
        page.facts(content);
        page.offers(content);
        page.clients(content);
        page.raw("</main>\n</body>\n</html>\n");
        page.0
    }

    fn facts(&mut self, content: &PageContent<'_>) {
        self.raw("<dl>\n");
        if let Some(url) = content.url {
            self.fact("URL", |page| page.code(url));
        }
        self.fact("Name", |page| page.code(content.name));
        self.fact("Version", |page| page.text(content.version));
        // It has its keys and its settings, or it would not have made this page.
        self.fact("Health", |page| page.text("serving"));
        self.fact("Protocol", |page| {
            page.text(&Revision::ALL.map(Revision::as_str).join(", "));
        });
        self.fact("Sign-in", |page| match content.authorization_servers {
            [] if content.has_issuers => {
                page.text("with an access token from the operator of the server");
            }
            [] => page.text("not needed"),
            issuers => page.text(&issuers.join(", ")),
        });
        if let Some(url) = content.website_url.filter(|url| is_web(url)) {
            self.fact("Read more", |page| page.link(url, url));
        }
        if let Some(card) = content.card {
            self.fact("For programs", |page| page.link(card, "Server Card"));
        }
        self.raw("</dl>\n");
    }

    /// What an anonymous caller may see.
    fn offers(&mut self, content: &PageContent<'_>) {
        self.element("h2", "What it offers");
        let mut is_empty = true;
        for (list, heading) in [
            ("tools", "Tools"),
            ("resources", "Resources"),
            ("resourceTemplates", "Resource templates"),
            ("prompts", "Prompts"),
        ] {
            let entries = content.manifest.get(list).and_then(Value::as_array);
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
        match (is_empty, content.has_issuers) {
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

    fn clients(&mut self, content: &PageContent<'_>) {
        let Some(url) = content.url else {
            // Its author sees this, before the server goes anywhere.
            self.element(
                "p",
                "Once server.url is set in mcp.toml, this page says how each client is connected.",
            );
            return;
        };
        let access = if !content.authorization_servers.is_empty() {
            Authentication::SignIn
        } else if content.requires_token {
            Authentication::Token
        } else {
            Authentication::Open
        };
        let Ok(known) = ClientServer::new(content.name, Some(content.title), url, access) else {
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
    use super::*;

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
