//! The definition of a tool, as clients list it.

use mcp_edge_audit::canonical;
use mcp_edge_schema::listed;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::{Operation, Output};

/// The length of a digest in bytes.
pub(crate) const DIGEST_BYTES: usize = 32;

/// The definition of a tool, as `tools/list` shows it (2026-07-28, `Tool`).
#[derive(Debug, Clone, PartialEq)]
pub struct Definition(Map<String, Value>);

impl Definition {
    /// The definition of an operation.
    pub fn of(operation: &Operation) -> Self {
        let mut members = Map::new();
        let mut add = |name: &str, value: Value| members.insert(name.to_owned(), value);
        add("name", Value::from(operation.name.as_str()));
        if let Some(title) = &operation.title {
            add("title", Value::from(title.as_str()));
        }
        add("description", Value::from(operation.description.as_str()));
        let hints = annotations(operation);
        if !hints.is_empty() {
            add("annotations", Value::Object(hints));
        }
        add("inputSchema", listed(&operation.input));
        if let Output::Schema { schema, .. } = &operation.output {
            add(OUTPUT, listed(schema));
        }
        Self(members)
    }

    /// The definition for clients of the newest revision.
    pub fn modern(self) -> Value {
        Value::Object(self.0)
    }

    /// The definition for clients of the revisions from 2025-06-18 to 2025-11-25: they know output schemas of objects only.
    pub fn legacy(self) -> Value {
        let output = self.0.get(OUTPUT).and_then(|schema| schema.get("type"));
        match output.and_then(Value::as_str) {
            Some("object") => self.modern(),
            _ => self.first(),
        }
    }

    /// The definition for clients of 2025-03-26, which know no output schemas.
    pub fn first(mut self) -> Value {
        self.0.remove(OUTPUT);
        self.modern()
    }

    /// SHA-256 of the canonical JSON (RFC 8785) of the definition for the newest revision.
    pub fn digest(self) -> [u8; DIGEST_BYTES] {
        Sha256::digest(canonical::to_vec(&self.modern())).into()
    }
}

const OUTPUT: &str = "outputSchema";

fn annotations(operation: &Operation) -> Map<String, Value> {
    let hints = operation.annotations;
    [
        ("readOnlyHint", hints.read_only),
        ("destructiveHint", hints.destructive),
        ("idempotentHint", hints.idempotent),
        ("openWorldHint", hints.open_world),
    ]
    .into_iter()
    .filter_map(|(name, hint)| Some((name.to_owned(), Value::Bool(hint?))))
    .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::samples::operation;

    #[test]
    fn a_definition_is_what_its_revision_knows() {
        let mut tool = operation("get_thing");
        tool.title = Some("Thing".to_owned());
        tool.annotations.read_only = Some(true);
        tool.annotations.open_world = Some(false);
        tool.input = json!({ "type": "object", "properties": { "a": true, "b": false, "c": {} } });
        let schema = |kind: &str| Output::Schema {
            schema: json!({ "type": kind }),
            wrapped: false,
        };
        let mut expected = json!({
            "name": "get_thing",
            "title": "Thing",
            "description": "Does something.",
            "annotations": { "readOnlyHint": true, "openWorldHint": false },
            "inputSchema": { "type": "object", "properties": { "a": {}, "b": { "not": {} }, "c": {} } },
        });
        let definition = |tool: &Operation| Definition::of(tool);
        assert_eq!(definition(&tool).modern(), expected);

        tool.output = schema("array");
        assert_eq!(definition(&tool).first(), expected);
        assert_eq!(definition(&tool).legacy(), expected);
        tool.output = schema("object");
        assert_eq!(definition(&tool).first(), expected);
        expected["outputSchema"] = json!({ "type": "object" });
        assert_eq!(definition(&tool).modern(), expected);
        assert_eq!(definition(&tool).legacy(), expected);
    }

    #[test]
    fn the_digest_is_of_the_canonical_definition() {
        let tool = operation("a");
        let text = r#"{"description":"Does something.","inputSchema":{"additionalProperties":false,"properties":{},"type":"object"},"name":"a"}"#;
        assert_eq!(
            Definition::of(&tool).digest(),
            <[u8; 32]>::from(Sha256::digest(text))
        );
        let other = Operation {
            description: "Does something".to_owned(),
            ..tool.clone()
        };
        assert_ne!(
            Definition::of(&other).digest(),
            Definition::of(&tool).digest()
        );
        // Clients do not see the request.
        let other = Operation {
            accept: "*/*".to_owned(),
            ..tool.clone()
        };
        assert_eq!(
            Definition::of(&other).digest(),
            Definition::of(&tool).digest()
        );
    }
}
