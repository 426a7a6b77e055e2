//! The Server Card of a server and the catalogue of a site, as far as they are read.

use mcp_edge_runtime::discovery::card::{CARD_PATH, CARD_TYPE as CARD};
use serde::Deserialize;
use serde_json::Value as Json;

/// No card and no catalogue is nearly as long, in bytes.
pub(crate) const MAX_CARD_BYTES: usize = 256 << 10;

/// Where the server at `endpoint` has its card (SEP-2127).
pub(crate) fn place_of(endpoint: &str) -> String {
    let (path, _) = endpoint.split_once('?').unwrap_or((endpoint, ""));
    format!("{}{CARD_PATH}", path.trim_end_matches('/'))
}

/// A Server Card (SEP-2127). What the standard asks for besides is looked for by the rules of cards.
#[derive(Debug, Deserialize)]
pub(crate) struct Card {
    pub(crate) name: String,
    pub(crate) version: Option<String>,
    pub(crate) title: Option<String>,
    remotes: Option<Vec<Remote>>,
}

/// Where a server is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Remote {
    #[serde(rename = "type")]
    transport: String,
    pub(crate) url: String,
    pub(crate) supported_protocol_versions: Option<Vec<String>>,
}

/// The catalogue of a site.
#[derive(Debug, Deserialize)]
pub(crate) struct Catalogue {
    entries: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    #[serde(rename = "type")]
    kind: Option<String>,
    url: Option<String>,
    data: Option<Json>,
}

/// Where a catalogue has a Server Card.
#[derive(Debug, PartialEq)]
pub(crate) enum Listed {
    At(String),
    Inside(Json),
}

impl Card {
    /// Everywhere where the server speaks Streamable HTTP.
    pub(crate) fn streamable(&self) -> impl Iterator<Item = &Remote> {
        let streamable = |remote: &&Remote| remote.transport == "streamable-http";
        self.remotes.iter().flatten().filter(streamable)
    }

    /// The addresses of those.
    pub(crate) fn urls(&self) -> impl Iterator<Item = &str> {
        self.streamable().map(|remote| remote.url.as_str())
    }
}

impl Catalogue {
    /// Every Server Card in it.
    pub(crate) fn cards(self) -> Vec<Listed> {
        let cards = self.entries.into_iter();
        cards
            .filter(|entry| entry.kind.as_deref() == Some(CARD))
            .filter_map(|entry| match entry.data {
                Some(card) => Some(Listed::Inside(card)),
                None => entry.url.map(Listed::At),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_catalogue_is_searched_for_cards() {
        let catalogue: Catalogue = serde_json::from_value(json!({
            "specVersion": "1.0",
            "entries": [
                { "identifier": "urn:air:a", "type": "application/a2a-agent-card+json", "url": "https://a.example/agent" },
                { "identifier": "urn:air:b", "type": CARD, "url": "https://a.example/mcp/server-card" },
                { "identifier": "urn:air:c", "type": CARD, "data": { "name": "com.example/c" } },
                { "identifier": "urn:air:d", "type": CARD },
            ],
        }))
        .unwrap();
        let expected = [
            Listed::At("https://a.example/mcp/server-card".to_owned()),
            Listed::Inside(json!({ "name": "com.example/c" })),
        ];
        assert_eq!(catalogue.cards(), expected);
    }

    #[test]
    fn a_card_is_asked_for_streamable_http() {
        let card: Card = serde_json::from_value(json!({
            "name": "com.example/a",
            "version": "1.0.0",
            "remotes": [
                { "type": "sse", "url": "https://a.example/sse" },
                { "type": "streamable-http", "url": "https://a.example/mcp", "headers": [] },
            ],
        }))
        .unwrap();
        assert_eq!(card.urls().collect::<Vec<_>>(), ["https://a.example/mcp"]);
        assert!(serde_json::from_value::<Card>(json!({ "remotes": [] })).is_err());
        let without: Card = serde_json::from_value(json!({
            "name": "com.example/a", "version": null, "title": null, "remotes": null,
        }))
        .unwrap();
        assert_eq!(without.urls().count(), 0);
        let remote: Remote = serde_json::from_value(json!({
            "type": "streamable-http", "url": "https://a.example/mcp", "supportedProtocolVersions": null,
        }))
        .unwrap();
        assert_eq!(remote.supported_protocol_versions, None);
    }
}
