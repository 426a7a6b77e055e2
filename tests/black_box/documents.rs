//! Events of documents name what was fetched, and how long it was.

use mcp_edge_tests::servers::Servers;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Request, modern, post, tests};
use serde_json::{Value, json};

pub fn tests() -> Vec<Test> {
    tests![an_event_of_a_document_names_its_path_and_size]
}

fn get(path: &str) -> Request {
    post(Value::Null).http_method("GET").path(path)
}

fn an_event_of_a_document_names_its_path_and_size(servers: &Servers) {
    let server = servers.fresh_guarded();
    let browse = || get("/mcp").header("Accept", "text/html");
    for (request, path, status) in [
        (get("/mcp/server-card"), "/mcp/server-card", 200),
        (
            get("/.well-known/ai-catalog.json"),
            "/.well-known/ai-catalog.json",
            200,
        ),
        (
            get("/.well-known/oauth-protected-resource/mcp"),
            "/.well-known/oauth-protected-resource/mcp",
            200,
        ),
        (get("/mcp/manifest"), "/mcp/manifest", 200),
        (browse(), "/mcp", 200),
        (
            get("/.well-known/oauth-protected-resource/mcp").http_method("DELETE"),
            "/.well-known/oauth-protected-resource/mcp",
            405,
        ),
    ] {
        let answer = server.endpoint.raw(&request).unwrap();
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        let events = server.events.wait(1, |event| {
            event["path"] == path && event["status"] == status
        });
        let event = events.last().unwrap();
        assert_eq!(event["response_bytes"], answer.body.len(), "{event}");
        assert!(event.get("method").is_none(), "{event}");
    }

    // What is not there is the caller's word, and could be anything.
    server.endpoint.raw(&get("/mcp/planted-word")).unwrap();
    let list = modern("tools/list", json!({})).client("no-document");
    server.endpoint.send(&list);
    let is_missing = |event: &Value| event["reason"] == "not_found";
    let missing = server.events.wait(1, is_missing);
    assert!(missing[0].get("path").is_none(), "{}", missing[0]);
    assert_ne!(missing[0]["response_bytes"], 0, "{}", missing[0]);
    let event = server.events.of_client("no-document");
    assert!(event.get("path").is_none(), "{event}");
}
