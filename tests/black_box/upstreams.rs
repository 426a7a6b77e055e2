//! Upstreams that lie, stall, compress and redirect.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use mcp_edge_tests::servers::Servers;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Answer, modern, tests};
use serde_json::{Value, json};
use xtask::host::Host;

/// "compressed text" in gzip.
const COMPRESSED: [u8; 35] = [
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0xff, 0x4b, 0xce, 0xcf, 0x2d, 0x28, 0x4a,
    0x2d, 0x2e, 0x4e, 0x4d, 0x51, 0x28, 0x49, 0xad, 0x28, 0x01, 0x00, 0xc2, 0x18, 0xd8, 0xd8, 0x0f,
    0x00, 0x00, 0x00,
];
/// A hundred thousand zeros in gzip.
const ZEROS: &[u8] = include_bytes!("zeros.gz");
/// What is enough for the text and not for the zeros, in bytes.
const MAX_BYTES: usize = 1000;

pub fn tests() -> Vec<Test> {
    tests![
        a_body_that_ends_before_its_length_is_an_error,
        an_upstream_that_stalls_ends_with_the_timeout,
        a_body_in_an_encoding_that_the_host_does_not_decode_is_an_error,
        the_limit_counts_what_a_body_is_decoded_to,
        the_limit_counts_chunks_whatever_length_is_stated,
        a_redirect_is_an_answer_and_is_not_followed,
        a_private_address_is_not_connected_to_where_it_is_not_allowed,
        a_service_binding_that_the_host_does_not_have_is_named,
    ]
}

/// An upstream that answers each connection with the same bytes, and then closes or holds it. Hands over the path of each
/// request.
fn upstream(answer: Vec<u8>, is_held: bool) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, paths) = channel();
    thread::spawn(move || {
        let mut held: Vec<TcpStream> = Vec::new();
        for connection in listener.incoming().map_while(Result::ok) {
            let mut lines = BufReader::new(&connection).lines().map_while(Result::ok);
            let first = lines.next().unwrap_or_default();
            lines.by_ref().find(|line| line.is_empty());
            let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
            // Before the answer, after which the test looks.
            if sender.send(path).is_err() {
                return;
            }
            // The other end may have left.
            let _ = (&connection).write_all(&answer);
            if is_held {
                held.push(connection);
            }
        }
    });
    (url, paths)
}

fn response(head: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {head}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn fetch(servers: &Servers, client: &str, url: &str, options: &Value) -> Answer {
    let mut arguments = json!({ "url": url, "max_bytes": MAX_BYTES });
    let options = options.as_object().unwrap().clone();
    arguments.as_object_mut().unwrap().extend(options);
    let params = json!({ "name": "fetch_with", "arguments": arguments });
    let request = modern("tools/call", params).client(client);
    servers.fixture.send(&request)
}

/// What the log is told of a request that has failed.
fn failure(servers: &Servers, client: &str, url: &str, options: &Value) -> String {
    let answer = fetch(servers, client, url, options);
    let failed = "The tool failed; the server's log says why.";
    assert_eq!(answer.tool_error(), failed, "{client}");
    let event = servers.events.of_client(client);
    assert_eq!(event["upstream"], json!({ "calls": 1, "failed": 1 }));
    event["detail"].as_str().unwrap().to_owned()
}

fn a_body_that_ends_before_its_length_is_an_error(servers: &Servers) {
    for (client, head, body) in [
        ("short-length", "200 OK\r\ncontent-length: 10", "short"),
        (
            "short-chunk",
            "200 OK\r\ntransfer-encoding: chunked",
            "a\r\nshort",
        ),
        (
            "no-last-chunk",
            "200 OK\r\ntransfer-encoding: chunked",
            "5\r\nshort\r\n",
        ),
    ] {
        let (url, _paths) = upstream(response(head, body.as_bytes()), false);
        failure(servers, client, &url, &json!({}));
    }
}

fn an_upstream_that_stalls_ends_with_the_timeout(servers: &Servers) {
    for (client, answer) in [
        ("silent", Vec::new()),
        ("half-a-head", b"HTTP/1.1 200 OK\r\ncontent-le".to_vec()),
        (
            "half-a-body",
            response("200 OK\r\ncontent-length: 10", b"short"),
        ),
        (
            "endless-chunks",
            response("200 OK\r\ntransfer-encoding: chunked", b"5\r\nshort\r\n"),
        ),
    ] {
        let (url, _paths) = upstream(answer, true);
        let detail = failure(servers, client, &url, &json!({ "timeout_ms": 200 }));
        assert!(detail.contains("200ms"), "{client}: {detail}");
    }
}

fn a_body_in_an_encoding_that_the_host_does_not_decode_is_an_error(servers: &Servers) {
    for (client, encoding) in [
        ("plain-as-gzip", "gzip"),
        ("plain-as-zstd", "zstd"),
        ("plain-as-two", "identity, x-unknown"),
    ] {
        let head = format!("200 OK\r\ncontent-length: 4\r\ncontent-encoding: {encoding}");
        let (url, _paths) = upstream(response(&head, b"text"), false);
        failure(servers, client, &url, &json!({}));
    }
    let head = "200 OK\r\ncontent-length: 4\r\ncontent-encoding: identity";
    let (url, _paths) = upstream(response(head, b"text"), false);
    let answer = fetch(servers, "identity", &url, &json!({}));
    assert_eq!(answer.result()["structuredContent"]["body"], "text");
}

fn the_limit_counts_what_a_body_is_decoded_to(servers: &Servers) {
    let gzip = |body: &[u8]| {
        let length = body.len();
        let head = format!("200 OK\r\ncontent-length: {length}\r\ncontent-encoding: gzip");
        response(&head, body)
    };
    assert!(ZEROS.len() < MAX_BYTES);
    let (url, _paths) = upstream(gzip(ZEROS), false);
    let detail = failure(servers, "zeros", &url, &json!({}));
    let (url, _paths) = upstream(gzip(&COMPRESSED), false);
    if servers.host == Host::Workers {
        assert!(detail.contains("1000 bytes"), "{detail}");
        let answer = fetch(servers, "compressed", &url, &json!({}));
        assert_eq!(
            answer.result()["structuredContent"]["body"],
            "compressed text"
        );
    } else {
        assert!(detail.contains("content encoding"), "{detail}");
        let detail = failure(servers, "compressed", &url, &json!({}));
        assert!(detail.contains("content encoding"), "{detail}");
    }
}

fn the_limit_counts_chunks_whatever_length_is_stated(servers: &Servers) {
    for (client, head) in [
        ("chunks", "200 OK"),
        ("chunks-with-length", "200 OK\r\ncontent-length: 4"),
    ] {
        let head = format!("{head}\r\ntransfer-encoding: chunked");
        let body = format!("7d0\r\n{}\r\n0\r\n\r\n", "a".repeat(2000));
        let (url, _paths) = upstream(response(&head, body.as_bytes()), false);
        let detail = failure(servers, client, &url, &json!({}));
        assert!(detail.contains("1000 bytes"), "{client}: {detail}");
    }
}

fn a_redirect_is_an_answer_and_is_not_followed(servers: &Servers) {
    for status in ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"] {
        let head = format!("{status}\r\nlocation: /elsewhere\r\ncontent-length: 0");
        let (url, paths) = upstream(response(&head, b""), false);
        let answer = fetch(servers, "redirected", &format!("{url}/asked"), &json!({}));
        let expected: u16 = status.get(..3).unwrap().parse().unwrap();
        assert_eq!(answer.result()["structuredContent"]["status"], expected);
        assert_eq!(paths.try_iter().collect::<Vec<_>>(), ["/asked"]);
    }
}

fn a_private_address_is_not_connected_to_where_it_is_not_allowed(servers: &Servers) {
    let (url, paths) = upstream(response("200 OK\r\ncontent-length: 0", b""), false);
    let port = url.rsplit(':').next().unwrap();
    for (client, host) in [
        ("private-address", "127.0.0.1"),
        ("private-name", "localhost"),
        ("private-mapped", "[::ffff:127.0.0.1]"),
    ] {
        let url = format!("http://{host}:{port}/");
        let detail = failure(servers, client, &url, &json!({ "private": false }));
        assert!(detail.contains("private"), "{client}: {detail}");
    }
    assert_eq!(paths.try_iter().count(), 0);
}

fn a_service_binding_that_the_host_does_not_have_is_named(servers: &Servers) {
    let url = "http://orders.internal/";
    let detail = failure(servers, "calls-a-service", url, &json!({ "service": true }));
    assert!(detail.contains("ORDERS"), "{detail}");
    let what = match servers.host {
        Host::Workers => "[[services]]",
        _ => "Workers",
    };
    assert!(detail.contains(what), "{detail}");
}
