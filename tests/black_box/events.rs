//! The log: one event for every request, however it ended, and nothing in it that must stay unsaid.

use mcp_edge_audit::digest::sha256;
use mcp_edge_tests::servers::Servers;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{LoggedEvent, Request, chains, legacy, modern, notification, tests};
use serde_json::{Value, json};
use xtask::host::Host;

pub fn tests() -> Vec<Test> {
    tests![
        a_burst_leaves_one_event_for_each_request,
        an_event_names_principal_and_target,
        a_batch_has_an_event_for_each_of_its_requests,
        a_trace_reaches_the_event,
        digests_are_of_what_was_said,
        words_that_the_server_does_not_have_are_digests,
        arguments_answers_and_tokens_stay_out_of_the_log,
        long_names_of_clients_are_left_out,
        a_panic_costs_no_more_than_its_request,
        a_panic_in_a_stream_ends_it_without_an_answer,
    ]
}

fn call(name: &str, arguments: Value) -> Request {
    modern(
        "tools/call",
        json!({ "name": name, "arguments": arguments }),
    )
}

/// Requests of every kind, with the outcome, the reason and the status that their events must have.
fn burst() -> Vec<(Request, &'static str, Option<&'static str>, u16)> {
    let list = || modern("tools/list", json!({}));
    vec![
        (list(), "ok", None, 200),
        (call("fails_inside", json!({})), "tool_error", None, 200),
        (call("checked", json!({})), "tool_error", None, 200),
        (
            call("ask", json!({ "kind": "form" })),
            "protocol_error",
            Some("missing_capability"),
            400,
        ),
        (
            call("ask", json!({ "kind": "form" })).capabilities(json!({ "elicitation": {} })),
            "input_required",
            None,
            200,
        ),
        (call("slow", json!({ "millis": 500 })), "ok", None, 200),
        (
            modern("subscriptions/listen", json!({ "notifications": {} })),
            "ok",
            None,
            200,
        ),
        (
            notification("2025-11-25", "notifications/initialized"),
            "accepted",
            None,
            202,
        ),
        (legacy("2025-11-25", "ping", json!({})), "ok", None, 200),
        (
            legacy("2025-11-25", "ping", json!({})).session("forged"),
            "protocol_error",
            Some("session_not_found"),
            404,
        ),
        (
            modern("no/such", json!({})),
            "protocol_error",
            Some("method_not_found"),
            404,
        ),
        (
            modern("tools/call", json!({ "name": "unknown" })),
            "protocol_error",
            Some("invalid_params"),
            200,
        ),
        (
            modern("resources/read", json!({ "uri": "fixture://none" })),
            "protocol_error",
            Some("resource_not_found"),
            200,
        ),
        (
            modern("resources/read", json!({ "uri": "fixture://broken" })),
            "failed",
            Some("internal_error"),
            200,
        ),
        (
            modern("tools/list", json!({ "cursor": "x" })),
            "protocol_error",
            Some("invalid_cursor"),
            200,
        ),
        (
            list().without("Mcp-Method"),
            "protocol_error",
            Some("header_mismatch"),
            400,
        ),
        (
            list().bytes(b"{"),
            "protocol_error",
            Some("parse_error"),
            400,
        ),
        (
            list().bytes(b"7"),
            "protocol_error",
            Some("invalid_request"),
            400,
        ),
        (
            list().bytes(vec![b' '; 2 << 20]),
            "protocol_error",
            Some("body_too_large"),
            413,
        ),
        (
            list().header("Accept", "text/html"),
            "protocol_error",
            Some("not_acceptable"),
            406,
        ),
        (
            list().without("Content-Type"),
            "protocol_error",
            Some("unsupported_media_type"),
            415,
        ),
        (
            list().header("Origin", "https://evil.example.com"),
            "refused",
            Some("origin_not_allowed"),
            403,
        ),
        (
            list().http_method("GET"),
            "protocol_error",
            Some("method_not_allowed"),
            405,
        ),
        (
            list().path("/other"),
            "protocol_error",
            Some("not_found"),
            404,
        ),
        (
            list()
                .http_method("OPTIONS")
                .header("Origin", "https://app.example.com"),
            "ok",
            None,
            204,
        ),
    ]
}

fn a_burst_leaves_one_event_for_each_request(servers: &Servers) {
    let server = servers.fresh_fixture();
    let mark = |name: &str| {
        server
            .endpoint
            .send(&modern("server/discover", json!({})).client(name));
        server.events.of_client(name);
    };
    mark("begin");
    let before = server.events.all().len();
    let burst = burst();
    for (request, ..) in &burst {
        let _ = server.endpoint.try_send(request);
    }
    mark("end");

    // Events of several threads may overtake each other on their way into the log.
    let events = server.events.wait(before + burst.len() + 1, |_| true);
    let mut logged: Vec<_> = events[before..]
        .iter()
        .filter(|event| event["client_info"] != "end/1")
        .map(|event| {
            let text = |member: &str| event[member].as_str().unwrap_or_default();
            (text("outcome"), text("reason"), event["status"].as_u64())
        })
        .collect();
    let mut expected: Vec<_> = burst
        .iter()
        .map(|(_, outcome, reason, status)| {
            (
                *outcome,
                reason.unwrap_or_default(),
                Some(u64::from(*status)),
            )
        })
        .collect();
    logged.sort_unstable();
    expected.sort_unstable();
    assert_eq!(logged, expected);
    let mut ids: Vec<&str> = events
        .iter()
        .map(|event| event["id"].as_str().unwrap())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), events.len(), "each id is unique");
    let chains = chains::check(&server.events.every()).unwrap();
    assert_eq!(chains.values().sum::<usize>(), events.len());
}

fn an_event_names_principal_and_target(servers: &Servers) {
    servers
        .fixture
        .send(&call("echo", json!({ "a": 1 })).client("says-who"));
    let event = servers.events.of_client("says-who");
    for (member, expected) in [
        ("event", json!("mcp.request")),
        ("version", json!(4)),
        ("host", json!(servers.host.to_string())),
        ("server", json!("com.example/fixture")),
        ("principal", json!({ "anonymous": true })),
        ("era", json!("modern")),
        ("revision", json!("2026-07-28")),
        ("method", json!("tools/call")),
        ("name", json!("echo")),
        ("outcome", json!("ok")),
    ] {
        assert_eq!(event[member], expected, "{event}");
    }
    assert!(event["request_bytes"].as_u64().unwrap() > 100, "{event}");
    assert!(event["response_bytes"].as_u64().unwrap() > 50, "{event}");
    assert!(event["duration_ms"].is_u64(), "{event}");
    let time = event["time"].as_str().unwrap();
    assert!(time.starts_with("20") && time.ends_with('Z'), "{time}");
}

fn a_batch_has_an_event_for_each_of_its_requests(servers: &Servers) {
    let trace = |id: u32| format!("00-0000000000000000000000000000ba7c-00000000000000{id:02x}-01");
    let ping = |id: u32| {
        let params = json!({ "_meta": { "traceparent": trace(id) } });
        json!({ "jsonrpc": "2.0", "id": id, "method": "ping", "params": params })
    };
    let batch = legacy("2025-03-26", "ping", json!({}))
        .with(|message| *message = json!([ping(1), ping(2), ping(3)]));
    servers.fixture.send(&batch);
    let is_ours = |event: &LoggedEvent| event["trace_id"] == "0000000000000000000000000000ba7c";
    let events = servers.events.wait(3, is_ours);
    assert_eq!(events.len(), 3);
    assert!(events.iter().all(|event| event["method"] == "ping"));
}

fn a_trace_reaches_the_event(servers: &Servers) {
    const INSIDE: &str = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01";
    const OUTSIDE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331-00";
    let list = || modern("tools/list", json!({}));
    for (client, request, trace, parent) in [
        (
            "trace-inside",
            list().meta("traceparent", json!(INSIDE)),
            Some(&INSIDE[3..35]),
            Some(&INSIDE[36..52]),
        ),
        (
            "trace-outside",
            list().header("traceparent", OUTSIDE),
            Some(&OUTSIDE[3..35]),
            Some(&OUTSIDE[36..52]),
        ),
        (
            "trace-both",
            list()
                .meta("traceparent", json!(INSIDE))
                .header("traceparent", OUTSIDE),
            Some(&INSIDE[3..35]),
            Some(&INSIDE[36..52]),
        ),
        (
            "trace-bad",
            list().meta("traceparent", json!("00-0-0-00")),
            None,
            None,
        ),
        (
            "trace-number",
            list().meta("traceparent", json!(7)),
            None,
            None,
        ),
        ("trace-none", list(), None, None),
    ] {
        assert_eq!(
            servers.fixture.send(&request.client(client)).status,
            200,
            "{client}"
        );
        let event = servers.events.of_client(client);
        let own = |member: &str| event[member].as_str().unwrap_or_default();
        assert_eq!(own("trace_id").len(), 32, "{event}");
        assert_eq!(own("span_id").len(), 16, "{event}");
        assert_ne!(Some(own("span_id")), parent, "{event}");
        if trace.is_some() {
            assert_eq!(event["trace_id"].as_str(), trace, "{event}");
        }
        assert_eq!(event["parent_span_id"].as_str(), parent, "{event}");
    }
}

fn digests_are_of_what_was_said(servers: &Servers) {
    let request = call("echo", json!({ "b": 2, "a": "ä" })).client("digests");
    let answer = servers.fixture.send(&request);
    let event = servers.events.of_client("digests");
    let said = json!({ "sha256": sha256("{\"a\":\"ä\",\"b\":2}".as_bytes()) });
    assert_eq!(event["arguments"], said, "{event}");
    let mut result = answer.result().clone();
    // Neither is the tool's: they are in every result of this revision.
    for added in ["_meta", "resultType"] {
        result.as_object_mut().unwrap().remove(added);
    }
    // This result has neither numbers nor names whose canonical form is another.
    let said = json!({ "sha256": sha256(result.to_string().as_bytes()) });
    assert_eq!(event["result"], said, "{event} of {result}");
}

fn words_that_the_server_does_not_have_are_digests(servers: &Servers) {
    for (client, request, method, word) in [
        (
            "no-tool",
            modern("tools/call", json!({ "name": "unknown" })),
            Some("tools/call"),
            "unknown",
        ),
        (
            "no-resource",
            modern("resources/read", json!({ "uri": "fixture://none" })),
            Some("resources/read"),
            "fixture://none",
        ),
    ] {
        servers.fixture.send(&request.client(client));
        let event = servers.events.of_client(client);
        assert_eq!(event["method"].as_str(), method, "{event}");
        assert_eq!(event.get("name"), None, "{event}");
        assert_eq!(event["name_sha256"], sha256(word.as_bytes()), "{event}");
    }
    servers
        .fixture
        .send(&modern("no/such", json!({})).client("no-method"));
    let word = sha256(b"no/such");
    let is_ours =
        |event: &LoggedEvent| event["reason"] == "method_not_found" && event["name_sha256"] == word;
    for event in servers.events.wait(1, is_ours) {
        assert_eq!(event.get("method"), None, "{event}");
    }
}

fn arguments_answers_and_tokens_stay_out_of_the_log(servers: &Servers) {
    let secret = "unlogged-7f3a";
    let answers = json!({ "name": { "action": "accept", "content": { "name": secret } } });
    let capabilities = json!({ "elicitation": {} });
    for request in [
        call("echo", json!({ "password": secret })),
        call("checked", json!({ "count": secret, secret: 1 })),
        call("charge", json!({}))
            .capabilities(capabilities)
            .param("inputResponses", answers),
        modern("tools/list", json!({ "cursor": secret })),
        modern("tools/list", json!({})).header("Authorization", format!("Bearer {secret}")),
        modern("tools/list", json!({})).session(secret),
        legacy("2025-11-25", "ping", json!({})).session(secret),
        modern("tools/list", json!({})).bytes(format!("{{\"a\": {secret}")),
    ] {
        servers.fixture.send(&request);
    }
    servers
        .fixture
        .send(&modern("server/discover", json!({})).client("unlogged-end"));
    servers.events.of_client("unlogged-end");
    assert!(!servers.events.text().contains(secret));
}

fn long_names_of_clients_are_left_out(servers: &Servers) {
    let client = "long ".repeat(1000);
    servers
        .fixture
        .send(&modern("tools/list", json!({})).client(&client));
    // With its version.
    let left_out = format!("[{} bytes]", client.len() + 2);
    let is_ours = |event: &LoggedEvent| event["client_info"] == left_out.as_str();
    servers.events.wait(1, is_ours);
    assert!(!servers.events.text().contains("long long"));
}

fn a_panic_costs_no_more_than_its_request(servers: &Servers) {
    let server = servers.fresh_fixture();
    let reports = json!({ "reports": 4, "bytes": 1, "pause_millis": 500 });
    let other = call("stream", reports).meta("progressToken", json!("p"));
    let mut other = server.endpoint.open(&other).unwrap();
    let answer = server
        .endpoint
        .try_send(&call("panics", json!({})).client("panics"));
    if let Ok(answer) = answer {
        assert!(answer.status >= 500, "{}", answer.status);
    }
    assert_eq!(
        server
            .endpoint
            .send(&call("echo", json!({ "a": 1 })))
            .result()["structuredContent"]["a"],
        1
    );
    // The edge hosts end the instance, and with it whatever else it was serving.
    if servers.host == Host::Native {
        let mut last = None;
        while let Some(event) = other.next_event().unwrap() {
            last = Some(event);
        }
        assert!(format!("{last:?}").contains("reported 4 times"), "{last:?}");
        assert_eq!(server.events.of_client("panics")["outcome"], "cancelled");
    }
}

fn a_panic_in_a_stream_ends_it_without_an_answer(servers: &Servers) {
    let server = servers.fresh_fixture();
    let request = call("panics", json!({ "in_stream": true })).meta("progressToken", json!("p"));
    if let Ok(answer) = server.endpoint.try_send(&request) {
        assert!(
            answer
                .messages()
                .all(|message| message.get("result").is_none())
        );
    }
    assert_eq!(server.endpoint.send(&call("echo", json!({}))).status, 200);
}
