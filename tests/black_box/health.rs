//! Health probes.

use mcp_edge_tests::recorder::wait_for;
use mcp_edge_tests::servers::Servers;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Endpoint, Raw, Request, modern, post, tests};
use serde_json::{Value, json};
use xtask::host::Host;

pub fn tests() -> Vec<Test> {
    tests![
        a_server_is_live_and_ready,
        a_probe_comes_under_any_name,
        a_probe_is_told_a_status_and_nothing_else,
        a_probe_leaves_no_event,
        a_server_that_serves_no_client_is_not_ready,
        without_the_keys_of_any_issuer_a_server_is_not_ready,
    ]
}

const LIVE: &str = "/livez";
const READY: &str = "/readyz";

fn get(path: &str) -> Request {
    post(Value::Null).http_method("GET").path(path)
}

fn probe(endpoint: &Endpoint, path: &str) -> u16 {
    endpoint.raw(&get(path)).unwrap().status
}

fn a_server_is_live_and_ready(servers: &Servers) {
    for endpoint in [&servers.fixture, &servers.guarded().endpoint] {
        for path in [LIVE, READY] {
            assert_eq!(probe(endpoint, path), 200, "{path}");
        }
    }
}

/// A process on a loopback address refuses any other request under this name. What is in front of an edge host checks names
/// there.
fn a_probe_comes_under_any_name(servers: &Servers) {
    if servers.host != Host::Native {
        return;
    }
    for path in [LIVE, READY] {
        let request = get(path).header("Host", "10.0.0.7:8787");
        assert_eq!(servers.fixture.raw(&request).unwrap().status, 200, "{path}");
        let other = get("/mcp").header("Host", "10.0.0.7:8787");
        assert_eq!(servers.fixture.raw(&other).unwrap().status, 403);
    }
}

fn a_probe_is_told_a_status_and_nothing_else(servers: &Servers) {
    for path in [LIVE, READY] {
        let Raw { headers, body, .. } = servers.fixture.raw(&get(path)).unwrap();
        assert_eq!(body, "", "{path}");
        let cache_control = ("cache-control".to_owned(), "no-store".to_owned());
        assert!(headers.contains(&cache_control), "{headers:?}");
        for (name, value) in headers {
            assert!(
                !value.to_ascii_lowercase().contains("mcp"),
                "{name}: {value}"
            );
            assert!(
                !value.contains(env!("CARGO_PKG_VERSION")),
                "{name}: {value}"
            );
        }
        for (method, status) in [
            ("HEAD", 200),
            ("POST", 405),
            ("DELETE", 405),
            ("OPTIONS", 405),
        ] {
            let connection = servers
                .fixture
                .open(&get(path).http_method(method))
                .unwrap();
            assert_eq!(connection.status, status, "{method} {path}");
        }
        let below = servers.fixture.raw(&get(&format!("{path}/"))).unwrap();
        assert_eq!(below.status, 404, "{path}/");
    }
}

fn a_probe_leaves_no_event(servers: &Servers) {
    let server = servers.fresh_fixture();
    let mark = |name: &str| {
        let marked = modern("server/discover", json!({})).client(name);
        server.endpoint.send(&marked);
        server.events.of_client(name);
    };
    mark("before-probes");
    let before = server.events.every().len();
    for _ in 0..3 {
        for path in [LIVE, READY] {
            assert_eq!(probe(&server.endpoint, path), 200);
            server.endpoint.raw(&get(path).http_method("POST")).unwrap();
        }
    }
    mark("after-probes");
    assert_eq!(server.events.every().len(), before + 1);
}

fn a_server_that_serves_no_client_is_not_ready(servers: &Servers) {
    let closed = &servers.closed().endpoint;
    assert_eq!(probe(closed, LIVE), 200);
    assert_eq!(probe(closed, READY), 503);
}

fn without_the_keys_of_any_issuer_a_server_is_not_ready(servers: &Servers) {
    let server = servers.fresh_guarded();
    server.provider.go_down(false);
    assert_eq!(probe(&server.endpoint, READY), 503);
    assert_eq!(probe(&server.endpoint, LIVE), 200);
    server.provider.come_back();
    // `keys_interval` has to pass before the next attempt.
    wait_for("keys", || {
        (probe(&server.endpoint, READY) == 200).then_some(())
    });
}
