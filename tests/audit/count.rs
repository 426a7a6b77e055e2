//! Ten thousand requests of all kinds, many at once: as many events, each once, and none with another caller's data.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use mcp_edge_tests::audited::{Audited, Hosting, assert_signed};
use mcp_edge_tests::recorder::Recorder;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Request, chains, legacy, modern};
use serde_json::{Value, json};

const REQUESTS: usize = 10_000;
const CALLERS: usize = 8;
/// One in so many is a stream that its caller leaves.
const LEAVES: usize = 100;
const MARK: &str = "caller-";

pub fn tests() -> Vec<Test<Hosting>> {
    vec![
        Test::on(
            format!("count: {REQUESTS} requests of all kinds"),
            ten_thousand_requests_are_ten_thousand_events,
        )
        .alone(),
    ]
}

/// The kinds of requests, with the outcomes that their events may have.
const KINDS: [(&str, &[&str]); 11] = [
    ("tool", &["ok"]),
    ("prompt", &["ok"]),
    ("resource", &["ok"]),
    ("list", &["ok"]),
    ("signed in", &["ok"]),
    ("legacy", &["ok"]),
    ("unknown tool", &["protocol_error"]),
    ("malformed", &["protocol_error"]),
    ("not a POST", &["protocol_error"]),
    ("no token", &["refused"]),
    ("bad token", &["refused"]),
];

/// A request of a kind. Whatever its caller says in it is marked with the caller's number.
fn request(kind: &str, caller: usize, number: usize, token: &str) -> Request {
    let mark = format!("{MARK}{caller}-{number}");
    let call = |name: &str, words: Value| {
        modern("tools/call", json!({ "name": name, "arguments": words }))
    };
    let list = || modern("tools/list", json!({}));
    let request = match kind {
        "tool" => call("repeat", json!({ "words": mark })),
        "prompt" => {
            let words = json!({ "words": mark });
            modern(
                "prompts/get",
                json!({ "name": "greet", "arguments": words }),
            )
        }
        "resource" => {
            let uri = format!("audited://notes/{mark}");
            modern("resources/read", json!({ "uri": uri }))
        }
        "list" => list(),
        "signed in" => call("secret_rule", json!({})).bearer(token),
        "legacy" => return legacy("2025-11-25", "ping", json!({})),
        "unknown tool" => call(&mark, json!({})).bearer(token),
        "malformed" => return list().bytes(format!("{{\"words\": \"{mark}\"")),
        "not a POST" => return list().http_method("GET"),
        "no token" => call("secret_rule", json!({})),
        "bad token" => return list().bearer(&format!("{MARK}{caller}")),
        kind => panic!("no request of the kind {kind}"),
    };
    request.client(&mark)
}

/// Sends the requests of one caller; how many of each kind reached the server.
fn call(server: &Audited, caller: usize, requests: usize) -> BTreeMap<&'static str, usize> {
    let token = server.token(&format!("{MARK}{caller}"), &["rules:read"]);
    let mut sent = BTreeMap::new();
    for number in 0..requests {
        let kind = if number % LEAVES == 0 {
            leave(server, caller, number);
            "left"
        } else {
            let (kind, _) = KINDS[number % KINDS.len()];
            let request = request(kind, caller, number, &token);
            server.endpoint.raw(&request).unwrap();
            kind
        };
        *sent.entry(kind).or_default() += 1;
    }
    sent
}

/// Leaves a stream once it has begun.
fn leave(server: &Audited, caller: usize, number: usize) {
    let arguments = json!({ "reports": 20, "pause_millis": 50 });
    let call = modern(
        "tools/call",
        json!({ "name": "report", "arguments": arguments }),
    );
    let call = call
        .meta("progressToken", json!("p"))
        .client(&format!("{MARK}{caller}-{number}"));
    let mut stream = server.endpoint.open(&call).unwrap();
    assert!(stream.next_event().unwrap().is_some());
}

fn ten_thousand_requests_are_ten_thousand_events(hosting: &Hosting) {
    let recorder = Recorder::start();
    let server = hosting.server("kept", &[("TEST_RECORDER", recorder.url())]);
    // A host may have asked whether the server is there.
    server
        .endpoint
        .send(&modern("server/discover", json!({})).client("the-first"));
    recorder.of_client("the-first");
    let before = requests(recorder.events()).len();
    let sent = send(&server);
    assert_eq!(sent.values().sum::<usize>(), REQUESTS);

    recorder.wait("as many events as requests", |events| {
        let is_enough = |count| count >= before + REQUESTS;
        // Counting those that are different takes long.
        let is_enough = is_enough(events.len()) && is_enough(requests(events.to_vec()).len());
        is_enough.then_some(())
    });
    // Whatever came twice, or without a request, would be there before this.
    let last = modern("server/discover", json!({})).client("the-last");
    server.endpoint.send(&last);
    recorder.of_client("the-last");

    let all = recorder.events();
    let report = server.verify(&all);
    assert_signed(&report);
    let mut events = requests(all);
    assert_eq!(events.len(), before + REQUESTS + 1);
    is_of_one_client(&events);
    let is_known = |event: &Value| {
        let client = event["client_info"].as_str();
        client.is_none_or(|client| client.starts_with(MARK))
    };
    events.retain(is_known);
    are_as_expected(&sent, &events, before - 1);
}

fn send(server: &Audited) -> BTreeMap<&'static str, usize> {
    let mut sent = BTreeMap::new();
    thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS)
            .map(|caller| scope.spawn(move || call(server, caller, REQUESTS / CALLERS)))
            .collect();
        for caller in callers {
            for (kind, count) in caller.join().unwrap() {
                *sent.entry(kind).or_default() += count;
            }
        }
    });
    sent
}

fn requests(events: Vec<Value>) -> Vec<Value> {
    let mut events = chains::once(events);
    events.retain(|event| event["event"] == "mcp.request");
    events
}

/// Whatever is marked in an event has the mark of one caller.
fn is_of_one_client(events: &[Value]) {
    let mut marked = BTreeSet::new();
    for event in events {
        let text = event.to_string();
        let marks = text.split(MARK).skip(1);
        let callers: BTreeSet<&str> = marks
            .filter_map(|mark| mark.split(|letter: char| !letter.is_ascii_digit()).next())
            .collect();
        assert!(callers.len() <= 1, "{event}");
        let client = event["client_info"].as_str().unwrap_or_default();
        if client.starts_with(MARK) {
            assert!(marked.insert(client.to_owned()), "{client} twice");
            let is_content = event["method"] != "tools/list" && event["outcome"] == "ok";
            if is_content && event["name"] == "repeat" {
                let mark = client.trim_end_matches("/1");
                for said in ["arguments", "result"] {
                    let content = event[said]["content"].as_str().unwrap();
                    assert!(content.contains(&format!("\"{mark}\"")), "{event}");
                }
            }
        }
        if event["name"] == "secret_rule" && event["outcome"] == "ok" {
            let subject = event["principal"]["subject"].as_str().unwrap();
            assert!(client.starts_with(&format!("{subject}-")), "{event}");
        }
    }
}

/// There are as many events of each outcome as there were requests that end so.
fn are_as_expected(sent: &BTreeMap<&'static str, usize>, events: &[Value], before: usize) {
    let count = |outcomes: &[&str]| {
        let outcome = |event: &&Value| {
            let left = event["name"] == "report";
            !left && outcomes.contains(&event["outcome"].as_str().unwrap_or_default())
        };
        events.iter().filter(outcome).count()
    };
    let expected = |outcome: &str| -> usize {
        let kinds = KINDS
            .iter()
            .filter(|(_, outcomes)| outcomes.contains(&outcome));
        kinds.filter_map(|(kind, _)| sent.get(kind)).sum()
    };
    assert_eq!(count(&["ok"]), expected("ok"));
    assert_eq!(count(&["refused"]), expected("refused"));
    // What a host asks before it begins is no POST.
    assert_eq!(
        count(&["protocol_error"]),
        expected("protocol_error") + before
    );
    let left: Vec<&Value> = events
        .iter()
        .filter(|event| event["name"] == "report")
        .collect();
    assert_eq!(left.len(), sent["left"]);
    for event in left {
        let outcome = event["outcome"].as_str().unwrap();
        assert!(["cancelled", "ok"].contains(&outcome), "{event}");
    }
}
