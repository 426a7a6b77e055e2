//! From settings back to TOML.

use std::collections::BTreeMap;

use chrono::DateTime;
use mcp_edge_settings::span;

use crate::dotted::quoted;
use crate::settings::{DefaultValue, Key, Table};
use crate::value::{Entry, Keys, Settings, Tenant, Text, Value};

/// What holds in one table, presets and defaults included: a line for each key of `table` that has a value.
pub fn print(table: &Table, settings: &Settings) -> String {
    table
        .keys
        .iter()
        .filter_map(|key| Some(format!("{} = {}\n", key.path, in_force(key, settings)?)))
        .collect()
}

fn in_force(key: &Key, settings: &Settings) -> Option<String> {
    match (settings.get(key.path), key.default) {
        (Some(setting), _) => Some(value(&setting.value)),
        (None, DefaultValue::Value(default)) => Some(default.to_owned()),
        (None, DefaultValue::Nothing | DefaultValue::Otherwise(_)) => None,
    }
}

fn value(held: &Value) -> String {
    match held {
        Value::Text(held) => text(held),
        Value::Texts(texts) => list(texts.iter().map(text)),
        Value::Word(word) => string(word),
        Value::Secret(name) => secret(name),
        Value::Words(words) => list(words.iter().map(|word| string(word))),
        Value::Networks(networks) => {
            list(networks.iter().map(|network| string(&network.to_string())))
        }
        Value::Choice(choice) => string(choice.name),
        Value::Choices(choices) => list(choices.iter().map(|choice| string(choice.name))),
        Value::Flag(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Duration(duration) => string(&span::format(*duration)),
        Value::Time(millis) => time(*millis),
        Value::Times(times) => members(times, |millis| time(*millis)),
        Value::Includes(includes) => members(includes, |scopes| {
            list(scopes.iter().map(|scope| string(scope)))
        }),
        Value::Secrets(secrets) => members(secrets, |name| secret(name)),
        Value::TextsByName(texts) => members(texts, text),
        Value::WordsByName(words) => members(words, |word| string(word)),
        Value::Values(values) => members(values, json),
        Value::Preset(preset) => string(preset.name),
        Value::Keys(Keys::Discovery) => string("discovery"),
        Value::Keys(Keys::Url(url)) => format!("{{ url = {} }}", text(url)),
        Value::Keys(Keys::Set(set)) => format!("{{ set = {} }}", text(set)),
        Value::Tenant(Tenant::Fixed(name)) => string(name),
        Value::Tenant(Tenant::Claim(claim)) => format!("{{ claim = {} }}", string(claim)),
        Value::Arguments(schemas) => members(schemas, json),
        Value::Named(entries) => members(entries, entry),
        Value::Each(entries) => list(entries.iter().map(entry)),
    }
}

fn secret(name: &str) -> String {
    format!("{{ secret = {} }}", string(name))
}

fn text(held: &Text) -> String {
    match held {
        Text::Literal(text) => string(text),
        Text::Variable(name) => format!("{{ variable = {} }}", string(name)),
    }
}

/// A basic string: JSON writes one the same way, but for one control character that it need not escape.
fn string(text: &str) -> String {
    serde_json::Value::from(text)
        .to_string()
        .replace('\u{7f}', "\\u007f")
}

fn list(entries: impl Iterator<Item = String>) -> String {
    format!("[{}]", entries.collect::<Vec<_>>().join(", "))
}

fn members<T>(members: &BTreeMap<String, T>, value: impl Fn(&T) -> String) -> String {
    table(
        members
            .iter()
            .map(|(name, held)| (quoted(name), value(held))),
    )
}

fn table(members: impl Iterator<Item = (String, String)>) -> String {
    let members: Vec<_> = members
        .map(|(name, held)| format!("{name} = {held}"))
        .collect();
    if members.is_empty() {
        "{}".to_owned()
    } else {
        format!("{{ {} }}", members.join(", "))
    }
}

fn time(millis: u64) -> String {
    i64::try_from(millis)
        .ok()
        .and_then(DateTime::from_timestamp_millis)
        .map_or_else(String::new, |time| {
            time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
        })
}

fn json(held: &serde_json::Value) -> String {
    match held {
        serde_json::Value::Object(object) => {
            table(object.iter().map(|(name, held)| (quoted(name), json(held))))
        }
        serde_json::Value::Array(entries) => list(entries.iter().map(json)),
        serde_json::Value::String(text) => string(text),
        // They come from TOML, which has no null.
        other => other.to_string(),
    }
}

fn entry(held: &Entry) -> String {
    let settings = held.settings.iter();
    table(settings.map(|(path, setting)| ((*path).to_owned(), value(&setting.value))))
}
