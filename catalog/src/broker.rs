//! The tools that find, describe and call the operations of an upstream whose `expose` is `search`.

use mcp_edge_audit::canonical;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::definition::DIGEST_BYTES;
use crate::{Definition, Operation};

/// One of the three tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broker {
    /// Finds operations by words.
    Search,
    /// Describes operations by name.
    Describe,
    /// Calls an operation.
    Call,
}

/// The maximum number of results of a search.
pub const MAX_FOUND: usize = 20;
/// The maximum length of the line about an operation that was found, in characters.
const MAX_LINE: usize = 200;
/// The number of results of a search that does not set one.
const DEFAULT_FOUND: usize = 8;
/// The maximum number of operations that are described at once.
pub const MAX_DESCRIBED: usize = 5;

impl Broker {
    /// All of them, in the order of their list.
    pub const ALL: [Self; 3] = [Self::Search, Self::Describe, Self::Call];

    /// Its name, for an upstream of this name.
    pub fn name(self, upstream: &str) -> String {
        let word = match self {
            Self::Search => "search",
            Self::Describe => "describe",
            Self::Call => "call",
        };
        format!("{upstream}_{word}")
    }

    /// Its definition, as clients of every revision list it.
    pub fn definition(self, upstream: &str) -> Value {
        let [search, describe, call] = Self::ALL.map(|broker| broker.name(upstream));
        let name = json!({
            "type": "string",
            "minLength": 1,
            "maxLength": 64,
            "description": format!("The name of a tool that {search} found."),
        });
        let (description, input, is_reading) = match self {
            Self::Search => (
                format!(
                    "Finds tools of `{upstream}` by what they do. Returns their names, what each does, and the arguments that it \
                     requires. Then read the ones that fit with {describe}, and call one with {call}."
                ),
                json!({
                    "type": "object",
                    "properties": {
                        "query": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 500,
                            "description": "Words for what the tool should do, such as \"list open orders\".",
                        },
                        "limit": {
                            "type": "integer",
                            "minimum": 1,
                            "maximum": MAX_FOUND,
                            "default": DEFAULT_FOUND,
                            "description": "The maximum number of tools to return.",
                        },
                        "tag": {
                            "type": "string",
                            "maxLength": 200,
                            "description": "Only tools with this tag.",
                        },
                    },
                    "required": ["query"],
                    "additionalProperties": false,
                }),
                true,
            ),
            Self::Describe => (
                format!(
                    "Returns the whole definitions of tools of `{upstream}`: description and schema of the arguments. Read a tool \
                     before you call it with {call}."
                ),
                json!({
                    "type": "object",
                    "properties": {
                        "names": {
                            "type": "array",
                            "items": name,
                            "minItems": 1,
                            "maxItems": MAX_DESCRIBED,
                            "description": "The names of the tools.",
                        },
                    },
                    "required": ["names"],
                    "additionalProperties": false,
                }),
                true,
            ),
            Self::Call => (
                format!(
                    "Calls a tool of `{upstream}` with arguments that fit its schema, as {describe} returns it."
                ),
                json!({
                    "type": "object",
                    "properties": {
                        "name": name,
                        "arguments": {
                            "type": "object",
                            "description": "The arguments of the tool.",
                        },
                    },
                    "required": ["name"],
                    "additionalProperties": false,
                }),
                false,
            ),
        };
        json!({
            "name": self.name(upstream),
            "description": description,
            "inputSchema": input,
            "annotations": { "readOnlyHint": is_reading },
        })
    }

    /// SHA-256 of the canonical JSON (RFC 8785) of the definition.
    pub fn digest(self, upstream: &str) -> [u8; DIGEST_BYTES] {
        Sha256::digest(canonical::to_vec(&self.definition(upstream))).into()
    }

    /// The result of a search that has found these, best first.
    pub fn found<'a>(operations: impl IntoIterator<Item = &'a Operation>) -> String {
        let mut lines = String::new();
        for operation in operations {
            let required = operation.input.get("required").and_then(Value::as_array);
            let required: Vec<_> = required
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            let about = operation.description.lines().next().unwrap_or_default();
            let about: String = about.chars().take(MAX_LINE).collect();
            lines.push_str(&format!("{}: {about}\n", operation.name));
            if !required.is_empty() {
                lines.push_str(&format!("  requires: {}\n", required.join(", ")));
            }
        }
        if lines.is_empty() {
            lines.push_str("No tool fits. Use other words, or leave out the tag.");
        }
        lines
    }

    /// The description of one operation; `None` if there is none of that `name`.
    pub fn described(name: &str, operation: Option<&Operation>) -> Value {
        match operation {
            Some(operation) => Definition::of(operation).modern(),
            None => json!({ "name": name, "error": "there is no tool of that name" }),
        }
    }

    /// The number of results that a search returns.
    pub fn limit(arguments: &Value) -> usize {
        let limit = arguments.get("limit").and_then(Value::as_u64);
        limit
            .and_then(|limit| usize::try_from(limit).ok())
            .unwrap_or(DEFAULT_FOUND)
            .clamp(1, MAX_FOUND)
    }
}

#[cfg(test)]
mod tests {
    use mcp_edge_schema::Schema;

    use super::*;

    #[test]
    fn definitions_have_schemas_that_take_what_they_describe() {
        let fits = |broker: Broker, arguments: &Value| {
            let definition = broker.definition("orders");
            let schema = Schema::compile(&definition["inputSchema"]).unwrap();
            schema.fits(arguments).unwrap()
        };
        for (broker, good, bad) in [
            (
                Broker::Search,
                json!({ "query": "open orders", "limit": 3, "tag": "a" }),
                json!({ "query": "x", "limit": 21 }),
            ),
            (
                Broker::Describe,
                json!({ "names": ["a"] }),
                json!({ "names": ["a", "b", "c", "d", "e", "f"] }),
            ),
            (
                Broker::Call,
                json!({ "name": "a", "arguments": {} }),
                json!({ "name": "a", "arguments": [] }),
            ),
        ] {
            assert!(fits(broker, &good), "{broker:?}");
            assert!(!fits(broker, &bad), "{broker:?}");
        }
        let names = Broker::ALL.map(|broker| broker.name("orders"));
        assert_eq!(names, ["orders_search", "orders_describe", "orders_call"]);
    }

    #[test]
    fn a_limit_is_in_its_range() {
        for (arguments, limit) in [
            (json!({}), DEFAULT_FOUND),
            (json!({ "limit": 0 }), 1),
            (json!({ "limit": 1000 }), MAX_FOUND),
            (json!({ "limit": "x" }), DEFAULT_FOUND),
        ] {
            assert_eq!(Broker::limit(&arguments), limit);
        }
    }
}
