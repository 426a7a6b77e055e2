//! `x-mcp-header`: which arguments of a tool a client repeats in `Mcp-Param-…` headers.
use std::collections::BTreeMap;

use serde_json::{Map, Value};
use thiserror::Error;

use super::{
    SchemaError,
    index::{HOLDS_LIST, HOLDS_MAP, HOLDS_ONE},
    limits::check_size,
    path::{self, Part},
    text::{MAX_SHOWN, shorten},
};

const KEYWORD: &str = "x-mcp-header";

/// An integer argument that is mirrored lies between minus this and this, 2^53 - 1, so that every client writes it alike.
pub const LARGEST_INTEGER: i64 = (1 << 53) - 1;

/// An argument that is repeated in a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MirroredHeader {
    /// What follows `Mcp-Param-`, as the schema writes it; header names have no case.
    pub header: String,
    /// The property's name, after those of the objects around it.
    pub path: Vec<String>,
    /// What the argument is.
    pub kind: MirroredType,
}

impl MirroredHeader {
    /// The whole name of the header, in small letters.
    pub fn name(&self) -> String {
        format!("mcp-param-{}", self.header.to_ascii_lowercase())
    }

    /// The argument of a call that the header repeats; `None` where it is missing or `null`, and the header has to be missing
    /// too.
    pub fn argument<'a>(&self, arguments: &'a Map<String, Value>) -> Option<&'a Value> {
        let (first, rest) = self.path.split_first()?;
        let mut rest = rest.iter();
        let found = rest.try_fold(arguments.get(first)?, |value, name| value.get(name))?;
        (!found.is_null()).then_some(found)
    }
}

/// The types of arguments that can be mirrored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MirroredType {
    /// Written as it is.
    String,
    /// Written in decimal; within [`LARGEST_INTEGER`] of zero.
    Integer,
    /// `true` or `false`.
    Boolean,
}

/// Why a client would drop the tool from its list.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MirrorError {
    /// Not a token of RFC 9110 §5.6.2.
    #[error(
        "`{path}`: x-mcp-header must be a header name: one or more letters, digits or any of !#$%&'*+-.^_`|~"
    )]
    Name {
        /// The property.
        path: String,
    },
    /// Used twice; case does not count.
    #[error("`{path}`: x-mcp-header `{header}` is already the header of `{earlier}`")]
    Duplicate {
        /// The property.
        path: String,
        /// The name.
        header: String,
        /// The property that has it.
        earlier: String,
    },
    /// On something else than a string, an integer or a boolean.
    #[error(
        "`{path}`: x-mcp-header needs a property whose `type` is just \"string\", \"integer\" or \"boolean\"; an optional one \
         is left out of `required`, not made nullable"
    )]
    Type {
        /// The property.
        path: String,
    },
    /// Where `properties` alone do not lead.
    #[error(
        "`{path}`: x-mcp-header works only on properties of the arguments or of objects in them, not {place}"
    )]
    Place {
        /// The nearest property, or nothing for the arguments themselves.
        path: String,
        /// What is in between.
        place: String,
    },
    /// The schema is larger or deeper than any that is served.
    #[error(transparent)]
    Schema(#[from] SchemaError),
}

/// The mirrored arguments of an input schema, in the order of the schema.
pub fn mirrored(schema: &Value) -> Result<Vec<MirroredHeader>, MirrorError> {
    check_size(schema)?;
    let mut search = Search {
        path: Vec::new(),
        found: Vec::new(),
        earlier: BTreeMap::new(),
    };
    search.look(schema, Place::Arguments)?;
    Ok(search.found)
}

#[derive(Clone, Copy)]
enum Place<'a> {
    Arguments,
    Property,
    /// Behind a keyword that is not `properties`.
    Behind(&'a str),
}

struct Search<'a> {
    path: Vec<Part<'a>>,
    found: Vec<MirroredHeader>,
    earlier: BTreeMap<String, String>,
}

impl<'a> Search<'a> {
    /// Recurses no deeper than `check_size` let the schema be.
    fn look(&mut self, schema: &'a Value, place: Place<'a>) -> Result<(), MirrorError> {
        let Value::Object(keywords) = schema else {
            return Ok(());
        };
        if let Some(header) = keywords.get(KEYWORD) {
            self.add(header, keywords, place)?;
        }
        for (keyword, value) in keywords {
            let behind = match place {
                Place::Behind(_) => place,
                _ => Place::Behind(keyword),
            };
            match value {
                Value::Object(properties) if keyword == "properties" => {
                    let place = if matches!(place, Place::Behind(_)) {
                        place
                    } else {
                        Place::Property
                    };
                    for (name, property) in properties {
                        self.path.push(Part::Member(name));
                        self.look(property, place)?;
                        self.path.pop();
                    }
                }
                Value::Object(schemas) if HOLDS_MAP.contains(&keyword.as_str()) => {
                    schemas
                        .values()
                        .try_for_each(|schema| self.look(schema, behind))?;
                }
                Value::Array(schemas) if HOLDS_LIST.contains(&keyword.as_str()) => {
                    schemas
                        .iter()
                        .try_for_each(|schema| self.look(schema, behind))?;
                }
                value if HOLDS_ONE.contains(&keyword.as_str()) => self.look(value, behind)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn add(
        &mut self,
        header: &Value,
        property: &Map<String, Value>,
        place: Place<'_>,
    ) -> Result<(), MirrorError> {
        let path = path::written(&self.path);
        let place = match place {
            Place::Property => None,
            Place::Arguments => Some("on the arguments as a whole".to_owned()),
            Place::Behind(keyword) => Some(format!("behind `{keyword}`")),
        };
        if let Some(place) = place {
            return Err(MirrorError::Place { path, place });
        }
        let Some(header) = header.as_str().filter(|name| is_token(name)) else {
            return Err(MirrorError::Name { path });
        };
        let kind = match property.get("type").and_then(Value::as_str) {
            Some("string") => MirroredType::String,
            Some("integer") => MirroredType::Integer,
            Some("boolean") => MirroredType::Boolean,
            _ => return Err(MirrorError::Type { path }),
        };
        if let Some(earlier) = self
            .earlier
            .insert(header.to_ascii_lowercase(), path.clone())
        {
            return Err(MirrorError::Duplicate {
                path,
                header: shorten(header, MAX_SHOWN),
                earlier,
            });
        }
        let names = self.path.iter().filter_map(|part| match part {
            Part::Member(name) => Some((*name).to_owned()),
            Part::Item(_) => None,
        });
        self.found.push(MirroredHeader {
            header: header.to_owned(),
            path: names.collect(),
            kind,
        });
        Ok(())
    }
}

fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{MirroredHeader, MirroredType, mirrored};

    fn refused(property: Value) -> String {
        mirrored(&json!({ "properties": { "region": property } }))
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn finds_properties_at_any_depth() {
        let schema = json!({
            "properties": {
                "dry": { "type": "boolean", "x-mcp-header": "Dry-Run" },
                "target": { "type": "object", "properties": {
                    "port": { "type": "integer", "x-mcp-header": "Port" }
                } },
                "plain": { "type": "string" },
                "x-mcp-header": { "type": "string", "x-mcp-header": "X" }
            }
        });
        let expected = |header: &str, path: &[&str], kind| MirroredHeader {
            header: header.to_owned(),
            path: path.iter().map(|name| (*name).to_owned()).collect(),
            kind,
        };
        assert_eq!(
            mirrored(&schema).unwrap(),
            [
                expected("Dry-Run", &["dry"], MirroredType::Boolean),
                expected("Port", &["target", "port"], MirroredType::Integer),
                expected("X", &["x-mcp-header"], MirroredType::String),
            ]
        );
    }

    #[test]
    fn says_what_a_client_would_not_accept() {
        for name in [
            json!(""),
            json!("a b"),
            json!("a:b"),
            json!("ä"),
            json!(1),
            json!(null),
        ] {
            let said = refused(json!({ "type": "string", "x-mcp-header": name }));
            assert!(
                said.starts_with("`region`: x-mcp-header must be a header name"),
                "{said}"
            );
        }
        for kind in [
            json!("number"),
            json!("object"),
            json!(["string", "null"]),
            json!(null),
        ] {
            let said = refused(json!({ "type": kind, "x-mcp-header": "Region" }));
            assert!(
                said.starts_with("`region`: x-mcp-header needs a property whose `type`"),
                "{said}"
            );
        }
        let twice = json!({ "properties": {
            "a": { "type": "string", "x-mcp-header": "Region" },
            "b": { "properties": { "c": { "type": "string", "x-mcp-header": "region" } } }
        } });
        assert_eq!(
            mirrored(&twice).unwrap_err().to_string(),
            "`b.c`: x-mcp-header `region` is already the header of `a`"
        );
    }

    #[test]
    fn only_properties_lead_to_a_header() {
        let marked = json!({ "type": "string", "x-mcp-header": "Region" });
        for (keyword, value) in [
            ("items", marked.clone()),
            (
                "additionalProperties",
                json!({ "properties": { "inner": marked } }),
            ),
            ("anyOf", json!([{ "properties": { "inner": marked } }])),
            ("oneOf", json!([marked])),
            ("allOf", json!([true, marked])),
            ("not", marked.clone()),
            ("if", marked.clone()),
            ("then", marked.clone()),
            ("else", marked.clone()),
            ("$defs", json!({ "inner": marked })),
            ("patternProperties", json!({ "^a": marked })),
        ] {
            let said = refused(json!({ keyword: value }));
            assert!(said.ends_with(&format!("not behind `{keyword}`")), "{said}");
        }
        let root = mirrored(&marked).unwrap_err().to_string();
        assert!(root.ends_with("not on the arguments as a whole"), "{root}");
        // Data is not a schema.
        assert_eq!(
            mirrored(&json!({ "default": marked, "properties": { "a": { "const": marked } } }))
                .unwrap(),
            []
        );
    }
}
