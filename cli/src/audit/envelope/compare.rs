//! Members that should be the same as those of an event.

use mcp_edge_runtime::audit::event::MEMBERS;
use mcp_edge_runtime::host::Timestamp;
use serde_json::{Map, Value};

use crate::audit::chain::printable;
use crate::audit::report::Verdict;

/// How many members a note names.
const MAX_NAMES: usize = 3;

/// Members around an event that are not what the event says.
#[derive(Debug, Default)]
pub(in crate::audit) struct Differences {
    contradicting: Names,
    unproven: Names,
}

#[derive(Debug, Default)]
struct Names {
    first: Vec<String>,
    count: usize,
}

impl Names {
    fn add(&mut self, name: &str) {
        self.count = self.count.saturating_add(1);
        if self.first.len() < MAX_NAMES {
            self.first.push(format!("`{}`", printable(name)));
        }
    }

    fn text(&self) -> Option<String> {
        let more = self.count.saturating_sub(self.first.len());
        let names = self.first.join(", ");
        match (self.count, more) {
            (0, _) => None,
            (_, 0) => Some(names),
            (_, more) => Some(format!("{names} and {more} more")),
        }
    }
}

impl Differences {
    /// The event says otherwise.
    pub(super) fn contradicts(&mut self, name: &str) {
        self.contradicting.add(name);
    }

    /// Nothing in the event says anything of it.
    pub(super) fn unproven(&mut self, name: &str) {
        self.unproven.add(name);
    }

    pub(super) fn notes(&self, what: &str) -> Vec<(Verdict, String)> {
        let contradicting = self.contradicting.text().map(|names| {
            let why = format!("{what}: {names} is not what the event says");
            (Verdict::Envelope, why)
        });
        let unproven = self.unproven.text().map(|names| {
            let why = format!("{what}: the event says nothing of {names}");
            (Verdict::UnprovenEnvelope, why)
        });
        contradicting.into_iter().chain(unproven).collect()
    }
}

/// Compares all members but those in `free`.
pub(super) fn members(
    expected: &Map<String, Value>,
    found: &Map<String, Value>,
    free: &[&str],
    differences: &mut Differences,
) {
    compare_members("", expected, found, free, differences);
}

/// Compares two values; `None` if the event has none.
pub(super) fn compare(
    path: &str,
    expected: Option<&Value>,
    found: &Value,
    differences: &mut Differences,
) {
    match (expected, found) {
        (Some(Value::Object(expected)), Value::Object(found)) => {
            compare_members(path, expected, found, &[], differences);
        }
        (Some(Value::Array(expected)), Value::Array(found)) if expected.len() == found.len() => {
            for (expected, found) in expected.iter().zip(found) {
                compare(path, Some(expected), found, differences);
            }
        }
        (Some(expected), found) if is_same(expected, found) => {}
        _ => differences.contradicts(path),
    }
}

fn compare_members(
    path: &str,
    expected: &Map<String, Value>,
    found: &Map<String, Value>,
    free: &[&str],
    differences: &mut Differences,
) {
    let inner = |name: &str| match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    let is_compared = |name: &String| !free.contains(&name.as_str());
    for (name, found) in found.iter().filter(|(name, _)| is_compared(name)) {
        compare(&inner(name), expected.get(name), found, differences);
    }
    for name in expected.keys().filter(|name| is_compared(name)) {
        if !found.contains_key(name) {
            differences.contradicts(&inner(name));
        }
    }
}

/// Whether two values are the same, however a number is written.
fn is_same(one: &Value, other: &Value) -> bool {
    let (Value::Number(first), Value::Number(second)) = (one, other) else {
        return one == other;
    };
    if first.is_f64() || second.is_f64() {
        first.as_f64() == second.as_f64()
    } else {
        first == second
    }
}

/// Whether a line of the log may have a member of this name.
pub(super) fn is_member(name: &str) -> bool {
    MEMBERS.contains(&name) || ["hash", "seal"].contains(&name)
}

/// Compares a field that a receiver read from what it got. Its name is a path: `principal.subject`, `principal.actors{}`.
pub(super) fn copied(name: &str, value: &Value, source: &Value, differences: &mut Differences) {
    let path = name.strip_suffix(".keyword").unwrap_or(name);
    let segments: Vec<&str> = path
        .split('.')
        .map(|segment| segment.trim_end_matches("{}"))
        .collect();
    let is_known = |first: &&str| is_member(first) || source.get(*first).is_some();
    if !segments.first().is_some_and(is_known) {
        differences.unproven(name);
        return;
    }
    let mut places = vec![source];
    for segment in segments {
        let within = places.into_iter().flat_map(items);
        places = within.filter_map(|place| place.get(segment)).collect();
    }
    let expected = sorted_leaves(places);
    let found = sorted_leaves(vec![value]);
    if expected.is_empty() || found != expected {
        differences.contradicts(name);
    }
}

/// The items of an array, at any depth, or the value itself.
fn items(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().flat_map(items).collect(),
        value => vec![value],
    }
}

/// Every text, number and boolean below these values, with the path to it, as a text.
fn sorted_leaves(values: Vec<&Value>) -> Vec<(String, String)> {
    let mut leaves = Vec::new();
    let mut open: Vec<(String, &Value)> = values
        .into_iter()
        .map(|value| (String::new(), value))
        .collect();
    while let Some((path, value)) = open.pop() {
        match value {
            Value::Object(members) => {
                let inner = members.iter();
                open.extend(inner.map(|(name, value)| (format!("{path}.{name}"), value)));
            }
            Value::Array(values) => {
                open.extend(values.iter().map(|value| (path.clone(), value)));
            }
            Value::String(text) => leaves.push((path, text.clone())),
            other => leaves.push((path, other.to_string())),
        }
    }
    leaves.sort_unstable();
    leaves
}

/// Whether a value is this time: in RFC 3339, or in seconds since the Unix epoch.
pub(super) fn is_time(value: &Value, expected: Timestamp) -> bool {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let found = Timestamp::from_rfc3339(&text).or_else(|| {
        let (seconds, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let millis = format!("{:0<3}", fraction.chars().take(3).collect::<String>());
        let millis = format!("{seconds}{millis}").parse().ok()?;
        Some(Timestamp::from_millis(millis))
    });
    found == Some(expected)
}
