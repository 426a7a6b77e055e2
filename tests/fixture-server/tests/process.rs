//! What a native server does as a process: it refuses to start with a sentence, ends gracefully, and speaks HTTP/2.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Output, Stdio};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

/// SHA-256 of no bytes.
const KEYS: &str = "test:sign:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

/// Takes longer than the `stream_after` of the environment `impatient`, so that the answer is a stream.
const SLOW: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"slow","arguments":{"millis":1000},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}"#;

const HEADERS: [(&str, &str); 5] = [
    ("content-type", "application/json"),
    ("accept", "application/json, text/event-stream"),
    ("mcp-protocol-version", "2026-07-28"),
    ("mcp-method", "tools/call"),
    ("mcp-name", "slow"),
];

fn server() -> Command {
    let mut server = Command::new(env!("CARGO_BIN_EXE_fixture-server"));
    server
        .env_remove("MCP_EDGE_ENV")
        .env("MCP_EDGE_KEYS", KEYS)
        .env("MCP_EDGE_LISTEN", "127.0.0.1:0")
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    server
}

fn refusal(server: &mut Command) -> String {
    let Output { status, stderr, .. } = server.output().unwrap();
    assert_eq!(status.code(), Some(1));
    String::from_utf8(stderr).unwrap()
}

/// Starts a server on a free port, and waits until it says where it listens.
fn start(server: &mut Command) -> (Child, String) {
    let (child, address, _) = start_and_hear(server);
    (child, address)
}

/// The same, with what the server says before.
fn start_and_hear(server: &mut Command) -> (Child, String, String) {
    let mut child = server.spawn().unwrap();
    let mut said = String::new();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let address = lines.find_map(|line| {
        let line = line.unwrap();
        let address = line
            .strip_prefix("mcp-edge: listening on http://")
            .and_then(|rest| rest.strip_suffix("/mcp"))
            .map(str::to_owned);
        if address.is_none() {
            said.push_str(&line);
            said.push('\n');
        }
        address
    });
    match address {
        Some(address) => (child, address, said),
        None => panic!("it said: {said}"),
    }
}

fn signal(child: &Child, name: &str) {
    let pid = child.id().to_string();
    let sent = Command::new("kill").args(["-s", name, &pid]).status();
    assert!(sent.unwrap().success());
}

#[test]
fn without_keys_it_says_how_to_make_some() {
    let said = refusal(server().env_remove("MCP_EDGE_KEYS"));
    assert!(said.contains("MCP_EDGE_KEYS is not set"), "{said}");
    assert!(said.contains("openssl rand -base64 32"), "{said}");
}

#[test]
fn makes_keys_for_development_alone() {
    const MADE: &str =
        "mcp-edge: MCP_EDGE_KEYS is not set, so the server has made keys for this run";
    for keys in [None, Some(" ")] {
        let mut server = server();
        server
            .env("MCP_EDGE_ENV", "dev")
            .env_remove("MCP_EDGE_KEYS");
        server.envs(keys.map(|keys| ("MCP_EDGE_KEYS", keys)));
        let (mut child, address, said) = start_and_hear(&mut server);
        assert!(said.starts_with(MADE), "{said}");
        // Every thread has the same ones.
        let session = begin_legacy(&address);
        for _ in 0..8 {
            let answer = legacy(&address, Some(&session), PING);
            assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    // `closed` is neither `dev` nor no environment; without one, the file says that the server is public.
    for (environment, listen) in [
        ("dev", "0.0.0.0:0"),
        ("closed", "127.0.0.1:0"),
        ("", "127.0.0.1:0"),
    ] {
        let mut server = server();
        server
            .env("MCP_EDGE_ENV", environment)
            .env("MCP_EDGE_LISTEN", listen)
            .env_remove("MCP_EDGE_KEYS");
        let said = refusal(&mut server);
        assert!(said.contains("MCP_EDGE_KEYS is not set; "), "{said}");
    }
}

#[test]
fn its_command_line_is_documented_and_checked() {
    let print = |argument| {
        let output = server().arg(argument).stdout(Stdio::piped()).output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    };
    let expected = concat!("fixture-server ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(print("--version"), expected);
    assert!(print("--help").contains("--listen ADDR:PORT"));
    assert!(refusal(server().arg("--port")).contains("`--port`"));
    let mut server = server();
    server.env("MCP_EDGE_LISTEN", "nowhere");
    let (mut child, address) = start(server.args(["--listen", "[::1]:0"]));
    assert!(address.starts_with("[::1]:"), "{address}");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_bad_keyring_is_named_and_not_repeated() {
    let said = refusal(server().env("MCP_EDGE_KEYS", "secretive"));
    assert!(said.contains("MCP_EDGE_KEYS is not a keyring"), "{said}");
    assert!(!said.contains("secretive"), "{said}");
}

#[test]
fn an_unknown_environment_is_answered_with_the_known_ones() {
    let said = refusal(server().env("MCP_EDGE_ENV", "prodution"));
    assert!(
        said.contains("`prodution`") && said.contains("revoked"),
        "{said}"
    );
}

#[test]
fn an_address_in_use_or_in_the_wrong_form_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    for address in [taken.local_addr().unwrap().to_string(), "8787".to_owned()] {
        let said = refusal(server().env("MCP_EDGE_LISTEN", &address));
        assert!(
            said.contains(&address) && said.contains("MCP_EDGE_LISTEN"),
            "{said}"
        );
    }
}

/// Sends a message of 2025-11-25, and gives the whole response.
fn legacy(address: &str, session: Option<&str>, message: &str) -> String {
    let mut connection = TcpStream::connect(address).unwrap();
    let mut head = format!("POST /mcp HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    for (name, value) in HEADERS.iter().take(2) {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if let Some(session) = session {
        head.push_str(&format!("mcp-session-id: {session}\r\n"));
    }
    let length = message.len();
    write!(
        connection,
        "{head}content-length: {length}\r\n\r\n{message}"
    )
    .unwrap();
    let mut response = String::new();
    connection.read_to_string(&mut response).unwrap();
    response
}

const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}"#;

const PING: &str = r#"{"jsonrpc":"2.0","id":2,"method":"ping"}"#;

/// The session of a new client of 2025-11-25.
fn begin_legacy(address: &str) -> String {
    let begun = legacy(address, None, INITIALIZE);
    let session = begun
        .lines()
        .find_map(|line| line.strip_prefix("mcp-session-id: "));
    session
        .unwrap_or_else(|| panic!("no session in {begun}"))
        .to_owned()
}

#[test]
fn an_open_server_serves_on_a_loopback_address_or_in_public() {
    let open = "mcp-edge: callers: anyone, on a loopback address only";
    for (environment, listen, callers, status) in [
        ("closed", "127.0.0.1:0", open, 200),
        ("closed", "0.0.0.0:0", open, 503),
        ("", "127.0.0.1:0", "mcp-edge: callers: anyone\n", 200),
        ("", "0.0.0.0:0", "mcp-edge: callers: anyone\n", 200),
    ] {
        let mut server = server();
        server
            .env("MCP_EDGE_ENV", environment)
            .env("MCP_EDGE_LISTEN", listen);
        let (mut child, address, said) = start_and_hear(&mut server);
        assert!(said.starts_with(callers), "{said}");
        // Those who start it learn the same sentence as those who call it.
        let fix = "set access.public = true";
        assert_eq!(said.contains(fix), status == 503, "{said}");
        let answer = legacy(&address, None, INITIALIZE);
        let head = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&head), "{listen}: {answer}");
        assert_eq!(answer.contains(fix), status == 503, "{answer}");
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

#[test]
fn an_epoch_revokes_what_was_issued_before_it() {
    for (environment, status) in [("", "HTTP/1.1 200 "), ("revoked", "HTTP/1.1 404 ")] {
        let (mut child, address) = start(server().env("MCP_EDGE_ENV", environment));
        let session = begin_legacy(&address);
        let answer = legacy(&address, Some(&session), PING);
        assert!(answer.starts_with(status), "{answer}");
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

#[test]
fn told_to_stop_it_finishes_what_it_has_begun() {
    for name in ["TERM", "INT"] {
        let (mut child, address) = start(server().env("MCP_EDGE_ENV", "impatient"));
        let mut connection = TcpStream::connect(&address).unwrap();
        let mut head = format!("POST /mcp HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
        for (name, value) in HEADERS {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let length = SLOW.len();
        write!(connection, "{head}content-length: {length}\r\n\r\n{SLOW}").unwrap();
        let mut first = [0];
        connection.read_exact(&mut first).unwrap();

        signal(&child, name);
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        assert!(answer.contains("slept 1000 ms"), "{answer}");
        assert_eq!(child.wait().unwrap().code(), Some(0));
        assert!(TcpStream::connect(&address).is_err());
    }
}

/// The most memory that a process has had so far, in bytes (proc(5), `VmHWM`).
#[cfg(target_os = "linux")]
fn peak_memory(child: &Child) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    let kibibytes: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kibibytes.saturating_mul(1024)
}

/// A slow call with `filler` alongside its argument, and text up to a megabyte in all.
#[cfg(target_os = "linux")]
fn slow_call_with(filler: &str) -> String {
    let message = SLOW.replace(
        r#""millis":1000"#,
        &format!(r#""millis":3000,"filler":{filler},"text":"TEXT""#),
    );
    let rest = (1_usize << 20).saturating_sub(message.len());
    message.replace("TEXT", &"x".repeat(rest))
}

/// Sends a message on as many connections at once, and gives the status lines of the answers.
#[cfg(target_os = "linux")]
fn at_once(address: &str, count: usize, message: &str) -> Vec<String> {
    let mut head = format!("POST /mcp HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    for (name, value) in HEADERS {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let request = format!("{head}content-length: {}\r\n\r\n{message}", message.len());
    let connections: Vec<TcpStream> = (0..count)
        .map(|_| {
            let mut connection = TcpStream::connect(address).unwrap();
            connection.write_all(request.as_bytes()).unwrap();
            connection
        })
        .collect();
    let answers = connections.into_iter().map(|mut connection| {
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        answer
    });
    answers.collect()
}

#[test]
#[cfg(target_os = "linux")]
fn memory_stays_within_a_small_multiple_of_what_callers_send() {
    const CALLS: usize = 16;
    /// What one request becomes in memory, in times its bytes.
    const TIMES: usize = 12;
    let nested = |open: &str, inside: &str, close: &str, count: usize| {
        let one = format!("{}{inside}{}", open.repeat(55), close.repeat(55));
        format!("[{}]", vec![one; count].join(","))
    };
    for (filler, status) in [
        // Within `limits.json_values`, and far beyond.
        (nested("[", "", "]", 9_900 / 55), "HTTP/1.1 200 "),
        (nested(r#"{"a":"#, "1", "}", 9_900 / 56), "HTTP/1.1 200 "),
        (nested("[", "", "]", 9_000), "HTTP/1.1 400 "),
    ] {
        let (mut child, address) = start(&mut server());
        let message = slow_call_with(&filler);
        // The first request costs what only the first does.
        at_once(&address, 1, SLOW);
        let before = peak_memory(&child);
        for answer in at_once(&address, CALLS, &message) {
            assert!(answer.starts_with(status), "{answer:.200}");
        }
        let grown = peak_memory(&child) - before;
        let limit = TIMES * CALLS * message.len();
        assert!(grown < limit, "{grown} bytes for {}", CALLS * message.len());
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

#[tokio::test]
async fn several_requests_share_a_connection_over_http_2() {
    let (mut child, address) = start(server().env("MCP_EDGE_ENV", "impatient"));
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new())
        .http2_only(true)
        .build_http();
    let request = || {
        let mut request = http::Request::post(format!("http://{address}/mcp"));
        for (name, value) in HEADERS {
            request = request.header(name, value);
        }
        client.request(request.body(Full::from(SLOW)).unwrap())
    };
    let (one, other) = futures_util::future::join(request(), request()).await;
    for response in [one.unwrap(), other.unwrap()] {
        assert_eq!(response.version(), http::Version::HTTP_2);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert!(String::from_utf8_lossy(&body).contains("slept 1000 ms"));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}
