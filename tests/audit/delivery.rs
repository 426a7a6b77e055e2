//! What goes to which receiver, and what the log says of itself.

use std::thread;
use std::time::Duration;

use mcp_edge_tests::audited::{Audited, Hosting};
use mcp_edge_tests::recorder::{ReceiverMode, Recorder, wait_for};
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Event, modern, tests};
use mcp_edge_verify::{ChainVerdict, LogVerdict, Report};
use serde_json::{Value, json};

pub fn tests() -> Vec<Test<Hosting>> {
    tests![
        a_sink_gets_the_events_that_its_filter_selects,
        only_the_tools_that_are_named_wait,
        a_stream_ends_without_its_answer_where_it_is_not_recorded,
        what_is_lost_is_told,
        what_is_lost_around_a_report_is_told,
    ]
}

fn call(name: &str, arguments: Value) -> mcp_edge_tests::Request {
    modern(
        "tools/call",
        json!({ "name": name, "arguments": arguments }),
    )
}

fn a_sink_gets_the_events_that_its_filter_selects(hosting: &Hosting) {
    let (all, failures) = (Recorder::start(), Recorder::start());
    let variables = [("TEST_RECORDER", all.url()), ("TEST_OTHER", failures.url())];
    let server = hosting.server("mixed", &variables);
    server
        .endpoint
        .send(&call("repeat", json!({})).client("served"));
    server
        .endpoint
        .send(&call("fail", json!({ "words": "why" })).client("failed"));
    server
        .endpoint
        .send(&call("repeat", json!([])).client("malformed"));
    for client in ["served", "failed", "malformed"] {
        all.of_client(client);
    }
    assert_eq!(failures.of_client("failed")["outcome"], "tool_error");
    assert_eq!(failures.of_client("malformed")["outcome"], "protocol_error");
    let has_served = |event: &Value| event["client_info"] == "served/1";
    assert!(!failures.events().iter().any(has_served));
}

fn only_the_tools_that_are_named_wait(hosting: &Hosting) {
    let (all, failures) = (Recorder::start(), Recorder::start());
    let witness = Recorder::start();
    let variables = [("TEST_RECORDER", all.url()), ("TEST_OTHER", failures.url())];
    let server = hosting.server("mixed", &variables);
    all.is(ReceiverMode::Answers(500));
    let served = server.endpoint.send(&call("repeat", json!({})));
    assert_eq!(served.status, 200);
    let payment = call("pay", json!({ "witness": witness.url() }));
    assert_eq!(server.endpoint.send(&payment).status, 503);
    assert!(witness.requests().is_empty());
    all.is(ReceiverMode::Well);
    assert_eq!(server.endpoint.send(&payment).text(), "paid");
    assert_eq!(witness.requests().len(), 1);
}

fn a_stream_ends_without_its_answer_where_it_is_not_recorded(hosting: &Hosting) {
    let recorder = Recorder::start();
    let server = hosting.server("required", &[("TEST_RECORDER", recorder.url())]);
    let stream = || {
        call("report", json!({ "reports": 3, "pause_millis": 10 }))
            .meta("progressToken", json!("p"))
    };
    let answer = server.endpoint.send(&stream());
    assert!(answer.is_stream);
    assert_eq!(answer.text(), "reported 3 times");

    recorder.is(ReceiverMode::Answers(500));
    let answer = server.endpoint.send(&stream());
    assert!(answer.is_stream);
    assert_eq!(answer.notifications("notifications/progress").len(), 3);
    assert_eq!(answer.error().1, -32603);
    let said = |event: &Event| format!("{event:?}").contains("reported");
    assert!(!answer.events.iter().any(said), "the answer was withheld");
}

/// More than may wait.
const CALLS: usize = 20;

fn call_often(server: &Audited, client: &str) {
    for number in 0..CALLS {
        let request = call("repeat", json!({})).client(&format!("{client}-{number}"));
        assert_eq!(server.endpoint.send(&request).status, 200);
    }
}

/// Waits until the log tells of everything that is missing in it. Gives the events then, and what the verifier says of them.
fn wait_until_told(server: &Audited, recorder: &Recorder) -> (Vec<Value>, Report) {
    let mut seen = usize::MAX;
    wait_for("the loss", || {
        // Only when nothing arrives any more: each request is an event as well, for which there may be no room.
        let events = recorder.events();
        if events.len() == seen {
            server.endpoint.send(&modern("server/discover", json!({})));
            thread::sleep(Duration::from_millis(500));
        }
        seen = events.len();
        // What is missing is what a signed report says, or else the log would count as changed.
        let report = server.verify(&events);
        let is_told = events.iter().any(is_loss) && report.verdict < LogVerdict::Contradicted;
        is_told.then_some((events, report))
    })
}

fn is_loss(event: &Value) -> bool {
    event["event"] == "mcp.loss"
}

fn what_is_lost_is_told(hosting: &Hosting) {
    let recorder = Recorder::start();
    let server = hosting.server("small", &[("TEST_RECORDER", recorder.url())]);
    recorder.is(ReceiverMode::Down);
    call_often(&server, "small");
    recorder.is(ReceiverMode::Well);
    let (events, _) = wait_until_told(&server, &recorder);
    let told = events.iter().find(|event| is_loss(event)).unwrap();
    assert_eq!(told["delivery"]["sink"], "receiver", "{told}");
    assert!(told["delivery"]["events"].as_u64() > Some(0), "{told}");
}

/// A delivery fails between calls, so that events are lost before the first report and behind it.
fn what_is_lost_around_a_report_is_told(hosting: &Hosting) {
    let recorder = Recorder::start();
    let server = hosting.server("small", &[("TEST_RECORDER", recorder.url())]);
    recorder.is(ReceiverMode::Answers(503));
    call_often(&server, "before");
    // The log is told after the attempt; the second attempt shows that it was.
    wait_for("two attempts", || {
        server.endpoint.send(&modern("server/discover", json!({})));
        thread::sleep(Duration::from_millis(100));
        (recorder.spoiled() >= 2).then_some(())
    });
    call_often(&server, "behind");
    recorder.is(ReceiverMode::Well);
    let (events, report) = wait_until_told(&server, &recorder);
    let chains = report.chains.iter();
    let declared = chains.flat_map(|chain| &chain.findings);
    let declared = declared.filter(|one| one.finding == ChainVerdict::DeclaredGap);
    assert!(declared.count() > 0, "{report:#?}");
    // Nothing that arrived is without a signature, and a log without the first report does not explain what is missing.
    assert_eq!(report.verdict, LogVerdict::Consistent, "{report:#?}");
    for chain in &report.chains {
        assert!(chain.verdict <= ChainVerdict::DeclaredGap, "{report:#?}");
    }
    let first = events.iter().position(is_loss).unwrap();
    let mut taken = events;
    taken.remove(first);
    let report = server.verify(&taken);
    assert_eq!(report.verdict, LogVerdict::Contradicted, "{report:#?}");
}
