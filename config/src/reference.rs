//! The page that documents every setting.

use std::fmt::Write;

use mcp_edge_settings::choice::Choice;
use mcp_edge_settings::span;

use crate::item::TextKind;
use crate::network;
use crate::presets::PRESETS;
use crate::settings::{DefaultValue, Key, Kind, SETTINGS, TimeSubject};

/// What is before the tables.
const INTRODUCTION: &str = "\
# Settings

Every key of `mcp.toml`. [configuration.md](configuration.md) explains how to use them, and
[config/mcp.schema.json](../../config/mcp.schema.json) has the same for an editor.

| type | is written as |
|---|---|
| duration | a whole number with a unit, `ms`, `s`, `m`, `h` or `d`: `\"90s\"` |
| time | RFC 3339, with an offset: `\"2026-11-20T08:00:00Z\"` |
| secret | the name of a secret of the host: `{ secret = \"NAME\" }` |
| or variable | the text itself, or the name of a variable of the host that holds it: `{ variable = \"NAME\" }` |

`[environments.NAME]` contains the same keys, for the environment that the variable `MCP_EDGE_ENV` names.
";

/// A page of Markdown with every key of `mcp.toml`: its type, range, default and help.
pub fn reference() -> String {
    let mut page = INTRODUCTION.to_owned();
    for (section, about) in SETTINGS.sections {
        let heading = format!("[{section}]");
        let about = about.trim_start_matches(&format!("`{heading}`: "));
        chapter(&mut page, &heading, &sentence(about));
        let keys = SETTINGS.keys.iter();
        rows(&mut page, keys.filter(|key| key.section() == Some(section)));
    }
    for key in SETTINGS.keys {
        let (heading, table) = match key.kind {
            Kind::Named(table) => (format!("[{}.NAME]", key.path), table),
            Kind::Each(table) => (format!("[[{}]]", key.path), table),
            _ => continue,
        };
        chapter(
            &mut page,
            &heading,
            &format!("{} {}", key.help, default_of(key)),
        );
        rows(&mut page, table.keys.iter());
    }
    page
}

fn chapter(page: &mut String, heading: &str, about: &str) {
    // Writing to a String does not fail.
    let _ = write!(page, "\n## `{heading}`\n\n");
    // Prose is as wide as elsewhere.
    let mut width = 0_usize;
    for word in about.split(' ') {
        let length = word.chars().count().saturating_add(1);
        let separator = match width {
            0 => "",
            _ if width.saturating_add(length) > 128 => "\n",
            _ => " ",
        };
        width = match separator {
            " " => width.saturating_add(length),
            _ => length,
        };
        let _ = write!(page, "{separator}{word}");
    }
    page.push_str("\n\n| key | type | default | meaning |\n|---|---|---|---|\n");
}

fn rows<'a>(page: &mut String, keys: impl Iterator<Item = &'a Key>) {
    for key in keys {
        let cells = [type_of(key.kind), default_of(key), key.help.to_owned()];
        let [kind, default, help] = cells.map(|cell| cell.replace('|', "\\|"));
        // Writing to a String does not fail.
        let _ = writeln!(page, "| `{}` | {kind} | {default} | {help} |", key.path);
    }
}

fn default_of(key: &Key) -> String {
    match key.default {
        DefaultValue::Value(default) => format!("`{default}`"),
        DefaultValue::Nothing => "none".to_owned(),
        DefaultValue::Otherwise(sentence) => sentence.to_owned(),
    }
}

fn type_of(kind: Kind) -> String {
    match kind {
        Kind::Text(item) => format!("{}, or variable", text(item)),
        Kind::Texts(item) => format!("list: {}, or variable", text(item)),
        Kind::Word(item) => text(item),
        Kind::Words(item) => format!("list: {}", text(item)),
        Kind::Networks => format!("list: {}", network::DESCRIBED),
        Kind::Choice(choices) => names(choices),
        Kind::Choices(choices) => format!("list: {}", names(choices)),
        Kind::Flag | Kind::Driver(_) => "`true` or `false`".to_owned(),
        Kind::Number { least, most } => format!("integer, {least} to {most}"),
        Kind::Secret | Kind::Evidence => "secret".to_owned(),
        Kind::Duration { least, most } => {
            format!(
                "duration, {} to {}",
                span::format(least),
                span::format(most)
            )
        }
        Kind::Time => "time".to_owned(),
        Kind::Times(TimeSubject::Tenant) => "table: a time for each tenant".to_owned(),
        Kind::Times(TimeSubject::Principal) => {
            "table: a time for each `\"ISSUER SUBJECT\"`".to_owned()
        }
        Kind::Secrets(TextKind::AnyHeader) => "table: a secret for each header".to_owned(),
        Kind::Secrets(_) => "table: a secret for each parameter".to_owned(),
        Kind::TextsByName(item) => format!("table: {}, or variable, for each name", text(item)),
        Kind::WordsByName(item) => format!("table: {} for each name", text(item)),
        Kind::Values => "table: a value for each name".to_owned(),
        Kind::Includes => "table: a list of scopes for each scope".to_owned(),
        Kind::Preset => words(PRESETS.iter().map(|preset| preset.name)),
        Kind::Keys => "`\"discovery\"`, `{ url = … }` or `{ set = … }`".to_owned(),
        Kind::Tenant => "a tenant's name, or `{ claim = … }`".to_owned(),
        Kind::Arguments => "table: a JSON Schema for each argument".to_owned(),
        Kind::Overlays(_) => "table: a table for each tenant".to_owned(),
        Kind::Named(_) | Kind::Each(_) => "table".to_owned(),
    }
}

fn text(item: TextKind) -> String {
    item.described()
        .replace(" in quotes", "")
        .replace('*', "`*`")
}

fn names(choices: &[Choice]) -> String {
    words(choices.iter().map(|choice| choice.name))
}

fn words<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<_> = words.map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

/// With a capital letter.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}
