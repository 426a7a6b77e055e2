//! What leaves for receivers, as files that a reader can look at: `MCP_EDGE_BLESS=1` writes them again.

use std::path::Path;
use std::rc::Rc;

use mcp_edge_audit::chain::ChainedEvent;
use mcp_edge_runtime::config::{Encoding, Format};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::Batch;
use crate::any::any_event;
use crate::receivers::otlp::testing::{body, driver};
use crate::{samples, testing};

/// Compares what is sent with `tests/golden/FILE`, as `read` understands both.
#[track_caller]
fn is_golden<T: PartialEq>(file: &str, written: &str, read: impl Fn(&str) -> T) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(file);
    if std::env::var_os("MCP_EDGE_BLESS").is_some() {
        std::fs::write(&path, written).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        read(written) == read(&expected),
        "tests/golden/{file} is not what is sent; MCP_EDGE_BLESS=1 writes it again. It is:\n{written}"
    );
}

#[track_caller]
fn is_golden_json(file: &str, value: &Value) {
    let written = serde_json::to_string_pretty(value).unwrap() + "\n";
    is_golden(file, &written, |text| {
        serde_json::from_str::<Value>(text).ok()
    });
}

#[track_caller]
fn are_golden_lines(file: &str, lines: &[String]) {
    is_golden(file, &(lines.join("\n") + "\n"), str::to_owned);
}

fn bodies(format: Format, events: &[Rc<ChainedEvent>], seals: Vec<Option<String>>) -> Vec<String> {
    let batch = Batch {
        events,
        seals,
        now: samples::NOW,
    };
    batch.bodies(format).map(|(_, body)| body).collect()
}

fn sampled(format: Format) -> Vec<String> {
    let events = samples::linked();
    bodies(format, &events, testing::seals(&events))
}

#[test]
fn as_it_is() {
    are_golden_lines("events.ndjson", &sampled(Format::EVENT));
}

#[test]
fn as_cloud_events() {
    are_golden_lines("cloudevents.ndjson", &sampled(crate::CLOUD_EVENTS));
}

#[test]
fn as_ocsf() {
    let names = samples::events().into_iter().map(|(name, _)| name);
    let all: Value = names
        .zip(sampled(crate::OCSF))
        .map(|(name, body)| {
            let event: Value = serde_json::from_str(&body).unwrap();
            json!({ "sample": name, "event": event })
        })
        .collect();
    is_golden_json("ocsf.json", &all);
}

#[test]
fn as_otlp() {
    for (protocol, file) in [
        (crate::OTLP_LOGS, "otlp-logs.json"),
        (crate::OTLP_TRACES, "otlp-traces.json"),
        (crate::OTLP_METRICS, "otlp-metrics.json"),
    ] {
        let receiver = driver(protocol, Encoding::Json);
        let body = body(receiver.as_ref(), &samples::linked());
        is_golden_json(file, &serde_json::from_slice(&body).unwrap());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_envelope_leaves_its_line_unchanged(event in any_event()) {
        let linked = ChainedEvent::new(event);
        let line = linked.json.clone();
        let events = [Rc::new(linked)];
        let cloud_event = bodies(crate::CLOUD_EVENTS, &events, Vec::new()).remove(0);
        let end = format!("\"data\":{line}}}");
        prop_assert!(cloud_event.ends_with(&end));
        prop_assert!(serde_json::from_str::<Value>(&cloud_event).is_ok());
        let ocsf = bodies(crate::OCSF, &events, Vec::new()).remove(0);
        let ocsf: Value = serde_json::from_str(&ocsf).unwrap();
        prop_assert_eq!(ocsf["raw_data"].as_str(), Some(line.as_str()));
    }

    #[test]
    fn every_ocsf_event_has_what_the_class_requires(event in any_event()) {
        let events = [Rc::new(ChainedEvent::new(event))];
        let ocsf = bodies(crate::OCSF, &events, Vec::new()).remove(0);
        let ocsf: Value = serde_json::from_str(&ocsf).unwrap();
        for pointer in [
            "/activity_id", "/category_uid", "/class_uid", "/severity_id", "/time", "/type_uid",
            "/metadata/product/name", "/metadata/version", "/actor/user", "/api/operation",
            "/api/request/uid", "/src_endpoint/svc_name",
        ] {
            prop_assert!(ocsf.pointer(pointer).is_some(), "{}", pointer);
        }
        let number = |pointer| ocsf.pointer(pointer).and_then(Value::as_u64).unwrap();
        prop_assert_eq!(number("/type_uid"), 600_300 + number("/activity_id"));
    }
}
