//! What a server sends to others.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use mcp_edge_tests::servers::Servers;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{modern, tests};
use serde_json::json;
use xtask::host::Host;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "00f067aa0ba902b7";
/// Longer than any host takes; only a test that fails waits for it.
const LONG: Duration = Duration::from_secs(120);

pub fn tests() -> Vec<Test> {
    tests![
        an_upstream_gets_the_trace_and_not_the_token,
        an_upstream_that_is_not_there_is_a_tool_error,
        work_after_the_response_is_done,
    ]
}

/// An upstream that answers one request with `pong`, and hands over the lines of its head.
fn upstream() -> (String, Receiver<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/ping", listener.local_addr().unwrap());
    let (sender, heads) = channel();
    thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let head = BufReader::new(&connection)
            .lines()
            .map_while(Result::ok)
            .take_while(|line| !line.is_empty())
            .map(|line| line.to_ascii_lowercase())
            .collect();
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\npong";
        connection.write_all(answer.as_bytes()).unwrap();
        sender.send(head).unwrap();
    });
    (url, heads)
}

fn an_upstream_gets_the_trace_and_not_the_token(servers: &Servers) {
    let (url, heads) = upstream();
    let request = modern(
        "tools/call",
        json!({ "name": "fetch", "arguments": { "url": url } }),
    )
    .header("authorization", "Bearer not-for-others")
    .client("calls-an-upstream")
    .meta("traceparent", json!(format!("00-{TRACE}-{PARENT}-01")));
    let answer = servers.fixture.send(&request);
    assert_eq!(
        answer.result()["structuredContent"],
        json!({ "status": 200, "body": "pong" })
    );

    let head = heads.recv_timeout(LONG).unwrap();
    assert_eq!(head[0], "get /ping http/1.1");
    assert!(
        !head.iter().any(|line| line.contains("not-for-others")),
        "{head:?}"
    );
    let sent = head
        .iter()
        .find_map(|line| line.strip_prefix("traceparent: "))
        .unwrap_or_else(|| panic!("no traceparent in {head:?}"));
    let parts: Vec<&str> = sent.split('-').collect();
    assert_eq!([parts[0], parts[1], parts[3]], ["00", TRACE, "01"]);
    let event = servers.events.of_client("calls-an-upstream");
    assert_eq!(event["span_id"], parts[2], "the span is the request's own");
    assert_eq!(event["upstream"], json!({ "calls": 1, "failed": 0 }));
}

fn an_upstream_that_is_not_there_is_a_tool_error(servers: &Servers) {
    let gone = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let url = format!("http://{gone}/ping-path?key=planted-query");
    let request = modern(
        "tools/call",
        json!({ "name": "fetch", "arguments": { "url": url } }),
    )
    .client("calls-no-server");
    let answer = servers.fixture.send(&request);
    let event = servers.events.of_client("calls-no-server");
    assert_eq!(event["upstream"], json!({ "calls": 1, "failed": 1 }));
    assert_eq!(
        answer.tool_error(),
        "The tool failed; the server's log says why."
    );
    // The log names the host and the cause, and not what may be a secret.
    let told = event["detail"].as_str().unwrap();
    assert!(told.contains(&gone.to_string()), "{told}");
    if servers.host == Host::Native {
        assert!(told.contains("refused"), "{told}");
    }
    for part in ["ping-path", "planted-query"] {
        assert!(!told.contains(part), "{told}");
    }
}

fn work_after_the_response_is_done(servers: &Servers) {
    let (url, heads) = upstream();
    let arguments = json!({ "url": url });
    let request = modern(
        "tools/call",
        json!({ "name": "fetch_afterwards", "arguments": arguments }),
    );
    assert_eq!(servers.fixture.send(&request).text(), "answered first");
    let head = heads.recv_timeout(LONG).unwrap();
    assert_eq!(head[0], "get /ping http/1.1");
}
