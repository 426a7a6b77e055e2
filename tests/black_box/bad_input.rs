//! What no client should send. Each row gets its status, its code and its sentence, and the next request is served.

use mcp_edge_tests::servers::Servers;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Refused, Request, all, legacy, modern, tests};
use serde_json::{Value, json};

/// The longest body where `mcp.toml` does not say otherwise.
const LIMIT: usize = 1 << 20;
/// The deepest nesting, likewise.
const DEPTH: usize = 64;
/// How many values, likewise.
const VALUES: usize = 10_000;
/// The longest id or progress token, name, URI and revision, in bytes.
const ID: usize = 256;
const NAME: usize = 256;
const URI: usize = 8192;
const REVISION: usize = 64;
const VERSION_KEY: &str = "io.modelcontextprotocol/protocolVersion";

pub fn tests() -> Vec<Test> {
    let mut tests = tests![
        a_body_of_the_maximum_length_is_served,
        a_body_in_many_chunks_is_served,
        the_deepest_nesting_is_served,
        unknown_members_are_ignored,
        a_request_of_the_most_values_is_served,
        words_of_the_maximum_length_are_served,
        an_error_never_repeats_much,
        a_disconnect_before_the_body_ends_affects_no_other_request,
    ];
    let tables = [
        malformed(),
        nested(),
        doubled(),
        huge(),
        header_lines(),
        wrong_types(),
        oversized(),
    ];
    tests.extend(
        tables
            .into_iter()
            .flatten()
            .flat_map(|table| table.tests("bad input")),
    );
    tests
}

fn list() -> Request {
    modern("tools/list", json!({}))
}

/// A list request whose text says this instead of `{}` for one of its members.
fn spliced(text: &str) -> Request {
    let message = list().with(|message| message["params"]["spliced"] = json!({}));
    let message = message.message().to_string();
    list().bytes(message.replace(r#""spliced":{}"#, &format!(r#""spliced":{text}"#)))
}

fn malformed() -> Vec<Refused> {
    let not_json: [(&'static str, &[u8]); 16] = [
        ("nothing", b""),
        ("white space", b" \n\t"),
        ("half an object", b"{"),
        ("half a word", b"tru"),
        ("an object without its end", b"{\"jsonrpc\":\"2.0\""),
        ("a member without its value", b"{\"jsonrpc\":}"),
        ("a comma too many", b"{\"a\":1,}"),
        ("two messages", b"{} {}"),
        ("something after the message", b"{}!"),
        ("quotes of the other kind", b"{'a':1}"),
        ("a byte order mark", b"\xef\xbb\xbf{}"),
        ("a number with zeros before it", b"[01]"),
        ("a number that is none", b"[NaN]"),
        ("bytes that are not UTF-8", b"{\"a\":\"\xff\xfe\"}"),
        ("half a surrogate", b"{\"a\":\"\\ud800\"}"),
        ("a line break in a string", b"{\"a\":\"\n\"}"),
    ];
    let rows = not_json.map(|(name, bytes)| (name, list().bytes(bytes), "The body is not JSON: "));
    vec![all(400, -32700, rows)]
}

fn nested() -> Vec<Refused> {
    let arrays = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let objects = |depth: usize| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    vec![all(
        400,
        -32600,
        [
            (
                "arrays one too deep",
                spliced(&arrays(DEPTH - 1)),
                "nest too deep",
            ),
            (
                "objects one too deep",
                spliced(&objects(DEPTH - 1)),
                "nest too deep",
            ),
            (
                "arrays far too deep",
                list().bytes(arrays(100_000)),
                "nest too deep",
            ),
            (
                "objects far too deep",
                list().bytes(objects(100_000)),
                "nest too deep",
            ),
            (
                "arrays without end",
                list().bytes("[".repeat(500_000)),
                "nest too deep",
            ),
        ],
    )]
}

fn doubled() -> Vec<Refused> {
    let sentence = "two members of one name";
    vec![all(
        400,
        -32600,
        [
            ("a member twice", spliced(r#"{"a":1,"a":1}"#), sentence),
            (
                "a member twice, deep inside",
                spliced(r#"[[{"b":{"a":1,"a":2}}]]"#),
                sentence,
            ),
            (
                "a member twice in two spellings",
                spliced(r#"{"a":1,"\u0061":2}"#),
                sentence,
            ),
            (
                "a method twice",
                list().bytes(
                    r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"tools/call"}"#,
                ),
                sentence,
            ),
        ],
    )]
}

fn huge() -> Vec<Refused> {
    let sentence = "longer than 1048576 bytes";
    let spaces = vec![b' '; LIMIT + 1];
    vec![all(
        413,
        -32600,
        [
            ("a body one byte too long", list().bytes(&spaces), sentence),
            (
                "a body one byte too long, in chunks",
                list().chunked(&spaces, 1000),
                sentence,
            ),
            (
                "a body far too long",
                list().bytes(vec![b'['; 8 * LIMIT]),
                sentence,
            ),
            (
                "a body far too long, in chunks",
                list().chunked(&vec![b'['; 8 * LIMIT], 65_536),
                sentence,
            ),
        ],
    )]
}

#[rustfmt::skip]
fn header_lines() -> Vec<Refused> {
    vec![
        all(403, -32600, [
            ("an origin that is not UTF-8", list().header("Origin", b"https://\xff"), "Origin"),
            (
                "two origins",
                list().header("Origin", "https://app.example.com").also("Origin", "https://evil.example.com"),
                "Origin",
            ),
        ]),
        all(415, -32600, [
            ("a media type that is not UTF-8", list().header("Content-Type", b"application/json\xff"), "Content-Type"),
        ]),
        all(406, -32600, [
            ("a wish that is not UTF-8", list().header("Accept", b"*/*\xff"), "Accept"),
        ]),
        all(400, -32600, [
            (
                "two sessions",
                legacy("2025-11-25", "ping", json!({})).session("a").also("Mcp-Session-Id", "b"),
                "mcp-session-id",
            ),
            (
                "a session that is not UTF-8",
                legacy("2025-11-25", "ping", json!({})).header("Mcp-Session-Id", b"\xff"),
                "mcp-session-id",
            ),
        ]),
        all(400, -32600, [
            // The body is not one of the modern era.
            (
                "a revision that is not UTF-8",
                legacy("2025-11-25", "ping", json!({})).header("MCP-Protocol-Version", b"2025-11-25\xff"),
                "mcp-protocol-version",
            ),
        ]),
    ]
}

#[rustfmt::skip]
fn wrong_types() -> Vec<Refused> {
    let complete = |reference: Value, value: Value| {
        let argument = json!({ "name": "name", "value": value });
        modern("completion/complete", json!({ "ref": reference, "argument": argument }))
    };
    vec![
        all(200, -32602, [
            ("a tool's name that is a list", modern("tools/call", json!({ "name": ["echo"] })), "`name`"),
            ("a tool's name that is null", modern("tools/call", json!({ "name": null })), "`name`"),
            (
                "arguments that are text",
                modern("tools/call", json!({ "name": "crowd_000", "arguments": "{}" })),
                "`arguments`",
            ),
            ("a URI that is null", modern("resources/read", json!({ "uri": null })), "`uri`"),
            (
                "a required argument that is null",
                modern("prompts/get", json!({ "name": "crowd", "arguments": { "name": null } })),
                "`name` is missing",
            ),
            ("a value to complete that is null", complete(json!({ "type": "ref/prompt", "name": "crowd" }), Value::Null), "value"),
            ("a filter that is null", modern("subscriptions/listen", json!({ "notifications": null })), "`notifications`"),
            ("a URI that is a number", modern("resources/read", json!({ "uri": 7 })), "`uri`"),
            (
                "a prompt's arguments that are a list",
                modern("prompts/get", json!({ "name": "crowd", "arguments": [] })),
                "`arguments`",
            ),
            (
                "a prompt's argument that is a number",
                modern("prompts/get", json!({ "name": "crowd", "arguments": { "name": 7 } })),
                "name",
            ),
            (
                "a filter that is a list",
                modern("subscriptions/listen", json!({ "notifications": [] })),
                "`notifications`",
            ),
            (
                "a reference of an unknown kind",
                complete(json!({ "type": "ref/tool", "name": "echo" }), json!("")),
                "`ref.type`",
            ),
            (
                "a value to complete that is a number",
                complete(json!({ "type": "ref/prompt", "name": "crowd" }), json!(7)),
                "`argument.value`",
            ),
        ]),
        all(400, -32602, [
            (
                "a revision that is an object",
                list().meta(VERSION_KEY, json!({ "toString": "2026-07-28" })),
                VERSION_KEY,
            ),
        ]),
    ]
}

#[rustfmt::skip]
fn oversized() -> Vec<Refused> {
    let long = "x".repeat(200_000);
    vec![
        all(400, -32020, [
            (
                "a long method",
                list().with(|message| message["method"] = json!("x".repeat(NAME))),
                "mcp-method",
            ),
            ("a very long name", modern("tools/call", json!({ "name": long })).header("Mcp-Name", "echo"), "mcp-name"),
            ("a long revision", list().meta(VERSION_KEY, json!("x".repeat(REVISION))), "mcp-protocol-version"),
        ]),
        all(400, -32600, [
            (
                "a method too long",
                list().with(|message| message["method"] = json!("x".repeat(NAME + 1))),
                "`method` must be at most 256 bytes, got 257",
            ),
            (
                "a very long method",
                list().with({ let long = long.clone(); move |message| message["method"] = json!(long) }),
                "`method` must be at most 256 bytes",
            ),
            (
                "a legacy method too long",
                legacy("2025-11-25", &"x".repeat(NAME + 1), json!({})),
                "`method` must be at most 256 bytes",
            ),
            (
                "an id too long",
                list().with(|message| message["id"] = json!("x".repeat(ID + 1))),
                "`id` must be at most 256 bytes, got 257",
            ),
            (
                "a legacy id too long",
                legacy("2025-06-18", "ping", json!({})).with(|message| message["id"] = json!("x".repeat(ID + 1))),
                "`id` must be at most 256 bytes",
            ),
            (
                "a legacy revision too long",
                legacy("2025-11-25", "ping", json!({})).header("MCP-Protocol-Version", "1".repeat(REVISION + 1)),
                "`mcp-protocol-version` must be at most 64 bytes",
            ),
            ("one value too many", with_values(VALUES + 1), "more than 10000 JSON values (limits.json_values)"),
            ("a great many members", list().with(|message| message["params"] = many_members(50_000)), "10000 JSON values"),
            ("a great many arrays", spliced(&arrays_within(1 << 20)), "10000 JSON values"),
            ("a great many objects", spliced(&format!("[{}{{}}]", "{},".repeat(300_000))), "10000 JSON values"),
            (
                "a great many values in a batch",
                legacy("2025-03-26", "ping", json!({})).bytes(format!("[{}1]", "1,".repeat(400_000))),
                "10000 JSON values",
            ),
        ]),
        all(200, -32602, [
            (
                "a progress token too long",
                list().meta("progressToken", json!("x".repeat(ID + 1))),
                "`progressToken` must be at most 256 bytes, got 257",
            ),
            (
                "a very long progress token",
                list().meta("progressToken", json!("x".repeat(900_000))),
                "`progressToken` must be at most 256 bytes",
            ),
            (
                "a legacy progress token too long",
                legacy("2025-11-25", "tools/list", json!({ "_meta": { "progressToken": "x".repeat(ID + 1) } })),
                "`progressToken` must be at most 256 bytes",
            ),
            ("a tool's name too long", legacy("2025-11-25", "tools/call", json!({ "name": long })), "`name` must be at most 256"),
            ("a prompt's name too long", legacy("2025-11-25", "prompts/get", json!({ "name": long })), "`name` must be at most"),
            ("a URI too long", legacy("2025-11-25", "resources/read", json!({ "uri": long })), "`uri` must be at most 8192 bytes"),
            (
                "a URI too long to subscribe to",
                legacy("2025-11-25", "resources/subscribe", json!({ "uri": long })),
                "`uri` must be at most 8192 bytes",
            ),
            ("a level too long", legacy("2025-11-25", "logging/setLevel", json!({ "level": long })), "`level` must be at most"),
            (
                "a prompt's name too long to complete",
                modern("completion/complete", json!({
                    "ref": { "type": "ref/prompt", "name": long }, "argument": { "name": "a", "value": "" },
                })),
                "`ref.name` must be at most 256 bytes",
            ),
            (
                "a template too long to complete",
                modern("completion/complete", json!({
                    "ref": { "type": "ref/resource", "uri": long }, "argument": { "name": "a", "value": "" },
                })),
                "`ref.uri` must be at most 8192 bytes",
            ),
            (
                "an argument's name too long to complete",
                modern("completion/complete", json!({
                    "ref": { "type": "ref/prompt", "name": "crowd" }, "argument": { "name": long, "value": "" },
                })),
                "`argument.name` must be at most 256 bytes",
            ),
            (
                "a prompt's argument of a very long name",
                modern("prompts/get", json!({ "name": "crowd", "arguments": { long.as_str(): 7 } })),
                "must be a string",
            ),
        ]),
        all(200, -32602, [
            ("a very long cursor", modern("tools/list", json!({ "cursor": long })), "cursor"),
            ("a very long level", list().meta("io.modelcontextprotocol/logLevel", json!(long)), "debug"),
        ]),
        all(400, -32602, [
            (
                "a revision too long",
                list().meta(VERSION_KEY, json!("x".repeat(REVISION + 1))),
                "must be at most 64 bytes",
            ),
            ("many members", list().with(|message| message["params"] = many_members(5_000)), VERSION_KEY),
        ]),
    ]
}

/// A list request of exactly so many JSON values.
fn with_values(count: usize) -> Request {
    fn count_of(value: &Value) -> usize {
        1 + match value {
            Value::Array(items) => items.iter().map(count_of).sum(),
            Value::Object(members) => members.values().map(count_of).sum(),
            _ => 0,
        }
    }
    let empty = list().param("many", json!([]));
    let many = count - count_of(empty.message());
    list().param("many", json!(vec![0; many]))
}

/// Arrays of one value, nested 55 deep, that together have about so many bytes.
fn arrays_within(bytes: usize) -> String {
    const NESTED: usize = 55;
    let one = format!("{}{}", "[".repeat(NESTED), "]".repeat(NESTED));
    let count = (bytes - 4096) / (one.len() + 1);
    format!("[{}]", vec![one; count].join(","))
}

fn a_request_of_the_most_values_is_served(servers: &Servers) {
    assert_eq!(servers.fixture.send(&with_values(VALUES)).status, 200);
}

/// What is repeated is as short as it may be, however long the caller's own words.
fn an_error_never_repeats_much(servers: &Servers) {
    let long = "x".repeat(200_000);
    let uri = format!("fixture://{}", "x".repeat(URI - "fixture://".len()));
    for request in [
        modern(
            "prompts/get",
            json!({ "name": "crowd", "arguments": { long.as_str(): 7 } }),
        ),
        modern(
            "tools/call",
            json!({ "name": "checked", "arguments": { long.as_str(): 7, "unit": long } }),
        ),
        legacy("2025-11-25", "resources/read", json!({ "uri": uri })),
        list().meta("io.modelcontextprotocol/logLevel", json!(long)),
        list().with(|message| message["id"] = json!(long)),
        list().meta("progressToken", json!(long)),
        list().param("cursor", json!(long)),
    ] {
        let answer = servers.fixture.send(&request);
        let length = answer.response().to_string().len();
        assert!(length < URI + 1024, "{length} bytes");
    }
}

fn words_of_the_maximum_length_are_served(servers: &Servers) {
    let word = "x".repeat(ID);
    let call = modern(
        "tools/call",
        json!({ "name": "stream", "arguments": { "reports": 1, "bytes": 0, "pause_millis": 0 } }),
    );
    let request = call
        .meta("progressToken", json!(word))
        .with(|message| message["id"] = json!(word));
    let answer = servers.fixture.send(&request);
    assert_eq!(answer.response()["id"], json!(word));
    let said = answer.notifications("notifications/progress");
    assert_eq!(said[0]["progressToken"], json!(word));

    let path = "x".repeat(URI - "fixture://files/".len());
    let uri = format!("fixture://files/{path}");
    let read = legacy("2025-11-25", "resources/read", json!({ "uri": uri }));
    assert_eq!(
        servers.fixture.send(&read).result()["contents"][0]["uri"],
        json!(uri)
    );
}

fn many_members(count: u32) -> Value {
    let members: serde_json::Map<String, Value> = (0..count)
        .map(|number| (number.to_string(), json!(0)))
        .collect();
    members.into()
}

fn echo(filler: usize) -> Request {
    let arguments = json!({ "text": "x".repeat(filler) });
    modern(
        "tools/call",
        json!({ "name": "echo", "arguments": arguments }),
    )
}

fn a_body_of_the_maximum_length_is_served(servers: &Servers) {
    let empty = echo(0).message().to_string().len();
    let request = echo(LIMIT - empty);
    assert_eq!(request.message().to_string().len(), LIMIT);
    let answer = servers.fixture.send(&request);
    let text = answer.result()["structuredContent"]["text"]
        .as_str()
        .unwrap();
    assert_eq!(text.len(), LIMIT - empty);
}

fn a_body_in_many_chunks_is_served(servers: &Servers) {
    let request = echo(10_000);
    let text = request.message().to_string();
    for length in [1, 7, 4096] {
        let answer = servers
            .fixture
            .send(&request.clone().chunked(text.as_bytes(), length));
        assert_eq!(answer.status, 200, "{length}");
        assert!(answer.result()["structuredContent"]["text"].is_string());
    }
}

fn the_deepest_nesting_is_served(servers: &Servers) {
    // The message and its parameters are the first two levels.
    let deep = format!("{}{}", "[".repeat(DEPTH - 2), "]".repeat(DEPTH - 2));
    let deep: Value = serde_json::from_str(&deep).unwrap();
    assert_eq!(
        servers.fixture.send(&list().param("deep", deep)).status,
        200
    );
}

fn unknown_members_are_ignored(servers: &Servers) {
    let request = list()
        .param("__proto__", json!({ "admin": true }))
        .param("unknown", json!([null]))
        .meta("com.example/extra", json!(1))
        .with(|message| message["extra"] = json!("x"));
    assert!(servers.fixture.send(&request).result()["tools"].is_array());
}

fn a_disconnect_before_the_body_ends_affects_no_other_request(servers: &Servers) {
    for request in [list().cut(1000, b"{\"jsonrpc\""), list().cut(1000, b"")] {
        // Whether the refusal still reaches a client that has hung up is the host's affair.
        if let Ok(answer) = servers.fixture.try_send(&request) {
            assert_eq!(answer.status, 400);
        }
        assert_eq!(servers.fixture.send(&list()).status, 200);
    }
}
