//! How a log ends: a process closes its chains, an edge host ends instances without notice.

use mcp_edge_tests::audited::{Hosting, assert_signed, verify};
use mcp_edge_tests::recorder::Recorder;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{modern, tests};
use mcp_edge_verify::{End, LogVerdict};
use serde_json::{Value, json};
use xtask::host::Host;

pub fn tests() -> Vec<Test<Hosting>> {
    tests![
        a_server_that_is_told_to_stop_closes_its_chains,
        the_end_reaches_a_sink_that_events_wait_for,
        a_server_that_is_killed_leaves_its_chains_open,
    ]
}

fn call(client: &str) -> mcp_edge_tests::Request {
    let call = json!({ "name": "repeat", "arguments": { "words": "before the end" } });
    modern("tools/call", call).client(client)
}

fn ends(events: &[Value]) -> usize {
    let ends = events.iter().filter(|event| event["event"] == "mcp.end");
    ends.count()
}

fn a_server_that_is_told_to_stop_closes_its_chains(hosting: &Hosting) {
    let server = hosting.server("", &[]);
    for number in 0..20 {
        server.endpoint.send(&call(&format!("stopped-{number}")));
    }
    server.events.of_client("stopped-19");
    let keys = server.keys();
    let events = server.stop().every();
    let report = verify(&keys, &events);
    if hosting.host == Host::Native {
        assert_eq!(report.verdict, LogVerdict::Proven, "{report:#?}");
        let is_closed = report.chains.iter().all(|chain| chain.end == End::Closed);
        assert!(is_closed, "{report:#?}");
        // As a copy looks that was cut behind a signature.
        let cut: Vec<_> = events
            .into_iter()
            .filter(|event| event["event"] != "mcp.end")
            .collect();
        let report = verify(&keys, &cut);
        assert_eq!(report.verdict, LogVerdict::Consistent, "{report:#?}");
        assert!(
            report.summary.contains("not provable"),
            "{}",
            report.summary
        );
    } else {
        assert_signed(&report);
        assert_eq!(ends(&events), 0, "no instance learns that it ends");
        assert_eq!(report.verdict, LogVerdict::Consistent, "{report:#?}");
    }
}

fn the_end_reaches_a_sink_that_events_wait_for(hosting: &Hosting) {
    let recorder = Recorder::start();
    let server = hosting.server("kept", &[("TEST_RECORDER", recorder.url())]);
    server.endpoint.send(&call("waits"));
    recorder.of_client("waits");
    let keys = server.keys();
    server.stop();
    let events = recorder.events();
    let report = verify(&keys, &events);
    assert_signed(&report);
    let expected = match hosting.host {
        Host::Native => LogVerdict::Proven,
        Host::Workers | Host::Spin => LogVerdict::Consistent,
    };
    assert_eq!(report.verdict, expected, "{report:#?}");
}

fn a_server_that_is_killed_leaves_its_chains_open(hosting: &Hosting) {
    let server = hosting.server("", &[]);
    server.endpoint.send(&call("killed"));
    server.events.of_client("killed");
    let keys = server.keys();
    let events = server.kill().every();
    let report = verify(&keys, &events);
    assert_signed(&report);
    assert_eq!((report.verdict, ends(&events)), (LogVerdict::Consistent, 0));
}
