//! A server with neither an issuer nor a rule serves nothing where other machines can reach it, unless it says that it is public.

use mcp_edge_tests::servers::Servers;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Request, legacy, modern, notification, post, tests};
use serde_json::{Value, json};

pub fn tests() -> Vec<Test> {
    tests![
        every_request_to_an_open_server_is_refused,
        every_such_refusal_is_an_event,
    ]
}

fn get(path: &str) -> Request {
    post(json!({})).http_method("GET").path(path)
}

/// One request of each kind, right ones and wrong ones.
fn requests() -> Vec<Request> {
    let list = || modern("tools/list", json!({}));
    let browser = "text/html,application/xhtml+xml,*/*;q=0.8";
    vec![
        list(),
        modern("server/discover", json!({})),
        modern(
            "tools/call",
            json!({ "name": "echo", "arguments": { "text": "hi" } }),
        ),
        modern("no/such/method", json!({})),
        legacy(
            "2025-11-25",
            "initialize",
            json!({
                "protocolVersion": "2025-11-25",
                "capabilities": {},
                "clientInfo": { "name": "black-box", "version": "1" },
            }),
        ),
        notification("2025-11-25", "notifications/initialized"),
        list().header("Authorization", "Bearer whatever"),
        list().header("Origin", "https://evil.example.com"),
        list().header("Accept", "application/json"),
        list().http_method("DELETE"),
        get("/mcp"),
        get("/mcp").header("Accept", browser),
        get("/mcp")
            .http_method("OPTIONS")
            .header("Origin", "https://app.example.com")
            .header("Access-Control-Request-Method", "POST"),
        get("/mcp/manifest"),
        get("/mcp/manifest.jws"),
        get("/mcp/server-card"),
        get("/.well-known/ai-catalog.json"),
        get("/.well-known/jwks.json"),
        get("/.well-known/oauth-protected-resource/mcp"),
        get("/health"),
        get("/"),
    ]
}

fn every_request_to_an_open_server_is_refused(servers: &Servers) {
    for request in requests() {
        let answer = servers.closed().endpoint.raw(&request).unwrap();
        assert_eq!(answer.status, 503, "{request}\n{}", answer.body);
        let message: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(message["error"]["code"], -32603, "{request}");
        let sentence = message["error"]["message"].as_str().unwrap();
        for fix in ["Configure an issuer", "access.public = true"] {
            assert!(sentence.contains(fix), "{sentence}");
        }
    }
}

fn every_such_refusal_is_an_event(servers: &Servers) {
    let closed = servers.closed();
    let before = closed.events.all().len();
    for request in requests() {
        closed.endpoint.raw(&request).unwrap();
    }
    let events = closed.events.wait(before + requests().len(), |_| true);
    for event in events {
        assert_eq!(event["reason"], "not_public", "{event}");
        assert_eq!(event["status"], 503, "{event}");
        assert_eq!(event["outcome"], "failed", "{event}");
        assert_eq!(event["environment"], "closed", "{event}");
    }
}
