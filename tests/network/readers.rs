//! Clients that do not read their answers: the server gives them up, and what they occupy.

use std::io::Write as _;
use std::time::Duration;

use mcp_edge_tests::good::repeat;
use mcp_edge_tests::http2::Http2;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Endpoint, tests};

use crate::attacked::{Network, http2_is_closed, is_closed, report};

/// More than the buffers of a connection hold.
const REPORTS: u32 = 1_000;
const BYTES: usize = 100_000;

pub fn tests() -> Vec<Test<Network>> {
    tests![
        a_stream_that_is_not_read_is_given_up,
        an_http2_stream_that_is_not_read_is_given_up,
        an_http2_stream_without_a_window_is_given_up,
        http2_answers_without_a_window_are_given_up,
        answers_that_are_not_read_are_given_up,
    ]
}

/// The event of the call is written when the server stops to work on it.
fn a_stream_that_is_not_read_is_given_up(network: &Network) {
    let attacked = network.attacked();
    attacked.withstands(|endpoint| {
        let request = report(REPORTS, BYTES, 0).client("reads-nothing");
        let connection = endpoint.open(&request).unwrap();
        assert_eq!(connection.status, 200);
        attacked.server.events.of_client("reads-nothing");
        let received = is_closed(&mut connection.into_stream(), Vec::new);
        assert!(!received.ends_with(b"0\r\n\r\n"), "the stream is whole");
    });
}

fn an_http2_stream_that_is_not_read_is_given_up(network: &Network) {
    let attacked = network.attacked();
    attacked.withstands(|endpoint| {
        let request = report(REPORTS, BYTES, 0).client("reads-no-frame");
        let mut connection = Http2::connect(endpoint).unwrap();
        connection.begin(&request, &[]).unwrap();
        attacked.server.events.of_client("reads-no-frame");
        is_closed(&mut connection.into_stream(), Vec::new);
    });
}

/// The client reads and answers pings, and leaves no room for the body.
fn an_http2_stream_without_a_window_is_given_up(network: &Network) {
    let attacked = network.attacked();
    attacked.withstands(|endpoint| {
        let request = report(REPORTS, BYTES, 0).client("opens-no-window");
        let mut connection = Http2::connect_with(endpoint, 0).unwrap();
        connection.begin(&request, &[]).unwrap();
        http2_is_closed(connection, |_| {});
        attacked.server.events.of_client("opens-no-window");
    });
}

fn http2_answers_without_a_window_are_given_up(network: &Network) {
    network.attacked().withstands(|endpoint| {
        let mut connection = Http2::connect_with(endpoint, 0).unwrap();
        for _ in 0..50 {
            connection.begin(&repeat(10_000), &[]).unwrap();
        }
        http2_is_closed(connection, |_| {});
    });
}

/// Pipelined requests (RFC 9112, 9.3.2), since one answer of this server fits into the buffers of a connection.
fn answers_that_are_not_read_are_given_up(network: &Network) {
    network.attacked().withstands(|endpoint| {
        let mut stall = Duration::from_secs(2);
        // A client that does not read cannot see that its connection is closed. It comes back later and later.
        while are_all_answered_after(endpoint, stall) {
            stall *= 2;
            assert!(stall < Duration::from_secs(60), "every answer is there");
        }
    });
}

/// Sends requests for as long as the server takes them, and reads no answer for this time. Whether all are answered then.
fn are_all_answered_after(endpoint: &Endpoint, stall: Duration) -> bool {
    const REQUESTS: usize = 200;
    let (head, body) = endpoint.write(&repeat(100_000), "keep-alive");
    let request = [head, body].concat();
    let mut stream = endpoint.connect().unwrap();
    stream.set_write_timeout(Some(stall)).unwrap();
    let sent = (0..REQUESTS).take_while(|_| stream.write_all(&request).is_ok());
    let sent = sent.count();
    std::thread::sleep(stall);
    let received = is_closed(&mut stream, Vec::new);
    let answers = received.windows(8).filter(|piece| piece == b"HTTP/1.1");
    answers.count() >= sent
}
