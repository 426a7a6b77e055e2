//! A real server of the S3 API: what it stores is a log that verifies.

use mcp_edge_tests::audited::{Hosting, assert_signed};
use mcp_edge_tests::receivers::Objects;
use mcp_edge_tests::recorder::wait_for;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{modern, tests};
use serde_json::{Value, json};

const BUCKET: &str = "audit";
const CALLS: usize = 30;

pub fn tests() -> Vec<Test<Hosting>> {
    tests![objects_are_a_log_that_verifies]
}

fn objects_are_a_log_that_verifies(hosting: &Hosting) {
    let objects = Objects::start(BUCKET).unwrap();
    let server = hosting.server("objects", &[("TEST_OBJECTS", objects.url())]);
    for number in 0..CALLS {
        let call = json!({ "name": "repeat", "arguments": { "number": number } });
        let request = modern("tools/call", call).client("stored");
        assert_eq!(server.endpoint.send(&request).status, 200);
    }
    let stored = wait_for("all events in objects", || {
        let stored = objects.of(BUCKET).unwrap();
        let lines: usize = stored.iter().map(|(_, text)| text.lines().count()).sum();
        (lines >= CALLS).then_some(stored)
    });
    let mut events = Vec::new();
    for (key, text) in stored {
        assert!(key.starts_with("mcp"), "{key}");
        let lines: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let last = lines.last().unwrap();
        assert_eq!(last["seal"]["key"], "e2", "each batch is sealed: {last}");
        events.extend(lines);
    }
    let report = server.verify(&events);
    assert_signed(&report);
}
