//! Over real sockets, with timeouts of a moment. The server is not configured, so that it answers every request with 500 before
//! it reads the body.

use std::time::Duration;

use mcp_edge_runtime::config::{Configuration, Connections, Settings};
use mcp_edge_runtime::{Runtime, Server};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::LocalSet;
use tokio::time::timeout;

use super::*;
use crate::census::Census;
use crate::connections::Connections as Served;
use crate::host::Native;
use crate::stores::Store;
use crate::tally::Tally;

/// A timeout that a test waits for.
const MOMENT: Duration = Duration::from_millis(100);
/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(60);
/// The bound of a wait for an event.
const BOUND: Duration = Duration::from_secs(20);

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
const GOAWAY: u8 = 7;
const RST_STREAM: u8 = 3;

const PATIENT: Connections = Connections {
    header_timeout: LONG,
    idle_timeout: LONG,
    body_timeout: LONG,
    write_timeout: LONG,
    ..Settings::DEFAULT.connections
};

/// A server without keys, and its connections.
struct World {
    listener: TcpListener,
    census: Census,
    served: Served,
}

impl World {
    async fn new(connections: Connections) -> Self {
        let settings = &*Box::leak(Box::new(Settings {
            connections,
            ..Settings::DEFAULT
        }));
        let configuration = Box::leak(Box::new(Configuration {
            base: *settings,
            environments: &[],
        }));
        let server = Server::builder("com.example/test", "1").build();
        let host = Rc::new(Native::new(true, Store::default()));
        let tally = Tally::default();
        let runtime = Runtime::new(server, configuration);
        let thread = Rc::new(Thread::new(runtime, host, settings, tally.clone()));
        Self {
            listener: TcpListener::bind("127.0.0.1:0").await.unwrap(),
            census: Census::new(connections.max, connections.max_per_address, tally),
            served: Served::new(thread),
        }
    }

    async fn connect(&self) -> TcpStream {
        let address = self.listener.local_addr().unwrap();
        let client = TcpStream::connect(address).await.unwrap();
        let (connection, from) = self.listener.accept().await.unwrap();
        let place = self.census.admit(from.ip()).await.unwrap();
        self.served.serve(connection.into_std().unwrap(), place);
        client
    }
}

/// Runs a test as a thread of the server does.
fn run<F: Future<Output = ()>>(test: F) {
    let executor = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let bounded = async { timeout(BOUND, test).await.unwrap() };
    LocalSet::new().block_on(&executor, bounded);
}

/// What the server sends until it closes the connection.
async fn to_the_end(client: &mut TcpStream) -> Vec<u8> {
    let mut read = Vec::new();
    // A reset ends it too.
    let _ = client.read_to_end(&mut read).await;
    read
}

/// One response, with a body of the length that it states.
async fn response(client: &mut TcpStream) -> String {
    let mut read = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&read).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            if body.len() == length.unwrap().parse::<usize>().unwrap() {
                return text;
            }
        }
        assert_ne!(client.read_buf(&mut read).await.unwrap(), 0, "{text}");
    }
}

/// Sends the head of a request.
async fn ask(client: &mut TcpStream, headers: &str) {
    client.write_all(&head(headers)).await.unwrap();
}

fn head(headers: &str) -> Vec<u8> {
    format!("POST /mcp HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n").into_bytes()
}

/// The kinds of the frames in `bytes`.
fn kinds(mut bytes: &[u8]) -> Vec<u8> {
    let mut kinds = Vec::new();
    while let [_, high, low, kind, ..] = bytes {
        kinds.push(*kind);
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        bytes = bytes.get(9 + length..).unwrap_or_default();
    }
    kinds
}

/// A request over HTTP/2, with headers that HPACK's static table has: POST, http, /.
fn request(stream: u8) -> Vec<u8> {
    vec![0, 0, 3, 1, 5, 0, 0, 0, stream, 0x83, 0x86, 0x84]
}

#[test]
fn a_client_that_does_not_finish_a_head_is_closed() {
    run(async {
        let world = World::new(Connections {
            header_timeout: MOMENT,
            ..PATIENT
        })
        .await;
        let preface = |rest: &[u8]| [PREFACE, SETTINGS, rest].concat();
        let begun: [(&str, Vec<u8>); 7] = [
            ("nothing", Vec::new()),
            ("half a preface", PREFACE.get(..20).unwrap().to_vec()),
            ("half a head", b"POST /mcp HTTP/1.1\r\nhost: loc".to_vec()),
            ("half a frame header", preface(&[0, 0, 5])),
            ("half a frame", preface(&[0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2])),
            (
                "no END_HEADERS",
                preface(&[0, 0, 3, 1, 1, 0, 0, 0, 1, 0x83, 0x86, 0x84]),
            ),
            ("half the settings", [PREFACE, &[0, 0, 6, 4, 0]].concat()),
        ];
        for (what, bytes) in begun {
            let mut client = world.connect().await;
            client.write_all(&bytes).await.unwrap();
            let read = to_the_end(&mut client).await;
            assert!(!read.starts_with(b"HTTP"), "{what}");
        }
    });
}

#[test]
fn a_connection_without_a_request_is_closed() {
    run(async {
        let world = World::new(Connections {
            idle_timeout: MOMENT,
            ..PATIENT
        })
        .await;
        let mut client = world.connect().await;
        ask(&mut client, "content-length: 0\r\n").await;
        let answer = response(&mut client).await;
        assert!(!answer.contains("connection: close"), "{answer}");
        assert_eq!(to_the_end(&mut client).await, b"");

        for requests in [Vec::new(), request(1)] {
            let mut client = world.connect().await;
            let sent = [PREFACE, SETTINGS, &requests].concat();
            client.write_all(&sent).await.unwrap();
            let kinds = kinds(&to_the_end(&mut client).await);
            assert!(kinds.contains(&GOAWAY), "{kinds:?}");
        }
    });
}

#[test]
fn frames_without_a_request_do_not_keep_a_connection() {
    run(async {
        let world = World::new(Connections {
            idle_timeout: MOMENT,
            ..PATIENT
        })
        .await;
        let mut client = world.connect().await;
        client
            .write_all(&[PREFACE, SETTINGS].concat())
            .await
            .unwrap();
        let (mut reader, mut writer) = client.split();
        let ping = [&[0, 0, 8, 6, 0, 0, 0, 0, 0][..], &[7; 8]].concat();
        let pings = async {
            while writer.write_all(&ping).await.is_ok() {
                tokio::time::sleep(MOMENT / 10).await;
            }
        };
        let mut read = Vec::new();
        let closed = async {
            let _ = reader.read_to_end(&mut read).await;
        };
        futures_util::future::join(pings, closed).await;
        assert!(kinds(&read).contains(&GOAWAY));
    });
}

#[test]
fn a_small_body_that_is_not_read_keeps_the_connection() {
    run(async {
        let world = World::new(PATIENT).await;
        let mut client = world.connect().await;
        for length in [1, 160, 60_000, 200_000] {
            let head = head(&format!("content-length: {length}\r\n"));
            client.write_all(&head).await.unwrap();
            // The response does not wait for the body.
            let answer = response(&mut client).await;
            assert!(answer.starts_with("http/1.1 500"), "{answer}");
            assert!(!answer.contains("connection: close"), "{answer}");
            client.write_all(&vec![b'x'; length]).await.unwrap();
        }
    });
}

#[test]
fn a_large_body_that_is_not_read_costs_no_response() {
    run(async {
        let world = World::new(PATIENT).await;
        let length = 5 << 20;
        let bodies = [
            (format!("content-length: {length}\r\n"), vec![b'x'; length]),
            (
                "transfer-encoding: chunked\r\n".to_owned(),
                format!("{length:x}\r\n{}\r\n0\r\n\r\n", "x".repeat(length)).into_bytes(),
            ),
        ];
        for (headers, body) in bodies {
            let mut client = world.connect().await;
            ask(&mut client, &headers).await;
            // All of it before a byte of the response is read.
            client.write_all(&body).await.unwrap();
            let answer = response(&mut client).await;
            assert!(answer.contains("connection: close"), "{answer}");
            assert_eq!(to_the_end(&mut client).await, b"");
        }
    });
}

#[test]
fn a_client_that_waits_for_100_sends_no_body_into_the_next_request() {
    run(async {
        let world = World::new(PATIENT).await;
        let mut client = world.connect().await;
        let head = head("content-length: 5\r\nexpect: 100-continue\r\n");
        client.write_all(&head).await.unwrap();
        let answer = response(&mut client).await;
        assert!(answer.starts_with("http/1.1 500"), "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
    });
}

#[test]
fn a_rest_that_does_not_arrive_is_not_waited_for() {
    run(async {
        let world = World::new(Connections {
            body_timeout: MOMENT,
            ..PATIENT
        })
        .await;
        let mut client = world.connect().await;
        ask(&mut client, "content-length: 100\r\n").await;
        response(&mut client).await;
        assert_eq!(to_the_end(&mut client).await, b"");
    });
}

#[test]
fn malformed_http_is_answered() {
    run(async {
        let world = World::new(PATIENT).await;
        let long = format!("GET /{} HTTP/1.1\r\n", "a".repeat(1 << 17));
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(200));
        let tests = [
            ("PRI? * HTTP/1.1\r\nnonsense\r\n\r\n", "400"),
            (&long, "431"),
            (&many, "431"),
        ];
        for (sent, status) in tests {
            let mut client = world.connect().await;
            client.write_all(sent.as_bytes()).await.unwrap();
            let answer = to_the_end(&mut client).await;
            let expected = format!("HTTP/1.1 {status}");
            let text = String::from_utf8_lossy(&answer);
            assert!(text.starts_with(&expected), "{text}");
        }
    });
}

/// The same with an access token of `length` bytes, in as many frames as it takes.
fn request_with_token(stream: u8, length: usize) -> Vec<u8> {
    // `authorization`, index 23, as a literal without indexing (RFC 7541, 6.2.2), and its length (RFC 7541, 5.1).
    let mut block = vec![0x83, 0x86, 0x84, 0x0f, 0x08, 0x7f];
    let mut rest = length - 127;
    while rest >= 128 {
        block.push(u8::try_from(rest % 128).unwrap() | 128);
        rest /= 128;
    }
    block.push(u8::try_from(rest).unwrap());
    block.resize(block.len() + length, b'x');
    let mut frames = Vec::new();
    let parts: Vec<_> = block.chunks(16_384).collect();
    for (number, part) in parts.iter().enumerate() {
        let (kind, end_stream) = if number == 0 { (1, 1) } else { (9, 0) };
        let end_headers = if number + 1 == parts.len() { 4 } else { 0 };
        let length = u32::try_from(part.len()).unwrap().to_be_bytes();
        frames.extend(length.get(1..).unwrap());
        frames.extend([kind, end_stream | end_headers, 0, 0, 0, stream]);
        frames.extend(*part);
    }
    frames
}

/// The first header of the response to `stream`, which is its status.
async fn status(client: &mut TcpStream, read: &mut Vec<u8>, stream: u8) -> u8 {
    loop {
        let mut bytes = read.as_slice();
        while let [_, high, low, kind, _, _, _, _, id, rest @ ..] = bytes {
            if let (1, [status, ..]) = (kind, rest)
                && *id == stream
            {
                return *status;
            }
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            bytes = rest.get(length..).unwrap_or_default();
        }
        assert_ne!(client.read_buf(read).await.unwrap(), 0, "{read:?}");
    }
}

#[test]
fn a_token_that_may_be_sent_fits_into_a_head_over_http2() {
    // `:status` 500, which the static table has; 431 is a literal.
    const SERVED: u8 = 0x8e;
    run(async {
        let world = World::new(PATIENT).await;
        let mut client = world.connect().await;
        let mut read = Vec::new();
        client
            .write_all(&[PREFACE, SETTINGS].concat())
            .await
            .unwrap();
        let longest = Settings::DEFAULT.auth.token_bytes;
        for (stream, length, is_served) in [
            (1, longest, true),
            (3, longest + 1000, true),
            (5, 3 * longest, false),
            (7, 200, true),
        ] {
            client
                .write_all(&request_with_token(stream, length))
                .await
                .unwrap();
            let status = status(&mut client, &mut read, stream).await;
            assert_eq!(status == SERVED, is_served, "{length}: {status:#x}");
        }
    });
}

#[test]
fn a_response_that_is_not_read_over_http2_is_given_up() {
    run(async {
        let world = World::new(Connections {
            write_timeout: MOMENT,
            ..PATIENT
        })
        .await;
        // SETTINGS_INITIAL_WINDOW_SIZE.
        let window = |bytes: u8| [0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, bytes];
        for (bytes, expected) in [(0, RST_STREAM), (1, GOAWAY)] {
            let mut client = world.connect().await;
            let sent = [PREFACE, &window(bytes), &request(1)].concat();
            client.write_all(&sent).await.unwrap();
            let mut read = Vec::new();
            while !kinds(&read).contains(&expected) {
                assert_ne!(client.read_buf(&mut read).await.unwrap(), 0, "{read:?}");
            }
        }
    });
}

#[test]
fn connections_without_a_request_end_when_the_process_stops() {
    run(async {
        let world = World::new(PATIENT).await;
        let mut clients = Vec::new();
        for sent in [
            Vec::new(),
            PREFACE.get(..10).unwrap().to_vec(),
            b"POST /mcp".to_vec(),
            [PREFACE, SETTINGS].concat(),
            [PREFACE, SETTINGS, &request(1)].concat(),
        ] {
            let mut client = world.connect().await;
            client.write_all(&sent).await.unwrap();
            clients.push(client);
        }
        let mut kept = world.connect().await;
        kept.write_all(&head("content-length: 0\r\n"))
            .await
            .unwrap();
        response(&mut kept).await;
        clients.push(kept);
        let deadline = Instant::now() + LONG;
        world.census.stop(deadline);
        world.served.finish(&world.census, deadline).await;
        for client in &mut clients {
            to_the_end(client).await;
        }
    });
}

#[test]
fn a_new_connection_displaces_the_oldest_that_is_idle() {
    run(async {
        let world = World::new(Connections { max: 2, ..PATIENT }).await;
        let mut oldest = world.connect().await;
        let mut second = world.connect().await;
        let mut third = world.connect().await;
        assert_eq!(to_the_end(&mut oldest).await, b"");
        for client in [&mut second, &mut third] {
            ask(client, "content-length: 0\r\n").await;
            response(client).await;
        }
    });
}
