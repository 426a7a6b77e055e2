//! The event as a type, as JSON and as a JSON Schema.

use std::path::Path;

use mcp_edge_audit::chain::{Chain, ChainedEvent};
use mcp_edge_audit::event::{
    Event, MEMBERS, MISCONFIGURED_REASON, MISCONFIGURED_STATUS, VERSION, canonical_of,
};
use mcp_edge_audit::evidence::Seal;
use proptest::prelude::*;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::arbitrary::any_event;
use super::samples;
use crate::refusal::Refusal;
use crate::revision::Era;

/// One line of the log.
#[derive(Serialize, JsonSchema)]
struct Line {
    #[serde(flatten)]
    event: Event,
    /// SHA-256 over the canonical JSON (RFC 8785) of this object without `hash` and `seal`, in hexadecimal.
    hash: String,
    /// A signature over this event, and so over all before it in its chain; on the last event of each batch, on the last before
    /// each gap in one, and on each report of lost events.
    #[serde(skip_serializing_if = "Option::is_none")]
    seal: Option<Seal>,
}

fn schema() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let schema = settings.into_generator().into_root_schema_for::<Line>();
    let mut schema = as_written(schema.to_value());
    schema["title"] = "An event of mcp-edge".into();
    schema["properties"]["version"]["const"] = VERSION.into();
    schema
}

/// The same of what is written: a member that has nothing to say is left out and never null, and one that must be
/// there has no default. Descriptions are for those who have no Rust before them.
fn as_written(schema: Value) -> Value {
    match schema {
        Value::Object(mut members) => {
            members.remove("default");
            if let Some(Value::Array(choices)) = members.get("anyOf")
                && let [one, null] = choices.as_slice()
                && *null == json!({ "type": "null" })
            {
                let one = one.as_object().unwrap().clone();
                members.remove("anyOf");
                members.extend(one);
            }
            if let Some(Value::Array(types)) = members.get("type")
                && let [one, Value::String(null)] = types.as_slice()
                && null == "null"
            {
                let one = one.clone();
                members.insert("type".to_owned(), one);
            }
            // Counts, sizes and milliseconds stay in the range that every reader reads alike (RFC 8259, 6).
            if members.get("format") == Some(&json!("uint64")) {
                members.insert("maximum".to_owned(), json!(9_007_199_254_740_991_u64));
            }
            if let Some(Value::String(text)) = members.get_mut("description") {
                *text = text
                    .replace('\n', " ")
                    .replace("[`", "`")
                    .replace("`]", "`");
            }
            let members = members.into_iter();
            members.map(|(name, of)| (name, as_written(of))).collect()
        }
        Value::Array(items) => items.into_iter().map(as_written).collect(),
        other => other,
    }
}

/// `MCP_EDGE_BLESS=1` writes it again.
#[test]
fn the_schema_in_the_docs_is_current() {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/audit-event.schema.json");
    let made = schema();
    if std::env::var_os("MCP_EDGE_BLESS").is_some() {
        let text = serde_json::to_string_pretty(&made).unwrap() + "\n";
        std::fs::write(&file, text).unwrap();
    }
    let stored: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert!(
        stored == made,
        "docs/reference/audit-event.schema.json is out of date; MCP_EDGE_BLESS=1 writes it again"
    );
}

#[test]
fn every_integer_has_bounds() {
    fn check(value: &Value, integers: &mut usize) {
        match value {
            Value::Object(members) => {
                if members.get("type") == Some(&json!("integer")) {
                    *integers += 1;
                    for bound in ["minimum", "maximum"] {
                        assert!(members.contains_key(bound), "{value}");
                    }
                }
                members.values().for_each(|value| check(value, integers));
            }
            Value::Array(items) => items.iter().for_each(|value| check(value, integers)),
            _ => {}
        }
    }
    let mut integers = 0;
    check(&schema(), &mut integers);
    assert!(integers > 8, "{integers}");
}

#[test]
fn every_member_is_listed() {
    let schema = schemars::schema_for!(Event);
    let members = schema.get("properties").and_then(Value::as_object).unwrap();
    assert!(members.keys().eq(MEMBERS), "{:?}", members.keys());
}

#[test]
fn a_chain_without_events_is_not_closed() {
    let mut chain = Chain::new([1; 16]);
    let id = chain.id().to_owned();
    assert_eq!(chain.close(Event::default()), None);
    assert_eq!(chain.id(), id);
    chain.link(Event::default());
    let closing = chain.close(Event::default()).unwrap();
    assert_eq!(closing.chain(), id);
    assert_ne!(chain.id(), id);
    assert_eq!(chain.id().len(), id.len());
}

fn validator() -> jsonschema::Validator {
    jsonschema::draft202012::new(&schema()).unwrap()
}

fn mistakes(line: &Value) -> Vec<String> {
    let validator = validator();
    let errors = validator.iter_errors(line);
    errors.map(|error| error.to_string()).collect()
}

#[test]
fn lines_match_the_schema() {
    for linked in samples::linked() {
        let sealed = linked.sealed(&samples::seal(&linked));
        for line in [&linked.json, &sealed] {
            let line = serde_json::from_str(line).unwrap();
            assert_eq!(mistakes(&line), [""; 0], "{line}");
        }
    }
}

#[test]
fn invalid_lines_do_not_match_the_schema() {
    let linked = samples::linked();
    let line: Value = serde_json::from_str(&linked[0].json).unwrap();
    for (member, wrong) in [
        ("hash", Value::Null),
        ("event", "mcp.other".into()),
        ("outcome", "fine".into()),
        ("duration_ms", (-1).into()),
        ("id", 7.into()),
    ] {
        let mut line = line.clone();
        line[member] = wrong;
        assert_ne!(mistakes(&line), [""; 0], "{member}");
        line.as_object_mut().unwrap().remove(member);
        assert_ne!(mistakes(&line), [""; 0], "{member}");
    }
}

#[test]
fn every_member_of_the_type_is_explained() {
    let schema = schema();
    let properties = schema["properties"].as_object().unwrap();
    let silent: Vec<_> = properties
        .iter()
        .filter(|(_, member)| member.get("description").is_none())
        .map(|(name, _)| name)
        .collect();
    assert_eq!(silent, [""; 0]);
}

#[test]
fn a_verifier_knows_how_a_server_that_cannot_start_refuses() {
    let refusal = Refusal::Misconfigured;
    for era in [Era::Modern, Era::Legacy] {
        assert_eq!(refusal.status(era).as_u16(), MISCONFIGURED_STATUS);
    }
    assert_eq!(refusal.reason(), MISCONFIGURED_REASON);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_serde_writes_of_an_event_is_canonical(event in any_event()) {
        let written = event.to_canonical();
        let found: Map<String, Value> = serde_json::from_slice(&written).unwrap();
        prop_assert_eq!(
            String::from_utf8(written).unwrap(),
            String::from_utf8(canonical_of(&found)).unwrap()
        );
    }

    #[test]
    fn a_line_is_canonical_without_what_is_not_hashed(event in any_event()) {
        let linked = Chain::new([1; 16]).link(event);
        let sealed = linked.sealed(r#"{"key":"e1","signature":"c2lnbmVk","time":"now"}"#);
        let line: Map<String, Value> = serde_json::from_str(&sealed).unwrap();
        prop_assert_eq!(canonical_of(&line), linked.event.to_canonical());
        prop_assert_eq!(&line["hash"], &Value::from(linked.hash.as_str()));
    }

    #[test]
    fn an_event_that_was_kept_comes_back_unchanged(event in any_event()) {
        let linked = ChainedEvent::new(event);
        let seal = r#"{"key":"e1","signature":"c2lnbmVk","time":"now"}"#.to_owned();
        let kept = ChainedEvent::restore(&linked.sealed(&seal));
        prop_assert_eq!(kept, Some((linked.clone(), Some(seal))));
        prop_assert_eq!(ChainedEvent::restore(&linked.json), Some((linked, None)));
    }

    #[test]
    fn a_seal_that_was_changed_while_it_was_kept_does_not_come_back(event in any_event()) {
        let linked = ChainedEvent::new(event);
        for seal in ["", "{}", r#"{"key":"e1","signature":"c2lnbmVk"}"#, r#"{"key":"e1","signature":"c2lnbmVk","time":"now","x":1}"#] {
            prop_assert_eq!(ChainedEvent::restore(&linked.sealed(seal)), None);
        }
    }

    #[test]
    fn an_event_that_was_changed_while_it_was_kept_does_not_come_back(event in any_event()) {
        let linked = ChainedEvent::new(event);
        let changed = ChainedEvent::new(Event {
            status: linked.event.status.wrapping_add(1),
            ..linked.event
        });
        let json = changed.json.replace(&changed.hash, &linked.hash);
        prop_assert_eq!(ChainedEvent::restore(&json), None);
        let seal = r#"{"key":"e1","signature":"c2lnbmVk","time":"now"}"#;
        let sealed = format!("{},\"seal\":{seal}}}", json.strip_suffix('}').unwrap());
        prop_assert_eq!(ChainedEvent::restore(&sealed), None);
    }
}
