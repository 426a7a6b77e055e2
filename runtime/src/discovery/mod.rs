//! What can be read at the server without asking its MCP endpoint.

pub mod card;
mod document;
mod landing_page;
pub mod manifest;

pub(crate) use document::Document;
pub(crate) use landing_page::{LandingPage, is_wanted as is_page_wanted};

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use http::Uri;
use serde_json::{Value, json};

use self::card::{CARD_PATH, CARD_TYPE, CATALOG_PATH, CATALOG_TYPE, LEGACY_PATHS};
use self::manifest::{Form, Manifest, Manifests};
use crate::auth::{Caller, Identity, METADATA};
use crate::config::{CardContent, RenderedCard, Settings, Sign};
use crate::location::Location;
use crate::policy::Policy;
use crate::server::ServerInner;

/// Where the server's public keys stand.
pub(crate) const JWKS: &str = "/.well-known/jwks.json";

/// Where the public keys of assertions are. They are not among [`JWKS`], whose keys sign evidence: a reader of a log must not
/// take one for the other.
pub(crate) const ASSERTION_JWKS: &str = "/.well-known/assertion-jwks.json";

const JSON: &str = "application/json";

/// What the documents and the page of an instance are made of.
pub(crate) struct Sources<'a> {
    pub(crate) server: &'a ServerInner,
    pub(crate) settings: &'static Settings,
    pub(crate) location: &'a Location,
    pub(crate) identity: &'a Identity,
    pub(crate) policy: &'a Policy,
    /// What signs, where anything does.
    pub(crate) evidence: Option<&'a dyn Sign>,
    pub(crate) site: &'a Site,
}

impl<'a> Sources<'a> {
    /// The documents that everybody may read.
    pub(crate) fn documents(&self) -> &'a Documents {
        let made = &self.site.documents;
        made.get_or_init(|| Documents::new(self))
    }

    /// The page for people, if there is one.
    pub(crate) fn page(&self) -> Option<&'a LandingPage> {
        let made = &self.site.page;
        let renderer = self.settings.page.publish?;
        Some(made.get_or_init(|| LandingPage::new(self, renderer)))
    }

    /// What `caller` may know of, as a document.
    pub(crate) fn manifest(&self, caller: &Caller) -> Rc<Manifest> {
        let manifests = &self.site.manifests;
        manifests.get(self.server, |target| self.policy.shows(caller, target))
    }
}

/// The documents and the page of an instance, made when they are first asked for: a client that only calls tools does not pay
/// for them.
#[derive(Default)]
pub(crate) struct Site {
    documents: OnceCell<Documents>,
    page: OnceCell<LandingPage>,
    manifests: Manifests,
}

/// The documents that everybody may read, by their paths.
pub(crate) struct Documents {
    documents: BTreeMap<String, Rc<Document>>,
    /// The paths of the resource metadata. With a query they are about another resource, whose URL has that query
    /// (RFC 9728, 3.1).
    of_resource: Vec<String>,
}

impl Documents {
    fn new(sources: &Sources<'_>) -> Self {
        let mut published = Self {
            documents: BTreeMap::new(),
            of_resource: Vec::new(),
        };
        let settings = sources.settings;
        if let Some(metadata) = resource_metadata(sources) {
            // Where the endpoint's path puts it (RFC 9728, 3.1), and at the root, where clients look afterwards
            // (2026-07-28, basic/authorization).
            let paths = [
                sources.location.well_known_path(METADATA),
                format!("/.well-known/{METADATA}"),
            ];
            published.of_resource = paths.to_vec();
            published.add(paths, &metadata, JSON, settings);
        }
        if let Some(evidence) = sources.evidence {
            published.add([JWKS.to_owned()], &evidence.jwks(), JSON, settings);
        }
        let keys = &sources.server.keys;
        if !keys.is_empty() {
            let set = json!({ "keys": keys });
            published.add([ASSERTION_JWKS.to_owned()], &set, JSON, settings);
        }
        if let Some(RenderedCard { card, catalog }) = card(sources) {
            let older = LEGACY_PATHS.map(str::to_owned);
            let older = older.into_iter().filter(|_| settings.card.legacy_paths);
            let path = format!("{}{CARD_PATH}", sources.location.base());
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
fn resource_metadata(sources: &Sources<'_>) -> Option<Value> {
    let servers = sources.identity.authorization_servers();
    let location = sources.location;
    let resource = location.url().filter(|_| !servers.is_empty())?;
    let mut metadata = json!({
        "resource": resource,
        "authorization_servers": servers,
        "scopes_supported": sources.identity.scopes(),
        "bearer_methods_supported": ["header"],
        "resource_name": sources.server.identity.display_name(),
    });
    let jwks = sources.evidence.and_then(|_| location.at(JWKS));
    if let (Some(jwks), Some(members)) = (jwks, metadata.as_object_mut()) {
        members.insert("jwks_uri".to_owned(), jwks.into());
    }
    Some(metadata)
}

/// The Server Card and the catalog, of a server that has a public URL and a name with a namespace.
fn card(sources: &Sources<'_>) -> Option<RenderedCard> {
    let settings = &sources.settings.card;
    let location = sources.location;
    settings.publish?.render(&CardContent {
        server: &sources.server.identity,
        settings,
        url: location.url()?,
        card_url: &location.below(CARD_PATH)?,
        manifest: json!({
            "digest": sources.manifest(&Caller::Anonymous).digest,
            "url": location.below(Form::Json.path())?,
        }),
    })
}
