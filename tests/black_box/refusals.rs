//! What is refused, by which status and code, and which fault counts when there are two.
//!
//! The order is that of the official servers: the outside of the request, its shape, its era, the envelope, the
//! revision, the headers that repeat the body, the method, the parameters.

use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{MODERN, Refused, all, legacy, modern, post};
use serde_json::{Value, json};

const VERSION: &str = "MCP-Protocol-Version";
const VERSION_KEY: &str = "io.modelcontextprotocol/protocolVersion";
const CLIENT_KEY: &str = "io.modelcontextprotocol/clientInfo";
const CAPABILITIES_KEY: &str = "io.modelcontextprotocol/clientCapabilities";
/// More bytes than a body may have where `mcp.toml` does not say otherwise.
const TOO_MUCH: usize = (1 << 20) + 1;
/// `{}`, as gzip has it (RFC 1952).
const GZIP: &[u8] =
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xab\xae\x05\x00\x43\xbf\xa6\xa3\x02\x00\x00\x00";
const LEVEL_KEY: &str = "io.modelcontextprotocol/logLevel";

pub fn tests() -> Vec<Test> {
    [
        outside(),
        shape(),
        envelope(),
        headers(),
        methods(),
        params(),
        old_eras(),
        two_faults(),
    ]
    .into_iter()
    .flatten()
    .flat_map(|table| table.tests("refusals"))
    .collect()
}

fn list() -> mcp_edge_tests::Request {
    modern("tools/list", json!({}))
}

fn echo() -> mcp_edge_tests::Request {
    modern(
        "tools/call",
        json!({ "name": "echo", "arguments": { "text": "hi" } }),
    )
}

#[rustfmt::skip]
fn outside() -> Vec<Refused> {
    vec![
        all(405, -32600, [
            ("GET", list().http_method("GET"), "use POST"),
            ("DELETE", list().http_method("DELETE"), "use POST"),
            ("PUT", list().http_method("PUT"), "use POST"),
        ]),
        all(414, -32600, [
            ("a long path", list().path(&format!("/{}", "x".repeat(8_000))), "8000 bytes"),
            ("a long query", list().path(&format!("/mcp?{}", "x".repeat(7_996))), "8000 bytes"),
        ]),
        all(404, -32600, [
            ("another path", list().path("/other"), "Not found"),
            ("a path of the maximum length", list().path(&format!("/{}", "x".repeat(7_999))), "Not found"),
        ]),
        all(403, -32600, [
            ("a page of another origin", list().header("Origin", "https://evil.example.com"), "access.allowed_origins"),
            ("an origin that is not a URL", list().header("Origin", "null"), "access.allowed_origins"),
        ]),
        all(406, -32600, [
            ("no stream accepted", list().header("Accept", "application/json"), "Accept must allow both"),
            ("no JSON accepted", list().header("Accept", "text/event-stream"), "Accept must allow both"),
            ("JSON excluded by q=0", list().header("Accept", "application/json;q=0, */*"), "Accept must allow both"),
        ]),
        all(415, -32600, [
            ("another media type", list().header("Content-Type", "text/plain"), "application/json"),
            ("no media type", list().without("Content-Type"), "application/json"),
            ("a coded body", list().header("Content-Encoding", "gzip").bytes(GZIP), "without Content-Encoding"),
            ("a body that may be coded", list().header("Content-Encoding", "identity, br"), "without Content-Encoding"),
        ]),
    ]
}

#[rustfmt::skip]
fn shape() -> Vec<Refused> {
    let with = |member: &str, value: Value| {
        let member = member.to_owned();
        list().with(move |message| message[member] = value)
    };
    let without = |member: &str| {
        let member = member.to_owned();
        list().with(move |message| {
            message
                .as_object_mut()
                .map(|members| members.remove(&member));
        })
    };
    vec![
        all(400, -32600, [
            ("not 2.0", with("jsonrpc", json!("1.0")), "`jsonrpc`"),
            ("no version", without("jsonrpc"), "`jsonrpc`"),
            ("an id of null", with("id", Value::Null), "`id`"),
            ("an id with a fraction", with("id", json!(1.5)), "`id`"),
            ("an id that is an object", with("id", json!({})), "`id`"),
            ("no method", without("method"), "`method`"),
            ("a method of null", with("method", Value::Null), "`method`"),
            ("parameters by place", with("params", json!([1])), "`params`"),
            ("text", post(json!("tools/list")), "JSON object"),
            ("null", post(Value::Null), "JSON object"),
            ("several messages at once", list().with(|message| *message = json!([message])), "batches"),
            (
                "a response",
                post(json!({ "jsonrpc": "2.0", "id": 1, "result": {} })).header(VERSION, MODERN),
                "not responses",
            ),
        ]),
    ]
}

#[rustfmt::skip]
fn envelope() -> Vec<Refused> {
    let bare = |method: &str| {
        post(json!({ "jsonrpc": "2.0", "id": 1, "method": method }))
            .header(VERSION, MODERN)
            .header("Mcp-Method", method)
    };
    vec![
        all(400, -32602, [
            ("no parameters", bare("tools/list"), VERSION_KEY),
            ("discover by its name alone", bare("server/discover").without(VERSION), VERSION_KEY),
            ("parameters of null", bare("tools/list").with(|message| message["params"] = Value::Null), VERSION_KEY),
            ("capabilities of null", list().capabilities(Value::Null), CAPABILITIES_KEY),
            ("an envelope of null", list().param("_meta", Value::Null), VERSION_KEY),
            ("no revision", list().without_meta(VERSION_KEY), VERSION_KEY),
            ("a revision that is a number", list().meta(VERSION_KEY, json!(20260728)), VERSION_KEY),
            ("a revision of null", list().meta(VERSION_KEY, Value::Null), VERSION_KEY),
            ("no capabilities", list().without_meta(CAPABILITIES_KEY), CAPABILITIES_KEY),
            ("capabilities that are a list", list().capabilities(json!([])), CAPABILITIES_KEY),
            ("an envelope that is a list", list().param("_meta", json!([])), VERSION_KEY),
        ]),
        all(400, -32022, [
            (
                "an unknown revision",
                list().meta(VERSION_KEY, json!("2099-01-01")).header(VERSION, "2099-01-01"),
                "Unsupported protocol version",
            ),
            (
                "an old revision in a new envelope",
                list().meta(VERSION_KEY, json!("2025-11-25")).header(VERSION, "2025-11-25"),
                "Unsupported protocol version",
            ),
        ]),
        all(200, -32602, [
            ("a bad progress token", list().meta("progressToken", json!({})), "progressToken"),
            ("an unknown log level", list().meta(LEVEL_KEY, json!("loud")), LEVEL_KEY),
            ("a log level that is a number", list().meta(LEVEL_KEY, json!(3)), LEVEL_KEY),
            ("a client that is text", list().meta(CLIENT_KEY, json!("black-box/1")), CLIENT_KEY),
            ("a client that is a list", list().meta(CLIENT_KEY, json!([])), CLIENT_KEY),
            ("a client that says nothing", list().meta(CLIENT_KEY, json!({})), "`name`"),
            ("a client whose name is a number", list().meta(CLIENT_KEY, json!({ "name": 7, "version": "1" })), "`name`"),
            ("a client whose name is null", list().meta(CLIENT_KEY, json!({ "name": null, "version": "1" })), "`name`"),
            ("a client without a version", list().meta(CLIENT_KEY, json!({ "name": "black-box" })), "`version`"),
            ("a client whose version is a number", list().meta(CLIENT_KEY, json!({ "name": "a", "version": 1 })), "`version`"),
            (
                "a client whose title is a number",
                list().meta(CLIENT_KEY, json!({ "name": "a", "version": "1", "title": 7 })),
                "`title`",
            ),
        ]),
    ]
}

fn headers() -> Vec<Refused> {
    let read = || modern("resources/read", json!({ "uri": "fixture://files/a" }));
    let prompt = || modern("prompts/get", json!({ "name": "crowd_000" }));
    vec![all(
        400,
        -32020,
        [
            (
                "no revision in the headers",
                list().without(VERSION),
                "mcp-protocol-version is missing",
            ),
            (
                "an old revision in the headers",
                list().header(VERSION, "2025-11-25"),
                "mcp-protocol-version",
            ),
            (
                "an unknown revision in the headers",
                list().header(VERSION, "2099-01-01"),
                "mcp-protocol-version",
            ),
            (
                "no Mcp-Method",
                list().without("Mcp-Method"),
                "mcp-method is missing",
            ),
            (
                "another Mcp-Method",
                list().header("Mcp-Method", "prompts/list"),
                "mcp-method is not",
            ),
            (
                "Mcp-Method in capitals",
                list().header("Mcp-Method", "TOOLS/LIST"),
                "mcp-method is not",
            ),
            (
                "no Mcp-Name",
                echo().without("Mcp-Name"),
                "mcp-name is missing",
            ),
            (
                "another Mcp-Name",
                echo().header("Mcp-Name", "slow"),
                "mcp-name is not",
            ),
            (
                "Mcp-Name in capitals",
                echo().header("Mcp-Name", "ECHO"),
                "mcp-name is not",
            ),
            (
                "no Mcp-Name for a prompt",
                prompt().without("Mcp-Name"),
                "mcp-name is missing",
            ),
            (
                "another Mcp-Name for a prompt",
                prompt().header("Mcp-Name", "crowd"),
                "mcp-name is not",
            ),
            (
                "no Mcp-Name for a resource",
                read().without("Mcp-Name"),
                "mcp-name is missing",
            ),
            (
                "another Mcp-Name for a resource",
                read().header("Mcp-Name", "fixture://files/b"),
                "mcp-name is not",
            ),
        ],
    )]
}

#[rustfmt::skip]
fn methods() -> Vec<Refused> {
    let row = |name, method| (name, modern(method, json!({})), "Method not found");
    vec![
        all(404, -32601, [
            row("an unknown method", "no/such"),
            row("an empty method", ""),
            row("a method in capitals", "TOOLS/LIST"),
            row("initialize in a new envelope", "initialize"),
            row("a method that is gone: ping", "ping"),
            row("a method that is gone: logging/setLevel", "logging/setLevel"),
            row("a method that is gone: resources/subscribe", "resources/subscribe"),
            row("a method that is gone: resources/unsubscribe", "resources/unsubscribe"),
            row("a notification with an id", "notifications/initialized"),
        ]),
        // White space around a header's value is no part of it.
        all(400, -32020, [
            ("a method that ends in white space", modern("tools/list ", json!({})), "mcp-method"),
        ]),
    ]
}

#[rustfmt::skip]
fn params() -> Vec<Refused> {
    let call = |name: &str, params: Value| modern(name, params);
    let complete = |reference: Value, name: &str| {
        let argument = json!({ "name": name, "value": "" });
        modern("completion/complete", json!({ "ref": reference, "argument": argument }))
    };
    vec![
        all(200, -32602, [
            ("no tool", call("tools/call", json!({})), "`name`"),
            ("a tool that is a number", call("tools/call", json!({ "name": 7 })), "`name`"),
            ("an unknown tool", call("tools/call", json!({ "name": "unknown" })), "tools/list"),
            ("arguments by place", call("tools/call", json!({ "name": "echo", "arguments": ["hi"] })), "`arguments`"),
            ("an unknown prompt", call("prompts/get", json!({ "name": "unknown" })), "prompts/list"),
            ("a prompt without its argument", call("prompts/get", json!({ "name": "crowd" })), "name"),
            ("an unknown resource", call("resources/read", json!({ "uri": "fixture://none" })), "Resource not found"),
            (
                "a resource that its template does not find",
                call("resources/read", json!({ "uri": "fixture://files/missing" })),
                "Resource not found",
            ),
            ("a resource without a URI", call("resources/read", json!({})), "`uri`"),
        ]),
        all(200, -32603, [
            ("a broken resource", call("resources/read", json!({ "uri": "fixture://broken" })), "Internal error"),
            ("a broken prompt", call("prompts/get", json!({ "name": "broken" })), "Internal error"),
        ]),
        all(200, -32602, [
            ("nothing to listen to", call("subscriptions/listen", json!({})), "`notifications`"),
            ("nothing to complete", call("completion/complete", json!({})), "`argument.name`"),
            (
                "an unknown thing to complete",
                complete(json!({ "type": "ref/prompt", "name": "unknown" }), "x"),
                "nothing of that name",
            ),
            ("a cursor that is a number", call("tools/list", json!({ "cursor": 3 })), "cursor"),
            (
                "known arguments that are text",
                complete(json!({ "type": "ref/prompt", "name": "crowd" }), "name").param("context", json!({ "arguments": "a" })),
                "`context.arguments`",
            ),
            (
                "a known argument that is a number",
                complete(json!({ "type": "ref/prompt", "name": "crowd" }), "name")
                    .param("context", json!({ "arguments": { "a": 1 } })),
                "`context.arguments`",
            ),
            (
                "a context that is a list",
                complete(json!({ "type": "ref/prompt", "name": "crowd" }), "name").param("context", json!([])),
                "`context`",
            ),
        ]),
        all(400, -32021, [
            (
                "a client that cannot be asked",
                call("tools/call", json!({ "name": "charge" })),
                "Missing required client capability",
            ),
        ]),
    ]
}

#[rustfmt::skip]
fn old_eras() -> Vec<Refused> {
    let initialize = |params: Value| legacy("2025-11-25", "initialize", params);
    let calling_itself = |info: Value| {
        initialize(json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": info }))
    };
    vec![
        all(200, -32601, [
            ("legacy: an unknown method", legacy("2025-11-25", "no/such", json!({})), "Method not found"),
            (
                "legacy: a method of the modern era",
                legacy("2025-06-18", "subscriptions/listen", json!({})),
                "Method not found",
            ),
        ]),
        all(400, -32602, [
            (
                "legacy: an unknown revision",
                legacy("2025-11-25", "ping", json!({})).header(VERSION, "1999-01-01"),
                "Unsupported",
            ),
        ]),
        all(200, -32602, [
            ("legacy: initialize without anything", initialize(json!({})), "protocolVersion"),
            (
                "legacy: initialize without capabilities",
                initialize(json!({ "protocolVersion": "2025-11-25" })),
                "capabilities",
            ),
            (
                "legacy: initialize without a client",
                initialize(json!({ "protocolVersion": "2025-11-25", "capabilities": {} })),
                "clientInfo",
            ),
        ]),
        all(200, -32602, [
            ("legacy: a client that is text", calling_itself(json!("black-box/1")), "`clientInfo`"),
            ("legacy: a client of null", calling_itself(Value::Null), "`clientInfo`"),
            ("legacy: a client that says nothing", calling_itself(json!({})), "`name`"),
            ("legacy: a client whose name is a number", calling_itself(json!({ "name": 7, "version": "1" })), "`name`"),
            ("legacy: a client without a version", calling_itself(json!({ "name": "black-box" })), "`version`"),
            (
                "legacy: capabilities of null",
                initialize(json!({ "protocolVersion": "2025-11-25", "capabilities": null })),
                "capabilities",
            ),
        ]),
        all(200, -32002, [
            (
                "legacy: an unknown resource",
                legacy("2025-11-25", "resources/read", json!({ "uri": "fixture://none" })),
                "Resource not found",
            ),
        ]),
        all(200, -32602, [
            ("legacy: an unknown tool", legacy("2025-03-26", "tools/call", json!({ "name": "unknown" })), "tools/list"),
            (
                "legacy: an unknown level",
                legacy("2025-11-25", "logging/setLevel", json!({ "level": "loud" })),
                "`level`",
            ),
        ]),
        all(200, -32002, [
            (
                "legacy: an unknown subscription",
                legacy("2025-11-25", "resources/subscribe", json!({ "uri": "fixture://none" })),
                "Resource not found",
            ),
        ]),
        all(400, -32600, [
            ("legacy: several messages at once", legacy("2025-06-18", "ping", json!({})).bytes(b"[]"), "no batches"),
        ]),
    ]
}

#[rustfmt::skip]
fn two_faults() -> Vec<Refused> {
    vec![
        all(403, -32600, [
            (
                "the origin before the media types",
                list().header("Origin", "https://evil.example.com").header("Accept", "text/html"),
                "",
            ),
        ]),
        all(406, -32600, [
            (
                "the answer's media type before the body's",
                list().header("Accept", "text/html").without("Content-Type"),
                "",
            ),
        ]),
        all(415, -32600, [
            ("the body's media type before its length", list().without("Content-Type").bytes(vec![b' '; TOO_MUCH]), ""),
        ]),
        all(413, -32600, [
            ("the length before the JSON", list().bytes(vec![b'!'; TOO_MUCH]), "1048576"),
        ]),
        all(400, -32700, [
            ("the JSON before the shape", list().bytes(b"{\"id\":null,"), "not JSON"),
        ]),
        all(400, -32600, [
            (
                "the shape before the envelope",
                list().without_meta(VERSION_KEY).with(|message| message["id"] = Value::Null),
                "`id`",
            ),
        ]),
        all(400, -32602, [
            (
                "the envelope before the method",
                modern("ping", json!({})).without_meta(CAPABILITIES_KEY),
                CAPABILITIES_KEY,
            ),
            (
                "the envelope before the headers",
                list().without_meta(CAPABILITIES_KEY).without("Mcp-Method"),
                CAPABILITIES_KEY,
            ),
        ]),
        all(400, -32020, [
            (
                "the header's revision before the served ones",
                list().meta(VERSION_KEY, json!("2099-01-01")),
                "mcp-protocol-version",
            ),
        ]),
        all(400, -32022, [
            (
                "the revision before the other headers",
                list().meta(VERSION_KEY, json!("2099-01-01")).header(VERSION, "2099-01-01").without("Mcp-Method"),
                "",
            ),
        ]),
        all(400, -32020, [
            (
                "the headers before the method",
                modern("no/such", json!({})).header("Mcp-Method", "tools/list"),
                "mcp-method",
            ),
            (
                "the headers before the parameters",
                modern("tools/call", json!({ "name": "unknown" })).without("Mcp-Name"),
                "mcp-name",
            ),
        ]),
    ]
}
