//! What a page in a browser may do, and what a name that leads here by mistake.

use mcp_edge_tests::servers::Servers;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Request, modern, tests};
use serde_json::json;
use xtask::host::Host;

pub fn tests() -> Vec<Test> {
    tests![
        a_listed_origin_may_read,
        a_local_page_may_read_a_local_server,
        another_origin_may_not_read_the_refusal,
        a_refusal_can_be_read_where_a_result_could,
        a_stream_can_be_read_too,
        without_an_origin_nothing_is_said_of_it,
        a_preflight_allows_what_clients_send,
        a_preflight_from_elsewhere_is_refused,
        a_local_server_has_local_names,
        a_slash_too_many_is_no_other_path,
        other_methods_hear_which_to_use,
    ]
}

const ORIGIN: &str = "https://app.example.com";

fn list() -> Request {
    modern("tools/list", json!({}))
}

fn preflight(origin: &str, headers: &str) -> Request {
    list()
        .http_method("OPTIONS")
        .header("Origin", origin)
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", headers)
}

fn a_listed_origin_may_read(servers: &Servers) {
    let answer = servers.fixture.send(&list().header("Origin", ORIGIN));
    assert!(answer.result()["tools"].is_array());
    assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
    let exposed = answer.header("access-control-expose-headers").unwrap();
    assert!(exposed.contains("Mcp-Session-Id"), "{exposed}");
    assert!(answer.header("vary").unwrap().contains("Origin"));
}

fn a_local_page_may_read_a_local_server(servers: &Servers) {
    for origin in ["http://localhost:6274", "http://127.0.0.1:6274"] {
        let answer = servers.fixture.send(&list().header("Origin", origin));
        assert_eq!(answer.status, 200, "{origin}");
        assert_eq!(answer.header("access-control-allow-origin"), Some(origin));
    }
}

fn another_origin_may_not_read_the_refusal(servers: &Servers) {
    let answer = servers
        .fixture
        .send(&list().header("Origin", "https://evil.example.com"));
    assert_eq!(answer.status, 403);
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

fn a_refusal_can_be_read_where_a_result_could(servers: &Servers) {
    let refused = [
        list().header("Origin", ORIGIN).without("Mcp-Method"),
        list().header("Origin", ORIGIN).bytes(b"{"),
        list().header("Origin", ORIGIN).http_method("GET"),
    ];
    for request in refused {
        let answer = servers.fixture.send(&request);
        assert!(answer.status >= 400);
        assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
    }
}

fn a_stream_can_be_read_too(servers: &Servers) {
    let request = modern("subscriptions/listen", json!({ "notifications": {} }));
    let answer = servers.fixture.send(&request.header("Origin", ORIGIN));
    assert!(answer.is_stream);
    assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
}

fn without_an_origin_nothing_is_said_of_it(servers: &Servers) {
    let answer = servers.fixture.send(&list());
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

fn a_preflight_allows_what_clients_send(servers: &Servers) {
    let asked = "Content-Type, Accept, Authorization, MCP-Protocol-Version, Mcp-Method, Mcp-Name, Mcp-Session-Id, \
                 Last-Event-ID, traceparent, Mcp-Param-Region, X-Secret";
    let answer = servers.fixture.send(&preflight(ORIGIN, asked));
    assert_eq!(answer.status, 204);
    assert!(answer.events.is_empty());
    assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
    assert_eq!(answer.header("access-control-allow-methods"), Some("POST"));
    let allowed = answer.header("access-control-allow-headers").unwrap();
    for name in asked.to_ascii_lowercase().split(", ") {
        let is_allowed = allowed.split(", ").any(|allowed| allowed == name);
        assert_eq!(is_allowed, name != "x-secret", "{name}: {allowed}");
    }
}

fn a_preflight_from_elsewhere_is_refused(servers: &Servers) {
    let answer = servers
        .fixture
        .send(&preflight("https://evil.example.com", "content-type"));
    assert_eq!(answer.status, 403);
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

/// A page may point its own name at this machine; only a native server knows that it is reached from here alone.
fn a_local_server_has_local_names(servers: &Servers) {
    let port = servers.fixture.authority().split_once(':').unwrap().1;
    let local = format!("localhost:{port}");
    assert_eq!(
        servers.fixture.send(&list().header("Host", &local)).status,
        200
    );
    if servers.host == Host::Native {
        for host in ["evil.example.com", "127.0.0.1.evil.example.com"] {
            let answer = servers.fixture.send(&list().header("Host", host));
            let (status, code, message) = answer.error();
            assert_eq!((status, code), (403, -32600), "{host}");
            assert!(message.contains("access.hosts"), "{message}");
        }
    }
}

fn a_slash_too_many_is_no_other_path(servers: &Servers) {
    assert_eq!(servers.fixture.send(&list().path("/mcp/")).status, 200);
    for path in ["/mcp2", "/mcp/other", "/MCP", "//mcp", "/"] {
        assert_eq!(
            servers.fixture.send(&list().path(path)).status,
            404,
            "{path}"
        );
    }
}

fn other_methods_hear_which_to_use(servers: &Servers) {
    for method in ["GET", "DELETE", "PATCH"] {
        let answer = servers.fixture.send(&list().http_method(method));
        assert_eq!(answer.status, 405, "{method}");
        assert!(answer.header("allow").unwrap().contains("POST"));
    }
}
