//! Which host a request is for, and requests that do not say one thing about it.
//!
//! Only a process reads `Host` as the client sent it: what is in front of a Worker or a Spin component has decided by then.

use mcp_edge_tests::http2::Http2;
use mcp_edge_tests::servers::Servers;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Request, modern, tests};
use serde_json::json;
use xtask::host::Host;

pub fn tests() -> Vec<Test> {
    tests![
        a_target_and_a_header_that_differ_are_refused,
        an_invalid_host_is_rejected,
        an_authority_and_a_header_that_differ_are_refused,
    ]
}

fn list() -> Request {
    modern("tools/list", json!({}))
}

/// RFC 9112, 3.2.2: the absolute form.
fn a_target_and_a_header_that_differ_are_refused(servers: &Servers) {
    if servers.host != Host::Native {
        return;
    }
    let authority = servers.fixture.authority();
    let (name, port) = authority.split_once(':').unwrap();
    let same = format!("http://{authority}/mcp");
    assert_eq!(servers.fixture.send(&list().path(&same)).status, 200);
    for (target, host) in [
        (format!("http://localhost:{port}"), authority.to_owned()),
        (format!("http://{authority}"), format!("localhost:{port}")),
        (format!("http://{authority}"), name.to_owned()),
        (format!("http://user@{authority}"), authority.to_owned()),
    ] {
        let request = list().path(&format!("{target}/mcp")).header("Host", &host);
        let refused = servers.fixture.send(&request);
        let (status, code, message) = refused.error();
        assert_eq!((status, code), (400, -32600), "{target} {host}");
        assert!(message.starts_with("Bad Host header: "), "{message}");
    }
}

/// RFC 9112, 3.2.
fn an_invalid_host_is_rejected(servers: &Servers) {
    if servers.host != Host::Native {
        return;
    }
    let authority = servers.fixture.authority();
    for host in ["", "a b", "127.0.0.1:x", "127.0.0.1/", "user@127.0.0.1"] {
        let refused = servers.fixture.send(&list().header("Host", host));
        assert_eq!(refused.error().0, 400, "{host}");
    }
    let twice = list().header("Host", authority).also("Host", authority);
    assert_eq!(servers.fixture.send(&twice).error().0, 400);
}

/// RFC 9113, 8.3.1.
fn an_authority_and_a_header_that_differ_are_refused(servers: &Servers) {
    if servers.host != Host::Native {
        return;
    }
    let authority = servers.fixture.authority();
    let mut connection = Http2::connect(&servers.fixture).unwrap();
    for (host, status) in [
        (None, 200),
        (Some(authority), 200),
        (Some("localhost:1"), 400),
        (Some("evil.example.com"), 400),
    ] {
        let mut request = list();
        if let Some(host) = host {
            request = request.header("Host", host);
        }
        let stream = connection.begin(&request, &[]).unwrap();
        assert_eq!(connection.status(stream).unwrap(), status, "{host:?}");
    }
}
