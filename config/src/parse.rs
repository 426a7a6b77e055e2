//! From TOML to the value of a setting.

mod arguments;
mod key_set;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use chrono::DateTime;
use mcp_edge_settings::choice::Choice;
use mcp_edge_settings::span;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::dotted::quoted;
use crate::item::TextKind;
use crate::nearest::one_of;
use crate::network::{self, Network};
use crate::presets::{PRESETS, Preset};
use crate::settings::{DefaultValue, Key, Kind, TimeSubject};
use crate::value::{Keys, Tenant, Text, Value};

/// Why a value was refused, as the rest of a sentence that begins with its key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct InvalidValue {
    /// What to add to the key: `[2]`.
    pub(crate) within: String,
    /// Where in the file that is, if not where the value begins.
    pub(crate) offset: Option<usize>,
    pub(crate) says: String,
}

impl InvalidValue {
    /// The same about a part of the value, named `within` and found at `offset`.
    fn inside(self, within: String, offset: usize) -> Self {
        Self {
            within: within + &self.within,
            offset: self.offset.or(Some(offset)),
            ..self
        }
    }
}

impl From<String> for InvalidValue {
    fn from(says: String) -> Self {
        Self {
            within: String::new(),
            offset: None,
            says,
        }
    }
}

impl From<&str> for InvalidValue {
    fn from(says: &str) -> Self {
        says.to_owned().into()
    }
}

impl From<Cow<'static, str>> for InvalidValue {
    fn from(says: Cow<'static, str>) -> Self {
        says.into_owned().into()
    }
}

impl Key {
    /// What holds where it is not set, where that is a value.
    pub fn default_value(&self) -> Option<Value> {
        let DefaultValue::Value(default) = self.default else {
            return None;
        };
        let default = DeValue::parse(default).ok()?;
        self.kind.read(default.get_ref()).ok()
    }
}

impl Kind {
    /// Reads a value of this kind.
    pub(crate) fn read(self, value: &DeValue<'_>) -> Result<Value, InvalidValue> {
        match self {
            Self::Text(item) => Ok(Value::Text(text(value, item)?)),
            Self::Texts(item) => {
                list(value, item.described(), |entry| text(entry, item)).map(Value::Texts)
            }
            Self::Word(item) => Ok(Value::Word(word(value, item)?)),
            Self::Words(item) => Ok(Value::Words(words(value, item)?)),
            Self::Networks => Ok(Value::Networks(networks(value)?)),
            Self::Choice(choices) => Ok(Value::Choice(choice(value, choices)?)),
            Self::Choices(choices) => {
                list(value, "a text in quotes", |entry| choice(entry, choices)).map(Value::Choices)
            }
            Self::Flag | Self::Driver(_) => value
                .as_bool()
                .map(Value::Flag)
                .ok_or_else(|| expected("true or false", value)),
            Self::Number { least, most } => number(value, least, most),
            Self::Secret | Self::Evidence => secret_name(value).map(Value::Secret),
            Self::Duration { least, most } => duration(value, least, most),
            Self::Time => Ok(Value::Time(time(value)?)),
            Self::Times(holder) => times(value, holder),
            Self::Secrets(item) => by_name(
                value,
                item,
                "a table with a secret for each name, as { X-Api-Key = { secret = \"NAME\" } }",
                secret_name,
            )
            .map(Value::Secrets),
            Self::TextsByName(item) => by_name(
                value,
                TextKind::Name,
                "a table with a text for each name",
                |held| text(held, item),
            )
            .map(Value::TextsByName),
            Self::WordsByName(item) => by_name(
                value,
                TextKind::Name,
                "a table with a text for each name",
                |held| word(held, item),
            )
            .map(Value::WordsByName),
            Self::Values => arguments::values(value).map(Value::Values),
            Self::Includes => includes(value),
            Self::Preset => preset(value).map(Value::Preset),
            Self::Keys => keys(value).map(Value::Keys),
            Self::Tenant => tenant(value).map(Value::Tenant),
            Self::Arguments => arguments::read(value).map(Value::Arguments),
            Self::Named(_) | Self::Overlays(_) | Self::Each(_) => {
                Err(expected("a table of its own", value))
            }
        }
    }
}

fn text(value: &DeValue<'_>, item: TextKind) -> Result<Text, InvalidValue> {
    match value.as_table() {
        Some(table) => variable(table),
        None => word(value, item).map(Text::Literal),
    }
}

fn variable(table: &DeTable<'_>) -> Result<Text, InvalidValue> {
    let name = only(table, "variable")
        .ok_or("must be a text, or name a variable of the host, as { variable = \"NAME\" }, and nothing else")?;
    match name.get_ref().as_str() {
        Some(name) if is_variable_name(name) => Ok(Text::Variable(name.to_owned())),
        _ => Err(InvalidValue::from(NOT_A_NAME).inside(".variable".to_owned(), name.span().start)),
    }
}

fn word(value: &DeValue<'_>, item: TextKind) -> Result<String, InvalidValue> {
    let word = value
        .as_str()
        .ok_or_else(|| expected(item.described(), value))?;
    item.check(word)?;
    Ok(word.to_owned())
}

fn words(value: &DeValue<'_>, item: TextKind) -> Result<Vec<String>, InvalidValue> {
    list(value, item.described(), |entry| word(entry, item))
}

/// Each entry of a list, which are all `of` something.
fn list<T>(
    value: &DeValue<'_>,
    of: &str,
    read: impl Fn(&DeValue<'_>) -> Result<T, InvalidValue>,
) -> Result<Vec<T>, InvalidValue> {
    let list = value
        .as_array()
        .ok_or_else(|| expected(&format!("a list, each entry {of}"), value))?;
    let entries = list.iter().enumerate().map(|(position, entry)| {
        read(entry.get_ref())
            .map_err(|objection| objection.inside(format!("[{position}]"), entry.span().start))
    });
    entries.collect()
}

fn networks(value: &DeValue<'_>) -> Result<Vec<Network>, InvalidValue> {
    let networks = list(value, network::DESCRIBED, network)?;
    network::check_all(&networks)?;
    Ok(networks)
}

fn network(value: &DeValue<'_>) -> Result<Network, InvalidValue> {
    let text = value
        .as_str()
        .ok_or_else(|| expected(network::DESCRIBED, value))?;
    Ok(Network::parse(text)?)
}

fn choice(
    value: &DeValue<'_>,
    choices: &'static [Choice],
) -> Result<&'static Choice, InvalidValue> {
    let word = value
        .as_str()
        .ok_or_else(|| expected("a text in quotes", value))?;
    choices
        .iter()
        .find(|choice| choice.name == word)
        .ok_or_else(|| one_of(choices.iter().map(|choice| choice.name), word).into())
}

/// What a table holds under its only key, if that is `name`.
fn only<'a, 'i>(table: &'a DeTable<'i>, name: &str) -> Option<&'a Spanned<DeValue<'i>>> {
    table.get(name).filter(|_| table.len() == 1)
}

fn preset(value: &DeValue<'_>) -> Result<&'static Preset, InvalidValue> {
    let name = value
        .as_str()
        .ok_or_else(|| expected("the name of a preset in quotes", value))?;
    let names = PRESETS.iter().map(|preset| preset.name);
    PRESETS
        .iter()
        .find(|preset| preset.name == name)
        .ok_or_else(|| one_of(names, name).into())
}

fn keys(value: &DeValue<'_>) -> Result<Keys, InvalidValue> {
    const SHAPE: &str =
        "must be \"discovery\", { url = \"https://…\" } or { set = '{ \"keys\": … }' }";
    if value.as_str() == Some("discovery") {
        return Ok(Keys::Discovery);
    }
    let table = value.as_table().ok_or(SHAPE)?;
    if let Some(url) = only(table, "url") {
        return text(url.get_ref(), TextKind::KeysUrl)
            .map(Keys::Url)
            .map_err(|objection| objection.inside(".url".to_owned(), url.span().start));
    }
    let set = only(table, "set").ok_or(SHAPE)?;
    key_set::read(set.get_ref())
        .map(Keys::Set)
        .map_err(|objection| objection.inside(".set".to_owned(), set.span().start))
}

fn tenant(value: &DeValue<'_>) -> Result<Tenant, InvalidValue> {
    const SHAPE: &str =
        "must be a tenant's name, or name the claim that says it, as { claim = \"tid\" }";
    match value {
        DeValue::String(name) if !name.is_empty() && name != "*" => {
            Ok(Tenant::Fixed(name.to_string()))
        }
        DeValue::Table(table) => {
            let claim = only(table, "claim").ok_or(SHAPE)?;
            word(claim.get_ref(), TextKind::Claim)
                .map(Tenant::Claim)
                .map_err(|objection| objection.inside(".claim".to_owned(), claim.span().start))
        }
        _ => Err(SHAPE.into()),
    }
}

fn includes(value: &DeValue<'_>) -> Result<Value, InvalidValue> {
    let table = value.as_table().ok_or(
        "must be a table that gives each scope those it includes, as \"fraud:admin\" = [\"fraud:read\"]",
    )?;
    let mut includes = BTreeMap::new();
    for (scope, included) in table {
        let read = || {
            TextKind::Scope.check(scope.get_ref())?;
            words(included.get_ref(), TextKind::Scope)
        };
        let included = read().map_err(|objection: InvalidValue| {
            objection.inside(format!(".{}", quoted(scope.get_ref())), scope.span().start)
        })?;
        includes.insert(scope.get_ref().to_string(), included);
    }
    Ok(Value::Includes(includes))
}

/// What `read` makes of each member of a table whose names are of a kind.
fn by_name<T>(
    value: &DeValue<'_>,
    names: TextKind,
    shape: &str,
    read: impl Fn(&DeValue<'_>) -> Result<T, InvalidValue>,
) -> Result<BTreeMap<String, T>, InvalidValue> {
    let table = value.as_table().ok_or_else(|| expected(shape, value))?;
    let mut members = BTreeMap::new();
    for (name, held) in table {
        let at = || format!(".{}", quoted(name.get_ref()));
        names
            .check(name.get_ref())
            .map_err(|says| InvalidValue::from(says).inside(at(), name.span().start))?;
        let member =
            read(held.get_ref()).map_err(|objection| objection.inside(at(), held.span().start))?;
        members.insert(name.get_ref().to_string(), member);
    }
    Ok(members)
}

fn number(value: &DeValue<'_>, least: u64, most: u64) -> Result<Value, InvalidValue> {
    let number = value
        .as_integer()
        .ok_or_else(|| expected("a whole number", value))?;
    match u64::from_str_radix(number.as_str(), number.radix()) {
        Ok(number) if (least..=most).contains(&number) => Ok(Value::Number(number)),
        _ => Err(format!("must be from {least} to {most}, not {number}").into()),
    }
}

fn secret_name(value: &DeValue<'_>) -> Result<String, InvalidValue> {
    let by_name = "must name a secret of the host, as { secret = \"NAME\" }";
    let table = value.as_table().ok_or_else(|| {
        InvalidValue::from(format!("{by_name}; a key itself must not be in this file"))
    })?;
    match (
        table.get("secret").map(|name| name.get_ref().as_str()),
        table.len(),
    ) {
        (Some(Some(name)), 1) if is_variable_name(name) => Ok(name.to_owned()),
        // The name is not repeated: it could be the secret.
        (Some(_), 1) => Err(InvalidValue {
            within: ".secret".to_owned(),
            ..InvalidValue::from(NOT_A_NAME)
        }),
        _ => Err(format!("{by_name}, and nothing else").into()),
    }
}

const NOT_A_NAME: &str = "must be a name of capital letters, digits and `_`, as the host knows it";

fn is_variable_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase())
        && name
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

fn duration(value: &DeValue<'_>, least: Duration, most: Duration) -> Result<Value, InvalidValue> {
    let duration = value.as_str().and_then(span::parse).ok_or_else(|| {
        expected(
            "a whole number and a unit, as \"500ms\", \"90s\", \"10m\", \"2h\" or \"7d\"",
            value,
        )
    })?;
    if (least..=most).contains(&duration) {
        return Ok(Value::Duration(duration));
    }
    let [least, most, duration] = [least, most, duration].map(span::format);
    Err(format!("must be from {least} to {most}, not {duration}").into())
}

fn time(value: &DeValue<'_>) -> Result<u64, InvalidValue> {
    let text = match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        _ => return Err(expected(A_TIME, value)),
    };
    let time = DateTime::parse_from_rfc3339(&text).map_err(|_| expected(A_TIME, value))?;
    u64::try_from(time.timestamp_millis()).map_err(|_| "must not be before 1970".into())
}

const A_TIME: &str = "a time with a date and an offset, as \"2026-11-20T08:00:00Z\"";

fn times(value: &DeValue<'_>, holder: TimeSubject) -> Result<Value, InvalidValue> {
    let table: &DeTable<'_> = value
        .as_table()
        .ok_or_else(|| InvalidValue::from("must be a table that gives a time to each name"))?;
    let mut times = BTreeMap::new();
    for (name, value) in table {
        let inside = |objection: InvalidValue| {
            objection.inside(format!(".{}", quoted(name.get_ref())), name.span().start)
        };
        check_name(holder, name.get_ref()).map_err(inside)?;
        times.insert(
            name.get_ref().to_string(),
            time(value.get_ref()).map_err(inside)?,
        );
    }
    Ok(Value::Times(times))
}

fn check_name(holder: TimeSubject, name: &str) -> Result<(), InvalidValue> {
    let parts = name.split_once(' ');
    match (holder, parts) {
        (TimeSubject::Tenant, _) if name.is_empty() => Err("must name a tenant".into()),
        (TimeSubject::Tenant, _) => Ok(()),
        (TimeSubject::Principal, Some((issuer, subject))) if !issuer.is_empty() && !subject.is_empty() => Ok(()),
        (TimeSubject::Principal, _) => Err(
            "must be an issuer and a subject with a space between, as \"https://id.example.com 1234\"".into(),
        ),
    }
}

fn expected(what: &str, value: &DeValue<'_>) -> InvalidValue {
    format!("must be {what}, not {}", found(value)).into()
}

/// The longest value that a sentence repeats, in characters.
const REPEATED: usize = 20;

/// A value that is of the wrong kind, as far as a sentence repeats it: a text may be a secret, unless it is written as a number,
/// a length of time or a flag.
fn found(value: &DeValue<'_>) -> String {
    let (written, is_text) = match value {
        DeValue::Integer(number) => (number.to_string(), false),
        DeValue::Float(number) => (number.to_string(), false),
        DeValue::Boolean(flag) => (flag.to_string(), false),
        DeValue::Datetime(time) => (time.to_string(), false),
        DeValue::String(text) if is_plain(text) => (format!("\"{text}\""), true),
        DeValue::String(_) => ("this text".to_owned(), false),
        other => (article(other.type_str()), false),
    };
    match written.len() {
        0..=REPEATED if is_text => format!("the text {written}"),
        0..=REPEATED => written,
        _ if is_text => "this text".to_owned(),
        _ => article(value.type_str()),
    }
}

fn is_plain(text: &str) -> bool {
    let unit =
        text.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '_'));
    let is_number = unit.len() < text.len() && text.len() <= REPEATED;
    let has_unit = matches!(
        unit.trim_start(),
        "" | "ms"
            | "s"
            | "sec"
            | "m"
            | "min"
            | "h"
            | "hour"
            | "hours"
            | "d"
            | "day"
            | "days"
            | "week"
            | "weeks"
            | "seconds"
            | "minutes"
            | "KB"
            | "MB"
            | "kB"
    );
    (is_number && has_unit)
        || matches!(
            text.to_ascii_lowercase().as_str(),
            "true" | "false" | "yes" | "no" | "on" | "off"
        )
}

fn article(type_name: &str) -> String {
    let article = if type_name.starts_with(['a', 'i']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {type_name}")
}
