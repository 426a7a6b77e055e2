//! Something else answers in the place of a receiver: its success is not a delivery.

use mcp_edge_tests::audited::Hosting;
use mcp_edge_tests::recorder::{ReceiverMode, Recorder, wait_for};
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{modern, tests};
use serde_json::json;

pub fn tests() -> Vec<Test<Hosting>> {
    tests![a_page_of_a_proxy_is_not_a_delivery]
}

/// The paths of receivers that acknowledge what they get. Of a webhook only the status says anything.
const ACKNOWLEDGE: [&str; 4] = [
    "/_bulk",
    "/api/v2/logs",
    "/services/collector/event",
    "/topics/audit",
];

fn a_page_of_a_proxy_is_not_a_delivery(hosting: &Hosting) {
    let recorder = Recorder::start();
    recorder.is(ReceiverMode::Page);
    let variables = [
        ("TEST_RECORDER", recorder.url()),
        ("TEST_WEBHOOK", format!("{}/hook", recorder.url())),
    ];
    let server = hosting.server("vendors", &variables);
    let call = json!({ "name": "repeat", "arguments": {} });
    let request = modern("tools/call", call).client("impostor");
    assert_eq!(server.endpoint.send(&request).status, 200);

    let receiver = recorder.url().replace("http://", "");
    let host = receiver.as_str();
    let told = format!("{host}: it answered 200 OK (text/html, 35 bytes), and not with ");
    wait_for("a word in the log of each that answered wrongly", || {
        let log = server.events.text();
        let sinks = ["splunk", "elasticsearch", "kafka", "datadog"];
        let is_told = |sink: &str| {
            let begin = format!("the sink `{sink}` does not take events: {told}");
            log.contains(&begin)
        };
        sinks.into_iter().all(is_told).then_some(())
    });
    assert!(recorder.events().is_empty());

    recorder.is(ReceiverMode::Well);
    wait_for("the event at each receiver", || {
        // Where nothing works without requests, the next one brings what waits.
        server.endpoint.send(&modern("server/discover", json!({})));
        let requests = recorder.requests();
        let has = |path: &str| {
            let mut requests = requests.iter();
            requests.any(|request| {
                request.target.starts_with(path) && request.body.contains("impostor/1")
            })
        };
        ACKNOWLEDGE.into_iter().all(has).then_some(())
    });
}
