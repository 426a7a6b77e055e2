//! Refusals that a server makes before it has read the body: each arrives whole, and afterwards the connection serves another
//! request or was announced to close (RFC 9112, 9.3 and 9.6).

use std::io::Write as _;
use std::net::TcpStream;

use mcp_edge_tests::good::repeat;
use mcp_edge_tests::http2::Http2;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Connection, Endpoint, Request};

use crate::attacked::Network;

/// A request that is refused by its head.
struct Refused {
    name: &'static str,
    status: u16,
    change: fn(Request) -> Request,
    /// The header of HTTP/1.1 that is another field in HTTP/2.
    authority: Option<&'static str>,
}

impl Refused {
    const fn new(name: &'static str, status: u16, change: fn(Request) -> Request) -> Self {
        Self {
            name,
            status,
            change,
            authority: None,
        }
    }
}

const FOREIGN: &str = "attacker.example";

const REFUSED: [Refused; 11] = [
    Refused::new("malformed_credentials", 400, |request| {
        request.header("Authorization", "Basic bm9ib2R5OnNlY3JldA==")
    }),
    Refused::new("invalid_token", 401, |request| {
        request.bearer("not-a-token")
    }),
    Refused::new("foreign_origin", 403, |request| {
        request.header("Origin", "https://attacker.example")
    }),
    Refused {
        authority: Some(FOREIGN),
        ..Refused::new("foreign_host", 403, |request| request)
    },
    Refused::new("unknown_path", 404, |request| request.path("/nothing")),
    Refused::new("put", 405, |request| as_method(request, "PUT")),
    Refused::new("delete", 405, |request| as_method(request, "DELETE")),
    Refused::new("wrong_accept", 406, |request| {
        request.header("Accept", "text/html")
    }),
    Refused::new("wrong_type", 415, |request| {
        request.header("Content-Type", "text/plain")
    }),
    Refused::new("compressed", 415, |request| {
        request.header("Content-Encoding", "gzip")
    }),
    Refused::new("too_large", 413, |request| request),
];

/// Lengths of bodies, and how many requests of each are sent: what fits into one packet, what a client sends in several
/// pieces, what is almost too long, and what is far too long.
const SIZES: [(usize, usize); 4] = [(160, 20), (60_000, 20), (1_000_000, 5), (5_000_000, 3)];
const LIMIT: usize = 1 << 20;

pub fn tests() -> Vec<Test<Network>> {
    let refused = REFUSED.into_iter().flat_map(|refused| {
        let Refused {
            name,
            status,
            change,
            authority,
        } = refused;
        let first = usize::from(status == 413) * LIMIT;
        let sizes: Vec<_> = SIZES
            .into_iter()
            .filter(|(size, _)| *size > first)
            .collect();
        let bodies = move |size: usize| change(repeat(0)).bytes(vec![b' '; size]);
        let chunked = move |size: usize| change(repeat(0)).chunked(&vec![b' '; size], 8_000);
        let (plain, pieces, http2) = (sizes.clone(), sizes.clone(), sizes);
        [
            Test::on(
                format!("{}::{name}", module_path!()),
                move |network: &Network| {
                    network.attacked().withstands(|endpoint| {
                        for (size, count) in &plain {
                            let request = with_host(bodies(*size), authority);
                            for _ in 0..*count {
                                is_refused(endpoint, &request, status);
                            }
                        }
                    });
                },
            ),
            Test::on(
                format!("{}::{name}_chunked", module_path!()),
                move |network: &Network| {
                    network.attacked().withstands(|endpoint| {
                        for (size, count) in &pieces {
                            let request = with_host(chunked(*size), authority);
                            for _ in 0..*count {
                                is_refused(endpoint, &request, status);
                            }
                        }
                    });
                },
            ),
            Test::on(
                format!("{}::{name}_over_http2", module_path!()),
                move |network: &Network| {
                    network.attacked().withstands(|endpoint| {
                        for (size, count) in &http2 {
                            is_refused_over_http2(
                                endpoint,
                                &bodies(*size),
                                authority,
                                status,
                                *count,
                            );
                        }
                    });
                },
            ),
        ]
    });
    let others = mcp_edge_tests::tests![
        a_client_that_waits_to_be_told_to_continue_is_refused_before_it_sends,
        a_client_that_waits_to_be_told_to_continue_is_served,
    ];
    refused.chain(others).collect()
}

fn as_method(request: Request, method: &str) -> Request {
    request.http_method(method)
}

fn with_host(request: Request, authority: Option<&str>) -> Request {
    match authority {
        Some(authority) => request.header("Host", authority),
        None => request,
    }
}

/// Sends all of the request before it reads, as most clients do.
fn is_refused(endpoint: &Endpoint, request: &Request, status: u16) {
    let mut stream = endpoint.connect().unwrap();
    let (head, body) = endpoint.write(request, "keep-alive");
    stream.write_all(&head).unwrap();
    // A server that closes the connection may not take all of it. The answer must be there all the same.
    let sent = stream.write_all(&body);
    let (connection, stays_open) = read(stream, status);
    if stays_open {
        sent.unwrap();
        is_served(endpoint, connection);
    }
}

/// Reads the answer; whether the connection stays open after it.
fn read(stream: TcpStream, status: u16) -> (TcpStream, bool) {
    let mut connection = Connection::read_head(stream).unwrap();
    let body = connection.read_to_end().unwrap();
    let text = String::from_utf8_lossy(&body);
    assert_eq!(connection.status, status, "{text}");
    assert!(!body.is_empty(), "a refusal says why");
    let connection_header = connection.header("connection");
    let stays_open = !connection_header.is_some_and(|value| value.eq_ignore_ascii_case("close"));
    (connection.into_stream(), stays_open)
}

fn is_served(endpoint: &Endpoint, mut stream: TcpStream) {
    let (head, body) = endpoint.write(&repeat(10), "close");
    stream.write_all(&[head, body].concat()).unwrap();
    read(stream, 200);
}

/// All requests share a connection: what the server does not read must not use up the connection's window.
fn is_refused_over_http2(
    endpoint: &Endpoint,
    request: &Request,
    authority: Option<&str>,
    status: u16,
    count: usize,
) {
    let authority: Vec<_> = authority
        .map(|name| (":authority", name))
        .into_iter()
        .collect();
    let mut connection = Http2::connect(endpoint).unwrap();
    for _ in 0..count {
        let answer = connection.ask_with(request, &authority).unwrap();
        let text = String::from_utf8_lossy(&answer.body);
        assert_eq!(answer.status, Some(status), "{text}");
        assert!(!answer.body.is_empty(), "a refusal says why");
    }
    let answer = connection.ask(&repeat(10)).unwrap();
    assert_eq!(answer.status, Some(200), "{answer:?}");
}

/// `Expect: 100-continue` (RFC 9110, 10.1.1): the body is not sent, so that the connection cannot be used again unless the
/// server waits for one.
fn a_client_that_waits_to_be_told_to_continue_is_refused_before_it_sends(network: &Network) {
    network.attacked().withstands(|endpoint| {
        let request = repeat(60_000)
            .bearer("not-a-token")
            .header("Expect", "100-continue");
        let mut stream = endpoint.connect().unwrap();
        let (head, _) = endpoint.write(&request, "keep-alive");
        stream.write_all(&head).unwrap();
        read(stream, 401);
    });
}

fn a_client_that_waits_to_be_told_to_continue_is_served(network: &Network) {
    network.attacked().withstands(|endpoint| {
        let request = repeat(60_000).header("Expect", "100-continue");
        let mut stream = endpoint.connect().unwrap();
        let (head, body) = endpoint.write(&request, "close");
        stream.write_all(&head).unwrap();
        let connection = Connection::read_head(stream).unwrap();
        assert_eq!(connection.status, 100);
        let mut stream = connection.into_stream();
        stream.write_all(&body).unwrap();
        read(stream, 200);
    });
}
