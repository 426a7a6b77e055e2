//! Callers without identity do not push the events of others out of the log.

use std::collections::{BTreeMap, BTreeSet};

use mcp_edge_tests::audited::Hosting;
use mcp_edge_tests::recorder::{ReceiverMode, Recorder};
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{modern, tests};
use serde_json::{Value, json};
use xtask::host::Host;

pub fn tests() -> Vec<Test<Hosting>> {
    tests![
        requests_without_identity_do_not_push_out_the_event_of_a_caller,
        what_is_lost_at_the_end_is_in_the_last_line_and_in_the_exit_status,
    ]
}

/// Far more than the receiver's buffer holds, whichever thread serves them.
const CROWD: usize = 60;

/// An event that waits is lost with its instance, and only a process decides itself when that ends.
fn requests_without_identity_do_not_push_out_the_event_of_a_caller(hosting: &Hosting) {
    if hosting.host != Host::Native {
        return;
    }
    let recorder = Recorder::start();
    recorder.is(ReceiverMode::Down);
    let server = hosting.server("crowd", &[("TEST_RECORDER", recorder.url())]);
    let call = json!({ "name": "secret_rule", "arguments": {} });
    let token = server.token("ada", &["rules:read"]);
    let request = modern("tools/call", call).bearer(&token).client("ada");
    assert_eq!(server.endpoint.send(&request).status, 200);
    for number in 0..CROWD {
        let list = modern("tools/list", json!({}));
        let request = match number % 3 {
            0 => list.path(&format!("/nothing/{number}")),
            1 => list.bearer("not-a-token"),
            _ => list,
        };
        let _ = server.endpoint.raw(&request);
    }
    recorder.is(ReceiverMode::Well);
    let event = recorder.of_client("ada");
    assert_eq!(event["principal"]["subject"], "ada", "{event}");

    // What was lost is counted: every place in every chain has arrived, or is told of.
    let lost = recorder.wait("the losses", |events| {
        let mut places: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
        let mut lost = 0;
        for event in events {
            let chain = event["chain"]["id"].as_str().unwrap();
            let places = places.entry(chain).or_default();
            places.extend(event["chain"]["sequence"].as_u64());
            if event["event"] != "mcp.loss" {
                continue;
            }
            lost += event["delivery"]["events"].as_u64().unwrap();
            for range in event["delivery"]["sequences"]
                .as_array()
                .into_iter()
                .flatten()
            {
                places.extend(range[0].as_u64().unwrap()..=range[1].as_u64().unwrap());
            }
        }
        let is_whole = |places: &BTreeSet<u64>| places.last() == Some(&(places.len() as u64 - 1));
        let requests: usize = places.values().map(BTreeSet::len).sum();
        (requests > CROWD && places.values().all(is_whole)).then_some(lost)
    });
    assert!(lost > 0);
}

fn what_is_lost_at_the_end_is_in_the_last_line_and_in_the_exit_status(hosting: &Hosting) {
    if hosting.host != Host::Native {
        return;
    }
    let recorder = Recorder::start();
    let start = || hosting.server("crowd", &[("TEST_RECORDER", recorder.url())]);
    let list = || modern("tools/list", json!({}));

    let server = start();
    assert_eq!(server.endpoint.send(&list()).status, 200);
    recorder.wait("the event", |events| (!events.is_empty()).then_some(()));
    let log = server.events.clone();
    assert_eq!(server.terminate().code(), Some(0));
    assert_eq!(log.text().lines().last(), Some("mcp-edge: stopped"));

    recorder.is(ReceiverMode::Down);
    let server = start();
    for _ in 0..3 {
        assert_eq!(server.endpoint.send(&list()).status, 200);
    }
    let log = server.events.clone();
    assert_eq!(server.terminate().code(), Some(3));
    let text = log.text();
    let last = "mcp-edge: stopped, and lost 3 events: 3 for the sink `receiver`";
    assert_eq!(text.lines().last(), Some(last), "{text}");

    // What the program itself says is on standard error, and begins like this. The log is JSON.
    let mut told = 0;
    for line in text.lines().filter(|line| !line.starts_with("mcp-edge: ")) {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        told += usize::from(line["level"] == "warn" && line["time"].is_string());
    }
    assert!(told > 0, "{text}");
}
