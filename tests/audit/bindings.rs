//! Queues and buckets of workerd's own: what is in them is a log that verifies.

use mcp_edge_tests::audited::{Audited, Hosting};
use mcp_edge_tests::recorder::wait_for;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{chains, modern, tests};
use serde_json::{Value, json};
use xtask::host::Host;

const CALLS: usize = 20;

pub fn tests() -> Vec<Test<Hosting>> {
    tests![a_queue_and_a_bucket_get_every_event]
}

fn a_queue_and_a_bucket_get_every_event(hosting: &Hosting) {
    // No other host has either, and a server there says so when it starts.
    if hosting.host != Host::Workers {
        return;
    }
    let server = hosting.server("bindings", &[]);
    for number in 0..CALLS {
        call(&server, &format!("bound-{number}"));
    }
    wait_for("every event in the queue and in the bucket", || {
        // The consumer looks into the bucket whenever the queue has something for it.
        call(&server, "asks-again");
        let is_whole = |from: &str| {
            let events = said(&server, from);
            (0..CALLS).all(|number| {
                let name = format!("bound-{number}/1");
                events.iter().any(|event| event["client_info"] == name)
            }) && chains::check(&events).is_ok()
        };
        (is_whole("queue") && is_whole("bucket")).then_some(())
    });
    let sealed = said(&server, "bucket");
    assert!(sealed.iter().any(|event| event["seal"]["key"] == "e2"));
}

fn call(server: &Audited, client: &str) {
    let call = json!({ "name": "repeat", "arguments": {} });
    let request = modern("tools/call", call).client(client);
    assert_eq!(server.endpoint.send(&request).status, 200);
}

/// What the consumer in tests/audited-server/consumer has said in the log of what came from there.
fn said(server: &Audited, from: &str) -> Vec<Value> {
    let log = server.events.text();
    let mark = format!("{from} ");
    let lines = log.lines().filter(|line| line.contains(&mark));
    let events = lines.filter_map(|line| {
        let json = line.get(line.find('{')?..)?;
        serde_json::from_str::<Value>(json).ok()
    });
    chains::once(events.collect())
}
