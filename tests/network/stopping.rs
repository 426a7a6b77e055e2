//! A server that is told to stop: every thread stops to accept at once, clients learn of it, requests in progress and events
//! that wait are finished, and what does not end is not waited for.

use std::io::Read as _;
use std::io::Write as _;
use std::net::TcpStream;
use std::thread;

use mcp_edge_tests::audited::Audited;
use mcp_edge_tests::good::repeat;
use mcp_edge_tests::http2::{Http2, kind};
use mcp_edge_tests::recorder::Recorder;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Connection, Endpoint, tests};

use crate::attacked::{Network, is_closed, open_stream, report};

/// More than a machine has threads of the server, so that each has some.
const IDLE: usize = 50;
/// How many events wait for the end.
const EVENTS: usize = 10;

pub fn tests() -> Vec<Test<Network>> {
    tests![
        a_stop_closes_idle_connections_and_finishes_the_rest,
        a_stop_does_not_wait_for_what_does_not_end,
        an_interrupt_is_a_stop_too,
    ]
}

/// Calls whose events the sink gets at the end only: it waits for many more of them.
fn call(server: &Audited) {
    for number in 0..EVENTS {
        let request = repeat(10).client(&format!("before-the-end-{number}"));
        assert_eq!(server.endpoint.send(&request).status, 200);
    }
}

fn events_arrived(recorder: &Recorder) {
    for number in 0..EVENTS {
        recorder.of_client(&format!("before-the-end-{number}"));
    }
}

fn idle_http2(endpoint: &Endpoint) -> Vec<Http2> {
    let connection = || {
        let mut connection = Http2::connect(endpoint).unwrap();
        assert_eq!(connection.ask(&repeat(10)).unwrap().status, Some(200));
        connection
    };
    (0..IDLE).map(|_| connection()).collect()
}

fn idle_plain(endpoint: &Endpoint) -> TcpStream {
    let mut stream = endpoint.connect().unwrap();
    let (head, body) = endpoint.write(&repeat(10), "keep-alive");
    stream.write_all(&[head, body].concat()).unwrap();
    let mut connection = Connection::read_head(stream).unwrap();
    connection.read_to_end().unwrap();
    connection.into_stream()
}

fn a_stop_closes_idle_connections_and_finishes_the_rest(network: &Network) {
    let recorder = Recorder::start();
    let variables = [("TEST_RECORDER", recorder.url())];
    let server = network.hosting.server("stopped", &variables);
    let endpoint = server.endpoint.clone();
    call(&server);
    let connections = idle_http2(&endpoint);
    let mut plain: Vec<_> = (0..IDLE).map(|_| idle_plain(&endpoint)).collect();
    let mut silent = endpoint.connect().unwrap();

    // One that is a stream already, one that is answered after the signal, and one of HTTP/2.
    let mut stream = endpoint.open(&report(30, 1, 100)).unwrap();
    assert!(stream.next_event().unwrap().is_some());
    let mut later = endpoint.connect().unwrap();
    // The server has read the head when it asks for the body (RFC 9110, 10.1.1).
    let slow = report(30, 0, 100).without_meta("progressToken");
    let slow = slow.header("Expect", "100-continue");
    let (head, body) = endpoint.write(&slow, "keep-alive");
    later.write_all(&head).unwrap();
    let asked = Connection::read_head(later).unwrap();
    assert_eq!(asked.status, 100);
    let mut later = asked.into_stream();
    later.write_all(&body).unwrap();
    let mut http2 = Http2::connect(&endpoint).unwrap();
    let over_http2 = http2.begin(&report(30, 1, 100), &[]).unwrap();
    while http2.arrived(over_http2).body.is_empty() {
        http2.read().unwrap().unwrap();
    }

    let stopped = thread::spawn(move || server.terminate());
    for mut connection in connections {
        while let Some(frame) = connection.read().unwrap() {
            if frame.kind == kind::GOAWAY {
                break;
            }
        }
        assert!(connection.is_going_away, "closed without GOAWAY");
        is_not_served(&endpoint);
    }
    for stream in plain.iter_mut().chain([&mut silent]) {
        is_closed(stream, Vec::new);
    }

    while stream.next_event().unwrap().is_some() {}
    let mut later = Connection::read_head(later).unwrap();
    assert_eq!(later.status, 200);
    assert_eq!(later.header("connection"), Some("close"));
    later.read_to_end().unwrap();
    let answer = http2.answer(over_http2).unwrap();
    assert_eq!(answer.status, Some(200));
    assert!(http2.is_going_away);
    let status = stopped.join().unwrap();
    assert!(status.success(), "{status}");
    events_arrived(&recorder);
}

/// No thread accepts a connection, or answers on one that the system has accepted already.
fn is_not_served(endpoint: &Endpoint) {
    let Ok(mut stream) = endpoint.connect() else {
        return;
    };
    let (head, body) = endpoint.write(&repeat(10), "close");
    let _ = stream.write_all(&[head, body].concat());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert!(answer.is_empty(), "{}", answer.escape_ascii());
}

/// `connections.shutdown_timeout` covers the requests that go on and the events that wait.
fn a_stop_does_not_wait_for_what_does_not_end(network: &Network) {
    let recorder = Recorder::start();
    let variables = [("TEST_RECORDER", recorder.url())];
    let server = network.hosting.server("stopped_soon", &variables);
    call(&server);
    let endless = open_stream(&server.endpoint);
    let silent = server.endpoint.connect().unwrap();
    let mut http2 = Http2::connect(&server.endpoint).unwrap();
    let stream = http2.begin(&report(6_000, 1, 100), &[]).unwrap();
    while http2.arrived(stream).body.is_empty() {
        http2.read().unwrap().unwrap();
    }
    let mut bodiless = server.endpoint.connect().unwrap();
    let (head, _) = server.endpoint.write(&repeat(10), "keep-alive");
    bodiless.write_all(&head).unwrap();

    let status = server.terminate();
    assert!(status.success(), "{status}");
    events_arrived(&recorder);
    for mut stream in [endless.into_stream(), silent, bodiless, http2.into_stream()] {
        is_closed(&mut stream, Vec::new);
    }
}

/// Ctrl-C loses no event either.
fn an_interrupt_is_a_stop_too(network: &Network) {
    let recorder = Recorder::start();
    let variables = [("TEST_RECORDER", recorder.url())];
    let server = network.hosting.server("stopped_soon", &variables);
    call(&server);
    let mut idle = idle_plain(&server.endpoint);
    let status = server.interrupt();
    assert!(status.success(), "{status}");
    events_arrived(&recorder);
    is_closed(&mut idle, Vec::new);
}
