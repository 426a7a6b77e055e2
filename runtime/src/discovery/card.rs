//! The Server Card (SEP-2127) and the AI catalog that lists it.

use http::Uri;
use serde::Serialize;
use serde_json::{Value, json};

use super::manifest::MANIFEST;
use crate::config::{Card, CardContent, CardRenderer, RenderedCard};
use crate::implementation::Implementation;
use crate::revision::Revision;

/// The media type of a Server Card.
pub const CARD_TYPE: &str = "application/mcp-server-card+json";

/// The media type of an AI catalog.
pub const CATALOG_TYPE: &str = "application/ai-catalog+json";

/// Where the card stands, after the path of the MCP endpoint.
pub const CARD_PATH: &str = "/server-card";

/// Where the catalog stands on the server's host.
pub const CATALOG_PATH: &str = "/.well-known/ai-catalog.json";

/// Where drafts of the standard had the card.
pub const LEGACY_PATHS: [&str; 3] = [
    "/.well-known/mcp/server-card.json",
    "/.well-known/mcp/server-card",
    "/.well-known/mcp.json",
];

/// The schema that a card names, byte for byte.
pub const SCHEMA: &str =
    "https://static.modelcontextprotocol.io/schemas/v1/server-card.schema.json";

impl CardRenderer {
    /// A Server Card (SEP-2127).
    pub const SERVER_CARD: Self = Self::new("server-card", render);
}

fn render(content: &CardContent<'_>) -> Option<RenderedCard> {
    let card = ServerCard::new(content.server, content.settings, content.url).ok()?;
    let card = card.with_meta(MANIFEST, content.manifest.clone());
    Some(RenderedCard {
        card: serde_json::to_value(card).ok()?,
        catalog: catalog(content.server, content.card_url),
    })
}

/// What registries and clients learn of a server without connecting to it. It is made of what the server returns to a client that
/// does connect, so that the two cannot differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerCard {
    #[serde(rename = "$schema")]
    schema: &'static str,
    name: String,
    version: String,
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    website_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<Repository>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    icons: Vec<Icon>,
    remotes: [Remote; 1],
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    meta: Option<Value>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Repository {
    url: &'static str,
    source: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Icon {
    src: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mime_type: Option<&'static str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Remote {
    r#type: &'static str,
    url: String,
    supported_protocol_versions: [&'static str; Revision::ALL.len()],
}

/// Why a server cannot have a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// Its name has no namespace.
    #[error(
        "a Server Card needs a name with a namespace, as com.example/fraud-rules: letters, digits, `.`, `_` and `-` around one slash, 3 to 200 characters; change the name in `Server::builder`, or write publish = false in [card]"
    )]
    Name,
    /// Its version is too long, or no version.
    #[error(
        "a Server Card needs a version of 1 to 255 characters that is no range, as 1.2.0; change the version in `Server::builder`"
    )]
    Version,
}

impl ServerCard {
    /// The card of the server at `url`.
    pub fn new(server: &Implementation, card: &Card, url: &str) -> Result<Self, CardError> {
        if !is_name(&server.name) {
            return Err(CardError::Name);
        }
        if !is_version(&server.version) {
            return Err(CardError::Version);
        }
        let own = server.description.as_deref().filter(|text| fits(text));
        let description = card.description.or(own).map_or_else(
            || format!("The MCP server {}.", short_name(&server.name)),
            str::to_owned,
        );
        Ok(Self {
            schema: SCHEMA,
            name: server.name.clone(),
            version: server.version.clone(),
            description: cut(&description),
            title: server.title.clone().filter(|title| fits(title)),
            website_url: server.website_url.clone(),
            repository: card.repository.map(Repository::at),
            icons: card.icons.iter().copied().map(Icon::at).collect(),
            remotes: [Remote {
                r#type: "streamable-http",
                url: url.to_owned(),
                supported_protocol_versions: Revision::ALL.map(Revision::as_str),
            }],
            meta: None,
        })
    }

    /// The card with something in its `_meta`.
    #[must_use]
    pub fn with_meta(mut self, name: &str, value: Value) -> Self {
        self.meta = Some(json!({ name: value }));
        self
    }
}

impl Repository {
    fn at(url: &'static str) -> Self {
        let host = host(url);
        let source = match host.as_str() {
            "github.com" => "github".to_owned(),
            "gitlab.com" => "gitlab".to_owned(),
            "bitbucket.org" => "bitbucket".to_owned(),
            _ => host,
        };
        Self { url, source }
    }
}

impl Icon {
    fn at(src: &'static str) -> Self {
        let path = src.split('?').next().unwrap_or(src);
        let mime_type = match path.rsplit_once('.').map(|(_, extension)| extension) {
            Some("png") => Some("image/png"),
            Some("jpg" | "jpeg") => Some("image/jpeg"),
            Some("svg") => Some("image/svg+xml"),
            Some("webp") => Some("image/webp"),
            _ => None,
        };
        Self { src, mime_type }
    }
}

/// The catalog of a host that has one server, whose card is at `card`.
pub fn catalog(server: &Implementation, card: &str) -> Value {
    json!({
        "specVersion": "1.0",
        "entries": [{
            "identifier": format!("urn:air:{}:mcp:{}", host(card), short_name(&server.name)),
            "type": CARD_TYPE,
            "url": card,
        }],
    })
}

fn host(url: &str) -> String {
    let uri = url.parse::<Uri>().ok();
    uri.and_then(|uri| uri.host().map(str::to_ascii_lowercase))
        .unwrap_or_default()
}

fn short_name(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, short)| short)
}

/// The room that the schema leaves for a title or a description, in characters.
const MAX_DESCRIPTION: usize = 100;

/// Whether it is as long as a title or a description of a card may be.
pub fn fits(text: &str) -> bool {
    (1..=MAX_DESCRIPTION).contains(&text.chars().count())
}

fn cut(text: &str) -> String {
    text.chars().take(MAX_DESCRIPTION).collect()
}

/// Whether it is a name as a card must have one: `com.example/fraud-rules`.
pub fn is_name(name: &str) -> bool {
    let is_of = |text: &str, marks: &[u8]| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || marks.contains(&byte))
    };
    let parts = name.split_once('/');
    (3..=200).contains(&name.len())
        && parts.is_some_and(|(namespace, name)| is_of(namespace, b".-") && is_of(name, b"._-"))
}

/// Whether it is a version as a card must have one: a range stands for many.
pub fn is_version(version: &str) -> bool {
    let is_range = version.starts_with(['^', '~', '>', '<', '='])
        || version.contains(['*', '|', ' '])
        || version.split('.').any(|part| part == "x");
    (1..=255).contains(&version.chars().count()) && !is_range
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    const CARD: Card = Settings::DEFAULT.card;

    fn server(name: &str, version: &str) -> Implementation {
        Implementation {
            name: name.to_owned(),
            version: version.to_owned(),
            title: None,
            description: None,
            website_url: None,
        }
    }

    fn card(server: &Implementation, card: &Card) -> Value {
        let card = ServerCard::new(server, card, "https://mcp.example.com/mcp").unwrap();
        serde_json::to_value(card).unwrap()
    }

    #[test]
    fn names_have_one_namespace() {
        for name in ["com.example/rules", "a/b", "A-1.b/c_d.e-f"] {
            assert!(is_name(name), "{name}");
        }
        let long = format!("com.example/{}", "x".repeat(200));
        for name in [
            "rules",
            "/rules",
            "com.example/",
            "a/b/c",
            "com_example/a",
            "a b/c",
            &long,
        ] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn versions_are_no_ranges() {
        for version in ["1.2.0", "2026-11-21", "1.0.0-rc.1+x86"] {
            assert!(is_version(version), "{version}");
        }
        for version in ["", "^1.2", "~1", ">=1.0", "1.x", "1.*", "1 || 2"] {
            assert!(!is_version(version), "{version}");
        }
    }

    #[test]
    fn a_description_that_is_too_long_for_a_card_stays_out() {
        let mut server = server("com.example/rules", "1.0.0");
        assert_eq!(card(&server, &CARD)["description"], "The MCP server rules.");
        server.description = Some("Tests rules.".to_owned());
        assert_eq!(card(&server, &CARD)["description"], "Tests rules.");
        server.description = Some("x".repeat(101));
        assert_eq!(card(&server, &CARD)["description"], "The MCP server rules.");
        let own = Card {
            description: Some("Rules"),
            ..CARD
        };
        assert_eq!(card(&server, &own)["description"], "Rules");
    }

    #[test]
    fn pictures_and_source_say_what_they_are() {
        let own = Card {
            repository: Some("https://github.com/example/rules"),
            icons: &["https://example.com/a.svg?v=2", "https://example.com/b"],
            ..CARD
        };
        let card = card(&server("com.example/rules", "1.0.0"), &own);
        assert_eq!(card["repository"]["source"], "github");
        assert_eq!(card["icons"][0]["mimeType"], "image/svg+xml");
        assert_eq!(card["icons"][1], json!({ "src": "https://example.com/b" }));
        assert_eq!(
            Repository::at("https://git.example.com/rules").source,
            "git.example.com"
        );
    }
}
