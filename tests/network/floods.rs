//! Frames of HTTP/2 that cost their sender little and the server much: the server outlives each flood, and closes the
//! connection that it came on.

use std::io::Write as _;
use std::time::Duration;

use mcp_edge_tests::good::repeat;
use mcp_edge_tests::http2::{ACK, Frame, Http2, headers, kind};
use mcp_edge_tests::suite::Test;

use crate::attacked::{Network, is_closed};

/// Gives the frames of one step of a flood.
type Step = fn(&[u8], u32) -> Vec<Frame>;

const CANCEL: u32 = 8;
/// How many steps a flood has.
const STEPS: u32 = 5_000;

const FLOODS: [(&str, Step); 11] = [
    // CVE-2023-44487
    ("requests_that_are_reset", |head, stream| {
        let reset = Frame::new(kind::RST_STREAM, CANCEL.to_be_bytes()).of(stream, 0);
        [headers(stream, head, true), vec![reset]].concat()
    }),
    // CVE-2025-8671
    ("requests_that_the_server_must_reset", |head, stream| {
        let wrong = Frame::window_update(stream, 0);
        [headers(stream, head, false), vec![wrong]].concat()
    }),
    ("requests_without_a_body", |head, stream| {
        headers(stream, head, false)
    }),
    // CVE-2019-9512
    ("pings", |_, number| {
        vec![Frame::new(kind::PING, [number.to_be_bytes(); 2].concat())]
    }),
    // CVE-2019-9515
    ("settings", |_, _| vec![Frame::settings(&[])]),
    ("acknowledgements_of_settings", |_, _| {
        vec![Frame::settings(&[]).of(0, ACK)]
    }),
    // CVE-2019-9513
    ("priorities", |_, stream| {
        vec![Frame::new(kind::PRIORITY, [0, 0, 0, 0, 1]).of(stream, 0)]
    }),
    ("window_updates", |_, _| vec![Frame::window_update(0, 1)]),
    ("unknown_frames", |_, stream| {
        vec![Frame::new(200, [0; 100]).of(stream, 0)]
    }),
    // CVE-2019-9518
    ("empty_data", |head, stream| match stream {
        1 => headers(1, head, false),
        _ => vec![Frame::new(kind::DATA, []).of(1, 0)],
    }),
    // CVE-2024-27316
    ("continuations", |head, stream| match stream {
        1 => vec![Frame::new(kind::HEADERS, head).of(1, 0)],
        _ => vec![Frame::new(kind::CONTINUATION, *b"\0\x01x\x01y").of(1, 0)],
    }),
];

pub fn tests() -> Vec<Test<Network>> {
    FLOODS
        .into_iter()
        .map(|(name, step)| {
            Test::on(
                format!("{}::{name}", module_path!()),
                move |network: &Network| {
                    network.attacked().withstands(|endpoint| {
                        let connection = Http2::connect(endpoint).unwrap();
                        let head = connection.head(&repeat(10), &[]);
                        let mut stream = connection.into_stream();
                        // A server that does not read any more has had enough.
                        let enough = Duration::from_secs(5);
                        stream.set_write_timeout(Some(enough)).unwrap();
                        for number in 0..STEPS {
                            let frames = step(&head, 2 * number + 1);
                            let bytes: Vec<u8> = frames.iter().flat_map(Frame::bytes).collect();
                            if stream.write_all(&bytes).is_err() {
                                break;
                            }
                        }
                        is_closed(&mut stream, Vec::new);
                    });
                },
            )
        })
        .collect()
}
