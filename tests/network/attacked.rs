//! Servers under attack, each with a client that behaves.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use mcp_edge_tests::audited::{Audited, Hosting};
use mcp_edge_tests::good::GoodClient;
use mcp_edge_tests::http2::{Http2, is_hang_up};
use mcp_edge_tests::{Connection, Endpoint, Event, Request, modern};
use serde_json::json;
use xtask::host::Host;

/// Much longer than any timeout of a server under attack: a connection that is open after that stays open.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two pieces of what an attacker sends slowly.
const PAUSE: Duration = Duration::from_millis(100);

/// What the tests share.
pub struct Network {
    pub hosting: Hosting,
    attacked: OnceLock<Attacked>,
    ordinary: OnceLock<Audited>,
}

impl Network {
    pub fn from_environment() -> Result<Self> {
        let hosting = Hosting::from_environment()?;
        ensure!(
            hosting.host == Host::Native,
            "{} accepts connections itself, and no server of ours does",
            hosting.host
        );
        Ok(Self {
            hosting,
            attacked: OnceLock::new(),
            ordinary: OnceLock::new(),
        })
    }

    /// The server that tests share, every timeout of which is a second.
    pub fn attacked(&self) -> &Attacked {
        self.attacked
            .get_or_init(|| Attacked::of(self.hosting.server("attacked", &[])))
    }

    /// A server with the limits that every server has, for clients that do not attack.
    pub fn ordinary(&self) -> &Audited {
        self.ordinary.get_or_init(|| self.hosting.server("", &[]))
    }
}

/// A server and its client. Dropping it stops both.
pub struct Attacked {
    good: GoodClient,
    pub server: Audited,
}

impl Attacked {
    pub fn of(server: Audited) -> Self {
        Self {
            good: GoodClient::start(server.endpoint.clone()),
            server,
        }
    }

    /// Attacks the server; the good client has to be served the whole time, and after it.
    #[track_caller]
    pub fn withstands<T>(&self, attack: impl FnOnce(&Endpoint) -> T) -> T {
        let result = attack(&self.server.endpoint);
        self.good.is_served_after(self.good.served());
        result
    }
}

/// A stream of this many reports of progress, each with so many bytes, `pause` milliseconds apart.
pub fn report(reports: u32, bytes: usize, pause: u64) -> Request {
    let arguments = json!({ "reports": reports, "bytes": bytes, "pause_millis": pause });
    let call = json!({ "name": "report", "arguments": arguments });
    modern("tools/call", call).meta("progressToken", json!("reports"))
}

/// Starts a stream that goes on for ten minutes, and reads its beginning.
pub fn open_stream(endpoint: &Endpoint) -> Connection {
    let mut connection = endpoint.open(&report(6_000, 1, 100)).unwrap();
    assert_eq!(connection.status, 200);
    assert!(connection.next_event().unwrap().is_some());
    connection
}

/// Reads a stream to its end; fails where it ends early.
pub fn read_stream(mut connection: Connection) -> Vec<Event> {
    let mut events = Vec::new();
    while let Some(event) = connection.next_event().unwrap() {
        events.push(event);
    }
    events
}

/// Reads until the server hangs up, and meanwhile sends what `drip` gives. Then the server must not take anything more:
/// it has closed the connection and not only its own half.
#[track_caller]
pub fn is_closed(stream: &mut TcpStream, mut drip: impl FnMut() -> Vec<u8>) -> Vec<u8> {
    stream.set_read_timeout(Some(PAUSE)).unwrap();
    let mut received = Vec::new();
    let mut buffer = [0; 16 << 10];
    let deadline = Instant::now() + PATIENCE;
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => received.extend_from_slice(&buffer[..read]),
            Err(error) if is_pause(&error) => {
                // If the server has hung up, reading says so.
                let _ = stream.write_all(&drip());
            }
            Err(error) if is_hang_up(&error) => return received,
            Err(error) => panic!("{error}"),
        }
        assert!(Instant::now() < deadline, "the connection stays open");
    }
    while stream.write_all(b"\0").is_ok() {
        assert!(
            Instant::now() < deadline,
            "half of the connection stays open"
        );
        std::thread::sleep(PAUSE);
    }
    received
}

/// The same for a client of HTTP/2, which does what the protocol asks of it.
#[track_caller]
pub fn http2_is_closed(mut connection: Http2, mut drip: impl FnMut(&mut Http2)) {
    connection.set_read_timeout(PAUSE).unwrap();
    let deadline = Instant::now() + PATIENCE;
    loop {
        match connection.read() {
            Ok(None) => break,
            Ok(Some(_)) => {}
            Err(error) if error.downcast_ref().is_some_and(is_pause) => drip(&mut connection),
            Err(error) => panic!("{error:#}"),
        }
        assert!(Instant::now() < deadline, "the connection stays open");
    }
    is_closed(&mut connection.into_stream(), Vec::new);
}

fn is_pause(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// Whether a connection is open still. What has arrived on it is lost.
pub fn is_open(mut stream: &TcpStream) -> bool {
    let mut buffer = [0; 4 << 10];
    stream.set_nonblocking(true).unwrap();
    let open = loop {
        match stream.read(&mut buffer) {
            Ok(0) => break false,
            Ok(_) => {}
            Err(error) => break is_pause(&error),
        }
    };
    stream.set_nonblocking(false).unwrap();
    open
}
