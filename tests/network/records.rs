//! What the log says of an attack: an event where the HTTP library tells of a request, a count where there is none.

use std::io::Write as _;

use mcp_edge_tests::good::repeat;
use mcp_edge_tests::http2::Http2;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::tests;

use crate::attacked::{Network, is_closed};

pub fn tests() -> Vec<Test<Network>> {
    tests![
        what_is_not_http_is_an_event,
        a_request_whose_body_does_not_arrive_is_an_event,
        connections_without_a_request_are_counted,
    ]
}

fn what_is_not_http_is_an_event(network: &Network) {
    let server = network.hosting.server("attacked", &[]);
    let long = format!("GET / HTTP/1.1\r\nX-Long: {}\r\n\r\n", "x".repeat(100_000));
    for (bytes, status, reason) in [
        ("no HTTP at all\r\n\r\n", 400, "not_http"),
        (
            "POST /mcp HTTP/1.1\r\nContent-Length: many\r\n\r\n",
            400,
            "not_http",
        ),
        (&long, 431, "head_too_large"),
    ] {
        let mut stream = server.endpoint.connect().unwrap();
        // The server may stop to read.
        let _ = stream.write_all(bytes.as_bytes());
        let received = is_closed(&mut stream, Vec::new);
        let start = format!("HTTP/1.1 {status}");
        assert!(
            received.starts_with(start.as_bytes()),
            "{}",
            received.escape_ascii()
        );
        let of_reason = |event: &serde_json::Value| event["reason"] == reason;
        server.events.wait(1, of_reason);
    }
    let events = server.stop().all();
    let reasons: Vec<_> = events.iter().map(|event| &event["reason"]).collect();
    assert_eq!(reasons, ["not_http", "not_http", "head_too_large"]);
    for event in &events {
        assert_eq!(event["client_address"], "127.0.0.1", "{event}");
        assert_eq!(event["outcome"], "protocol_error", "{event}");
    }
}

fn a_request_whose_body_does_not_arrive_is_an_event(network: &Network) {
    let server = network.hosting.server("attacked", &[]);
    let (head, _) = server.endpoint.write(&repeat(10), "keep-alive");
    let mut stream = server.endpoint.connect().unwrap();
    stream.write_all(&head).unwrap();
    let received = is_closed(&mut stream, Vec::new);
    assert!(
        received.starts_with(b"HTTP/1.1 408"),
        "{}",
        received.escape_ascii()
    );
    let mut connection = Http2::connect(&server.endpoint).unwrap();
    let head = connection.head(&repeat(10), &[]);
    let stream = connection.open(&head, false).unwrap();
    assert_eq!(connection.status(stream).unwrap(), 408);
    let of_reason = |event: &serde_json::Value| event["reason"] == "body_timeout";
    server.events.wait(2, of_reason);
    assert_eq!(server.stop().all().len(), 2);
}

/// The count is written within a minute, or when the server stops.
fn connections_without_a_request_are_counted(network: &Network) {
    const SILENT: usize = 5;
    let server = network.hosting.server("attacked", &[]);
    let silent = || server.endpoint.connect().unwrap();
    let mut connections: Vec<_> = (0..SILENT).map(|_| silent()).collect();
    for connection in &mut connections {
        is_closed(connection, Vec::new);
    }
    let log = server.stop();
    assert!(log.all().is_empty(), "there was no request");
    let counts = log.text();
    let counts = counts.lines().filter_map(|line| {
        let (before, _) = line.split_once(" closed after connections.header_timeout")?;
        before.rsplit(' ').next()?.parse::<usize>().ok()
    });
    assert_eq!(counts.sum::<usize>(), SILENT);
}
