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

/// Takes longer than the patience of an impatient server, so that the answer is a stream before it is an answer.
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
    let mut child = server.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let address = line
        .trim()
        .strip_prefix("mcp-edge: listening on http://")
        .and_then(|rest| rest.strip_suffix("/mcp"))
        .unwrap_or_else(|| panic!("it said: {line}"))
        .to_owned();
    (child, address)
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

#[test]
fn an_epoch_revokes_what_was_issued_before_it() {
    for (environment, status) in [("", "HTTP/1.1 200 "), ("revoked", "HTTP/1.1 404 ")] {
        let (mut child, address) = start(server().env("MCP_EDGE_ENV", environment));
        let begun = legacy(
            &address,
            None,
            r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}"#,
        );
        let session = begun
            .lines()
            .find_map(|line| line.strip_prefix("mcp-session-id: "))
            .unwrap_or_else(|| panic!("no session in {begun}"));
        let ping = r#"{"jsonrpc":"2.0","id":2,"method":"ping"}"#;
        let answer = legacy(&address, Some(session), ping);
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
