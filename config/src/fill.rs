//! What follows from what was written.

use crate::item::{ISSUER, TENANT};
use crate::relations::in_force;
use crate::settings::{KEYS, Key};
use crate::tenants;
use crate::value::{Entry, Keys, Setting, Settings, Text, Value};

/// Fills in presets, the names of rules and rates that have none, and what is derived from other settings.
pub(crate) fn fill(mut settings: Settings) -> Settings {
    let max_event_bytes = match in_force(KEYS, "audit.max_event_bytes", &settings) {
        Some(Value::Number(bytes)) => bytes,
        _ => 0,
    };
    if let Some(Setting {
        value: Value::Each(contents),
        ..
    }) = settings.get_mut("capture")
    {
        contents
            .iter_mut()
            .for_each(|entry| bytes(entry, max_event_bytes));
    }
    for (path, setting) in &mut settings {
        match &mut setting.value {
            Value::Named(entries) if *path == "upstreams" => {
                entries.values_mut().for_each(tenants::fill);
            }
            Value::Named(entries) => entries.values_mut().for_each(preset),
            Value::Each(entries) if has_names(path) => entries
                .iter_mut()
                .zip(1..)
                .for_each(|(entry, number)| name(entry, &format!("{path} {number}"))),
            _ => {}
        }
    }
    settings
}

fn preset(entry: &mut Entry) {
    let Some(Setting {
        value: Value::Preset(preset),
        line,
        ..
    }) = entry.settings.get("preset")
    else {
        return keys_url(entry);
    };
    let (preset, line) = (*preset, *line);
    for (path, setting) in preset.settings() {
        let at = format!("{}.{path}", entry.at);
        entry.settings.entry(path).or_insert(Setting {
            at,
            line,
            ..setting
        });
    }
    keys_url(entry);
}

/// Puts the issuer's URL into that of its keys. What it cannot be put into stays as it is, for the relations
/// to object to.
fn keys_url(entry: &mut Entry) {
    let issuer = match entry.settings.get("issuer").map(|setting| &setting.value) {
        Some(Value::Text(Text::Literal(issuer))) if !issuer.contains(TENANT) => issuer.clone(),
        _ => return,
    };
    if let Some(Setting {
        value: Value::Keys(Keys::Url(Text::Literal(url))),
        ..
    }) = entry.settings.get_mut("jwks")
        && let Some(path) = url.strip_prefix(ISSUER)
    {
        *url = format!("{}{path}", issuer.trim_end_matches('/'));
    }
}

/// Arguments and result together take half of an event, and the other half is for what JSON adds to a text of JSON, and for
/// the other members.
fn bytes(contents: &mut Entry, max_event_bytes: u64) {
    contents.settings.entry("max_bytes").or_insert(Setting {
        value: Value::Number(max_event_bytes / 4),
        line: contents.line,
        at: format!("{}.max_bytes", contents.at),
    });
}

/// Whether each of the tables at `path` is called something.
fn has_names(path: &str) -> bool {
    Key::find(KEYS, path)
        .and_then(|key| key.kind.table())
        .is_some_and(|table| Key::find(table.keys, "name").is_some())
}

fn name(entry: &mut Entry, name: &str) {
    entry.settings.entry("name").or_insert(Setting {
        value: Value::Word(name.to_owned()),
        line: entry.line,
        at: format!("{}.name", entry.at),
    });
}
