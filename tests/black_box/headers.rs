//! Headers that repeat the body: the base64 sentinel, mirrored arguments, and what two readers could read
//! differently.

use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Request, all, modern};
use serde_json::{Value, json};

pub fn tests() -> Vec<Test> {
    let mut tests = Vec::new();
    for (name, request) in accepted() {
        tests.push(Test::new(
            format!("headers: accepts {name}"),
            move |servers| {
                let answer = servers.fixture.send(&request);
                assert_ne!(answer.result()["isError"], true, "{}", answer.response());
            },
        ));
    }
    let rows = refused()
        .into_iter()
        .map(|(name, request)| (name, request, "Header mismatch: mcp-"));
    tests.extend(all(400, -32020, rows).tests("headers: refuses"));
    tests
}

fn read(path: &str) -> Request {
    modern(
        "resources/read",
        json!({ "uri": format!("fixture://files/{path}") }),
    )
}

fn mirrored(arguments: Value) -> Request {
    modern(
        "tools/call",
        json!({ "name": "mirrored", "arguments": arguments }),
    )
}

fn region(region: &str) -> Request {
    mirrored(json!({ "region": region }))
}

#[rustfmt::skip]
fn accepted() -> Vec<(&'static str, Request)> {
    let name = "Mcp-Name";
    let param = "Mcp-Param-Region";
    vec![
        ("a name as it stands", read("a")),
        ("white space around a name", read("a").header(name, "\t fixture://files/a  ")),
        ("a name in base64", read("a").wrapped(name, "fixture://files/a")),
        ("a name in any script", read("世界").wrapped(name, "fixture://files/世界")),
        ("header names in capitals", read("a").without(name).also("MCP-NAME", "fixture://files/a")),
        ("a plain argument", region("us-west1").header(param, "us-west1")),
        ("an argument in any script", region("Hello, 世界").header(param, "=?base64?SGVsbG8sIOS4lueVjA==?=")),
        ("an argument with white space around it", region(" padded ").header(param, "=?base64?IHBhZGRlZCA=?=")),
        ("an argument of two lines", region("line1\nline2").header(param, "=?base64?bGluZTEKbGluZTI=?=")),
        (
            "an argument that looks wrapped",
            region("=?base64?literal?=").header(param, "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?="),
        ),
        ("an argument with a comma", region("a, b").header(param, "a, b")),
        ("an empty argument in base64", region("").header(param, "=?base64??=")),
        ("a number", mirrored(json!({ "count": 42 })).header("Mcp-Param-Count", "42")),
        ("a number with a fraction of nothing", mirrored(json!({ "count": 42 })).header("Mcp-Param-Count", "42.0")),
        (
            "a number beyond 2^53",
            mirrored(json!({ "count": 9_007_199_254_740_993_i64 })).header("Mcp-Param-Count", "9007199254740993"),
        ),
        ("a number with an exponent", mirrored(json!({ "count": 4200 })).header("Mcp-Param-Count", "4.2e3")),
        ("a number whose body has a fraction of nothing", mirrored(json!({ "count": 42.0 })).header("Mcp-Param-Count", "42")),
        ("a truth", mirrored(json!({ "dry": true })).header("Mcp-Param-Dry", "true")),
        (
            "an argument inside another",
            mirrored(json!({ "target": { "tenant": "a" } })).header("Mcp-Param-Tenant", "a"),
        ),
        ("no argument and no header", mirrored(json!({}))),
        ("an argument for another tool", read("a").header("Mcp-Param-Whatever", "x")),
    ]
}

#[rustfmt::skip]
fn refused() -> Vec<(&'static str, Request)> {
    let name = "Mcp-Name";
    let param = "Mcp-Param-Region";
    let version = "MCP-Protocol-Version";
    let list = || modern("tools/list", json!({}));
    vec![
        ("a name twice", read("a").also(name, "fixture://files/a")),
        ("a method twice", list().also("Mcp-Method", "tools/list")),
        ("a revision twice", list().also(version, "2026-07-28")),
        ("two revisions", list().also(version, "2025-11-25")),
        ("an argument twice", region("a").header(param, "a").also(param, "a")),
        ("a method that is a list", list().header("Mcp-Method", "tools/list, tools/list")),
        ("a name of bytes that are not ASCII", read("世界").header(name, "fixture://files/世界")),
        ("a name of bytes that are not UTF-8", read("a").header(name, b"fixture://files/\xff")),
        ("a method of bytes that are not UTF-8", list().header("Mcp-Method", b"tools/list\xff")),
        ("a revision of bytes that are not UTF-8", list().header(version, b"2026-07-28\xff")),
        ("base64 without its padding", region("a").header(param, "=?base64?YQ?=")),
        ("base64 with too much padding", region("a").header(param, "=?base64?YQ===?=")),
        ("base64 with bits left over", region("a").header(param, "=?base64?YR==?=")),
        ("base64 of the other alphabet", region("??>").header(param, "=?base64?Pz8-?=")),
        ("base64 with white space", region("a").header(param, "=?base64?YQ ==?=")),
        ("base64 of what is not UTF-8", region("a").header(param, "=?base64?/w==?=")),
        ("a sentinel in capitals", region("a").header(param, "=?BASE64?YQ==?=")),
        ("half a sentinel", region("a").header(param, "=?base64?YQ==")),
        ("another argument", region("a").header(param, "b")),
        ("another argument in base64", region("a").wrapped(param, "b")),
        ("an argument in other letters", region("a").header(param, "A")),
        ("an argument without its header", region("a")),
        ("an argument of nothing without its header", region("")),
        ("a header without its argument", mirrored(json!({})).header(param, "a")),
        ("a header for an argument of null", mirrored(json!({ "region": null })).header(param, "null")),
        ("another number", mirrored(json!({ "count": 42 })).header("Mcp-Param-Count", "43")),
        (
            "the number before one beyond 2^53",
            mirrored(json!({ "count": 9_007_199_254_740_993_i64 })).header("Mcp-Param-Count", "9007199254740992"),
        ),
        (
            "the number after 2^53",
            mirrored(json!({ "count": 9_007_199_254_740_992_i64 })).header("Mcp-Param-Count", "9007199254740993"),
        ),
        (
            "a number that its body may have rounded",
            mirrored(json!({ "count": 9_007_199_254_740_992.0 })).header("Mcp-Param-Count", "9007199254740992"),
        ),
        ("a number with white space", mirrored(json!({ "count": 42 })).wrapped("Mcp-Param-Count", " 42")),
        ("a number with zeros before it", mirrored(json!({ "count": 42 })).header("Mcp-Param-Count", "042")),
        ("a number in words", mirrored(json!({ "count": 42 })).header("Mcp-Param-Count", "forty-two")),
        ("a truth in capitals", mirrored(json!({ "dry": true })).header("Mcp-Param-Dry", "True")),
        ("another truth", mirrored(json!({ "dry": true })).header("Mcp-Param-Dry", "false")),
        (
            "another argument inside another",
            mirrored(json!({ "target": { "tenant": "a" } })).header("Mcp-Param-Tenant", "b"),
        ),
    ]
}
