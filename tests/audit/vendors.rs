//! Receivers that cannot run here: each hears what its documentation asks for. The recorder replaces them.

use std::collections::BTreeMap;

use mcp_edge_tests::audited::{Audited, Hosting, TOKEN};
use mcp_edge_tests::recorder::{Received, Recorder, wait_for};
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{modern, tests};
use mcp_edge_verify::ChainVerdict;
use serde_json::{Value, json};

pub fn tests() -> Vec<Test<Hosting>> {
    tests![each_vendor_gets_the_request_that_its_documentation_specifies]
}

/// The first request to each path that has the event.
fn heard(recorder: &Recorder, client: &str) -> BTreeMap<String, Received> {
    let mut heard = BTreeMap::new();
    for request in recorder.requests() {
        if request.body.contains(client) {
            let path = request.target.split('?').next().unwrap_or_default();
            heard.entry(path.to_owned()).or_insert(request);
        }
    }
    heard
}

fn each_vendor_gets_the_request_that_its_documentation_specifies(hosting: &Hosting) {
    let recorder = Recorder::start();
    let variables = [
        ("TEST_RECORDER", recorder.url()),
        ("TEST_WEBHOOK", format!("{}/hook", recorder.url())),
    ];
    let server = hosting.server("vendors", &variables);
    let call = json!({ "name": "repeat", "arguments": {} });
    let request = modern("tools/call", call).client("heard");
    assert_eq!(server.endpoint.send(&request).status, 200);
    let heard = wait_for("a request to each of five", || {
        let heard = heard(&recorder, "heard/1");
        (heard.len() == 5).then_some(heard)
    });

    envelopes_are_what_a_verifier_makes_of_the_events(&server, &recorder);

    let splunk = &heard["/services/collector/event"];
    let authorization = format!("Splunk {TOKEN}");
    assert_eq!(splunk.header("authorization"), Some(&*authorization));
    for event in splunk.json() {
        assert!(
            event["time"].is_number() || event["time"].is_string(),
            "{event}"
        );
        assert_eq!(event["index"], "audit");
        assert_eq!(event["event"]["event"], "mcp.request");
    }

    let elasticsearch = &heard["/_bulk"];
    assert_eq!(
        elasticsearch.header("content-type"),
        Some("application/x-ndjson")
    );
    let lines = elasticsearch.json();
    for pair in lines.chunks(2) {
        assert_eq!(pair[0]["create"]["_index"], "audit");
        assert_eq!(
            pair[0]["create"]["_id"], pair[1]["id"],
            "so that none is twice"
        );
    }

    let kafka = &heard["/topics/audit"];
    assert_eq!(
        kafka.header("content-type"),
        Some("application/vnd.kafka.json.v2+json")
    );
    let records = &kafka.json()[0]["records"];
    for record in records.as_array().unwrap() {
        assert_eq!(record["value"]["event"], "mcp.request");
        assert_eq!(
            record["key"], record["value"]["chain"]["id"],
            "a chain stays in one partition"
        );
    }

    let datadog = &heard["/api/v2/logs"];
    assert_eq!(datadog.header("dd-api-key"), Some(TOKEN));
    assert!(datadog.json()[0].is_array(), "{}", datadog.body);

    let webhook = &heard["/hook"];
    assert_eq!(
        webhook.header("content-type"),
        Some("application/cloudevents-batch+json")
    );
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        assert!(webhook.header(name).is_some(), "{name}");
    }
    let batch = &webhook.json()[0];
    for event in batch.as_array().unwrap() {
        assert_eq!(event["specversion"], "1.0");
        assert_eq!(event["id"], event["data"]["id"]);
        let kind: &Value = &event["data"]["event"];
        assert_eq!(kind, "mcp.request");
    }
}

/// What each vendor gets, in a log of its own.
fn envelopes_are_what_a_verifier_makes_of_the_events(server: &Audited, recorder: &Recorder) {
    let mut logs: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for request in recorder.requests() {
        let path = request.target.split('?').next().unwrap_or_default();
        logs.entry(path.to_owned())
            .or_default()
            .extend(request.json());
    }
    for (path, mut log) in logs {
        log.retain(|line| line.get("create").is_none());
        let report = server.verify(&log);
        assert!(report.events > 0, "{path}");
        let chains = report.chains.iter();
        let findings: Vec<_> = chains.flat_map(|chain| &chain.findings).collect();
        let around = [ChainVerdict::Envelope, ChainVerdict::UnprovenEnvelope];
        assert!(
            findings.iter().all(|one| !around.contains(&one.finding)),
            "{path}: {findings:?}"
        );
        assert_eq!(report.line_findings, [], "{path}");
    }
}
