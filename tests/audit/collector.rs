//! A real OpenTelemetry collector: it takes logs in both encodings, traces and metrics, and hands on what was said.

use std::collections::{BTreeMap, BTreeSet};

use base64ct::{Base64, Encoding as _};
use mcp_edge_tests::audited::Hosting;
use mcp_edge_tests::recorder::wait_for;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{modern, tests};
use mcp_edge_verify::ChainVerdict;
use serde_json::{Value, json};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "00f067aa0ba902b7";

pub fn tests() -> Vec<Test<Hosting>> {
    tests![a_collector_gets_logs_traces_and_metrics]
}

fn a_collector_gets_logs_traces_and_metrics(hosting: &Hosting) {
    let collector = hosting.collector();
    let server = hosting.server("collector", &[("TEST_COLLECTOR", collector.url())]);
    let call = json!({ "name": "repeat", "arguments": { "words": "collected" } });
    let request = modern("tools/call", call)
        .client("collected")
        .meta("traceparent", json!(format!("00-{TRACE}-{PARENT}-01")));
    assert_eq!(server.endpoint.send(&request).status, 200);

    // One in JSON, and the same in protobuf.
    let logs = wait_for("the event in both encodings", || {
        let logs = leaves(collector.handed_on("/v1/logs"), "logRecords");
        let ours = logs
            .into_iter()
            .filter(|log| log["traceId"] == base64(TRACE));
        let ours: Vec<Value> = ours.collect();
        (ours.len() >= 2).then_some(ours)
    });
    assert_eq!(logs.len(), 2);
    let event = |log: &Value| {
        let mut log = log.clone();
        // When each was sent, and the seal of each batch.
        log.as_object_mut().unwrap().remove("observedTimeUnixNano");
        log
    };
    assert_eq!(event(&logs[0])["attributes"], event(&logs[1])["attributes"]);
    assert_eq!(logs[0]["timeUnixNano"], logs[1]["timeUnixNano"]);

    let report = server.verify(&collector.handed_on("/v1/logs"));
    let findings = report.chains.iter().flat_map(|chain| &chain.findings);
    let around: Vec<_> = findings
        .filter(|one| {
            [ChainVerdict::Envelope, ChainVerdict::UnprovenEnvelope].contains(&one.finding)
        })
        .collect();
    assert!(around.is_empty(), "{around:?}");
    assert!(report.events > 0);

    let span = wait_for("the span", || {
        let spans = leaves(collector.handed_on("/v1/traces"), "spans");
        spans
            .into_iter()
            .find(|span| span["traceId"] == base64(TRACE))
    });
    assert_eq!(span["parentSpanId"], base64(PARENT));
    assert_eq!(span["spanId"], logs[0]["spanId"]);
    assert_eq!(span["name"], "tools/call repeat");
    assert_eq!(span["kind"], "SPAN_KIND_SERVER");

    let metric = wait_for("the metric", || {
        let metrics = leaves(collector.handed_on("/v1/metrics"), "metrics");
        metrics
            .into_iter()
            .find(|metric| metric["name"] == "mcp.server.operation.duration")
    });
    assert_eq!(metric["unit"], "s");
    let points = metric["histogram"]["dataPoints"].as_array().unwrap();
    assert!(!points.is_empty(), "{metric}");

    let unknown = json!({ "name": "no-such-tool", "arguments": {} });
    server.endpoint.send(&modern("tools/call", unknown));
    wait_for("every name of the dashboard", || {
        let received = Value::from(collector.handed_on("/v1/metrics")).to_string();
        let missing = dashboard_names()
            .into_iter()
            .find(|name| !received.contains(&format!("\"{name}\"")));
        missing.is_none().then_some(())
    });
}

/// The metric and the attributes that the queries of the Grafana dashboard name, as OpenTelemetry does.
fn dashboard_names() -> BTreeSet<String> {
    const DASHBOARD: &str = include_str!("../../docs/reference/grafana-dashboard.json");
    /// What the language of the queries and Prometheus add.
    const KNOWN: [&str; 8] = [
        "sum",
        "by",
        "rate",
        "increase",
        "histogram_quantile",
        "le",
        "job",
        "__rate_interval",
    ];
    let page = include_str!("../../docs/reference/metrics.md");
    let names = page.lines().filter_map(|line| {
        let (name, _) = line.strip_prefix("| `")?.split_once('`')?;
        Some((name.replace('.', "_"), name.to_owned()))
    });
    let names: BTreeMap<_, _> = names.collect();
    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    let mut found = BTreeSet::new();
    for target in leaves(vec![dashboard], "targets") {
        let query = target["expr"].as_str().unwrap();
        // What is in quotes is a value.
        for text in query.split('"').step_by(2) {
            let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            for word in
                words.filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
            {
                let name = ["_bucket", "_count"]
                    .iter()
                    .find_map(|end| word.strip_suffix(end)?.strip_suffix("_seconds"))
                    .unwrap_or(word);
                match names.get(name) {
                    Some(name) => drop(found.insert(name.clone())),
                    None => assert!(
                        KNOWN.contains(&word),
                        "docs/reference/metrics.md has no {word}"
                    ),
                }
            }
        }
    }
    found
}

/// All items of the lists of this name, wherever they are.
fn leaves(values: Vec<Value>, name: &str) -> Vec<Value> {
    let mut found = Vec::new();
    for value in values {
        match value {
            Value::Object(members) => {
                for (member, value) in members {
                    match value {
                        Value::Array(items) if member == name => found.extend(items),
                        other => found.extend(leaves(vec![other], name)),
                    }
                }
            }
            Value::Array(items) => found.extend(leaves(items, name)),
            _ => {}
        }
    }
    found
}

fn base64(hexadecimal: &str) -> String {
    let bytes = (0..hexadecimal.len()).step_by(2);
    let bytes: Vec<u8> = bytes
        .map(|at| u8::from_str_radix(&hexadecimal[at..at + 2], 16).unwrap())
        .collect();
    Base64::encode_string(&bytes)
}
