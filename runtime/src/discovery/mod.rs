//! What can be read at the server without asking its MCP endpoint.

mod document;
mod landing_page;
mod manifest;

pub(crate) use document::Document;
pub(crate) use landing_page::{LandingPage, is_wanted as is_page_wanted};
pub(crate) use manifest::{Form, respond as manifest};

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use http::Uri;
use serde_json::{Value, json};

use crate::auth::{Caller, METADATA};
use crate::card::{
    CARD_PATH, CARD_TYPE, CATALOG_PATH, CATALOG_TYPE, LEGACY_PATHS, ServerCard, catalog,
};
use crate::config::Settings;
use crate::instance::Instance;
use crate::manifest::MANIFEST;

/// Where the server's public keys stand.
pub(crate) const JWKS: &str = "/.well-known/jwks.json";

const JSON: &str = "application/json";

/// The documents and the page of an instance, made when they are first asked for: a client that only calls tools does not pay
/// for them.
#[derive(Default)]
pub(crate) struct Site {
    documents: OnceCell<Documents>,
    page: OnceCell<LandingPage>,
}

impl Site {
    /// The documents that everybody may read.
    pub(crate) fn documents(&self, instance: &Instance) -> &Documents {
        self.documents.get_or_init(|| Documents::new(instance))
    }

    /// The page for people, if there is one.
    pub(crate) fn page(&self, instance: &Instance) -> Option<&LandingPage> {
        let is_published = instance.settings.page.publish;
        let make = || LandingPage::new(instance, self.documents(instance));
        is_published.then(|| self.page.get_or_init(make))
    }
}

/// The documents that everybody may read, by their paths.
pub(crate) struct Documents {
    documents: BTreeMap<String, Rc<Document>>,
    /// The paths of the resource metadata. With a query they are about another resource, whose URL has that query
    /// (RFC 9728, 3.1).
    of_resource: Vec<String>,
}

impl Documents {
    pub(crate) fn new(instance: &Instance) -> Self {
        let mut published = Self {
            documents: BTreeMap::new(),
            of_resource: Vec::new(),
        };
        let settings = instance.settings;
        if let Some(metadata) = resource_metadata(instance) {
            // Where the endpoint's path puts it (RFC 9728, 3.1), and at the root, where clients look afterwards
            // (2026-07-28, basic/authorization).
            let paths = [
                instance.location.well_known_path(METADATA),
                format!("/.well-known/{METADATA}"),
            ];
            published.of_resource = paths.to_vec();
            published.add(paths, &metadata, JSON, settings);
        }
        if let Some(evidence) = instance.trail.evidence() {
            published.add([JWKS.to_owned()], &evidence.jwks(), JSON, settings);
        }
        if let Some((card, catalog)) = card(instance) {
            let older = LEGACY_PATHS.map(str::to_owned);
            let older = older.into_iter().filter(|_| settings.card.legacy_paths);
            let path = format!("{}{CARD_PATH}", instance.location.base());
            let paths = std::iter::once(path).chain(older);
            published.add(paths, &card, CARD_TYPE, settings);
            let paths = [CATALOG_PATH.to_owned()];
            published.add(paths, &catalog, CATALOG_TYPE, settings);
        }
        published
    }

    /// The document that stands at `path`.
    pub(crate) fn at(&self, path: &str) -> Option<&Document> {
        self.documents.get(path).map(Rc::as_ref)
    }

    /// The document that a request for `uri` asks for.
    pub(crate) fn asked(&self, uri: &Uri) -> Option<&Document> {
        let path = uri.path();
        let is_other = uri.query().is_some() && self.of_resource.iter().any(|own| own == path);
        self.at(path).filter(|_| !is_other)
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
        self.documents.extend(places);
    }
}

/// The protected resource metadata (RFC 9728, 2), where a client could sign in anywhere.
fn resource_metadata(instance: &Instance) -> Option<Value> {
    let servers = instance.identity.authorization_servers();
    let location = &instance.location;
    let resource = location.url().filter(|_| !servers.is_empty())?;
    let mut metadata = json!({
        "resource": resource,
        "authorization_servers": servers,
        "scopes_supported": instance.identity.scopes(),
        "bearer_methods_supported": ["header"],
        "resource_name": instance.server.identity.display_name(),
    });
    let evidence = instance.trail.evidence();
    let jwks = evidence.and_then(|_| location.at(JWKS));
    if let (Some(jwks), Some(members)) = (jwks, metadata.as_object_mut()) {
        members.insert("jwks_uri".to_owned(), jwks.into());
    }
    Some(metadata)
}

/// The Server Card and the catalog, of a server that has a public URL and a name with a namespace.
fn card(instance: &Instance) -> Option<(Value, Value)> {
    let settings = &instance.settings.card;
    let location = &instance.location;
    let url = location.url().filter(|_| settings.publish)?;
    let implementation = &instance.server.identity;
    let card = ServerCard::new(implementation, settings, url).ok()?;
    let manifest = json!({
        "digest": instance.manifest(&Caller::Anonymous).digest,
        "url": location.below(Form::Json.path())?,
    });
    let card = serde_json::to_value(card.with_meta(MANIFEST, manifest)).ok()?;
    let place = location.below(CARD_PATH)?;
    Some((card, catalog(implementation, &place)))
}
