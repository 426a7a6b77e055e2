//! The JSON Schema of `mcp.toml`, for editors.

use std::fmt::Write;

use serde_json::{Map, Value as Json, json};

use crate::keys::{KEYS, Key};
use crate::kind::{Kind, Value};
use crate::span;

/// The JSON Schema (draft 7, which TOML editors read) of `mcp.toml`.
pub fn json_schema() -> Json {
    let mut root = object("Configuration of an mcp-edge server.");
    for key in KEYS {
        insert(&mut root, key.path, property(key));
    }
    let settings = root.clone();
    let environments = json!({
        "description": "Changes for one environment each. The host names its environment in the variable MCP_EDGE_ENV.",
        "type": "object",
        "additionalProperties": { "$ref": "#/definitions/environment" },
    });
    insert(&mut root, "environments", environments);
    if let Some(members) = root.as_object_mut() {
        members.insert(
            "$schema".to_owned(),
            json!("http://json-schema.org/draft-07/schema#"),
        );
        members.insert("title".to_owned(), json!("mcp.toml"));
        members.insert("definitions".to_owned(), json!({ "environment": settings }));
    }
    root
}

fn object(description: &str) -> Json {
    json!({ "description": description, "type": "object", "additionalProperties": false, "properties": {} })
}

/// Puts `schema` at a dotted path below `object`, making the tables on the way.
fn insert(parent: &mut Json, path: &str, schema: Json) {
    let Some(properties) = parent.get_mut("properties").and_then(Json::as_object_mut) else {
        return;
    };
    match path.split_once('.') {
        None => {
            properties.insert(path.to_owned(), schema);
        }
        Some((table, rest)) => {
            let table = properties
                .entry(table)
                .or_insert_with(|| object(&format!("[{table}]")));
            insert(table, rest, schema);
        }
    }
}

fn property(key: &Key) -> Json {
    let mut description = key.help.to_owned();
    let mut schema = Map::new();
    match key.kind {
        Kind::Url => text(&mut schema, "^https?://[^?#]+$"),
        Kind::Origins => list(&mut schema, r"^(\*|[a-z0-9+.-]+://[^/?#]+)$"),
        Kind::Hosts => list(&mut schema, "^[^/?#@]+$"),
        Kind::Number { least, most } => {
            schema.insert("type".to_owned(), json!("integer"));
            schema.insert("minimum".to_owned(), json!(least));
            schema.insert("maximum".to_owned(), json!(most));
        }
        Kind::Secret => {
            schema.insert("type".to_owned(), json!("object"));
            schema.insert(
                "properties".to_owned(),
                json!({ "secret": { "type": "string", "pattern": "^[A-Z][A-Z0-9_]*$" } }),
            );
            schema.insert("required".to_owned(), json!(["secret"]));
            schema.insert("additionalProperties".to_owned(), json!(false));
        }
        Kind::Duration { least, most } => {
            text(&mut schema, "^[0-9]+(ms|s|m|h|d)$");
            let (least, most) = (span::format(least), span::format(most));
            // Writing to a String does not fail.
            let _ = write!(
                description,
                " A time with its unit (ms, s, m, h, d), from {least} to {most}."
            );
        }
        Kind::Time => time(&mut schema),
        Kind::Times(_) => {
            let mut each = Map::new();
            time(&mut each);
            schema.insert("type".to_owned(), json!("object"));
            schema.insert("additionalProperties".to_owned(), Json::Object(each));
        }
    }
    match key.default {
        Some(default) => {
            let _ = write!(description, " Default: {default}.");
        }
        None => description.push_str(" No default."),
    }
    if let Some(default) = key.default_value() {
        schema.insert("default".to_owned(), default_json(default));
    }
    schema.insert("description".to_owned(), json!(description));
    Json::Object(schema)
}

fn text(schema: &mut Map<String, Json>, pattern: &str) {
    schema.insert("type".to_owned(), json!("string"));
    schema.insert("pattern".to_owned(), json!(pattern));
}

fn list(schema: &mut Map<String, Json>, pattern: &str) {
    schema.insert("type".to_owned(), json!("array"));
    schema.insert(
        "items".to_owned(),
        json!({ "type": "string", "pattern": pattern }),
    );
}

fn time(schema: &mut Map<String, Json>) {
    schema.insert("type".to_owned(), json!("string"));
    schema.insert("format".to_owned(), json!("date-time"));
}

fn default_json(value: Value) -> Json {
    match value {
        Value::Url { url, .. } => json!(url),
        Value::Texts(texts) => json!(texts),
        Value::Number(number) => json!(number),
        Value::Secret(name) => json!({ "secret": name }),
        Value::Duration(duration) => json!(span::format(duration)),
        // Times are JSON texts, and no key has one by default.
        Value::Time(_) => Json::Null,
        Value::Times(_) => json!({}),
    }
}
