//! Secrets, planted wherever a request can carry one, reach no receiver of any kind.

use mcp_edge_tests::audited::{Audited, Hosting};
use mcp_edge_tests::receivers::Objects;
use mcp_edge_tests::recorder::{Recorder, wait_for};
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Request, legacy, modern, notification, post, tests};
use serde_json::{Value, json};

/// In what is never recorded.
const SMUGGLED: &str = "smuggled";
/// In what is recorded, but for the patterns in `audit.redact_patterns`.
const PLANTED: &str = "planted-here";
const CARD: &str = "4111111111111111";
/// What may be read, or else the test would find nothing in nothing.
const VISIBLE: &str = "seen-by-everybody";

pub fn tests() -> Vec<Test<Hosting>> {
    tests![
        secrets_do_not_reach_the_hosts_log,
        secrets_do_not_reach_vendors,
        secrets_do_not_reach_a_collector,
        secrets_do_not_reach_objects,
        secrets_do_not_reach_the_outbox_or_what_comes_from_it,
    ]
}

fn call(name: &str, arguments: Value) -> Request {
    modern(
        "tools/call",
        json!({ "name": name, "arguments": arguments }),
    )
}

/// A request for each place that a secret can be in.
fn requests() -> Vec<Request> {
    let list = || modern("tools/list", json!({}));
    let signature = format!("{SMUGGLED}0").repeat(5);
    let jwt = format!("eyJhbGciOiJub25lIn0.eyJzbXVnZ2xlZCI6MX0.{signature}");
    vec![
        list().bearer(SMUGGLED),
        list().bearer(&jwt),
        list().header("Authorization", format!("Basic {SMUGGLED}")),
        list().header("Cookie", format!("session={SMUGGLED}")),
        list().header("X-Api-Key", SMUGGLED),
        list().header("Origin", format!("https://{SMUGGLED}.example.com")),
        list().header("Host", format!("{SMUGGLED}.example.com")),
        list().header("Mcp-Method", SMUGGLED),
        list().header("MCP-Protocol-Version", SMUGGLED),
        list().header("traceparent", SMUGGLED),
        list().header("tracestate", format!("vendor={SMUGGLED}")),
        list().header("baggage", format!("user={SMUGGLED}")),
        list().header("Accept", format!("text/{SMUGGLED}")),
        list().header("Content-Type", format!("text/{SMUGGLED}")),
        list().session(SMUGGLED),
        list().path(&format!("/mcp?token={SMUGGLED}")),
        list().path(&format!("/{SMUGGLED}")),
        list().param("cursor", json!(SMUGGLED)),
        list().meta("traceparent", json!(SMUGGLED)),
        list().meta("baggage", json!(SMUGGLED)),
        list().meta(SMUGGLED, json!(SMUGGLED)),
        list().bytes(format!("{{\"a\": {SMUGGLED}")),
        list().bytes(format!("[\"{SMUGGLED}\"]")),
        list().with(|message| message["id"] = json!(SMUGGLED)),
        list().with(|message| message[SMUGGLED] = json!(SMUGGLED)),
        // A client's name is in its own words, but none that look like a token.
        list().client(&format!("{jwt} {signature}")),
        modern(SMUGGLED, json!({})),
        modern("tools/call", json!({ "name": SMUGGLED })),
        modern("prompts/get", json!({ "name": SMUGGLED })),
        modern(
            "resources/read",
            json!({ "uri": format!("other://{SMUGGLED}") }),
        ),
        call("repeat", json!({})).param("requestState", json!(SMUGGLED)),
        call("repeat", json!({})).param("inputResponses", json!({ "a": { "content": SMUGGLED } })),
        // Contents of this tool are recorded, but for what is hidden and what looks like a secret.
        call(
            "repeat",
            json!({
                "card": { "number": SMUGGLED },
                "items": [{ "ssn": SMUGGLED }, { "ssn": [SMUGGLED] }],
                "note": format!("{VISIBLE} {PLANTED} {CARD}"),
                "number": 4_111_111_111_111_111_u64,
                PLANTED: [{ "deep": PLANTED }],
            }),
        )
        .client("last-words"),
        call("repeat", json!({ "note": PLANTED.repeat(10_000) })),
        modern(
            "prompts/get",
            json!({ "name": "greet", "arguments": { "words": PLANTED } }),
        ),
        modern(
            "resources/read",
            json!({ "uri": format!("audited://notes/{PLANTED}") }),
        ),
        // Contents of these are not.
        call("fail", json!({ "words": PLANTED, "more": SMUGGLED })),
        call(
            "pay",
            json!({ "witness": format!("http://127.0.0.1:1/{SMUGGLED}") }),
        ),
        call("secret_rule", json!({ "words": SMUGGLED })),
        legacy(
            "2025-11-25",
            "logging/setLevel",
            json!({ "level": SMUGGLED }),
        ),
        legacy("2025-11-25", SMUGGLED, json!({})),
        notification("2025-11-25", SMUGGLED),
        post(json!({ "jsonrpc": "2.0", "id": 1, "method": SMUGGLED })),
    ]
}

/// Sends everything that has a secret in it.
fn plant(server: &Audited) {
    for request in requests() {
        let _ = server.endpoint.raw(&request);
    }
    let token = server.token("reader", &["rules:read"]);
    let call = call("secret_rule", json!({})).bearer(&token);
    assert_eq!(server.endpoint.raw(&call).unwrap().status, 200);
}

/// Waits until everything has arrived, and looks at all of it.
#[track_caller]
fn look(server: &Audited, text: impl Fn() -> String) {
    let end = modern("server/discover", json!({})).client("nothing-more");
    server.endpoint.send(&end);
    let text = wait_for("what was said last", || {
        let text = text();
        let is_all = text.contains("nothing-more") && text.contains(VISIBLE);
        is_all.then_some(text)
    });
    for secret in [SMUGGLED, PLANTED, CARD] {
        if let Some(at) = text.find(secret) {
            let from = text.floor_char_boundary(at.saturating_sub(400));
            let to = text.ceil_char_boundary(at + 100);
            panic!("`{secret}` in …{}…", &text[from..to]);
        }
    }
    assert!(!text.contains("eyJhbGciOi"), "a token");
}

/// Everything that a recorder heard.
fn text(recorder: &Recorder) -> String {
    let requests = recorder.requests();
    let texts: Vec<String> = requests.iter().map(|request| request.text()).collect();
    texts.join("\n")
}

fn secrets_do_not_reach_the_hosts_log(hosting: &Hosting) {
    let server = hosting.server("", &[]);
    plant(&server);
    look(&server, || {
        let text = server.events.text();
        // What wrangler says of paths is its own.
        let lines = text.lines().filter(|line| !line.starts_with("[wrangler:"));
        lines.collect::<Vec<_>>().join("\n")
    });
}

fn secrets_do_not_reach_vendors(hosting: &Hosting) {
    let recorder = Recorder::start();
    let variables = [
        ("TEST_RECORDER", recorder.url()),
        ("TEST_WEBHOOK", format!("{}/hook", recorder.url())),
    ];
    let server = hosting.server("vendors", &variables);
    plant(&server);
    look(&server, || text(&recorder));
}

fn secrets_do_not_reach_a_collector(hosting: &Hosting) {
    let collector = hosting.collector();
    let server = hosting.server("collector", &[("TEST_COLLECTOR", collector.url())]);
    plant(&server);
    look(&server, || collector.text());
}

fn secrets_do_not_reach_objects(hosting: &Hosting) {
    let objects = Objects::start("audit").unwrap();
    let server = hosting.server("objects", &[("TEST_OBJECTS", objects.url())]);
    plant(&server);
    look(&server, || {
        let objects = objects.of("audit").unwrap();
        let texts: Vec<String> = objects.into_iter().map(|(_, text)| text).collect();
        texts.join("\n")
    });
}

fn secrets_do_not_reach_the_outbox_or_what_comes_from_it(hosting: &Hosting) {
    let recorder = Recorder::start();
    let server = hosting.server("required_kept", &[("TEST_RECORDER", recorder.url())]);
    plant(&server);
    look(&server, || text(&recorder));
}
