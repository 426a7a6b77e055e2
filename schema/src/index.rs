//! Where the subschemas are, and what they are called.
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    SchemaError,
    limits::MAX_SUBSCHEMAS,
    text::{MAX_SHOWN, shorten},
    uri,
};

/// A subschema's number: its place in [`Index::places`] and, compiled, among the nodes.
pub(super) type NodeId = usize;
/// A schema resource's number (2020-12 core §8.2.1): the document, or a subschema with an `$id`.
pub(super) type ResourceId = usize;

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

pub(super) const HOLDS_ONE: [&str; 11] = [
    "additionalProperties",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];
pub(super) const HOLDS_LIST: [&str; 4] = ["allOf", "anyOf", "oneOf", "prefixItems"];
// `definitions` is what `$defs` was called in earlier drafts; references to it are still common.
pub(super) const HOLDS_MAP: [&str; 5] = [
    "$defs",
    "definitions",
    "dependentSchemas",
    "patternProperties",
    "properties",
];

/// Every subschema of a document.
#[derive(Default)]
pub(super) struct Index<'a> {
    pub(super) places: Vec<Place<'a>>,
    pub(super) resources: Vec<Resource<'a>>,
    by_uri: BTreeMap<String, ResourceId>,
    /// Sorted. A vector, because another kind of map would weigh more in wasm than the search for a place costs here.
    by_address: Vec<(*const Value, NodeId)>,
}

/// One subschema and the way to it.
pub(super) struct Place<'a> {
    pub(super) schema: &'a Value,
    pub(super) resource: ResourceId,
    parent: Option<NodeId>,
    steps: Vec<PathSegment<'a>>,
}

#[derive(Clone, Copy)]
enum PathSegment<'a> {
    Name(&'a str),
    Position(usize),
}

/// One schema resource.
pub(super) struct Resource<'a> {
    uri: String,
    root: &'a Value,
    anchors: BTreeMap<String, NodeId>,
    pub(super) dynamic_anchors: BTreeMap<String, NodeId>,
}

impl<'a> Index<'a> {
    pub(super) fn of(document: &'a Value) -> Result<Self, SchemaError> {
        let mut index = Self::default();
        index.add_resource(String::new(), document, None)?;
        index.add(document, 0, None, Vec::new())?;
        Ok(index)
    }

    /// The number of a subschema that is a direct part of an indexed one.
    pub(super) fn node_of(&self, schema: &Value) -> Option<NodeId> {
        let found = self.place_of(schema).ok()?;
        self.by_address.get(found).map(|(_, node)| *node)
    }

    /// What a `$ref` or `$dynamicRef` in the subschema `from` names, and the resource and fragment that it names it by.
    pub(super) fn target<'r>(
        &self,
        from: NodeId,
        reference: &'r str,
    ) -> Result<(NodeId, &Resource<'a>, &'r str), SchemaError> {
        let (location, fragment) = uri::split_fragment(reference);
        let resource = self
            .places
            .get(from)
            .and_then(|place| self.resources.get(place.resource))
            .and_then(|base| self.by_uri.get(&uri::resolve(&base.uri, location)))
            .and_then(|id| self.resources.get(*id))
            .ok_or_else(|| SchemaError::RemoteReference {
                at: self.locate(from),
                reference: shorten(reference, MAX_SHOWN),
            })?;
        let node = if fragment.is_empty() || fragment.starts_with('/') {
            let pointer = percent_decoded(fragment);
            pointer
                .and_then(|pointer| resource.root.pointer(&pointer))
                .and_then(|schema| self.node_of(schema))
        } else {
            resource
                .anchors
                .get(fragment)
                .or_else(|| resource.dynamic_anchors.get(fragment))
                .copied()
        };
        let dangling = || SchemaError::DanglingReference {
            at: self.locate(from),
            reference: shorten(reference, MAX_SHOWN),
        };
        Ok((node.ok_or_else(dangling)?, resource, fragment))
    }

    /// A JSON Pointer to a subschema, for an error.
    pub(super) fn locate(&self, node: NodeId) -> String {
        let mut way = Vec::new();
        let mut next = self.places.get(node);
        while let Some(place) = next {
            way.extend(place.steps.iter().rev());
            next = place.parent.and_then(|parent| self.places.get(parent));
        }
        let mut pointer = "#".to_owned();
        for step in way.into_iter().rev() {
            pointer.push('/');
            match step {
                PathSegment::Name(name) => pointer.push_str(&shorten(
                    &name.replace('~', "~0").replace('/', "~1"),
                    MAX_SHOWN,
                )),
                PathSegment::Position(position) => pointer.push_str(&position.to_string()),
            }
        }
        pointer
    }

    /// Recurses no deeper than `check_size` let the document be.
    fn add(
        &mut self,
        schema: &'a Value,
        resource: ResourceId,
        parent: Option<NodeId>,
        steps: Vec<PathSegment<'a>>,
    ) -> Result<(), SchemaError> {
        let node = self.places.len();
        if node >= MAX_SUBSCHEMAS {
            return Err(SchemaError::TooManySubschemas);
        }
        self.places.push(Place {
            schema,
            resource,
            parent,
            steps,
        });
        if let Err(place) = self.place_of(schema) {
            self.by_address
                .insert(place, (std::ptr::from_ref(schema), node));
        }
        let keywords = match schema {
            Value::Object(keywords) => keywords,
            Value::Bool(_) => return Ok(()),
            _ => {
                return Err(SchemaError::NotASchema {
                    at: self.locate(node),
                });
            }
        };
        self.check_dialect(node, keywords)?;
        let resource = self.enter_resource(node, schema, keywords, resource)?;
        self.name(node, keywords, resource)?;
        self.add_children(node, keywords, resource)
    }

    fn add_children(
        &mut self,
        node: NodeId,
        keywords: &'a Map<String, Value>,
        resource: ResourceId,
    ) -> Result<(), SchemaError> {
        let parent = Some(node);
        for keyword in HOLDS_ONE {
            if let Some(schema) = member(keywords, keyword) {
                self.add(schema, resource, parent, vec![PathSegment::Name(keyword)])?;
            }
        }
        for keyword in HOLDS_LIST {
            let Some(value) = member(keywords, keyword) else {
                continue;
            };
            let list = value.as_array().filter(|list| !list.is_empty());
            for (position, schema) in self
                .well_formed(node, keyword, "a list of schemas", list)?
                .iter()
                .enumerate()
            {
                self.add(
                    schema,
                    resource,
                    parent,
                    vec![PathSegment::Name(keyword), PathSegment::Position(position)],
                )?;
            }
        }
        for keyword in HOLDS_MAP {
            let Some(value) = member(keywords, keyword) else {
                continue;
            };
            for (name, schema) in
                self.well_formed(node, keyword, "an object of schemas", value.as_object())?
            {
                self.add(
                    schema,
                    resource,
                    parent,
                    vec![PathSegment::Name(keyword), PathSegment::Name(name)],
                )?;
            }
        }
        Ok(())
    }

    fn check_dialect(
        &self,
        node: NodeId,
        keywords: &Map<String, Value>,
    ) -> Result<(), SchemaError> {
        let Some(dialect) = member(keywords, "$schema") else {
            return Ok(());
        };
        let dialect = self.well_formed(node, "$schema", "a URI", dialect.as_str())?;
        if dialect.strip_suffix('#').unwrap_or(dialect) == DIALECT {
            return Ok(());
        }
        Err(SchemaError::Dialect {
            at: self.locate(node),
            dialect: shorten(dialect, MAX_SHOWN),
        })
    }

    fn enter_resource(
        &mut self,
        node: NodeId,
        schema: &'a Value,
        keywords: &'a Map<String, Value>,
        outer: ResourceId,
    ) -> Result<ResourceId, SchemaError> {
        let Some(id) = member(keywords, "$id") else {
            return Ok(outer);
        };
        let id = self.well_formed(node, "$id", "a URI without a fragment", id.as_str())?;
        let (id, fragment) = uri::split_fragment(id);
        self.well_formed(
            node,
            "$id",
            "a URI without a fragment",
            fragment.is_empty().then_some(()),
        )?;
        let base = self
            .resources
            .get(outer)
            .map_or("", |resource| &resource.uri);
        let uri = uri::resolve(base, id);
        let resource = self.add_resource(uri, schema, Some(node))?;
        if let Some(place) = self.places.get_mut(node) {
            place.resource = resource;
        }
        Ok(resource)
    }

    fn add_resource(
        &mut self,
        uri: String,
        root: &'a Value,
        node: Option<NodeId>,
    ) -> Result<ResourceId, SchemaError> {
        let id = self.resources.len();
        if self.by_uri.insert(uri.clone(), id).is_some() {
            let at = node.map(|node| self.locate(node)).unwrap_or_default();
            return Err(SchemaError::DuplicateName {
                at,
                name: shorten(&uri, MAX_SHOWN),
            });
        }
        self.resources.push(Resource {
            uri,
            root,
            anchors: BTreeMap::new(),
            dynamic_anchors: BTreeMap::new(),
        });
        Ok(id)
    }

    fn name(
        &mut self,
        node: NodeId,
        keywords: &'a Map<String, Value>,
        resource: ResourceId,
    ) -> Result<(), SchemaError> {
        for keyword in ["$anchor", "$dynamicAnchor"] {
            let Some(name) = member(keywords, keyword) else {
                continue;
            };
            let name = name.as_str().filter(|name| is_anchor(name));
            let name = self.well_formed(
                node,
                keyword,
                "a name that starts with a letter or underscore",
                name,
            )?;
            let Some(resource) = self.resources.get_mut(resource) else {
                continue;
            };
            let names = if keyword == "$anchor" {
                &mut resource.anchors
            } else {
                &mut resource.dynamic_anchors
            };
            if names.insert(name.to_owned(), node).is_some() {
                return Err(SchemaError::DuplicateName {
                    at: self.locate(node),
                    name: shorten(name, MAX_SHOWN),
                });
            }
        }
        Ok(())
    }

    fn place_of(&self, schema: &Value) -> Result<usize, usize> {
        self.by_address
            .binary_search_by_key(&std::ptr::from_ref(schema), |(address, _)| *address)
    }

    pub(super) fn well_formed<T>(
        &self,
        node: NodeId,
        keyword: &'static str,
        expected: &'static str,
        value: Option<T>,
    ) -> Result<T, SchemaError> {
        value.ok_or_else(|| self.malformed(node, keyword, expected))
    }

    #[cold]
    fn malformed(
        &self,
        node: NodeId,
        keyword: &'static str,
        expected: &'static str,
    ) -> SchemaError {
        SchemaError::Keyword {
            at: self.locate(node),
            keyword,
            expected,
        }
    }
}

/// Not inlined: a search is a page of code, and there are forty of them.
#[inline(never)]
pub(super) fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name)
}

fn is_anchor(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}
