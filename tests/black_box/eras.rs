//! What belongs to one era never reaches a client of another: error codes, members, questions, ids that were not read.

use mcp_edge_tests::servers::Servers;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Answer, MODERN, Request, legacy, modern, post, tests};
use serde_json::{Value, json};

const LEGACY: [&str; 3] = ["2025-03-26", "2025-06-18", "2025-11-25"];
const VERSION: &str = "MCP-Protocol-Version";
const VERSION_KEY: &str = "io.modelcontextprotocol/protocolVersion";

/// Codes that every revision has.
const SHARED: [i64; 5] = [-32700, -32600, -32601, -32602, -32603];

pub fn tests() -> Vec<Test> {
    let mut tests = tests![
        a_legacy_client_gets_an_error_instead_of_a_question,
        a_completion_never_asks,
        a_batch_holds_nothing_of_the_modern_era,
        a_batch_declared_as_modern_is_answered_as_modern,
    ];
    for revision in LEGACY.into_iter().chain([MODERN]) {
        for (name, request) in requests(revision) {
            tests.push(Test::new(
                format!("eras: {revision}: {name}"),
                move |servers| {
                    let answer = servers.fixture.send(&request);
                    has_nothing_of_another_era(&answer, revision);
                },
            ));
        }
        for (name, request) in unread(revision) {
            tests.push(Test::new(
                format!("eras: {revision}: an unread id: {name}"),
                move |servers| says_what_is_wrong(servers, &request, revision),
            ));
        }
    }
    tests
}

/// A request of a client of this revision.
fn request(revision: &str, method: &str, params: Value) -> Request {
    if revision == MODERN {
        modern(method, params)
    } else {
        legacy(revision, method, params)
    }
}

/// Every method, rightly and wrongly called, and every way in which a request that can be read is refused.
fn requests(revision: &'static str) -> Vec<(String, Request)> {
    let methods = [
        ("initialize", Value::Null),
        ("ping", Value::Null),
        ("logging/setLevel", json!({ "level": "info" })),
        ("resources/subscribe", json!({ "uri": "fixture://files/a" })),
        (
            "resources/unsubscribe",
            json!({ "uri": "fixture://files/a" }),
        ),
        ("server/discover", Value::Null),
        ("subscriptions/listen", json!({ "notifications": {} })),
        ("tools/list", Value::Null),
        ("tools/call", json!({ "name": "crowd_000" })),
        (
            "tools/call",
            json!({ "name": "ask", "arguments": { "kind": "form" } }),
        ),
        (
            "tools/call",
            json!({ "name": "ask", "arguments": { "kind": "url" } }),
        ),
        (
            "tools/call",
            json!({ "name": "ask", "arguments": { "kind": "sampling" } }),
        ),
        (
            "tools/call",
            json!({ "name": "ask", "arguments": { "kind": "roots" } }),
        ),
        ("tools/call", json!({ "name": "unknown" })),
        ("tools/call", json!({ "name": "fails_inside" })),
        ("resources/list", Value::Null),
        ("resources/list", json!({ "cursor": "invented" })),
        ("resources/templates/list", Value::Null),
        ("resources/read", json!({ "uri": "fixture://files/a" })),
        ("resources/read", json!({ "uri": "fixture://asks" })),
        ("resources/read", json!({ "uri": "fixture://none" })),
        ("resources/read", json!({ "uri": "fixture://broken" })),
        ("prompts/list", Value::Null),
        (
            "prompts/get",
            json!({ "name": "crowd", "arguments": { "name": "Ada" } }),
        ),
        ("prompts/get", json!({ "name": "asks_first" })),
        ("prompts/get", json!({ "name": "unknown" })),
        ("prompts/get", json!({ "name": "broken" })),
        ("completion/complete", completing("person-1")),
        ("completion/complete", completing("?")),
        ("no/such", Value::Null),
    ];
    let mut requests = Vec::new();
    for (method, params) in methods {
        let right = if params.is_null() { json!({}) } else { params };
        let name = format!("{method} {right}");
        requests.push((name, request(revision, method, right)));
        for wrong in [
            json!({ "name": 7, "uri": [], "level": {}, "cursor": true }),
            json!({}),
        ] {
            let name = format!("{method} {wrong}");
            requests.push((name, request(revision, method, wrong)));
        }
    }
    let list = || request(revision, "tools/list", json!({}));
    requests.extend(
        [
            (
                "a bad progress token",
                list().meta("progressToken", json!({})),
            ),
            ("an unknown revision", list().header(VERSION, "1999-01-01")),
            (
                "two revisions",
                list().header(VERSION, revision).also(VERSION, revision),
            ),
            (
                "a revision that is not text",
                list().header(VERSION, b"\xff"),
            ),
            (
                "two sessions",
                list().session("a").also("Mcp-Session-Id", "b"),
            ),
            ("an unknown session", list().session("invented")),
        ]
        .map(|(name, request)| (name.to_owned(), request)),
    );
    requests
}

fn completing(value: &str) -> Value {
    json!({ "ref": { "type": "ref/prompt", "name": "crowd" }, "argument": { "name": "name", "value": value } })
}

/// The schema of the revision has been checked already, but allows members that it does not name, and any code.
#[track_caller]
fn has_nothing_of_another_era(answer: &Answer, revision: &str) {
    let is_modern = revision == MODERN;
    for message in answer.messages() {
        if let Some(error) = message.get("error") {
            let code = error["code"].as_i64().unwrap();
            let is_own = match code {
                -32022..=-32020 => is_modern,
                -32002 => !is_modern,
                code => SHARED.contains(&code),
            };
            assert!(is_own, "{message}");
            let required = error["data"].get("requiredCapabilities");
            assert!(is_modern || required.is_none(), "{message}");
            // The id was read: these requests are whole.
            assert_eq!(message["id"], 1, "{message}");
        }
        let Some(result) = message.get("result").filter(|_| !is_modern) else {
            continue;
        };
        for member in [
            "resultType",
            "ttlMs",
            "cacheScope",
            "inputRequests",
            "requestState",
        ] {
            assert!(result.get(member).is_none(), "{member}: {message}");
        }
        let meta = result.get("_meta").and_then(Value::as_object);
        let mut keys = meta.into_iter().flat_map(|meta| meta.keys());
        assert!(
            keys.all(|key| !key.starts_with("io.modelcontextprotocol/")),
            "{message}"
        );
    }
}

/// Requests that are refused before their id is read. What `id` then is, `Answer` checks for every response.
fn unread(revision: &'static str) -> Vec<(&'static str, Request)> {
    let list = || request(revision, "tools/list", json!({}));
    vec![
        (
            "half a body",
            list().bytes(b"{\"jsonrpc\":\"2.0\",\"id\":1,"),
        ),
        ("a body that is text", list().bytes(b"\"tools/list\"")),
        (
            "an id of null",
            list().with(|message| message["id"] = Value::Null),
        ),
        (
            "an id that is a list",
            list().with(|message| message["id"] = json!([1])),
        ),
        ("a body too long", list().bytes(vec![b' '; (1 << 20) + 1])),
        (
            "a body of another type",
            list().header("Content-Type", "text/plain"),
        ),
        (
            "an answer of another type",
            list().header("Accept", "text/html"),
        ),
        (
            "another origin",
            list().header("Origin", "https://evil.example.com"),
        ),
        ("GET", list().http_method("GET")),
    ]
}

fn says_what_is_wrong(servers: &Servers, request: &Request, revision: &str) {
    let answer = servers.fixture.send(request);
    let response = answer.response();
    assert!(answer.status >= 400, "{response}");
    assert!(!answer.error().2.is_empty(), "{response}");
    let is_null_expected = revision < "2025-11-25";
    assert_eq!(
        response.get("id"),
        is_null_expected.then_some(&Value::Null),
        "{response}"
    );
}

/// In the same words as from a tool: a prompt and a resource have no `isError`.
fn a_legacy_client_gets_an_error_instead_of_a_question(servers: &Servers) {
    for revision in LEGACY {
        let capabilities = json!({ "elicitation": {}, "sampling": {}, "roots": {} });
        let params = json!({
            "protocolVersion": revision,
            "capabilities": capabilities,
            "clientInfo": { "name": "black-box", "version": "1" },
        });
        let initialize = legacy(revision, "initialize", params);
        let answer = servers.fixture.send(&initialize);
        let session = answer.header("mcp-session-id").unwrap().to_owned();
        for (method, params) in [
            ("prompts/get", json!({ "name": "asks_first" })),
            ("resources/read", json!({ "uri": "fixture://asks" })),
        ] {
            let request = legacy(revision, method, params).session(&session);
            let answer = servers.fixture.send(&request);
            let (status, code, message) = answer.error();
            assert_eq!((status, code), (200, -32600), "{revision} {method}");
            assert!(message.contains(MODERN), "{revision} {method}: {message}");
            assert!(answer.response()["error"].get("data").is_none());
        }
        let call = json!({ "name": "ask", "arguments": { "kind": "form" } });
        let request = legacy(revision, "tools/call", call).session(&session);
        let answer = servers.fixture.send(&request);
        assert!(answer.tool_error().contains(MODERN), "{revision}");
    }
}

/// 2026-07-28, basic/patterns/mrtr: tools, prompts and resources may answer with questions, and nothing else.
fn a_completion_never_asks(servers: &Servers) {
    let request = modern("completion/complete", completing("?"))
        .capabilities(json!({ "elicitation": {} }))
        .client("asks-to-complete");
    let answer = servers.fixture.send(&request);
    let (status, code, _) = answer.error();
    assert_eq!((status, code), (200, -32603));
    let event = servers.events.of_client("asks-to-complete");
    let detail = event["detail"].as_str().unwrap();
    assert!(detail.contains("completions cannot"), "{detail}");
}

fn a_batch_holds_nothing_of_the_modern_era(servers: &Servers) {
    for version in [json!(MODERN), json!("2025-03-26"), json!(7), Value::Null] {
        let enveloped = modern("tools/list", json!({})).meta(VERSION_KEY, version.clone());
        let messages = json!([
            enveloped.message(),
            { "jsonrpc": "2.0", "id": 2, "method": "ping" },
        ]);
        let batch = legacy("2025-03-26", "ping", json!({})).with(|message| *message = messages);
        let answer = servers.fixture.send(&batch);
        let said = |id: u64| {
            answer
                .messages()
                .find(|message| message["id"] == id)
                .unwrap()
        };
        assert_eq!(said(1)["error"]["code"], -32600, "{version}");
        let sentence = said(1)["error"]["message"].as_str().unwrap();
        assert!(sentence.contains("send it by itself"), "{sentence}");
        assert_eq!(said(2)["result"], json!({}));
    }
}

fn a_batch_declared_as_modern_is_answered_as_modern(servers: &Servers) {
    let batch =
        post(json!([{ "jsonrpc": "2.0", "id": 1, "method": "ping" }])).header(VERSION, MODERN);
    let answer = servers.fixture.send(&batch);
    assert_eq!(answer.error().0, 400);
    assert!(answer.response().get("id").is_none());
}
