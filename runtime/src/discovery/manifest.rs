//! What a server offers, as one document whose digest tells whether it is still what was reviewed.
//!
//! A manifest is the canonical JSON (RFC 8785) of an object with `name`, `version`, `instructions` where there are any, and
//! `tools`, `resources`, `resourceTemplates` and `prompts` as clients of the newest revision list them. It holds what its reader
//! may see and nothing else, as the lists do; that is why two callers may have different ones. A tool of a catalog is there as an
//! object of its `name` and its `digest`, and one that no list has is in `operations`.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use bytes::Bytes;
use http::{HeaderValue, header, request};
use mcp_edge_audit::canonical;
use mcp_edge_audit::digest::sha256;
use serde_json::{Map, Value};

use super::Sources;
use super::document::{answer, etag};
use crate::auth::Caller;
use crate::http::Response;
use crate::policy::Target;
use crate::refusal::Refusal;
use crate::server::{PolicySubject, Registry, ServerInner, with_behaviour};

pub use crate::server::BEHAVIOUR;

/// Where the digest of the manifest is in the `_meta` of lists, and its place in the `_meta` of the Server Card.
pub const MANIFEST: &str = "mcp-edge/manifest";

/// The members of a manifest. What else a server is [described](crate::Server::describe) with is not in it.
const MEMBERS: [&str; 8] = [
    "name",
    "version",
    "instructions",
    "tools",
    "operations",
    "resources",
    "resourceTemplates",
    "prompts",
];

/// What only a description says of a tool, for the policy.
pub const NOT_FOR_CLIENTS: [&str; 2] = ["scopes", "upstream"];

/// How many manifests an instance keeps. There is one for each set of things that callers may see, and rules make few.
const KEPT: usize = 32;

/// A manifest as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Its canonical JSON.
    pub bytes: Bytes,
    /// Of these bytes: `sha256:` and 64 hexadecimal digits.
    pub digest: String,
}

impl Manifest {
    /// The manifest of everything that a server has been [described](crate::Server::describe) to offer.
    pub fn of_description(description: &Map<String, Value>) -> Self {
        let members = description
            .iter()
            .filter(|(name, _)| MEMBERS.contains(&name.as_str()));
        let mut manifest: Map<String, Value> = members
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let tools = manifest.get_mut("tools").and_then(Value::as_array_mut);
        for tool in tools.into_iter().flatten() {
            if let Some(members) = tool.as_object_mut() {
                for member in NOT_FOR_CLIENTS {
                    members.remove(member);
                }
            }
        }
        Self::new(&Value::Object(manifest))
    }

    fn new(manifest: &Value) -> Self {
        let bytes = canonical::to_vec(manifest);
        Self {
            digest: format!("sha256:{}", sha256(&bytes)),
            bytes: bytes.into(),
        }
    }
}

/// The digest of one tool, as it is in `approvals.tools`: of its definition, and of its `behaviour` if it has one. A manifest has
/// the name and the digest of a tool instead of its definition where the definition is in a catalog; of such a pair it is the one
/// that it contains.
pub fn digest(definition: &Value) -> String {
    let members = definition.as_object().filter(|members| members.len() == 2);
    let pair = members.and_then(|members| members.get("name").and(members.get("digest")));
    if let Some(digest) = pair.and_then(Value::as_str) {
        return digest.to_owned();
    }
    let text = |value: &Value| format!("sha256:{}", sha256(&canonical::to_vec(value)));
    let behaviour = definition.get(BEHAVIOUR).and_then(Value::as_str);
    let Some(behaviour) = behaviour else {
        return text(definition);
    };
    let mut alone = definition.clone();
    if let Some(members) = alone.as_object_mut() {
        members.remove(BEHAVIOUR);
    }
    with_behaviour(&text(&alone), behaviour)
}

/// The names of the `tools`, definitions as clients of the newest revision list them, that are not approved.
pub fn unapproved<'a>(
    tools: impl IntoIterator<Item = &'a Value>,
    approved: &[&str],
) -> BTreeSet<String> {
    if approved.is_empty() {
        return BTreeSet::new();
    }
    let changed = tools
        .into_iter()
        .filter(|tool| !approved.contains(&digest(tool).as_str()));
    let names = changed.filter_map(|tool| tool.get("name")?.as_str());
    names.map(str::to_owned).collect()
}

/// The manifests that an instance has made.
#[derive(Debug, Default)]
pub(crate) struct Manifests(RefCell<BTreeMap<Vec<bool>, Rc<Manifest>>>);

impl Manifests {
    /// The manifest for a caller who sees what `shows`.
    pub(crate) fn get(
        &self,
        server: &ServerInner,
        shows: impl Fn(Target<'_>) -> bool,
    ) -> Rc<Manifest> {
        let mut seen = Vec::new();
        seen.extend(server.tools.all().map(|tool| shows(tool.target())));
        see(&server.resources, &shows, &mut seen);
        see(&server.templates, &shows, &mut seen);
        see(&server.prompts, &shows, &mut seen);
        let mut kept = self.0.borrow_mut();
        if let Some(manifest) = kept.get(&seen) {
            return Rc::clone(manifest);
        }
        if kept.len() >= KEPT {
            kept.clear();
        }
        let manifest = Rc::new(Manifest::new(&Value::Object(server.manifest(shows))));
        kept.insert(seen, Rc::clone(&manifest));
        manifest
    }
}

fn see<T: PolicySubject>(
    list: &Registry<T>,
    shows: &impl Fn(Target<'_>) -> bool,
    seen: &mut Vec<bool>,
) {
    let entries = list.entries().iter();
    seen.extend(entries.map(|entry| shows(entry.item.target(&entry.name))));
}

/// How the manifest is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// As it is: `sha256sum` gives its digest.
    Json,
    /// In a JWS (RFC 7515, 7.1), signed with a key of the server's key set.
    Signed,
}

/// What the signature is for, so that it never counts as one over anything else (RFC 8725, 3.11).
const TYPE: &str = "mcp-manifest";

impl Form {
    pub(crate) const ALL: [Self; 2] = [Self::Json, Self::Signed];

    /// Where it stands, after the path of the MCP endpoint.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Json => "/manifest",
            Self::Signed => "/manifest.jws",
        }
    }
}

/// Sends `caller` the manifest of what it may see.
pub(crate) fn respond(
    form: Form,
    head: &request::Parts,
    caller: &Caller,
    sources: &Sources<'_>,
) -> Result<Response, Refusal> {
    if !matches!(head.method, http::Method::GET | http::Method::HEAD) {
        return Err(Refusal::DocumentMethodNotAllowed);
    }
    let manifest = sources.manifest(caller);
    let mut response = match form {
        Form::Json => {
            let digest = manifest.digest.trim_start_matches("sha256:");
            answer(head, &manifest.bytes, "application/json", etag(digest))
        }
        Form::Signed => {
            let jws = sources
                .evidence
                .map(|evidence| evidence.jws(TYPE, &manifest.bytes))
                .ok_or(Refusal::NotFound { endpoint: None })?;
            let etag = etag(&sha256(jws.as_bytes()));
            answer(head, &jws.into(), "application/jose", etag)
        }
    };
    let scope = if sources.policy.is_open() {
        "public"
    } else {
        "private"
    };
    let age = format!("{scope}, max-age={}", sources.settings.lists.ttl.as_secs());
    let headers = response.headers_mut();
    if let Ok(age) = HeaderValue::from_str(&age) {
        headers.insert(header::CACHE_CONTROL, age);
    }
    headers.insert(header::VARY, HeaderValue::from_static("Authorization"));
    Ok(response)
}
