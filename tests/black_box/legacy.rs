//! The `initialize` revisions, on the same endpoint and without a session store.

use std::time::Duration;

use mcp_edge_runtime::token::{Cursor, Session};
use mcp_edge_tests::servers::Servers;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::tokens::{self, FIXTURE, LONG_AGO};
use mcp_edge_tests::{Endpoint, LoggedEvent, Request, legacy, modern, notification, post, tests};
use serde_json::{Value, json};

const REVISIONS: [&str; 3] = ["2025-03-26", "2025-06-18", "2025-11-25"];
const NEWEST: &str = "2025-11-25";
const VERSION: &str = "MCP-Protocol-Version";
const SOON: Duration = Duration::from_secs(0);

pub fn tests() -> Vec<Test> {
    let mut tests = tests![
        every_method_is_served,
        results_have_nothing_of_the_modern_era,
        a_revision_is_negotiated,
        a_session_is_a_header_that_headers_can_hold,
        a_session_carries_the_clients_capabilities,
        capabilities_too_long_for_a_header_are_left_behind,
        a_session_is_not_needed,
        a_session_holds_its_revision,
        the_log_level_moves_into_a_new_session,
        what_2025_03_26_does_not_know_is_left_out,
        structured_content_is_an_object_or_text_alone,
        a_tool_that_asks_names_the_fix,
        answers_to_nothing_are_accepted,
        a_session_cannot_be_deleted,
        batches_are_answered_together,
        a_batch_may_stream,
        a_batch_of_notifications_is_accepted,
        an_invalid_message_affects_no_other_message_of_its_batch,
        batches_have_a_size_and_a_revision,
    ];
    tests.extend(bad_sessions());
    tests
}

/// Initializes and gives the session.
fn initialize(server: &Endpoint, revision: &str, capabilities: Value) -> String {
    let answer = server.send(&initialize_with(revision, capabilities));
    assert_eq!(answer.result()["protocolVersion"], revision);
    answer.header("mcp-session-id").unwrap().to_owned()
}

fn initialize_with(revision: &str, capabilities: Value) -> Request {
    let params = json!({
        "protocolVersion": revision,
        "capabilities": capabilities,
        "clientInfo": { "name": "black-box", "version": "1" },
    });
    legacy(revision, "initialize", params)
}

fn every_method_is_served(servers: &Servers) {
    for revision in REVISIONS {
        let server = &servers.fixture;
        let session = initialize(server, revision, json!({}));
        let initialized = notification(revision, "notifications/initialized").session(&session);
        assert_eq!(server.send(&initialized).status, 202);
        for (method, params) in [
            ("ping", json!({})),
            ("tools/list", json!({})),
            (
                "tools/call",
                json!({ "name": "echo", "arguments": { "a": 1 } }),
            ),
            ("resources/list", json!({})),
            ("resources/templates/list", json!({})),
            ("resources/read", json!({ "uri": "fixture://files/a" })),
            ("resources/subscribe", json!({ "uri": "fixture://files/a" })),
            (
                "resources/unsubscribe",
                json!({ "uri": "fixture://files/a" }),
            ),
            ("prompts/list", json!({})),
            (
                "prompts/get",
                json!({ "name": "crowd", "arguments": { "name": "Ada" } }),
            ),
            ("logging/setLevel", json!({ "level": "error" })),
            (
                "completion/complete",
                json!({ "ref": { "type": "ref/prompt", "name": "crowd" }, "argument": { "name": "name", "value": "p" } }),
            ),
        ] {
            let answer = server.send(&legacy(revision, method, params).session(&session));
            assert!(answer.result().is_object(), "{revision} {method}");
        }
    }
}

fn results_have_nothing_of_the_modern_era(servers: &Servers) {
    for (method, params) in [
        ("tools/list", json!({})),
        ("tools/call", json!({ "name": "echo" })),
        ("resources/read", json!({ "uri": "fixture://files/a" })),
    ] {
        let answer = servers.fixture.send(&legacy(NEWEST, method, params));
        for member in ["resultType", "ttlMs", "cacheScope"] {
            assert!(answer.result().get(member).is_none(), "{method}: {member}");
        }
        let meta = answer.result().get("_meta").and_then(Value::as_object);
        let mut names = meta.into_iter().flat_map(|meta| meta.keys());
        assert!(
            names.all(|name| !name.starts_with("io.modelcontextprotocol/")),
            "{method}: {meta:?}"
        );
    }
}

fn a_revision_is_negotiated(servers: &Servers) {
    for (requested, agreed) in [
        ("2025-03-26", "2025-03-26"),
        ("2025-06-18", "2025-06-18"),
        ("2025-11-25", "2025-11-25"),
        ("2024-11-05", NEWEST),
        ("2026-07-28", NEWEST),
        ("2099-01-01", NEWEST),
        ("", NEWEST),
    ] {
        let request = initialize_with(NEWEST, json!({}))
            .with(|message| message["params"]["protocolVersion"] = json!(requested));
        let answer = servers.fixture.send(&request);
        assert_eq!(answer.result()["protocolVersion"], agreed, "{requested}");
        assert_eq!(answer.result()["serverInfo"]["name"], FIXTURE);
        assert_eq!(
            answer.result()["capabilities"],
            json!({ "tools": {}, "resources": {}, "prompts": {}, "completions": {}, "logging": {} })
        );
    }
}

fn a_session_is_a_header_that_headers_can_hold(servers: &Servers) {
    let session = initialize(&servers.fixture, NEWEST, json!({}));
    assert!(
        session.bytes().all(|byte| (0x21..=0x7e).contains(&byte)),
        "{session}"
    );
    let another = initialize(&servers.fixture, NEWEST, json!({}));
    assert_ne!(session, another, "each is unique");
}

fn describe(server: &Endpoint, session: &str) -> Value {
    let request = legacy(NEWEST, "tools/call", json!({ "name": "describe_client" }));
    let answer = server.send(&request.session(session));
    answer.result()["structuredContent"].clone()
}

fn a_session_carries_the_clients_capabilities(servers: &Servers) {
    let capabilities = json!({ "roots": { "listChanged": true }, "elicitation": {} });
    let session = initialize(&servers.fixture, NEWEST, capabilities.clone());
    let described = describe(&servers.fixture, &session);
    assert_eq!(described["capabilities"], capabilities);
    assert_eq!(described["revision"], NEWEST);
}

fn capabilities_too_long_for_a_header_are_left_behind(servers: &Servers) {
    let capabilities = json!({ "experimental": { "x": { "long": "x".repeat(20_000) } } });
    let session = initialize(&servers.fixture, NEWEST, capabilities);
    assert!(session.len() < 8192, "{}", session.len());
    assert_eq!(
        describe(&servers.fixture, &session)["capabilities"],
        json!({})
    );
}

fn a_session_is_not_needed(servers: &Servers) {
    for (request, revision) in [
        (
            legacy(
                "2025-03-26",
                "tools/call",
                json!({ "name": "describe_client" }),
            ),
            "2025-03-26",
        ),
        (
            legacy(
                "2025-06-18",
                "tools/call",
                json!({ "name": "describe_client" }),
            ),
            "2025-06-18",
        ),
        (
            legacy(
                "2025-11-25",
                "tools/call",
                json!({ "name": "describe_client" }),
            ),
            "2025-11-25",
        ),
    ] {
        let answer = servers.fixture.send(&request);
        assert!(answer.text().contains(revision), "{}", answer.text());
        assert!(answer.header("mcp-session-id").is_none());
    }
}

fn a_session_holds_its_revision(servers: &Servers) {
    let session = initialize(&servers.fixture, "2025-06-18", json!({}));
    let other = legacy(NEWEST, "ping", json!({})).session(&session);
    let answer = servers.fixture.send(&other);
    let (status, code, message) = answer.error();
    assert_eq!((status, code), (400, -32600));
    assert!(message.contains("2025-06-18"), "{message}");
    let unsaid = legacy("2025-06-18", "ping", json!({}))
        .without(VERSION)
        .session(&session);
    assert_eq!(servers.fixture.send(&unsaid).result(), &json!({}));
}

fn the_log_level_moves_into_a_new_session(servers: &Servers) {
    let server = &servers.fixture;
    let heard = |session: &str| {
        let request = legacy(NEWEST, "tools/call", json!({ "name": "chatter" })).session(session);
        server
            .send(&request)
            .notifications("notifications/message")
            .len()
    };
    let session = initialize(server, NEWEST, json!({}));
    assert_eq!(
        heard(&session),
        7,
        "from info on, as long as nothing is said"
    );
    for (level, count) in [("debug", 8), ("error", 4), ("emergency", 1)] {
        let set = legacy(NEWEST, "logging/setLevel", json!({ "level": level })).session(&session);
        let answer = server.send(&set);
        assert_eq!(answer.result(), &json!({}));
        let changed = answer.header("mcp-session-id").unwrap();
        assert_eq!(heard(changed), count, "{level}");
    }
    assert_eq!(heard(&session), 7, "the session before is as it was");
}

/// The entry of a tool in a list of this revision.
fn listed(server: &Endpoint, revision: &str, name: &str) -> Value {
    let answer = server.send(&legacy(revision, "tools/list", json!({})));
    let tools = answer.result()["tools"].as_array().unwrap();
    tools
        .iter()
        .find(|tool| tool["name"] == name)
        .unwrap()
        .clone()
}

fn what_2025_03_26_does_not_know_is_left_out(servers: &Servers) {
    let call = json!({ "name": "describe_client" });
    let old = servers
        .fixture
        .send(&legacy("2025-03-26", "tools/call", call.clone()));
    assert!(old.result().get("structuredContent").is_none());
    assert!(
        listed(&servers.fixture, "2025-03-26", "describe_client")
            .get("outputSchema")
            .is_none()
    );
    let newer = servers
        .fixture
        .send(&legacy("2025-06-18", "tools/call", call));
    assert!(newer.result()["structuredContent"].is_object());
    assert!(listed(&servers.fixture, "2025-06-18", "describe_client")["outputSchema"].is_object());
}

fn structured_content_is_an_object_or_text_alone(servers: &Servers) {
    for revision in REVISIONS {
        let answer = servers.fixture.send(&legacy(
            revision,
            "tools/call",
            json!({ "name": "numbers" }),
        ));
        assert!(
            answer.result().get("structuredContent").is_none(),
            "{revision}"
        );
        assert_eq!(answer.text(), "[1,2,3]");
        assert!(
            listed(&servers.fixture, revision, "numbers")
                .get("outputSchema")
                .is_none()
        );
    }
}

fn a_tool_that_asks_names_the_fix(servers: &Servers) {
    let session = initialize(
        &servers.fixture,
        NEWEST,
        json!({ "elicitation": {}, "sampling": {}, "roots": {} }),
    );
    for kind in ["form", "url", "sampling", "roots"] {
        let call = json!({ "name": "ask", "arguments": { "kind": kind } });
        let answer = servers
            .fixture
            .send(&legacy(NEWEST, "tools/call", call).session(&session));
        assert!(
            answer.tool_error().contains("2026-07-28"),
            "{kind}: {}",
            answer.tool_error()
        );
    }
}

fn answers_to_nothing_are_accepted(servers: &Servers) {
    for body in [
        json!({ "jsonrpc": "2.0", "id": 1, "result": {} }),
        json!({ "jsonrpc": "2.0", "id": 1, "error": { "code": -1, "message": "no" } }),
    ] {
        let answer = servers.fixture.send(&post(body).header(VERSION, NEWEST));
        assert_eq!(answer.status, 202);
        assert!(answer.events.is_empty());
    }
}

fn a_session_cannot_be_deleted(servers: &Servers) {
    let session = initialize(&servers.fixture, NEWEST, json!({}));
    for method in ["DELETE", "GET"] {
        let request = legacy(NEWEST, "ping", json!({}))
            .session(&session)
            .http_method(method);
        assert_eq!(servers.fixture.send(&request).status, 405);
    }
    let ping = legacy(NEWEST, "ping", json!({})).session(&session);
    assert_eq!(servers.fixture.send(&ping).status, 200);
}

fn bad_sessions() -> Vec<Test> {
    let session = |revision: &str| Session {
        revision: revision.to_owned(),
        capabilities: json!({}),
        log_level: None,
    };
    let newest = session(NEWEST);
    let cursor = Cursor {
        list: "tools/list".to_owned(),
        after: "slow".to_owned(),
    };
    let good = tokens::mint(&newest, FIXTURE, tokens::KEYS, SOON);
    [
        (
            "an expired",
            tokens::mint(&newest, FIXTURE, tokens::KEYS, LONG_AGO),
            Some("expired"),
        ),
        (
            "a forged",
            tokens::mint(&newest, FIXTURE, &tokens::foreign_keys(), SOON),
            Some("bad_signature"),
        ),
        (
            "an unknown key's",
            tokens::mint(&newest, FIXTURE, &tokens::unknown_keys(), SOON),
            Some("unknown_key"),
        ),
        (
            "another server's",
            tokens::mint(&newest, "com.example/other", tokens::KEYS, SOON),
            Some("wrong_server"),
        ),
        (
            "a cursor as",
            tokens::mint(&cursor, FIXTURE, tokens::KEYS, SOON),
            Some("wrong_purpose"),
        ),
        (
            "an invented",
            "0123456789abcdef".to_owned(),
            Some("malformed"),
        ),
        ("an unsigned", unsigned(&good), Some("wrong_algorithm")),
        ("an oversized", "A".repeat(7000), Some("too_large")),
        (
            "an unknown revision's",
            tokens::mint(&session("1999-01-01"), FIXTURE, tokens::KEYS, SOON),
            None,
        ),
        (
            "a modern",
            tokens::mint(&session("2026-07-28"), FIXTURE, tokens::KEYS, SOON),
            None,
        ),
    ]
    .into_iter()
    .map(|(name, token, reason)| {
        Test::new(format!("legacy: {name} session"), move |servers| {
            // A session that was not opened names no client: the events are told apart by their number.
            let is_ours = |event: &LoggedEvent| event["reason"] == "session_not_found";
            let before = servers.events.wait(0, is_ours).len();
            let request = legacy(NEWEST, "ping", json!({})).session(&token);
            let answer = servers.fixture.send(&request);
            let (status, code, message) = answer.error();
            assert_eq!((status, code), (404, -32600), "{message}");
            assert!(message.contains("initialize again"), "{message}");
            let event = servers.events.wait(before + 1, is_ours).pop().unwrap();
            assert_eq!(
                event.get("token_error").and_then(Value::as_str),
                reason,
                "{event}"
            );
            initialize(&servers.fixture, NEWEST, json!({}));
        })
        .alone()
    })
    .collect()
}

/// The same claims under a header that asks for no signature.
fn unsigned(token: &str) -> String {
    use base64ct::{Base64UrlUnpadded, Encoding as _};
    let claims = token.split('.').nth(1).unwrap();
    let header = br#"{"alg":"none","typ":"mcp-session+jwt","kid":"test"}"#;
    format!("{}.{claims}.", Base64UrlUnpadded::encode_string(header))
}

fn batch(messages: Value) -> Request {
    let mut request = legacy("2025-03-26", "ping", json!({}));
    request = request.with(|message| *message = messages);
    request
}

fn request(id: u32, method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })
}

fn batches_are_answered_together(servers: &Servers) {
    let session = initialize(&servers.fixture, "2025-03-26", json!({}));
    let messages = json!([
        request(1, "ping", json!({})),
        { "jsonrpc": "2.0", "method": "notifications/initialized" },
        request(2, "tools/call", json!({ "name": "echo", "arguments": { "a": 1 } })),
    ]);
    let answer = servers.fixture.send(&batch(messages).session(&session));
    let mut ids: Vec<&Value> = answer.messages().map(|message| &message["id"]).collect();
    ids.sort_by_key(|id| id.as_u64());
    assert_eq!(ids, [1, 2]);
    assert!(!answer.is_stream);
}

fn a_batch_may_stream(servers: &Servers) {
    let messages = json!([
        request(
            1,
            "tools/call",
            json!({
                "name": "stream",
                "arguments": { "reports": 2, "bytes": 1, "pause_millis": 0 },
                "_meta": { "progressToken": "p" },
            })
        ),
        request(2, "ping", json!({})),
    ]);
    let answer = servers.fixture.send(&batch(messages));
    assert!(answer.is_stream);
    assert_eq!(answer.notifications("notifications/progress").len(), 2);
    assert_eq!(
        answer
            .messages()
            .filter(|message| message.get("result").is_some())
            .count(),
        2
    );
}

fn a_batch_of_notifications_is_accepted(servers: &Servers) {
    let answer = servers.fixture.send(&batch(json!([
        { "jsonrpc": "2.0", "method": "notifications/initialized" },
        { "jsonrpc": "2.0", "id": 7, "result": {} },
    ])));
    assert_eq!(answer.status, 202);
    assert!(answer.events.is_empty());
}

fn an_invalid_message_affects_no_other_message_of_its_batch(servers: &Servers) {
    let answer = servers.fixture.send(&batch(json!([
        request(1, "no/such", json!({})),
        request(2, "initialize", json!({})),
        7,
        request(3, "ping", json!({})),
    ])));
    assert_eq!(answer.status, 200);
    let said = |id: u64| {
        answer
            .messages()
            .find(|message| message["id"] == id)
            .unwrap()
    };
    assert_eq!(said(1)["error"]["code"], -32601);
    assert_eq!(said(2)["error"]["code"], -32600);
    assert_eq!(said(3)["result"], json!({}));
    let nameless = answer
        .messages()
        .find(|message| message["id"].is_null())
        .unwrap();
    assert_eq!(nameless["error"]["code"], -32600);
}

fn batches_have_a_size_and_a_revision(servers: &Servers) {
    let pings = |count: u32| {
        (0..count)
            .map(|id| request(id, "ping", json!({})))
            .collect::<Value>()
    };
    let most = servers.fixture.send(&batch(pings(32)));
    assert_eq!(most.messages().count(), 32);
    for count in [0, 33] {
        let answer = servers.fixture.send(&batch(pings(count)));
        let (status, code, message) = answer.error();
        assert_eq!((status, code), (400, -32600));
        assert!(message.contains("1 to 32"), "{message}");
    }
    for revision in ["2025-06-18", NEWEST] {
        let answer = servers
            .fixture
            .send(&batch(pings(1)).header(VERSION, revision));
        assert_eq!(answer.error().0, 400);
        assert!(answer.error().2.contains("no batches"));
    }
    let alone = servers.fixture.send(&modern("tools/list", json!({})));
    assert_eq!(alone.status, 200);
}
