//! Members that receivers add of their own and that say nothing of the event, with what each may have as its value.

use mcp_edge_audit::Timestamp;
use serde_json::Value;

use super::compare::Differences;
use super::holds_event;

/// A receiver's own names.
pub(super) type Names = &'static [(&'static str, Kind)];

/// What a value must be. None of these can have an event in it, or words about one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    /// A number, or a text that is one.
    Number,
    /// A number, or nothing.
    Score,
    /// A time of RFC 3339, or a number.
    Time,
    /// A name or id.
    Name,
    /// What pages of an answer are asked for with, or the address of one.
    Cursor,
    /// Characters that are neither letters nor digits.
    Punctuation,
    OneOf(&'static [&'static str]),
    /// A list or an object without anything in it.
    Empty,
    List(&'static Kind),
    Object(Names),
    Either(&'static [Kind]),
}

const MAX_NUMBER: usize = 32;
const MAX_NAME: usize = 256;
const MAX_CURSOR: usize = 8192;

const TOTAL: Names = &[
    ("relation", Kind::OneOf(&["eq", "gte"])),
    ("value", Kind::Number),
];
const SHARDS: Names = &[
    ("failed", Kind::Number),
    ("skipped", Kind::Number),
    ("successful", Kind::Number),
    ("total", Kind::Number),
];
const NAMES: Kind = Kind::Either(&[Kind::Name, Kind::List(&Kind::Name)]);

/// Around one result of Splunk, and around several.
pub(super) const SPLUNK_RESULT: Names = &[
    ("lastrow", Kind::Bool),
    ("offset", Kind::Number),
    ("preview", Kind::Bool),
];
pub(super) const SPLUNK_RESULTS: Names = &[
    ("highlighted", Kind::Empty),
    ("init_offset", Kind::Number),
    ("messages", Kind::Empty),
    ("preview", Kind::Bool),
];
/// What a sender may say of where an event goes.
pub(super) const SPLUNK_SENT: Names = &[("index", Kind::Name)];
pub(super) const SPLUNK_FIELDS: Names = &[
    ("_bkt", Kind::Name),
    ("_cd", Kind::Name),
    ("_indextime", Kind::Number),
    ("_serial", Kind::Number),
    ("_si", NAMES),
    ("_subsecond", Kind::Number),
    ("index", Kind::Name),
    ("linecount", Kind::Number),
    ("punct", Kind::Punctuation),
    ("splunk_server", Kind::Name),
    ("splunk_server_group", NAMES),
    ("timeendpos", Kind::Number),
    ("timestartpos", Kind::Number),
];

pub(super) const HITS: Names = &[
    ("_scroll_id", Kind::Cursor),
    ("_shards", Kind::Object(SHARDS)),
    ("max_score", Kind::Score),
    ("pit_id", Kind::Cursor),
    ("timed_out", Kind::Bool),
    ("took", Kind::Number),
    ("total", Kind::Either(&[Kind::Number, Kind::Object(TOTAL)])),
];
pub(super) const HIT: Names = &[
    ("_ignored", Kind::List(&Kind::Name)),
    ("_index", Kind::Name),
    ("_node", Kind::Name),
    ("_primary_term", Kind::Number),
    ("_routing", Kind::Name),
    ("_score", Kind::Score),
    ("_seq_no", Kind::Number),
    ("_shard", Kind::Name),
    ("_type", Kind::Name),
    ("_version", Kind::Number),
    ("found", Kind::Bool),
    // Values by which the result is sorted, without their names.
    (
        "sort",
        Kind::List(&Kind::Either(&[Kind::Score, Kind::Bool, Kind::Name])),
    ),
];

pub(super) const DATADOG_PAGE: Names = &[
    ("links", Kind::Object(&[("next", Kind::Cursor)])),
    (
        "meta",
        Kind::Object(&[
            ("elapsed", Kind::Number),
            ("page", Kind::Object(&[("after", Kind::Cursor)])),
            ("request_id", Kind::Name),
            ("status", Kind::OneOf(&["done", "timeout"])),
            ("warnings", Kind::Empty),
        ]),
    ),
];
pub(super) const DATADOG_ITEM: Names = &[("id", Kind::Name), ("type", Kind::OneOf(&["log"]))];
/// The level and the time at which Datadog received it.
pub(super) const DATADOG_LOG: Names = &[
    (
        "status",
        Kind::OneOf(&[
            "alert",
            "critical",
            "debug",
            "emergency",
            "error",
            "info",
            "notice",
            "ok",
            "trace",
            "warn",
            "warning",
        ]),
    ),
    ("timestamp", Kind::Time),
];

pub(super) const KAFKA_RECORD: Names = &[
    ("headers", Kind::Empty),
    ("offset", Kind::Number),
    ("partition", Kind::Number),
    ("timestamp", Kind::Time),
    ("timestampType", Kind::Name),
    ("topic", Kind::Name),
];

/// Judges a member that is not copied from the event. `lines` are the events that were opened around it.
pub(super) fn check(
    names: Names,
    name: &str,
    value: &Value,
    lines: &[&str],
    differences: &mut Differences,
) {
    let kind = names.iter().find(|(own, _)| *own == name);
    if kind.is_some_and(|(_, kind)| kind.is(value)) {
        return;
    }
    let is_copy = value.as_str().is_some_and(|text| lines.contains(&text));
    if !is_copy && holds_event(value) {
        differences.contradicts(name);
    } else {
        differences.unproven(name);
    }
}

impl Kind {
    fn is(self, value: &Value) -> bool {
        let is_text = |is: &dyn Fn(&str) -> bool| value.as_str().is_some_and(is);
        match self {
            Self::Bool => value.is_boolean(),
            Self::Number => value.is_number() || is_text(&is_number),
            Self::Score => value.is_number() || value.is_null(),
            Self::Time => {
                Self::Number.is(value) || is_text(&|text| Timestamp::from_rfc3339(text).is_some())
            }
            Self::Name => is_text(&|text| is_name(text, MAX_NAME, "-_.:/@~+=%#$[]")),
            Self::Cursor => is_text(&|text| is_name(text, MAX_CURSOR, "-_.:/@~+=%#$[]?&")),
            Self::Punctuation => {
                is_text(&|text| text.len() <= MAX_NAME && !text.chars().any(char::is_alphanumeric))
            }
            Self::OneOf(texts) => is_text(&|text| texts.contains(&text)),
            Self::Empty => match value {
                Value::Array(items) => items.is_empty(),
                Value::Object(members) => members.is_empty(),
                _ => false,
            },
            Self::List(kind) => value
                .as_array()
                .is_some_and(|items| items.iter().all(|item| kind.is(item))),
            Self::Object(names) => value.as_object().is_some_and(|members| {
                members.iter().all(|(name, value)| {
                    let kind = names.iter().find(|(own, _)| own == name);
                    kind.is_some_and(|(_, kind)| kind.is(value))
                })
            }),
            Self::Either(kinds) => kinds.iter().any(|kind| kind.is(value)),
        }
    }
}

fn is_number(text: &str) -> bool {
    let is_part = |char: char| char.is_ascii_digit() || matches!(char, '.' | '-');
    !text.is_empty() && text.len() <= MAX_NUMBER && text.chars().all(is_part)
}

fn is_name(text: &str, longest: usize, others: &str) -> bool {
    let is_part = |char: char| char.is_ascii_alphanumeric() || others.contains(char);
    !text.is_empty() && text.len() <= longest && text.chars().all(is_part)
}
