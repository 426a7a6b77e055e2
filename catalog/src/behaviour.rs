//! What a tool does that its definition does not show.
//!
//! An approval covers it, so the digest must not depend on the binary form of a catalog: it is of canonical JSON.

use std::collections::BTreeMap;

use mcp_edge_audit::canonical;
use mcp_edge_settings::wire::{Reader, Writer};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::definition::DIGEST_BYTES;
use crate::{Body, Method, Operation, Output, Parameter, PathPiece, ResultShape};

/// The fields of an operation that decide what is sent, and what of a response becomes the result.
#[derive(Serialize)]
struct Request<'a> {
    upstream: &'a str,
    origin: Option<&'a str>,
    method: Method,
    path: &'a [Vec<PathPiece>],
    fixed_query: &'a [(String, String)],
    parameters: &'a [Parameter],
    body: Option<&'a Body>,
    accept: &'a str,
    strict_input: Option<&'a Value>,
    output: &'a Output,
    shape: &'a ResultShape,
}

impl Operation {
    /// SHA-256 of the canonical JSON (RFC 8785) of the request that the operation sends, and of what of a response becomes the
    /// result.
    pub fn request_digest(&self) -> [u8; DIGEST_BYTES] {
        let Self {
            // The definition has these.
            name: _,
            title: _,
            description: _,
            annotations: _,
            input: _,
            // They decide who may call and find the tool.
            scopes: _,
            tags: _,
            upstream,
            origin,
            method,
            path,
            fixed_query,
            parameters,
            body,
            accept,
            strict_input,
            output,
            shape,
        } = self;
        let request = Request {
            upstream,
            origin: origin.as_deref(),
            method: *method,
            path,
            fixed_query,
            parameters,
            body: body.as_ref(),
            accept,
            strict_input: strict_input.as_ref(),
            output,
            shape,
        };
        // The types have no value that JSON cannot write.
        let request = serde_json::to_value(request).unwrap_or_default();
        Sha256::digest(canonical::to_vec(&request)).into()
    }
}

/// Where the requests of each upstream go and with which credential, as far as the configuration sets it: for its `url`, and for
/// each of its `origins`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Destinations(BTreeMap<String, BTreeMap<String, TenantDestinations>>);

/// A digest for each tenant, and one for all other callers.
type TenantDestinations = BTreeMap<String, [u8; DIGEST_BYTES]>;

/// Instead of an origin's name: no key of a table is empty.
const OWN_URL: &str = "";

/// Instead of a tenant: none is called so.
const OTHERS: &str = "";

impl Destinations {
    /// Adds the `settings` that decide where the requests of an upstream go for callers of `tenant`, or of no tenant that the
    /// upstream names, or those to one of its `origins`: a text without the value of any secret.
    pub fn add(
        &mut self,
        upstream: &str,
        origin: Option<&str>,
        tenant: Option<&str>,
        settings: &str,
    ) {
        let digest = Sha256::digest(settings).into();
        let upstream = self.0.entry(upstream.to_owned()).or_default();
        let origin = origin.unwrap_or(OWN_URL).to_owned();
        let tenant = tenant.unwrap_or(OTHERS).to_owned();
        upstream.entry(origin).or_default().insert(tenant, digest);
    }

    /// The digest of the settings of an upstream or of one of its origins, for all tenants.
    pub fn digest(&self, upstream: &str, origin: Option<&str>) -> Option<[u8; DIGEST_BYTES]> {
        let tenants = self.0.get(upstream)?.get(origin.unwrap_or(OWN_URL))?;
        if let (1, Some(digest)) = (tenants.len(), tenants.get(OTHERS)) {
            return Some(*digest);
        }
        let mut all = Writer::from(Vec::new());
        write(&mut all, tenants);
        Some(Sha256::digest(all.finish()).into())
    }

    /// The digest of the settings for the callers of each tenant that the upstream names.
    pub fn of_tenants(
        &self,
        upstream: &str,
        origin: Option<&str>,
    ) -> impl Iterator<Item = (&str, [u8; DIGEST_BYTES])> {
        let origins = self.0.get(upstream);
        let tenants = origins.and_then(|origins| origins.get(origin.unwrap_or(OWN_URL)));
        let tenants = tenants.into_iter().flatten();
        tenants
            .filter(|(tenant, _)| *tenant != OTHERS)
            .map(|(tenant, digest)| (tenant.as_str(), *digest))
    }

    /// SHA-256 of the digest of a [request](Operation::request_digest) and of where it goes: all that a tool does besides what
    /// its definition shows.
    pub fn behaviour(
        &self,
        upstream: &str,
        origin: Option<&str>,
        request: [u8; DIGEST_BYTES],
    ) -> [u8; DIGEST_BYTES] {
        let destination = self.digest(upstream, origin).unwrap_or_default();
        let digest = Sha256::new().chain_update(request);
        digest.chain_update(destination).finalize().into()
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.length(self.0.len());
        for (upstream, origins) in &self.0 {
            writer.text(upstream);
            writer.length(origins.len());
            for (origin, tenants) in origins {
                writer.text(origin);
                write(writer, tenants);
            }
        }
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let mut upstreams = BTreeMap::new();
        for _ in 0..reader.length()? {
            let upstream = reader.text()?.to_owned();
            let mut origins = BTreeMap::new();
            for _ in 0..reader.length()? {
                let origin = reader.text()?.to_owned();
                let mut tenants = TenantDestinations::new();
                for _ in 0..reader.length()? {
                    tenants.insert(reader.text()?.to_owned(), reader.bytes()?);
                }
                origins.insert(origin, tenants);
            }
            upstreams.insert(upstream, origins);
        }
        Some(Self(upstreams))
    }
}

fn write(writer: &mut Writer, tenants: &TenantDestinations) {
    writer.length(tenants.len());
    for (tenant, digest) in tenants {
        writer.text(tenant);
        writer.bytes(digest);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::samples::{operation, parameter, style};
    use crate::{BodyContent, Location, Source, Style, WholeForm};

    #[test]
    fn every_part_of_a_request_changes_its_digest() {
        let mut tool = operation("a");
        tool.parameters = vec![parameter("q", Location::Query, style(Style::Form, true))];
        tool.body = Some(Body {
            media_type: "application/json".to_owned(),
            required: true,
            content: BodyContent::Whole {
                source: Source::Fixed(json!(1)),
                form: WholeForm::Json,
            },
        });
        let changes: [fn(&mut Operation); 14] = [
            |tool| tool.upstream.push('x'),
            |tool| tool.origin = Some("other".to_owned()),
            |tool| tool.method = Method::Delete,
            |tool| tool.path.push(Vec::new()),
            |tool| tool.fixed_query.push(("a".to_owned(), "b".to_owned())),
            |tool| tool.parameters[0].name.push('x'),
            |tool| tool.parameters[0].location = Location::Header,
            |tool| tool.parameters[0].source = Source::Fixed(json!("x")),
            |tool| tool.parameters[0].encoding = style(Style::DeepObject, true),
            |tool| tool.body.as_mut().unwrap().media_type.push('x'),
            |tool| tool.body = None,
            |tool| tool.accept.push('x'),
            |tool| tool.strict_input = Some(json!({})),
            |tool| tool.shape.max_items = Some(1),
        ];
        let mut digests = vec![tool.request_digest()];
        for change in changes {
            let mut other = tool.clone();
            change(&mut other);
            digests.push(other.request_digest());
        }
        let count = digests.len();
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), count);

        // Not what the definition, or who may call it, is about.
        let mut other = tool.clone();
        other.description.push('x');
        other.scopes.push("a".to_owned());
        assert_eq!(other.request_digest(), tool.request_digest());
    }

    #[test]
    fn another_destination_is_another_behaviour() {
        let of = |settings: &str| {
            let mut destinations = Destinations::default();
            destinations.add("api", None, None, settings);
            destinations.add("api", Some("files"), None, "url = b");
            let mut writer = Writer::from(Vec::new());
            destinations.write(&mut writer);
            let bytes = writer.finish();
            let read = Destinations::read(&mut Reader::new(&bytes));
            assert_eq!(read.as_ref(), Some(&destinations));
            destinations
        };
        let (old, new) = (of("url = a"), of("url = c"));
        let request = [1; DIGEST_BYTES];
        let behaviour = |of: &Destinations, origin| of.behaviour("api", origin, request);
        assert_ne!(behaviour(&old, None), behaviour(&new, None));
        assert_ne!(behaviour(&old, None), behaviour(&old, Some("files")));
        assert_eq!(
            behaviour(&old, Some("files")),
            behaviour(&new, Some("files"))
        );
        assert_ne!(
            old.behaviour("api", None, request),
            old.behaviour("api", None, [2; DIGEST_BYTES])
        );
    }

    #[test]
    fn the_settings_of_each_tenant_are_part_of_the_behaviour() {
        let of = |tenants: &[(Option<&str>, &str)]| {
            let mut destinations = Destinations::default();
            for (tenant, settings) in tenants {
                destinations.add("api", None, *tenant, settings);
            }
            destinations.digest("api", None).unwrap()
        };
        let digests = [
            of(&[(None, "a")]),
            of(&[(Some("acme"), "a")]),
            of(&[(Some("globex"), "a")]),
            of(&[(None, "a"), (Some("acme"), "a")]),
            of(&[(Some("acme"), "a"), (Some("globex"), "b")]),
            of(&[(Some("acme"), "b"), (Some("globex"), "a")]),
        ];
        let distinct: std::collections::BTreeSet<_> = digests.into_iter().collect();
        assert_eq!(distinct.len(), digests.len());
    }
}
