//! Events as they come back from the systems that keep them.

use mcp_edge_cli::audit::Standing;
use serde_json::{Value, json};

use super::made::{Made, verify};

type Wrap = fn(&str) -> String;

fn parsed(line: &str) -> Value {
    serde_json::from_str(line).unwrap()
}

/// Members in the order of their names backwards, as a system may write them that knows no order.
fn backwards(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members = members.iter().rev();
            let members =
                members.map(|(name, value)| format!("{}: {}", json!(name), backwards(value)));
            format!("{{{}}}", Vec::from_iter(members).join(", "))
        }
        Value::Array(items) => {
            format!(
                "[{}]",
                Vec::from_iter(items.iter().map(backwards)).join(", ")
            )
        }
        other => other.to_string(),
    }
}

const ENVELOPES: [(&str, Wrap); 11] = [
    ("our own", str::to_owned),
    ("our own, written anew", |line| backwards(&parsed(line))),
    ("CloudEvents", |line| {
        json!({ "specversion": "1.0", "id": "1", "source": "mcp", "type": "mcp.request", "data": parsed(line) }).to_string()
    }),
    ("CloudEvents, a batch", |line| {
        json!([{ "specversion": "1.0", "type": "mcp.request", "data": parsed(line) }]).to_string()
    }),
    ("OCSF", |line| {
        json!({ "class_uid": 6003, "metadata": { "version": "1.5.0" }, "raw_data": line })
            .to_string()
    }),
    ("Splunk", |line| {
        json!({ "time": 1, "sourcetype": "mcp", "event": parsed(line) }).to_string()
    }),
    ("Splunk, exported", |line| {
        json!({ "preview": false, "result": { "_raw": line, "source": "http:mcp" } }).to_string()
    }),
    ("Elasticsearch", |line| {
        json!({ "_index": "mcp", "_id": "1", "_source": parsed(line) }).to_string()
    }),
    ("Elasticsearch, found", |line| {
        json!({ "hits": { "hits": [{ "_source": parsed(line) }] } }).to_string()
    }),
    ("Datadog", |line| {
        json!({ "ddsource": "mcp-edge", "service": "fraud-rules", "message": line }).to_string()
    }),
    ("OTLP", |line| {
        json!({ "resourceLogs": [{ "resource": {}, "scopeLogs": [{ "scope": {}, "logRecords": [
            { "timeUnixNano": "1", "body": { "stringValue": line } }
        ] }] }] })
        .to_string()
    }),
];

#[test]
fn each_envelope_is_opened() {
    let lines = Made::new(2, 20, 5).all();
    for (name, wrap) in ENVELOPES {
        let wrapped: Vec<_> = lines.iter().map(|line| wrap(line)).collect();
        let report = verify(&wrapped);
        assert_eq!(
            (report.verdict, report.events),
            (Standing::Complete, 40),
            "{name}"
        );
        assert_eq!(report.other_lines, 0, "{name}");
    }
}

#[test]
fn what_was_changed_in_an_envelope_is_seen() {
    let lines = Made::new(1, 20, 5).all();
    for (name, wrap) in ENVELOPES {
        let wrapped = lines.iter().enumerate().map(|(place, line)| match place {
            7 => wrap(&line.replace("\"score\"", "\"store\"")),
            _ => wrap(line),
        });
        let report = verify(&Vec::from_iter(wrapped));
        assert_eq!(report.verdict, Standing::Tampered, "{name}");
    }
}

/// OTLP's file exporter writes a whole request in one line.
#[test]
fn several_events_in_one_line_are_several() {
    let lines = Made::new(1, 20, 20).all();
    let records: Vec<_> = lines
        .iter()
        .map(|line| json!({ "body": { "stringValue": line } }))
        .collect();
    let request = json!({ "resourceLogs": [{ "scopeLogs": [{ "logRecords": records }] }] });
    let report = verify(&[request.to_string()]);
    assert_eq!((report.verdict, report.events), (Standing::Complete, 20));
}

/// Duplicates may come by different ways.
#[test]
fn an_event_that_two_systems_kept_is_one() {
    let lines = Made::new(1, 20, 5).all();
    let mut both = lines.clone();
    both.extend(lines.iter().map(|line| ENVELOPES[4].1(line)));
    let report = verify(&both);
    assert_eq!(
        (report.verdict, report.events, report.duplicates),
        (Standing::Complete, 20, 20)
    );
}

#[test]
fn an_envelope_too_deep_is_no_event() {
    let line = Made::new(1, 1, 1).all().remove(0);
    let deep = (0..40).fold(line, |line, _| json!({ "data": parsed(&line) }).to_string());
    assert_eq!(verify(&[deep]).other_lines, 1);
}
