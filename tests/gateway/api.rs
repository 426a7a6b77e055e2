//! The API behind the gateways, and the gateway that most tests share.

use std::io::Write as _;
use std::process::{Command, Stdio};

use mcp_edge_tests::gateway::{Deployed, Hosting};
use mcp_edge_tests::recorder::Received;
use mcp_edge_tests::upstream::{Reply, Upstream};
use serde_json::json;

/// What [`answer`] has operations of.
pub(crate) const DOCUMENT: &str = include_str!("api.yaml");

/// The configuration of [`shared`].
pub(crate) const CONFIGURATION: &str = include_str!("mcp.toml");

/// The secret that the upstream gets.
pub(crate) const SECRET: &str = "planted-upstream-secret";

/// The gateway that tests share; none of them disturbs it.
pub(crate) fn shared(hosting: &Hosting) -> &Deployed {
    hosting
        .shared
        .get_or_init(|| deploy(hosting, CONFIGURATION, Upstream::start(answer)))
}

/// A gateway with this configuration before `upstream`.
pub(crate) fn deploy(hosting: &Hosting, configuration: &str, upstream: Upstream) -> Deployed {
    let files = [("mcp.toml", configuration), ("api.yaml", DOCUMENT)];
    Deployed {
        gateway: hosting.deploy(&files, &variables(&upstream)),
        upstream,
    }
}

/// What [`CONFIGURATION`] asks of a host.
pub(crate) fn variables(upstream: &Upstream) -> Vec<(&'static str, String)> {
    vec![
        ("API_URL", format!("{}/base", upstream.url())),
        ("API_KEY", SECRET.to_owned()),
    ]
}

/// Answers every operation of the document.
pub(crate) fn answer(request: &Received) -> Reply {
    let (path, _) = request
        .target
        .split_once('?')
        .unwrap_or((&request.target, ""));
    match path.strip_prefix("/base").unwrap_or(path) {
        "/image" => Reply::of(200, "image/png", vec![0x89, b'P', b'N', b'G']),
        "/file" => Reply::of(200, "application/octet-stream", vec![0, 1, 2, 255]),
        "/text" => Reply::of(200, "text/plain; charset=utf-8", "Grüße"),
        "/list" => Reply::json(&json!([{ "id": 1 }, { "id": 2 }, { "id": 3 }])),
        "/nothing" => Reply::Response {
            status: 204,
            headers: Vec::new(),
            body: Vec::new(),
        },
        "/wrong" => Reply::json(&json!({ "count": "not a number" })),
        "/large" => Reply::json(&json!({ "text": "x".repeat(40_000) })),
        "/status/404" => Reply::of(
            404,
            "application/problem+json",
            r#"{"title":"No such order","detail":"Order 7 is gone","instance":"/internal/7","trace":"at Order.java:7"}"#,
        ),
        "/status/429" => Reply::of(429, "text/plain", "slow down").header("retry-after", "17"),
        "/status/401" => Reply::of(401, "text/plain", "who are you?")
            .header("www-authenticate", "Bearer realm=\"internal\""),
        "/status/500" => Reply::of(500, "text/html", "<html><h1>Stack\u{1b}[31m trace</h1></html>"),
        "/status/302" => Reply::of(302, "text/plain", "").header("location", "http://169.254.169.254/latest?secret=1"),
        "/unfinished" => Reply::Bytes(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{\"a\":".to_vec(),
        ),
        "/stalls" => Reply::Stalls(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{".to_vec(),
        ),
        "/no-http" => Reply::Bytes(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()),
        "/zipped" => Reply::of(200, "application/json", bomb()).header("content-encoding", "gzip"),
        _ => Reply::json(&json!({ "method": request.method, "path": path })),
    }
}

/// One mebibyte of JSON, compressed to about a kilobyte.
fn bomb() -> Vec<u8> {
    let mut gzip = Command::new("gzip")
        .arg("-9")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let json = format!("[{}0]", "0,".repeat(512 << 10));
    let mut input = gzip.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(json.as_bytes()));
    let packed = gzip.wait_with_output().unwrap().stdout;
    writer.join().unwrap().unwrap();
    packed
}
