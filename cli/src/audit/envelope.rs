//! What the systems on the way put around an event.

use serde_json::{Map, Value};

use super::found::Found;
use super::unique;

/// What is made of an event in a log.
pub(super) trait FromLog: Sized {
    /// Of a line as a server writes it; `None` if it is none, or its hash is not that of what stands before it.
    fn from_line(line: &str) -> Option<Self>;

    /// Of an object that some system may have written anew; `None` if it is no event.
    fn from_members(members: &Map<String, Value>) -> Option<Self>;
}

impl FromLog for Found {
    fn from_line(line: &str) -> Option<Self> {
        Self::read(line)
    }

    fn from_members(members: &Map<String, Value>) -> Option<Self> {
        Self::restore(members)
    }
}

/// Where an event, or what holds it, stands in what receivers write: CloudEvents, OCSF, Splunk, Elasticsearch, Datadog, OTLP.
const WITHIN: [&str; 14] = [
    "data",
    "raw_data",
    "event",
    "_raw",
    "result",
    "_source",
    "hits",
    "message",
    "resourceLogs",
    "scopeLogs",
    "logRecords",
    "body",
    "stringValue",
    "attributes",
];
/// How many envelopes one in another are opened. OTLP has nine.
const DEEPEST: usize = 12;

/// Hands every event in a line to `found`; whether there was one.
pub(super) fn unwrap<E: FromLog>(line: &str, found: &mut impl FnMut(E)) -> bool {
    if let Some(event) = E::from_line(line) {
        found(event);
        return true;
    }
    match unique::parse(line) {
        Some(value) => open(&value, DEEPEST, found),
        None => false,
    }
}

fn open<E: FromLog>(value: &Value, deeper: usize, found: &mut impl FnMut(E)) -> bool {
    let Some(deeper) = deeper.checked_sub(1) else {
        return false;
    };
    match value {
        Value::Object(members) => {
            if let Some(event) = E::from_members(members) {
                found(event);
                return true;
            }
            // The first that leads to an event: some receivers keep both the text and what they read from it.
            let mut within = WITHIN.iter().filter_map(|name| members.get(*name));
            within.any(|value| open(value, deeper, found))
        }
        Value::Array(items) => {
            let opened = items.iter().filter(|item| open(item, deeper, found));
            opened.count() > 0
        }
        Value::String(text) if text.trim_start().starts_with(['{', '[']) => {
            if let Some(event) = E::from_line(text) {
                found(event);
                return true;
            }
            match unique::parse(text) {
                Some(value) => open(&value, deeper, found),
                None => false,
            }
        }
        _ => false,
    }
}
