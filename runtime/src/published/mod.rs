//! What can be read at the server without asking its MCP endpoint.

mod document;
mod manifest;

pub(crate) use document::Document;
pub(crate) use manifest::{Form, respond as manifest};

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Value, json};

use crate::audit::evidence::Sign;
use crate::auth::{Identity, METADATA};
use crate::card::{
    CARD_PATH, CARD_TYPE, CATALOG_PATH, CATALOG_TYPE, OLDER_PATHS, ServerCard, catalog,
};
use crate::config::Settings;
use crate::location::Location;
use crate::manifest::{MANIFEST, Manifest};
use crate::server::Parts;

/// Where the server's public keys stand.
pub(crate) const JWKS: &str = "/.well-known/jwks.json";

const JSON: &str = "application/json";

/// The documents that everybody may read, by their paths.
pub(crate) struct Published(BTreeMap<String, Rc<Document>>);

/// What the documents are made of.
pub(crate) struct Sources<'a> {
    pub(crate) server: &'a Parts,
    pub(crate) settings: &'a Settings,
    pub(crate) location: &'a Location,
    pub(crate) identity: &'a Identity,
    pub(crate) evidence: Option<&'a dyn Sign>,
    /// What somebody who proves nothing may see.
    pub(crate) manifest: &'a Manifest,
}

impl Published {
    pub(crate) fn new(sources: &Sources<'_>) -> Self {
        let mut published = Self(BTreeMap::new());
        let endpoint = sources.location.path();
        if let Some(metadata) = sources.resource_metadata() {
            // At the root, and below it for the endpoint's path (RFC 9728, 3.1).
            let root = format!("/.well-known/{METADATA}");
            let below = format!("{root}{endpoint}");
            let paths = [root, format!("{below}/"), below];
            published.add(paths, &metadata, JSON, sources.settings);
        }
        if let Some(evidence) = sources.evidence {
            published.add([JWKS.to_owned()], &evidence.jwks(), JSON, sources.settings);
        }
        if let Some((card, catalog)) = sources.card() {
            let older = OLDER_PATHS.map(str::to_owned);
            let older = older
                .into_iter()
                .filter(|_| sources.settings.card.older_places);
            let path = format!("{}{CARD_PATH}", sources.location.base());
            let paths = std::iter::once(path).chain(older);
            published.add(paths, &card, CARD_TYPE, sources.settings);
            let paths = [CATALOG_PATH.to_owned()];
            published.add(paths, &catalog, CATALOG_TYPE, sources.settings);
        }
        published
    }

    pub(crate) fn at(&self, path: &str) -> Option<&Document> {
        self.0.get(path).map(Rc::as_ref)
    }

    fn add(
        &mut self,
        paths: impl IntoIterator<Item = String>,
        content: &Value,
        media_type: &'static str,
        settings: &Settings,
    ) {
        let document = Rc::new(Document::new(content, media_type, settings));
        let places = paths.into_iter().map(|path| (path, Rc::clone(&document)));
        self.0.extend(places);
    }
}

impl Sources<'_> {
    /// The protected resource metadata (RFC 9728, 2), where a client could sign in anywhere.
    fn resource_metadata(&self) -> Option<Value> {
        let servers = self.identity.authorization_servers();
        let resource = self.location.url().filter(|_| !servers.is_empty())?;
        let mut metadata = json!({
            "resource": resource,
            "authorization_servers": servers,
            "scopes_supported": self.identity.scopes(),
            "bearer_methods_supported": ["header"],
            "resource_name": self.server.identity.display_name(),
        });
        let jwks = self.evidence.and_then(|_| self.location.at(JWKS));
        if let (Some(jwks), Some(members)) = (jwks, metadata.as_object_mut()) {
            members.insert("jwks_uri".to_owned(), jwks.into());
        }
        Some(metadata)
    }

    /// The Server Card and the catalog, of a server that has a public URL and a name with a namespace.
    fn card(&self) -> Option<(Value, Value)> {
        let settings = &self.settings.card;
        let url = self.location.url().filter(|_| settings.publish)?;
        let implementation = &self.server.identity;
        let card = ServerCard::new(implementation, settings, url).ok()?;
        let manifest = json!({
            "digest": self.manifest.digest,
            "url": self.location.below(Form::Json.path())?,
        });
        let card = serde_json::to_value(card.with_meta(MANIFEST, manifest)).ok()?;
        let place = self.location.below(CARD_PATH)?;
        Some((card, catalog(implementation, &place)))
    }
}
