//! The JSON Schema of `mcp.toml`, for editors.

use std::fmt::Write;

use mcp_edge_settings::choice::Choice;
use mcp_edge_settings::span;
use serde_json::{Map, Value as Json, json};

use crate::item::TextKind;
use crate::network;
use crate::presets::PRESETS;
use crate::settings::{DefaultValue, KEYS, Key, Kind, Table};
use crate::value::{Keys, Value};

/// The JSON Schema (draft 7, which TOML editors read) of `mcp.toml`.
pub fn json_schema() -> Json {
    let mut definitions = Map::new();
    let mut root = object("Configuration of an mcp-edge server.");
    for key in KEYS {
        insert(&mut root, key.path, property(key));
        if let Some(table) = key.kind.table() {
            definitions.insert(definition(table), entry(table, |_| true));
            for inner in table.keys {
                if let Kind::Overlays(table) = inner.kind {
                    definitions.insert(overlay(table), entry(table, |key| key.in_overlays));
                }
            }
        }
    }
    definitions.insert("environment".to_owned(), root.clone());
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
        members.insert("definitions".to_owned(), Json::Object(definitions));
    }
    root
}

fn definition(table: &Table) -> String {
    table.entry.to_ascii_lowercase()
}

/// The definition of what one of many tables has for one tenant.
fn overlay(table: &Table) -> String {
    format!("{}_of_tenant", definition(table))
}

fn entry(table: &Table, has: impl Fn(&Key) -> bool) -> Json {
    let mut schema = object(table.example);
    for key in table.keys.iter().filter(|key| has(key)) {
        insert(&mut schema, key.path, property(key));
    }
    schema
}

fn reference(definition: &str) -> Json {
    json!({ "$ref": format!("#/definitions/{definition}") })
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
        Kind::Text(item) => schema = text_or_variable(item),
        Kind::Texts(item) => list(&mut schema, Json::Object(text_or_variable(item))),
        Kind::Word(item) => text(&mut schema, item.pattern()),
        Kind::Words(item) => list(&mut schema, Json::Object(word(item))),
        Kind::Networks => {
            let mut network = Map::new();
            text(&mut network, network::PATTERN);
            list(&mut schema, Json::Object(network));
        }
        Kind::Choice(choices) => {
            schema.insert("enum".to_owned(), names(choices));
        }
        Kind::Choices(choices) => list(&mut schema, json!({ "enum": names(choices) })),
        Kind::Flag | Kind::Driver(_) => {
            schema.insert("type".to_owned(), json!("boolean"));
        }
        Kind::Number { least, most } => {
            schema.insert("type".to_owned(), json!("integer"));
            schema.insert("minimum".to_owned(), json!(least));
            schema.insert("maximum".to_owned(), json!(most));
        }
        Kind::Secret | Kind::Evidence => {
            schema = only("secret", json!({ "type": "string", "pattern": VARIABLE }));
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
            map(&mut schema, Json::Object(each));
        }
        Kind::Secrets(_) => map(&mut schema, secret()),
        Kind::TextsByName(item) => map(&mut schema, Json::Object(text_or_variable(item))),
        Kind::WordsByName(item) => map(&mut schema, Json::Object(word(item))),
        Kind::Values => map(&mut schema, json!({})),
        Kind::Includes => {
            let mut scopes = Map::new();
            list(&mut scopes, Json::Object(word(TextKind::Scope)));
            map(&mut schema, Json::Object(scopes));
        }
        Kind::Preset => {
            let names: Vec<_> = PRESETS.iter().map(|preset| preset.name).collect();
            schema.insert("enum".to_owned(), json!(names));
        }
        Kind::Keys => {
            let url = only("url", Json::Object(text_or_variable(TextKind::KeysUrl)));
            let set = only(
                "set",
                json!({ "anyOf": [{ "type": "string" }, variable()] }),
            );
            schema.insert(
                "anyOf".to_owned(),
                json!([{ "const": "discovery" }, url, set]),
            );
        }
        Kind::Tenant => {
            let claim = only("claim", Json::Object(word(TextKind::Claim)));
            schema.insert("anyOf".to_owned(), json!([word(TextKind::Tenant), claim]));
        }
        Kind::Arguments => map(&mut schema, json!({ "type": ["object", "boolean"] })),
        Kind::Named(table) => map(&mut schema, reference(&definition(table))),
        Kind::Overlays(table) => map(&mut schema, reference(&overlay(table))),
        Kind::Each(table) => list(&mut schema, reference(&definition(table))),
    }
    // Writing to a String does not fail.
    let _ = match key.default {
        DefaultValue::Value(default) => write!(description, " Default: {default}."),
        DefaultValue::Nothing => write!(description, " No default."),
        DefaultValue::Otherwise(sentence) => write!(description, " {sentence}"),
    };
    if let Some(default) = key.default_value().as_ref().and_then(default_json) {
        schema.insert("default".to_owned(), default);
    }
    schema.insert("description".to_owned(), json!(description));
    Json::Object(schema)
}

fn text(schema: &mut Map<String, Json>, pattern: &str) {
    schema.insert("type".to_owned(), json!("string"));
    schema.insert("pattern".to_owned(), json!(pattern));
}

fn word(item: TextKind) -> Map<String, Json> {
    let mut schema = Map::new();
    text(&mut schema, item.pattern());
    schema
}

const VARIABLE: &str = "^[A-Z][A-Z0-9_]*$";

fn text_or_variable(item: TextKind) -> Map<String, Json> {
    let mut schema = Map::new();
    schema.insert("anyOf".to_owned(), json!([word(item), variable()]));
    schema
}

fn variable() -> Map<String, Json> {
    only("variable", json!({ "type": "string", "pattern": VARIABLE }))
}

fn secret() -> Json {
    Json::Object(only(
        "secret",
        json!({ "type": "string", "pattern": VARIABLE }),
    ))
}

/// A table with one key.
fn only(name: &str, value: Json) -> Map<String, Json> {
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("properties".to_owned(), json!({ name: value }));
    schema.insert("required".to_owned(), json!([name]));
    schema.insert("additionalProperties".to_owned(), json!(false));
    schema
}

fn list(schema: &mut Map<String, Json>, entry: Json) {
    schema.insert("type".to_owned(), json!("array"));
    schema.insert("items".to_owned(), entry);
}

fn map(schema: &mut Map<String, Json>, entry: Json) {
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("additionalProperties".to_owned(), entry);
}

fn names(choices: &[Choice]) -> Json {
    choices.iter().map(|choice| choice.name).collect()
}

fn time(schema: &mut Map<String, Json>) {
    schema.insert("type".to_owned(), json!("string"));
    schema.insert("format".to_owned(), json!("date-time"));
}

fn default_json(value: &Value) -> Option<Json> {
    match value {
        Value::Word(word) => Some(json!(word)),
        Value::Words(words) => Some(json!(words)),
        Value::Choice(choice) => Some(json!(choice.name)),
        Value::Flag(flag) => Some(json!(flag)),
        Value::Number(number) => Some(json!(number)),
        Value::Secret(name) => Some(json!({ "secret": name })),
        Value::Duration(duration) => Some(json!(span::format(*duration))),
        Value::Keys(Keys::Discovery) => Some(json!("discovery")),
        Value::Times(_)
        | Value::Includes(_)
        | Value::Secrets(_)
        | Value::TextsByName(_)
        | Value::WordsByName(_)
        | Value::Values(_) => Some(json!({})),
        Value::Texts(_) | Value::Choices(_) | Value::Networks(_) => Some(json!([])),
        // No key has one of these by default.
        _ => None,
    }
}
