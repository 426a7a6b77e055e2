//! What a page in a browser may do, and what a name that leads here by mistake.

use mcp_edge_tests::servers::Servers;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Request, modern, tests};
use serde_json::{Value, json};
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
        a_preflight_allows_the_methods_of_its_path,
        a_page_reads_the_answer_to_every_method,
        a_preflight_from_elsewhere_is_refused,
        a_local_server_has_local_names,
        an_extra_slash_is_another_path,
        only_the_path_that_the_metadata_names_is_served,
        other_methods_are_told_which_to_use,
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
    let allowed = answer.header("access-control-allow-headers").unwrap();
    for name in asked.to_ascii_lowercase().split(", ") {
        let is_allowed = allowed.split(", ").any(|allowed| allowed == name);
        assert_eq!(is_allowed, name != "x-secret", "{name}: {allowed}");
    }
}

fn get(path: &str) -> Request {
    list().http_method("GET").path(path)
}

/// A document, besides the endpoint and the manifest.
const METADATA: &str = "/.well-known/oauth-protected-resource/mcp";

/// Clients of the `initialize` revisions send GET and DELETE to the endpoint and read the 405.
fn a_preflight_allows_the_methods_of_its_path(servers: &Servers) {
    let server = &servers.guarded().endpoint;
    let own = format!("http://{}", server.authority());
    for (path, methods) in [
        ("/mcp", "POST, GET, HEAD, DELETE"),
        ("/mcp/manifest", "GET, HEAD"),
        (METADATA, "GET, HEAD"),
    ] {
        let preflight = preflight(&own, "authorization").path(path);
        let answer = server.send(&preflight);
        assert_eq!(answer.status, 204, "{path}");
        let allowed = answer.header("access-control-allow-methods");
        assert_eq!(allowed, Some(methods), "{path}");
    }
}

fn a_page_reads_the_answer_to_every_method(servers: &Servers) {
    let server = &servers.guarded().endpoint;
    let own = format!("http://{}", server.authority());
    for (path, method, status, readable_by) in [
        ("/mcp", "GET", 405, &own[..]),
        ("/mcp", "DELETE", 405, &own),
        ("/mcp/manifest", "GET", 200, &own),
        ("/mcp/manifest", "POST", 405, &own),
        (METADATA, "GET", 200, "*"),
        (METADATA, "POST", 405, "*"),
    ] {
        let request = get(path).http_method(method).header("Origin", &own);
        let answer = server.raw(&request).unwrap();
        assert_eq!(answer.status, status, "{method} {path}");
        let allowed = (
            "access-control-allow-origin".to_owned(),
            readable_by.to_owned(),
        );
        assert!(
            answer.headers.contains(&allowed),
            "{method} {path}: {:?}",
            answer.headers
        );
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
            assert!(message.contains("access.allowed_hosts"), "{message}");
        }
    }
}

fn an_extra_slash_is_another_path(servers: &Servers) {
    for method in ["POST", "GET", "DELETE", "OPTIONS"] {
        let mut request = list().path("/mcp/");
        if method != "POST" {
            request = request.http_method(method);
        }
        let refused = servers.fixture.send(&request);
        let (status, _, message) = refused.error();
        assert_eq!(status, 404, "{method}");
        assert!(
            message.ends_with("the path of the MCP endpoint is /mcp"),
            "{message}"
        );
    }
    for path in ["/mcp2", "/mcp/other", "/MCP", "//mcp", "/"] {
        assert_eq!(
            servers.fixture.send(&list().path(path)).status,
            404,
            "{path}"
        );
    }
}

fn other_methods_are_told_which_to_use(servers: &Servers) {
    for method in ["GET", "DELETE", "PATCH"] {
        let answer = servers.fixture.send(&list().http_method(method));
        assert_eq!(answer.status, 405, "{method}");
        assert!(answer.header("allow").unwrap().contains("POST"));
    }
}

/// RFC 9728, 3.3: a client compares `resource` with the URL that it uses, and so each resource has one URL.
fn only_the_path_that_the_metadata_names_is_served(servers: &Servers) {
    let server = servers.guarded();
    let metadata = server.endpoint.raw(&get(METADATA)).unwrap();
    let metadata: Value = serde_json::from_str(&metadata.body).unwrap();
    let resource = metadata["resource"].as_str().unwrap();
    let path = &resource[resource.rfind('/').unwrap()..];
    let token = server.token(json!({ "scope": "mcp:read" }));
    let at = |path: &str| {
        server
            .endpoint
            .send(&list().bearer(&token).path(path))
            .status
    };
    assert_eq!(at(path), 200);
    assert_eq!(at(&format!("{path}/")), 404);
}
