//! Answers that take their time: progress, log messages, heartbeats, callers who leave.

use mcp_edge_tests::servers::Servers;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Event, Request, legacy, modern, tests};
use serde_json::{Value, json};

const LEVEL: &str = "io.modelcontextprotocol/logLevel";
const LEVELS: [&str; 8] = [
    "debug",
    "info",
    "notice",
    "warning",
    "error",
    "critical",
    "alert",
    "emergency",
];

pub fn tests() -> Vec<Test> {
    tests![
        progress_is_streamed,
        progress_only_rises,
        progress_is_for_those_who_ask,
        progress_quotes_the_token_as_it_is,
        legacy_progress_is_streamed,
        many_reports_arrive_whole_and_in_order,
        log_messages_from_the_level_on,
        no_log_messages_without_a_level,
        a_slow_call_becomes_a_stream_with_heartbeats,
        a_quick_call_is_plain_json,
        a_stream_is_not_held_back,
        a_disconnect_cancels_a_stream,
        a_disconnect_cancels_a_slow_call,
        slow_calls_do_not_wait_for_each_other,
    ]
}

fn call(name: &str, arguments: Value) -> Request {
    modern(
        "tools/call",
        json!({ "name": name, "arguments": arguments }),
    )
}

fn reports(count: u32, bytes: u32, pause: u32) -> Request {
    call(
        "stream",
        json!({ "reports": count, "bytes": bytes, "pause_millis": pause }),
    )
    .meta("progressToken", json!("p"))
}

fn progress_is_streamed(servers: &Servers) {
    let answer = servers.fixture.send(&reports(3, 2, 0));
    assert!(answer.is_stream);
    assert_eq!(answer.header("x-accel-buffering"), Some("no"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let said = answer.notifications("notifications/progress");
    assert_eq!(
        said[1],
        &json!({ "progressToken": "p", "progress": 1, "total": 3, "message": "xx" })
    );
    assert_eq!(said.len(), 3);
    assert_eq!(answer.text(), "reported 3 times");
}

fn progress_only_rises(servers: &Servers) {
    let request = call("progress_backwards", json!({})).meta("progressToken", json!("p"));
    let answer = servers.fixture.send(&request);
    let said: Vec<f64> = answer
        .notifications("notifications/progress")
        .iter()
        .map(|said| said["progress"].as_f64().unwrap())
        .collect();
    assert_eq!(said, [0.5, 1.0]);
}

fn progress_is_for_those_who_ask(servers: &Servers) {
    let answer = servers
        .fixture
        .send(&reports(3, 2, 0).without_meta("progressToken"));
    assert!(!answer.is_stream);
    assert_eq!(answer.text(), "reported 3 times");
}

fn progress_quotes_the_token_as_it_is(servers: &Servers) {
    for token in [json!(7), json!("7"), json!(""), json!(-1)] {
        let answer = servers
            .fixture
            .send(&reports(1, 0, 0).meta("progressToken", token.clone()));
        let said = answer.notifications("notifications/progress");
        assert_eq!(said[0]["progressToken"], token);
    }
}

fn legacy_progress_is_streamed(servers: &Servers) {
    for revision in ["2025-03-26", "2025-06-18", "2025-11-25"] {
        let params = json!({
            "name": "stream",
            "arguments": { "reports": 3, "bytes": 1, "pause_millis": 0 },
            "_meta": { "progressToken": 7 },
        });
        let answer = servers
            .fixture
            .send(&legacy(revision, "tools/call", params));
        assert_eq!(
            answer.notifications("notifications/progress").len(),
            3,
            "{revision}"
        );
        assert_eq!(answer.text(), "reported 3 times");
    }
}

fn many_reports_arrive_whole_and_in_order(servers: &Servers) {
    let answer = servers.fixture.send(&reports(200, 5000, 0));
    let said: Vec<u64> = answer
        .notifications("notifications/progress")
        .iter()
        .map(|said| {
            assert_eq!(said["message"].as_str().unwrap().len(), 5000);
            said["progress"].as_u64().unwrap()
        })
        .collect();
    assert_eq!(said, (0..200).collect::<Vec<_>>());
}

fn log_messages_from_the_level_on(servers: &Servers) {
    for (least, level) in LEVELS.into_iter().enumerate() {
        let answer = servers
            .fixture
            .send(&call("chatter", json!({})).meta(LEVEL, json!(level)));
        let said: Vec<&Value> = answer
            .notifications("notifications/message")
            .iter()
            .map(|said| &said["level"])
            .collect();
        assert_eq!(said, LEVELS[least..], "{level}");
        assert_eq!(answer.text(), "done");
    }
}

fn no_log_messages_without_a_level(servers: &Servers) {
    let answer = servers.fixture.send(&call("chatter", json!({})));
    assert!(!answer.is_stream);
    assert_eq!(answer.text(), "done");
}

fn a_slow_call_becomes_a_stream_with_heartbeats(servers: &Servers) {
    let impatient = &servers.impatient().endpoint;
    let answer = impatient.send(&call("slow", json!({ "millis": 1500 })));
    assert!(answer.is_stream);
    assert_eq!(
        answer.events[0],
        Event::Comment,
        "before there is anything to say"
    );
    let comments = answer
        .events
        .iter()
        .filter(|event| **event == Event::Comment);
    assert!(comments.count() >= 2, "{:?}", answer.events);
    assert_eq!(answer.text(), "slept 1500 ms");
}

fn a_quick_call_is_plain_json(servers: &Servers) {
    let answer = servers.fixture.send(&call("slow", json!({ "millis": 1 })));
    assert!(!answer.is_stream);
    assert_eq!(answer.text(), "slept 1 ms");
}

/// The first report is read while the tool still has a minute to go.
fn a_stream_is_not_held_back(servers: &Servers) {
    let mut connection = servers.fixture.open(&reports(2, 1, 60_000)).unwrap();
    let first = loop {
        match connection.next_event().unwrap() {
            Some(Event::Comment) => {}
            said => break said,
        }
    };
    assert!(matches!(first, Some(Event::Message(said)) if said["params"]["progress"] == 0));
}

fn a_disconnect_cancels_a_stream(servers: &Servers) {
    let request = reports(1000, 1, 50).client("leaves-a-stream");
    let mut connection = servers.fixture.open(&request).unwrap();
    assert!(connection.next_event().unwrap().is_some());
    drop(connection);
    let event = servers.events.of_client("leaves-a-stream");
    assert_eq!(event["outcome"], "cancelled");
    assert_eq!(event["name"], "stream");
}

fn a_disconnect_cancels_a_slow_call(servers: &Servers) {
    let impatient = servers.impatient();
    let request = call("slow", json!({ "millis": 60_000 })).client("leaves-a-slow-call");
    let mut connection = impatient.endpoint.open(&request).unwrap();
    assert_eq!(connection.next_event().unwrap(), Some(Event::Comment));
    drop(connection);
    let event = impatient.events.of_client("leaves-a-slow-call");
    assert_eq!(event["outcome"], "cancelled");
}

/// The second is answered while the first still has a minute to go.
fn slow_calls_do_not_wait_for_each_other(servers: &Servers) {
    let impatient = &servers.impatient().endpoint;
    let slow = |millis: u32| call("slow", json!({ "millis": millis }));
    let mut first = impatient.open(&slow(60_000)).unwrap();
    let second = impatient.send(&slow(300));
    assert_eq!(second.text(), "slept 300 ms");
    assert_eq!(first.next_event().unwrap(), Some(Event::Comment));
}
