//! OpenTelemetry log records, as collectors and their exporters write them in JSON.
//!
//! Collectors add attributes of their own, write enumerations by number or by name, ids in hexadecimal or in base64, and integers
//! as texts or as numbers.

use std::collections::BTreeMap;

use base64ct::{Base64, Encoding as _};
use mcp_edge_audit::chain::ChainedEvent;
use mcp_edge_envelope::Envelope;
use serde_json::{Map, Value};

use super::compare::{Differences, compare};
use super::{Inside, own};

/// Names in these are of the server, so that one which the event does not have was added.
const OWN: [&str; 7] = [
    "enduser.",
    "error.",
    "gen_ai.",
    "http.",
    "mcp.",
    "mcp_edge.",
    "network.",
];
const RESOURCE: [&str; 4] = [
    "deployment.environment.name",
    "mcp_edge.host",
    "service.instance.id",
    "service.name",
];

fn rendered(linked: &ChainedEvent, line: &str, pointer: &str) -> Map<String, Value> {
    let request = Envelope::OtlpLogs.render(linked, line);
    let part = request.pointer(pointer).and_then(Value::as_object);
    part.cloned().unwrap_or_default()
}

/// Attributes by name; `None` if one is there twice or is not an attribute.
fn attributes(members: &Map<String, Value>) -> Option<BTreeMap<&str, Value>> {
    let mut attributes = BTreeMap::new();
    let list = match members.get("attributes") {
        None => return Some(attributes),
        Some(list) => list.as_array()?,
    };
    for attribute in list {
        attribute.as_object().filter(|one| one.len() == 2)?;
        let key = attribute.get("key")?.as_str()?;
        let value = plain(attribute.get("value")?);
        if attributes.insert(key, value).is_some() {
            return None;
        }
    }
    Some(attributes)
}

/// A value without its type.
fn plain(value: &Value) -> Value {
    let Some((kind, value)) = value.as_object().and_then(|members| {
        let mut members = members.iter();
        members.next().filter(|_| members.next().is_none())
    }) else {
        return Value::Null;
    };
    match (kind.as_str(), value) {
        ("intValue", Value::String(text)) => text.parse::<i64>().map_or(Value::Null, Value::from),
        ("intValue", Value::Number(_)) | ("stringValue", Value::String(_)) => value.clone(),
        ("boolValue", Value::Bool(_)) => value.clone(),
        ("arrayValue", Value::Object(array)) => match (array.get("values"), array.len()) {
            (Some(Value::Array(values)), 1) => values.iter().map(plain).collect(),
            (None, 0) => Value::Array(Vec::new()),
            _ => Value::Null,
        },
        _ => Value::Null,
    }
}

/// What a message of protobuf may have and leave out alike.
fn is_default(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Null => true,
        _ => false,
    }
}

/// Compares the resource that the records of `events` are of.
pub(super) fn check_resource(members: &Map<String, Value>, events: &mut [Inside]) {
    let empty = Map::new();
    let resource = match members.get("resource") {
        Some(Value::Object(resource)) => resource,
        _ => &empty,
    };
    let found = attributes(resource);
    // The same for every event.
    let mut others = Differences::default();
    for (name, value) in found.iter().flatten() {
        match *name {
            name if RESOURCE.contains(&name) => {}
            name if name.starts_with("mcp_edge.") => others.contradicts(name),
            name => own::check(&[], name, value, &[], &mut others),
        }
    }
    check_rest(resource, &["attributes"], &mut others);
    check_rest(
        members,
        &["resource", "scopeLogs", "schemaUrl"],
        &mut others,
    );
    let others = others.notes("OTLP resource");
    for inside in events {
        inside.found.notes.extend(others.iter().cloned());
        inside.compare("OTLP resource", |linked, line, differences| {
            let Some(found) = &found else {
                differences.contradicts("attributes");
                return;
            };
            let expected = rendered(linked, line, "/resourceLogs/0/resource");
            let expected = attributes(&expected).unwrap_or_default();
            for name in RESOURCE {
                if expected.get(name) != found.get(name) {
                    differences.contradicts(name);
                }
            }
            let schema = rendered(linked, line, "/resourceLogs/0");
            check_schema(members, &schema, differences);
        });
    }
}

/// Compares the scope that the records of `events` are of.
pub(super) fn check_scope(members: &Map<String, Value>, events: &mut [Inside]) {
    let mut others = Differences::default();
    check_rest(members, &["scope", "logRecords", "schemaUrl"], &mut others);
    let scope = members.get("scope").and_then(Value::as_object);
    for (name, value) in scope.into_iter().flatten() {
        if name != "name" && !is_default(value) {
            own::check(&[], name, value, &[], &mut others);
        }
    }
    let others = others.notes("OTLP scope");
    for inside in events {
        inside.found.notes.extend(others.iter().cloned());
        inside.compare("OTLP scope", |linked, line, differences| {
            let expected = rendered(linked, line, "/resourceLogs/0/scopeLogs/0");
            let name = scope.and_then(|scope| scope.get("name"));
            if name != expected.get("scope").and_then(|scope| scope.get("name")) {
                differences.contradicts("name");
            }
            check_schema(members, &expected, differences);
        });
    }
}

fn check_rest(members: &Map<String, Value>, known: &[&str], differences: &mut Differences) {
    for (name, value) in members {
        if !known.contains(&name.as_str()) && !is_default(value) {
            own::check(&[], name, value, &[], differences);
        }
    }
}

/// Not every collector passes it on.
fn check_schema(
    members: &Map<String, Value>,
    expected: &Map<String, Value>,
    differences: &mut Differences,
) {
    if let Some(found) = members.get("schemaUrl").filter(|url| !is_default(url)) {
        compare("schemaUrl", expected.get("schemaUrl"), found, differences);
    }
}

/// Compares the record that an event is the body of.
pub(super) fn check_record(members: &Map<String, Value>, inside: &mut Inside) {
    inside.compare("OTLP record", |linked, line, differences| {
        let expected = rendered(linked, line, "/resourceLogs/0/scopeLogs/0/logRecords/0");
        match attributes(members) {
            Some(found) => check_attributes(&expected, &found, differences),
            None => differences.contradicts("attributes"),
        }
        for (name, value) in &expected {
            let found = members.get(name).unwrap_or(&Value::Null);
            let is_same = match name.as_str() {
                "attributes" | "body" => true,
                "traceId" | "spanId" => is_id(value, found),
                "severityNumber" => is_severity(value, found, &expected),
                _ => value == found || text(value) == text(found),
            };
            if !is_same {
                differences.contradicts(name);
            }
        }
        for (name, value) in members {
            if expected.contains_key(name) || is_default(value) {
                continue;
            }
            match name.as_str() {
                "traceId" | "spanId" => differences.contradicts(name),
                _ => own::check(&[], name, value, &[line], differences),
            }
        }
    });
}

fn check_attributes(
    expected: &Map<String, Value>,
    found: &BTreeMap<&str, Value>,
    differences: &mut Differences,
) {
    let expected = attributes(expected).unwrap_or_default();
    for (name, value) in &expected {
        if found.get(name) != Some(value) {
            differences.contradicts(name);
        }
    }
    let others = found.iter();
    for (name, value) in others.filter(|(name, _)| !expected.contains_key(*name)) {
        if OWN.iter().any(|own| name.starts_with(own)) {
            differences.contradicts(name);
        } else {
            own::check(&[], name, value, &[], differences);
        }
    }
}

/// A number of 64 bits may be a text.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The JSON of OTLP has ids in hexadecimal, that of protobuf in base64.
fn is_id(expected: &Value, found: &Value) -> bool {
    let (Some(expected), Some(found)) = (expected.as_str(), found.as_str()) else {
        return false;
    };
    let in_base64 = || {
        let bytes = base16ct::lower::decode_vec(expected).ok()?;
        Some(Base64::encode_string(&bytes))
    };
    expected.eq_ignore_ascii_case(found) || in_base64().as_deref() == Some(found)
}

/// The JSON of OTLP has numbers, that of protobuf names: `SEVERITY_NUMBER_INFO`.
fn is_severity(expected: &Value, found: &Value, record: &Map<String, Value>) -> bool {
    let name = record.get("severityText").map(text).unwrap_or_default();
    expected == found || found.as_str() == Some(&format!("SEVERITY_NUMBER_{name}"))
}
