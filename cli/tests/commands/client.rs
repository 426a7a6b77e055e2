//! `mcp-edge tools`, `call`, `read` and `prompt`

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};

use serde_json::{Value as Json, json};

use crate::commands::run::{Ended, Folder};

/// A server of one era with one tool, which asks a question.
struct Server {
    url: String,
    requests: Receiver<(String, Json)>,
}

impl Server {
    fn start(is_modern: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/mcp", listener.local_addr().expect("an address"));
        let (seen, requests) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serve(&stream, is_modern, &seen);
            }
        });
        Self { url, requests }
    }

    /// The head, in lower case, and the body of the requests for `method` so far.
    fn requests(&self, method: &str) -> Vec<(String, Json)> {
        let requests = self.requests.try_iter();
        requests
            .filter(|(_, body)| body["method"] == method)
            .collect()
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        Folder::new().run(&[arguments, &["--url", &self.url]].concat())
    }
}

fn serve(stream: &TcpStream, is_modern: bool, seen: &Sender<(String, Json)>) {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).expect("a line") == 0 {
            return;
        }
    }
    let head = head.to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().expect("a length"))];
    reader.read_exact(&mut body).expect("a body");
    let body: Json = serde_json::from_slice(&body).expect("a message");
    let (status, more, answer) = match is_modern {
        true => modern(&body),
        false => legacy(&head, &body),
    };
    let id = &body["id"];
    let message = match answer {
        None => String::new(),
        Some(mut answer) => {
            answer["jsonrpc"] = json!("2.0");
            answer["id"] = id.clone();
            answer.to_string()
        }
    };
    let (kind, text) = match more == "stream" {
        true => {
            let progress = json!({ "jsonrpc": "2.0", "method": "notifications/progress", "params": {
                "progressToken": "progress", "progress": 1, "total": 2, "message": "half\u{1b}[2J" } });
            (
                "text/event-stream",
                format!("data: {progress}\n\ndata: {message}\n\n"),
            )
        }
        false => ("application/json", message),
    };
    seen.send((head, body)).expect("a test");
    let session = if more == "session" {
        "mcp-session-id: s1\r\n"
    } else {
        ""
    };
    let mut stream = stream;
    let _ = write!(
        stream,
        "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\n{session}content-length: {}\r\nconnection: close\r\n\r\n{text}",
        text.len()
    );
}

fn tools() -> Json {
    json!([{ "name": "transfer", "description": "Moves money.\nTwice.", "inputSchema": {
        "type": "object", "required": ["to"],
        "properties": { "to": { "type": "string", "x-mcp-header": "To", "description": "Whom." } } } }])
}

fn modern(body: &Json) -> (u16, &'static str, Option<Json>) {
    let params = &body["params"];
    let result = match body["method"].as_str().expect("a method") {
        "server/discover" => json!({}),
        "tools/list" if params["cursor"] == "2" => json!({ "tools": tools() }),
        "tools/list" => json!({ "tools": [], "nextCursor": "2" }),
        "tools/call" if params["requestState"] == "state" => {
            let amount = &params["inputResponses"]["q"]["content"]["amount"];
            let text = format!("moved {amount} to {}", params["arguments"]["to"]);
            let result =
                json!({ "content": [{ "type": "text", "text": text }], "isError": *amount == 13 });
            return (200, "stream", Some(json!({ "result": result })));
        }
        "tools/call" => {
            json!({ "resultType": "input_required", "requestState": "state", "inputRequests": { "q": {
            "method": "elicitation/create", "params": { "message": "How much?", "requestedSchema": {
                "type": "object", "required": ["amount"], "properties": { "amount": { "type": "integer" } } } } } } })
        }
        "resources/read" => json!({ "contents": [{ "uri": "a://b", "text": "its text" }] }),
        "prompts/get" => {
            json!({ "messages": [{ "role": "user", "content": { "type": "text", "text": "Do." } }] })
        }
        _ => {
            return (
                404,
                "",
                Some(json!({ "error": { "code": -32601, "message": "Method not found" } })),
            );
        }
    };
    (200, "", Some(json!({ "result": result })))
}

fn legacy(head: &str, body: &Json) -> (u16, &'static str, Option<Json>) {
    let has_session =
        head.contains("mcp-session-id: s1") && head.contains("mcp-protocol-version: 2025-11-25");
    match body["method"].as_str().expect("a method") {
        "initialize" => (
            200,
            "session",
            Some(
                json!({ "result": { "protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": {} } }),
            ),
        ),
        "notifications/initialized" => (202, "", None),
        "tools/list" if has_session => (200, "", Some(json!({ "result": { "tools": tools() } }))),
        "tools/call" if has_session => (
            200,
            "",
            Some(json!({ "result": { "content": [{ "type": "text", "text": "moved" }] } })),
        ),
        _ => (
            400,
            "",
            Some(json!({ "error": { "code": -32000, "message": "Bad Request" } })),
        ),
    }
}

#[test]
fn lists_every_page_of_tools_with_their_arguments() {
    for is_modern in [true, false] {
        let server = Server::start(is_modern);
        server.run(&["tools"]).says(
            0,
            &["transfer\n", "  Moves money.\n", "  - to (string): Whom.\n"],
        );
        let listed: Json = serde_json::from_str(&server.run(&["tools", "--json"]).stdout).unwrap();
        assert_eq!(listed["tools"], tools());
    }
}

#[test]
fn a_call_repeats_arguments_in_headers_and_answers_questions() {
    let server = Server::start(true);
    let call = [
        "call",
        "transfer",
        r#"{"to": "Zoë"}"#,
        "--answer",
        "amount=7",
    ];
    let called = server.run(&call);
    called.says(0, &["moved 7 to \"Zoë\"\n"]);
    // Progress is apart from the result, and changes no terminal.
    assert_eq!(called.stderr, "1/2  half\\u{1b}[2J\n");
    let requests = server.requests("tools/call");
    assert_eq!(requests.len(), 2);
    for (head, body) in &requests {
        assert!(head.contains("\r\nmcp-name: transfer\r\n"), "{head}");
        assert!(
            head.contains("\r\nmcp-param-to: =?base64?wm/dqw==?="),
            "{head}"
        );
        assert_eq!(body["params"]["arguments"]["to"], "Zoë");
    }
    server
        .run(&[&call[..4], &["amount=13"]].concat())
        .says(1, &["tool error: moved 13"]);
    server.run(&call[..3]).says(
        2,
        &["the server asks for `amount`: How much?; answer with --answer amount=VALUE"],
    );
    server
        .run(&["call", "transfre"])
        .says(1, &["unknown tool `transfre`; the tools are: transfer"]);
    server
        .run(&["call", "transfer", "[]"])
        .says(2, &["the arguments must be a JSON object"]);
}

#[test]
fn a_server_of_an_older_revision_is_called_in_its_session() {
    let server = Server::start(false);
    server
        .run(&["call", "transfer", r#"{"to": "a"}"#])
        .says(0, &["moved\n"]);
    assert_eq!(server.requests("notifications/initialized").len(), 1);
    server
        .run(&["read", "a://b"])
        .says(1, &["resources/read is answered 400", "Bad Request"]);
}

#[test]
fn reads_resources_and_prompts() {
    let server = Server::start(true);
    server.run(&["read", "a://b"]).says(0, &["its text\n"]);
    let (head, _) = &server.requests("resources/read")[0];
    assert!(head.contains("\r\nmcp-name: a://b\r\n"), "{head}");
    server.run(&["prompt", "p"]).says(0, &["user\nDo.\n"]);
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/mcp", free.local_addr().expect("an address"));
    drop(free);
    Folder::new()
        .run(&["tools", "--url", &url])
        .says(2, &[&url]);
    Folder::new()
        .run(&["tools", "--url", "http://example.com/mcp"])
        .says(2, &["must begin with https://"]);
}
