//! Heads of requests that are too long, or contradict themselves: each gets an answer.

use std::io::Write as _;

use mcp_edge_tests::good::repeat;
use mcp_edge_tests::http2::Http2;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Connection, Endpoint, Request, tests};

use crate::attacked::Network;

/// `auth.token_bytes`, where it is not set.
const TOKEN_BYTES: usize = 16 << 10;

pub fn tests() -> Vec<Test<Network>> {
    tests![
        a_token_as_long_as_it_may_be_is_read,
        a_header_list_that_is_too_long_is_refused,
        too_many_headers_are_refused,
        a_target_that_is_too_long_is_refused,
        malformed_http_is_refused,
        a_transfer_coding_but_chunked_is_refused,
        an_authority_that_contradicts_the_host_is_refused,
    ]
}

fn plain(endpoint: &Endpoint, request: &Request) -> u16 {
    let connection = endpoint.open(request).unwrap();
    connection.status
}

fn http2(endpoint: &Endpoint, request: &Request) -> u16 {
    let mut connection = Http2::connect(endpoint).unwrap();
    let answer = connection.ask(request).unwrap();
    answer.status.unwrap()
}

/// The server itself refuses it, with a sentence for the client and an event for the log, and not the HTTP library.
fn a_token_as_long_as_it_may_be_is_read(network: &Network) {
    network.attacked().withstands(|endpoint| {
        for length in [15_000, 15_900, 16_300, TOKEN_BYTES] {
            let request = repeat(10).bearer(&"x".repeat(length));
            for (protocol, status) in [("HTTP/1.1", plain as Ask), ("HTTP/2", http2)] {
                assert_eq!(
                    status(endpoint, &request),
                    401,
                    "{protocol}: {length} bytes"
                );
            }
        }
    });
}

type Ask = fn(&Endpoint, &Request) -> u16;

fn a_header_list_that_is_too_long_is_refused(network: &Network) {
    network.attacked().withstands(|endpoint| {
        for length in [40_000, 70_000] {
            let request = repeat(10).header("X-Long", "x".repeat(length));
            assert_eq!(http2(endpoint, &request), 431, "{length} bytes");
        }
        let request = repeat(10).header("X-Long", "x".repeat(1_000_000));
        assert_eq!(plain(endpoint, &request), 431);
    });
}

fn too_many_headers_are_refused(network: &Network) {
    network.attacked().withstands(|endpoint| {
        let many = (0..1_000).fold(repeat(10), |request, number| {
            request.header(&format!("X-{number}"), "x")
        });
        assert_eq!(plain(endpoint, &many), 431);
    });
}

fn a_target_that_is_too_long_is_refused(network: &Network) {
    network.attacked().withstands(|endpoint| {
        let path = format!("/{}", "x".repeat(70_000));
        let status = plain(endpoint, &repeat(10).path(&path));
        assert!(matches!(status, 414 | 431), "{status}");
    });
}

fn malformed_http_is_refused(network: &Network) {
    network.attacked().withstands(|endpoint| {
        for bytes in [
            &b"no HTTP at all\r\n\r\n"[..],
            b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nno header\r\n\r\n",
            b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: many\r\n\r\n",
            b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        ] {
            let mut stream = endpoint.connect().unwrap();
            stream.write_all(bytes).unwrap();
            let connection = Connection::read_head(stream).unwrap();
            assert_eq!(connection.status, 400, "{}", bytes.escape_ascii());
        }
    });
}

fn a_transfer_coding_but_chunked_is_refused(network: &Network) {
    network.attacked().withstands(|endpoint| {
        for (coding, status) in [("gzip, chunked", 501), ("chunked", 400)] {
            let mut stream = endpoint.connect().unwrap();
            let head = format!(
                "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: {coding}\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).unwrap();
            stream.write_all(b"1\r\n{\r\n0\r\n\r\n").unwrap();
            let connection = Connection::read_head(stream).unwrap();
            assert_eq!(connection.status, status, "{coding}");
        }
    });
}

fn an_authority_that_contradicts_the_host_is_refused(network: &Network) {
    network.attacked().withstands(|endpoint| {
        let mut connection = Http2::connect(endpoint).unwrap();
        let foreign = "attacker.example";
        for fields in [
            [(":authority", endpoint.authority()), ("host", foreign)],
            [(":authority", foreign), ("host", endpoint.authority())],
        ] {
            let answer = connection.ask_with(&repeat(10), &fields).unwrap();
            let status = answer.status.unwrap();
            assert!(matches!(status, 400 | 403), "{fields:?}: {answer:?}");
        }
        let same = [("host", endpoint.authority())];
        let answer = connection.ask_with(&repeat(10), &same).unwrap();
        assert_eq!(answer.status, Some(200), "{answer:?}");
    });
}
