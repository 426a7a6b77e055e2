//! From settings to their binary form.

use std::collections::BTreeMap;
use std::net::IpAddr;

use mcp_edge_settings::wire::Writer;

use crate::network::Network;
use crate::settings::{Key, KeyReader, Kind, SETTINGS, Table};
use crate::value::{Entry, Keys, Settings, Tenant, Text, Value, arguments_schema};

/// The binary form of one environment's settings ([`mcp_edge_settings::wire`]), which a server reads with the runtime's
/// `Settings::decode`.
pub fn encode(settings: &Settings) -> Vec<u8> {
    let mut writer = Writer::new();
    table(&mut writer, &SETTINGS, settings);
    writer.finish()
}

/// The settings that a server reads.
fn table(writer: &mut Writer, table: &'static Table, settings: &Settings) {
    let settings: Vec<_> = settings
        .iter()
        .filter_map(|(path, setting)| Some((Key::find(table.keys, path)?, setting)))
        .filter(|(key, _)| key.reader == KeyReader::Server)
        .collect();
    writer.length(settings.len());
    for (key, setting) in settings {
        writer.text(key.path);
        value(writer, key.kind, &setting.value);
    }
}

fn value(writer: &mut Writer, kind: Kind, held: &Value) {
    match held {
        Value::Text(held) => text(writer, held),
        Value::Texts(texts) => list(writer, texts, text),
        Value::Word(word) | Value::Secret(word) => writer.text(word),
        Value::Words(words) => list(writer, words, word),
        Value::Networks(networks) => list(writer, networks, network),
        Value::Choice(choice) => writer.text(choice.name),
        Value::Choices(choices) => list(writer, choices, |writer, choice| writer.text(choice.name)),
        Value::Flag(flag) => writer.byte((*flag).into()),
        Value::Number(number) => writer.number(*number),
        Value::Duration(duration) => {
            writer.number(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX));
        }
        Value::Time(millis) => writer.number(*millis),
        Value::Times(times) => map(writer, times, |writer, millis| writer.number(*millis)),
        Value::Includes(includes) => {
            map(writer, includes, |writer, scopes| {
                list(writer, scopes, word)
            });
        }
        Value::Secrets(names) | Value::WordsByName(names) => map(writer, names, word),
        Value::TextsByName(texts) => map(writer, texts, text),
        // No server reads any.
        Value::Values(_) => {}
        Value::Preset(preset) => writer.byte(preset.development.into()),
        Value::Keys(Keys::Discovery) => writer.byte(0),
        Value::Keys(Keys::Url(url)) => tagged(writer, 1, |writer| text(writer, url)),
        Value::Keys(Keys::Set(set)) => tagged(writer, 2, |writer| text(writer, set)),
        Value::Tenant(Tenant::Fixed(name)) => tagged(writer, 0, |writer| writer.text(name)),
        Value::Tenant(Tenant::Claim(claim)) => tagged(writer, 1, |writer| writer.text(claim)),
        Value::Arguments(schemas) => writer.text(&arguments_schema(schemas)),
        Value::Named(entries) => map(writer, entries, |writer, held| entry(writer, kind, held)),
        Value::Each(entries) => list(writer, entries, |writer, held| entry(writer, kind, held)),
    }
}

fn list<T>(writer: &mut Writer, entries: &[T], one: impl Fn(&mut Writer, &T)) {
    writer.length(entries.len());
    entries.iter().for_each(|entry| one(writer, entry));
}

fn map<T>(writer: &mut Writer, members: &BTreeMap<String, T>, one: impl Fn(&mut Writer, &T)) {
    writer.length(members.len());
    for (name, member) in members {
        writer.text(name);
        one(writer, member);
    }
}

fn tagged(writer: &mut Writer, tag: u8, content: impl FnOnce(&mut Writer)) {
    writer.byte(tag);
    content(writer);
}

// A list is of `String`s.
#[allow(clippy::ptr_arg)]
fn word(writer: &mut Writer, word: &String) {
    writer.text(word);
}

fn text(writer: &mut Writer, held: &Text) {
    match held {
        Text::Literal(literal) => tagged(writer, 0, |writer| writer.text(literal)),
        Text::Variable(name) => tagged(writer, 1, |writer| writer.text(name)),
    }
}

fn network(writer: &mut Writer, network: &Network) {
    match network.address {
        IpAddr::V4(address) => tagged(writer, 4, |writer| writer.bytes(&address.octets())),
        IpAddr::V6(address) => tagged(writer, 6, |writer| writer.bytes(&address.octets())),
    }
    writer.byte(network.prefix);
}

fn entry(writer: &mut Writer, kind: Kind, entry: &Entry) {
    if let Some(of) = kind.table() {
        table(writer, of, &entry.settings);
    }
}
