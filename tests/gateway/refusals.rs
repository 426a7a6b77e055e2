//! Arguments that would make another request than the operation's.

use mcp_edge_tests::gateway::Hosting;
use mcp_edge_tests::suite::Test;
use serde_json::{Value, json};

use crate::api::shared;

/// A tool, an argument, and a value of it that must not reach the upstream.
const REFUSED: &[(&str, &str, &str)] = &[
    ("getThing", "id", ""),
    ("getThing", "id", "."),
    ("getThing", "id", ".."),
    ("getThing", "id", "../admin"),
    ("getThing", "id", "..\\admin"),
    ("getThing", "id", "%2e%2e"),
    ("getThing", "id", "%2E%2e%2fadmin"),
    ("getThing", "id", "a/b"),
    ("getThing", "id", "a%2fb"),
    ("getThing", "id", "a%5cb"),
    ("getThing", "id", "..;"),
    ("getThing", "id", "..;/admin"),
    ("getThing", "id", ".\t."),
    ("getThing", "id", "a?b"),
    ("getThing", "id", "a#b"),
    ("getThing", "id", "a\0b"),
    ("getThing", "id", "a\r\nb"),
    ("getThing", "X-Trace-Note", "a\r\nx-admin: 1"),
    ("getThing", "X-Trace-Note", "a\nb"),
    ("getThing", "X-Trace-Note", " a"),
    ("getThing", "X-Trace-Note", "日本"),
    ("getThing", "view", "a; admin=1"),
    ("getThing", "view", "a,b"),
    ("getThing", "view", "a\"b"),
    ("getThing", "view", "a\r\nb"),
];

pub(crate) fn tests() -> Vec<Test<Hosting>> {
    let refused = REFUSED.iter().map(|&(tool, argument, value)| {
        Test::on(
            format!("refusals: {argument} = {value:?}"),
            move |hosting| {
                is_refused(hosting, tool, argument, value);
            },
        )
    });
    let mut tests: Vec<_> = refused.collect();
    tests.push(Test::on(
        "refusals: unknown arguments",
        |hosting: &Hosting| {
            let gateway = &shared(hosting).gateway;
            for (tool, arguments) in [
                ("getThing", json!({ "id": "1", "Host": "evil.example" })),
                ("getThing", json!({ "id": "1", "authorization": "x" })),
                ("find", json!({ "query": "x", "format": "other" })),
                ("find", json!({ "q": "x" })),
            ] {
                let error = gateway.tool_error(tool, arguments);
                assert!(error.contains("Invalid arguments"), "{error}");
            }
        },
    ));
    tests
}

fn is_refused(hosting: &Hosting, tool: &str, argument: &str, value: &str) {
    let shared = shared(hosting);
    // A value that the request can be found by, where it gets through.
    let mark = format!("mark-{}", argument.len() * 1000 + value.len());
    let mut arguments = json!({ "id": "1", "tags": [mark] });
    arguments[argument] = Value::from(value);
    let error = shared.gateway.tool_error(tool, arguments);
    assert!(error.contains(argument), "{error}");
    let is_marked = |target: &str| target.contains(&mark);
    let received = shared.upstream.received();
    let through: Vec<_> = received
        .iter()
        .filter(|request| is_marked(&request.target))
        .map(|request| &request.target)
        .collect();
    assert!(through.is_empty(), "{through:?}");
}
