//! What a live policy says, as JSON.

use std::borrow::Cow;

use mcp_edge_settings::{key_path, rule};
use serde_json::{Map, Value};

use crate::config::{Disabled, Effect, OwnedRule, Revocations, Rule, Settings, SwitchedOff, Words};
use crate::host::Timestamp;
use crate::jsonrpc::strict::{self, Bounds};

/// The maximum size of a signed document, in bytes.
pub(super) const MAX_BYTES: usize = 1 << 20;
/// The maximum depth and number of its values, of which each takes some hundred bytes of memory.
const BOUNDS: Bounds = Bounds {
    depth: 32,
    values: 100_000,
};
/// The greatest whole number that every JSON parser reads exactly (RFC 8259 §6).
const MAX_VERSION: u64 = (1 << 53) - 1;

const NOTHING_DISABLED: Disabled = Settings::DEFAULT.disabled;

/// What is signed.
#[derive(Debug, PartialEq)]
pub(super) struct Document {
    pub(super) server: String,
    pub(super) version: u64,
    pub(super) expires: Option<Timestamp>,
    pub(super) rules: Vec<OwnedRule>,
    pub(super) approved: Vec<String>,
    pub(super) revocations: Revocations,
    pub(super) disabled: SwitchedOff,
}

/// What is wrong with a document, as a sentence that begins with the member.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {why}")]
pub(super) struct DocumentError {
    at: String,
    why: &'static str,
}

type Read<T> = Result<T, DocumentError>;

fn wrong<T>(at: impl Into<String>, why: &'static str) -> Read<T> {
    Err(DocumentError { at: at.into(), why })
}

impl DocumentError {
    fn within(mut self, outer: &str) -> Self {
        let dot = if self.at.starts_with('[') { "" } else { "." };
        self.at = format!("{outer}{dot}{}", self.at);
        self
    }
}

impl Document {
    pub(super) fn read(json: &[u8]) -> Read<Self> {
        let Ok(parsed) = strict::parse(json, BOUNDS) else {
            return wrong(
                "the document",
                "must be JSON without duplicate members, at most 32 deep and with at most 100,000 values",
            );
        };
        let mut members = object(parsed.value, "the document")?;
        let document = Self {
            server: text(take(&mut members, "server")?, "server")?,
            version: version(take(&mut members, "version")?)?,
            expires: optional(&mut members, "expires", time)?,
            rules: optional(&mut members, "policy", rules)?.unwrap_or_default(),
            approved: optional(&mut members, "approvals", approvals)?.unwrap_or_default(),
            revocations: optional(&mut members, "revocations", revocations)?.unwrap_or_default(),
            disabled: optional(&mut members, "disabled", disabled)?
                .unwrap_or_else(|| NOTHING_DISABLED.into()),
        };
        nothing_else(&members)?;
        Ok(document)
    }
}

fn object(value: Value, at: &str) -> Read<Map<String, Value>> {
    match value {
        Value::Object(members) => Ok(members),
        _ => wrong(at, "must be an object"),
    }
}

fn take(members: &mut Map<String, Value>, name: &str) -> Read<Value> {
    members
        .remove(name)
        .map_or_else(|| wrong(name, "is missing"), Ok)
}

fn optional<T>(
    members: &mut Map<String, Value>,
    name: &str,
    read: impl FnOnce(Value, &str) -> Read<T>,
) -> Read<Option<T>> {
    members
        .remove(name)
        .map(|value| read(value, name))
        .transpose()
}

/// An unknown member may be a condition that a newer version of the server knows: to leave it out could allow more.
fn nothing_else(members: &Map<String, Value>) -> Read<()> {
    match members.keys().next() {
        None => Ok(()),
        Some(name) => wrong(
            name.chars().take(64).collect::<String>(),
            "is not known to this version of the server",
        ),
    }
}

fn text(value: Value, at: &str) -> Read<String> {
    match value {
        Value::String(text) => Ok(text),
        _ => wrong(at, "must be a text"),
    }
}

fn flag(value: &Value, at: &str) -> Read<bool> {
    value
        .as_bool()
        .map_or_else(|| wrong(at, "must be true or false"), Ok)
}

fn list<T>(value: Value, at: &str, one: impl Fn(Value, &str) -> Read<T>) -> Read<Vec<T>> {
    let Value::Array(entries) = value else {
        return wrong(at, "must be a list");
    };
    let entries = entries.into_iter().enumerate();
    entries
        .map(|(place, entry)| one(entry, &format!("{at}[{place}]")))
        .collect()
}

fn texts(value: Value, at: &str) -> Read<Vec<String>> {
    list(value, at, text)
}

fn version(value: Value) -> Read<u64> {
    match value.as_u64() {
        Some(version) if version <= MAX_VERSION => Ok(version),
        _ => wrong("version", "must be a whole number from 0 to 2^53 - 1"),
    }
}

fn time(value: Value, at: &str) -> Read<Timestamp> {
    value
        .as_str()
        .and_then(Timestamp::from_rfc3339)
        .map_or_else(
            || wrong(at, "must be a time, as \"2026-07-28T12:00:00Z\""),
            Ok,
        )
}

fn times(value: Value, at: &str) -> Read<Vec<(String, Timestamp)>> {
    object(value, at)?
        .into_iter()
        .map(|(name, value)| Ok((name, time(value, at)?)))
        .collect()
}

/// A table of the document, of which `read` takes every member that is known.
fn section<T>(
    value: Value,
    at: &str,
    read: impl FnOnce(&mut Map<String, Value>) -> Read<T>,
) -> Read<T> {
    let mut members = object(value, at)?;
    let section = read(&mut members).and_then(|section| {
        nothing_else(&members)?;
        Ok(section)
    });
    section.map_err(|error| error.within(at))
}

fn approvals(value: Value, at: &str) -> Read<Vec<String>> {
    section(value, at, |members| {
        Ok(optional(members, "tools", texts)?.unwrap_or_default())
    })
}

fn revocations(value: Value, at: &str) -> Read<Revocations> {
    section(value, at, |members| {
        Ok(Revocations {
            all: optional(members, "all", time)?,
            tenants: optional(members, "tenants", times)?.unwrap_or_default(),
            principals: optional(members, "principals", times)?.unwrap_or_default(),
        })
    })
}

fn disabled(value: Value, at: &str) -> Read<SwitchedOff> {
    section(value, at, |members| {
        let mut words = |name| {
            let words = optional(members, name, texts)?;
            Ok(Words::Read(words.unwrap_or_default()))
        };
        Ok(SwitchedOff {
            tools: words("tools")?,
            upstreams: words("upstreams")?,
            tenants: words("tenants")?,
        })
    })
}

fn rules(value: Value, at: &str) -> Read<Vec<OwnedRule>> {
    let rules = list(value, at, |value, at| {
        let members = object(value, at)?;
        read_rule(members).map_err(|error| error.within(at))
    })?;
    match rules.iter().position(|rule| rule.name.is_empty()) {
        Some(place) => wrong(format!("{at}[{place}].name"), "is missing"),
        None => Ok(rules),
    }
}

macro_rules! value {
    (Flag [] [] $value:ident $at:ident) => {
        Some(flag(&$value, $at)?)
    };
    (Flag [] $default:tt $value:ident $at:ident) => {
        flag(&$value, $at)?
    };
    (Choice [Effect] $default:tt $value:ident $at:ident) => {
        match $value.as_str().and_then(Effect::named) {
            Some(effect) => effect,
            None => return wrong($at, "must be `allow` or `deny`"),
        }
    };
    (Words [$($of:tt)*] $default:tt $value:ident $at:ident) => {
        Words::Read(texts($value, $at)?)
    };
    (Word [$($of:tt)*] $default:tt $value:ident $at:ident) => {
        Cow::Owned(text($value, $at)?)
    };
    (Arguments [] $default:tt $value:ident $at:ident) => {
        Some(Cow::Owned(Value::Object(object($value, $at)?).to_string()))
    };
}

macro_rules! read_rule {
    ($table:ident $example:tt $about:tt $fixed:tt
        @keys [] { $({
            [] $field:ident $path:tt $kind:ident $of:tt $default:tt $otherwise:tt $help:tt
        })* }
        @tables [] {} build {}
    ) => {
        /// A rule as `[[policy]]` has it, but for its arguments, which are one JSON Schema.
        fn read_rule(members: Map<String, Value>) -> Read<OwnedRule> {
            const DEFAULT: &$table = &$table::DEFAULT;
            let mut rule = OwnedRule::from(DEFAULT);
            for (key, value) in members {
                let at = key.as_str();
                match at {
                    $(key_path!([] $field $path) => rule.$field = value!($kind $of $default value at),)*
                    _ => return wrong(
                        key.chars().take(64).collect::<String>(),
                        "is not known to this version of the server",
                    ),
                }
            }
            Ok(rule)
        }
    };
}

rule!(read_rule);
