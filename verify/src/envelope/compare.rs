//! Members that should be the same as those of an event.

use std::collections::BTreeMap;

use mcp_edge_audit::Timestamp;
use mcp_edge_audit::event::MEMBERS;
use serde_json::{Map, Value};

use super::own;
use crate::chain::printable;
use crate::report::ChainVerdict;

/// How many members a note names.
const MAX_NAMES: usize = 3;

/// Members around an event that are not what the event says.
#[derive(Debug, Default)]
pub(crate) struct Differences {
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

    pub(super) fn notes(&self, what: &str) -> Vec<(ChainVerdict, String)> {
        let contradicting = self.contradicting.text().map(|names| {
            let why = format!("{what}: {names} is not what the event says");
            (ChainVerdict::Envelope, why)
        });
        let unproven = self.unproven.text().map(|names| {
            let why = format!("{what}: the event says nothing of {names}");
            (ChainVerdict::UnprovenEnvelope, why)
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

/// What a receiver read fields from: every text, number and boolean in it, by the path to it. An array has no part in the path.
///
/// It is built once for a line, and comparing a field with it costs no more than the field is long.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Source {
    members: BTreeMap<String, Self>,
    leaves: Vec<String>,
}

impl Source {
    pub(super) fn of(value: &Value) -> Self {
        let mut source = Self::default();
        source.add(value);
        source.sort();
        source
    }

    fn add(&mut self, value: &Value) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    self.members.entry(name.clone()).or_default().add(value);
                }
            }
            Value::Array(values) => values.iter().for_each(|value| self.add(value)),
            Value::String(text) => self.leaves.push(text.clone()),
            other => self.leaves.push(other.to_string()),
        }
    }

    fn sort(&mut self) {
        self.leaves.sort_unstable();
        self.members.values_mut().for_each(Self::sort);
        self.members.retain(|_, member| !member.is_empty());
    }

    fn is_empty(&self) -> bool {
        self.leaves.is_empty() && self.members.is_empty()
    }
}

/// How many arrays can be in one another in an event.
const MAX_ARRAYS: usize = 2;

/// Compares a field that a receiver read from what it got. Its name is a path: `principal.subject`, `principal.actors{}`.
pub(super) fn copied(
    name: &str,
    value: &Value,
    source: &Source,
    line: &str,
    differences: &mut Differences,
) {
    let path = name.strip_suffix(".keyword").unwrap_or(name);
    let mut is_misshapen = path.ends_with(".keyword");
    let mut place = Some(source);
    for (number, segment) in path.split('.').enumerate() {
        let member = segment.trim_end_matches("{}");
        let braces = segment.len().saturating_sub(member.len());
        is_misshapen |= braces > MAX_ARRAYS.saturating_mul("{}".len());
        if number == 0 && !is_member(member) && !source.members.contains_key(member) {
            own::check(&[], name, value, &[line], differences);
            return;
        }
        place = place.and_then(|place| place.members.get(member));
    }
    let is_same = |place: &Source| !is_misshapen && *place == Source::of(value);
    if !place.is_some_and(is_same) {
        differences.contradicts(name);
    }
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
