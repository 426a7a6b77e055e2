//! Connections on which too little arrives, or nothing: each is closed, whatever the client has sent before.

use std::io::Write as _;
use std::net::TcpStream;

use mcp_edge_tests::good::repeat;
use mcp_edge_tests::http2::{END_HEADERS, Frame, Http2, PREFACE, headers, kind};
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Connection, Endpoint, modern};
use serde_json::json;

use crate::attacked::{Network, http2_is_closed, is_closed, read_stream, report};

/// Sends what an attack begins with, and leaves the connection as it is.
type Begin = fn(&Endpoint) -> TcpStream;

const SILENT: [(&str, Begin); 16] = [
    ("nothing", |endpoint| sent(endpoint, b"")),
    ("a_part_of_the_preface", |endpoint| {
        sent(endpoint, b"PRI * HTTP/2.0")
    }),
    ("a_preface_but_for_its_end", |endpoint| {
        sent(endpoint, &PREFACE[..PREFACE.len() - 1])
    }),
    ("a_preface_without_settings", |endpoint| {
        sent(endpoint, PREFACE)
    }),
    ("a_part_of_a_request_line", |endpoint| {
        sent(endpoint, b"POST /mc")
    }),
    ("a_head_without_its_end", |endpoint| {
        let (head, _) = endpoint.write(&repeat(10), "keep-alive");
        sent(endpoint, &head[..head.len() - 2])
    }),
    ("a_head_without_its_body", |endpoint| {
        let (head, _) = endpoint.write(&repeat(10), "keep-alive");
        sent(endpoint, &head)
    }),
    ("a_body_that_the_server_has_asked_for", |endpoint| {
        let request = repeat(10).header("Expect", "100-continue");
        let (head, _) = endpoint.write(&request, "keep-alive");
        sent(endpoint, &head)
    }),
    ("a_part_of_a_body", |endpoint| {
        let (head, body) = endpoint.write(&repeat(10), "keep-alive");
        sent(endpoint, &[&head, &body[..20]].concat())
    }),
    ("a_part_of_a_chunk", |endpoint| {
        let request = repeat(10).chunked(&[b'x'; 100], 100);
        let (head, body) = endpoint.write(&request, "keep-alive");
        sent(endpoint, &[&head, &body[..20]].concat())
    }),
    ("nothing_after_an_answer", answered),
    ("a_part_of_a_head_after_an_answer", |endpoint| {
        let mut stream = answered(endpoint);
        stream.write_all(b"POST /mcp HTTP/1.1\r\nHo").unwrap();
        stream
    }),
    ("half_a_frame_head", |endpoint| {
        http2(endpoint, |_| vec![0, 0, 10, kind::HEADERS])
    }),
    ("half_a_frame", |endpoint| {
        http2(endpoint, |connection| {
            let head = connection.head(&repeat(10), &[]);
            let frames = headers(1, &head, false);
            let bytes: Vec<u8> = frames.iter().flat_map(Frame::bytes).collect();
            bytes[..bytes.len() / 2].to_vec()
        })
    }),
    ("headers_without_their_end", |endpoint| {
        http2(endpoint, |connection| {
            let head = connection.head(&repeat(10), &[]);
            Frame::new(kind::HEADERS, head).of(1, 0).bytes()
        })
    }),
    ("no_acknowledgement_of_settings", |endpoint| {
        http2(endpoint, |_| Vec::new())
    }),
];

/// A client of HTTP/2 that answers whatever the server asks, and does nothing else than this now and then.
type Idle = (fn(&mut Http2), fn(&mut Http2));

const IDLE: [(&str, Idle); 7] = [
    ("connection", (|_| {}, |_| {})),
    (
        "connection_after_an_answer",
        (
            |connection| assert_eq!(connection.ask(&repeat(10)).unwrap().status, Some(200)),
            |_| {},
        ),
    ),
    (
        "connection_that_pings",
        (
            |_| {},
            |connection| {
                let _ = connection.send(&[Frame::new(kind::PING, [7; 8])]);
            },
        ),
    ),
    (
        "connection_with_new_settings",
        (
            |_| {},
            |connection| {
                let _ = connection.send(&[Frame::settings(&[])]);
            },
        ),
    ),
    (
        "connection_that_opens_its_window",
        (
            |_| {},
            |connection| {
                let _ = connection.send(&[Frame::window_update(0, 1)]);
            },
        ),
    ),
    (
        "request_without_its_body",
        (
            |connection| {
                let head = connection.head(&repeat(10), &[]);
                connection.open(&head, false).unwrap();
            },
            |_| {},
        ),
    ),
    (
        "request_with_a_part_of_its_body",
        (
            |connection| {
                let head = connection.head(&repeat(10), &[]);
                let stream = connection.open(&head, false).unwrap();
                let part = Frame::new(kind::DATA, b"{\"jsonrpc\"").of(stream, 0);
                connection.send(&[part]).unwrap();
            },
            |_| {},
        ),
    ),
];

pub fn tests() -> Vec<Test<Network>> {
    let silent = SILENT.into_iter().map(|(name, begin)| {
        Test::on(
            format!("{}::{name}", module_path!()),
            move |network: &Network| {
                network.attacked().withstands(|endpoint| {
                    is_closed(&mut begin(endpoint), Vec::new);
                });
            },
        )
    });
    let idle = IDLE.into_iter().map(|(name, (begin, drip))| {
        Test::on(
            format!("{}::an_http2_{name}", module_path!()),
            move |network: &Network| {
                network.attacked().withstands(|endpoint| {
                    let mut connection = Http2::connect(endpoint).unwrap();
                    begin(&mut connection);
                    http2_is_closed(connection, drip);
                });
            },
        )
    });
    let slow = mcp_edge_tests::tests![
        a_slow_head_is_closed,
        a_slow_body_is_closed,
        a_slow_chunked_body_is_closed,
        a_slow_http2_body_is_closed,
        the_slow_rest_of_a_refused_body_is_closed,
        the_endless_rest_of_a_refused_body_is_closed,
        an_endless_http2_header_list_is_closed,
        a_call_that_takes_longer_than_any_timeout_is_answered,
    ];
    silent.chain(idle).chain(slow).collect()
}

fn sent(endpoint: &Endpoint, bytes: &[u8]) -> TcpStream {
    let mut stream = endpoint.connect().unwrap();
    stream.write_all(bytes).unwrap();
    stream
}

fn http2(endpoint: &Endpoint, rest: impl FnOnce(&Http2) -> Vec<u8>) -> TcpStream {
    let connection = Http2::connect(endpoint).unwrap();
    let rest = rest(&connection);
    let mut stream = connection.into_stream();
    stream.write_all(&rest).unwrap();
    stream
}

/// A connection on which one request was answered.
fn answered(endpoint: &Endpoint) -> TcpStream {
    let list = modern("tools/list", json!({}));
    let (head, body) = endpoint.write(&list, "keep-alive");
    let stream = sent(endpoint, &[head, body].concat());
    let mut connection = Connection::read_head(stream).unwrap();
    assert_eq!(connection.status, 200);
    connection.read_to_end().unwrap();
    connection.into_stream()
}

fn a_slow_head_is_closed(network: &Network) {
    network.attacked().withstands(|endpoint| {
        let mut stream = sent(endpoint, b"POST /mcp HTTP/1.1\r\n");
        is_closed(&mut stream, || b"x: y\r\n".to_vec());
    });
}

fn a_slow_body_is_closed(network: &Network) {
    network.attacked().withstands(|endpoint| {
        let request = repeat(10).cut(100_000, b"{");
        let (head, body) = endpoint.write(&request, "keep-alive");
        let mut stream = sent(endpoint, &[head, body].concat());
        is_closed(&mut stream, || b" ".to_vec());
    });
}

fn a_slow_chunked_body_is_closed(network: &Network) {
    network.attacked().withstands(|endpoint| {
        let request = repeat(10).chunked(b"{", 1);
        let (head, _) = endpoint.write(&request, "keep-alive");
        let mut stream = sent(endpoint, &head);
        is_closed(&mut stream, || b"1\r\n \r\n".to_vec());
    });
}

fn a_slow_http2_body_is_closed(network: &Network) {
    network.attacked().withstands(|endpoint| {
        let mut connection = Http2::connect(endpoint).unwrap();
        let head = connection.head(&repeat(10), &[]);
        let stream = connection.open(&head, false).unwrap();
        http2_is_closed(connection, move |connection| {
            let _ = connection.send(&[Frame::new(kind::DATA, b" ").of(stream, 0)]);
        });
    });
}

/// The server discards what is left of it, for a while.
fn the_slow_rest_of_a_refused_body_is_closed(network: &Network) {
    network.attacked().withstands(|endpoint| {
        let request = repeat(10).bearer("not-a-token").cut(100_000_000, b"{");
        let (head, body) = endpoint.write(&request, "keep-alive");
        let mut stream = sent(endpoint, &[head, body].concat());
        is_closed(&mut stream, || b" ".to_vec());
    });
}

fn the_endless_rest_of_a_refused_body_is_closed(network: &Network) {
    const PART: usize = 1 << 20;
    network.attacked().withstands(|endpoint| {
        let request = repeat(10).bearer("not-a-token").chunked(b"{", 1);
        let (head, _) = endpoint.write(&request, "keep-alive");
        let mut stream = sent(endpoint, &head);
        let part = [format!("{PART:x}\r\n").as_bytes(), &[b' '; PART], b"\r\n"].concat();
        let sent = (0..1_000).take_while(|_| stream.write_all(&part).is_ok());
        assert!(sent.count() < 1_000, "the server takes everything");
    });
}

fn an_endless_http2_header_list_is_closed(network: &Network) {
    network.attacked().withstands(|endpoint| {
        let connection = Http2::connect(endpoint).unwrap();
        let head = connection.head(&repeat(10), &[]);
        let begin = Frame::new(kind::HEADERS, head).of(1, 0);
        assert_eq!(begin.flags & END_HEADERS, 0);
        let mut stream = connection.into_stream();
        stream.write_all(&begin.bytes()).unwrap();
        is_closed(&mut stream, || {
            Frame::new(kind::CONTINUATION, []).of(1, 0).bytes()
        });
    });
}

/// No timeout is for what the server itself takes.
fn a_call_that_takes_longer_than_any_timeout_is_answered(network: &Network) {
    network.attacked().withstands(|endpoint| {
        let slow = report(3, 1, 2_000);
        let mut connection = Http2::connect(endpoint).unwrap();
        let stream = connection.begin(&slow, &[]).unwrap();
        let plain = endpoint.open(&slow).unwrap();
        let http2 = connection.answer(stream).unwrap();
        assert_eq!(http2.status, Some(200));
        let text = String::from_utf8(http2.body).unwrap();
        assert!(text.contains("reported 3 times"), "{text}");
        let last = read_stream(plain).pop();
        let text = format!("{last:?}");
        assert!(text.contains("reported 3 times"), "{text}");
    });
}
