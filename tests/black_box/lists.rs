//! Lists, page by page, and cursors that are not good.

use std::collections::BTreeSet;
use std::time::Duration;

use mcp_edge_runtime::token::Cursor;
use mcp_edge_tests::servers::Servers;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::tokens::{FIXTURE, LONG_AGO};
use mcp_edge_tests::{Endpoint, Request, legacy, modern, tests, tokens};
use serde_json::{Value, json};

/// Each list with its member and what tells its entries apart.
const LISTS: [(&str, &str, &str); 4] = [
    ("tools/list", "tools", "name"),
    ("prompts/list", "prompts", "name"),
    ("resources/list", "resources", "uri"),
    (
        "resources/templates/list",
        "resourceTemplates",
        "uriTemplate",
    ),
];

const SOON: Duration = Duration::from_secs(0);

pub fn tests() -> Vec<Test> {
    let mut tests = tests![
        pages_hold_every_entry_once,
        legacy_pages_hold_every_entry_once,
        a_cursor_works_again,
        what_tests_mint_is_what_servers_mint,
    ];
    tests.extend(bad_cursors());
    tests
}

/// Turns the pages of a list to the end, and gives all entries.
fn all(server: &Endpoint, member: &str, ask: impl Fn(Value) -> Request) -> (usize, Vec<Value>) {
    let mut entries = Vec::new();
    let mut params = json!({});
    for page in 1.. {
        let answer = server.send(&ask(params));
        let result = answer.result();
        entries.extend(result[member].as_array().unwrap().iter().cloned());
        match result.get("nextCursor") {
            Some(cursor) => params = json!({ "cursor": cursor }),
            None => return (page, entries),
        }
    }
    unreachable!("a list has an end")
}

fn all_once(servers: &Servers, ask: impl Fn(&str, Value) -> Request) {
    for (method, member, key) in LISTS {
        let (pages, entries) = all(&servers.fixture, member, |params| ask(method, params));
        assert!(pages >= 3, "{method}: {pages}");
        let names: BTreeSet<&str> = entries
            .iter()
            .map(|entry| entry[key].as_str().unwrap())
            .collect();
        assert_eq!(names.len(), entries.len(), "{method}: one comes twice");
        assert!(entries.len() > 120, "{method}: {}", entries.len());
    }
}

fn pages_hold_every_entry_once(servers: &Servers) {
    all_once(servers, modern);
}

fn legacy_pages_hold_every_entry_once(servers: &Servers) {
    for revision in ["2025-03-26", "2025-06-18", "2025-11-25"] {
        all_once(servers, |method, params| legacy(revision, method, params));
    }
}

fn a_cursor_works_again(servers: &Servers) {
    let first = servers.fixture.send(&modern("tools/list", json!({})));
    let cursor = &first.result()["nextCursor"];
    let ask = || {
        servers
            .fixture
            .send(&modern("tools/list", json!({ "cursor": cursor })))
    };
    assert_eq!(ask().result()["tools"], ask().result()["tools"]);
    // A cursor says where to go on, not for which era.
    let old = servers.fixture.send(&legacy(
        "2025-11-25",
        "tools/list",
        json!({ "cursor": cursor }),
    ));
    assert_eq!(old.result()["tools"].as_array().unwrap().len(), 50);
}

fn cursor(list: &str, after: &str) -> Cursor {
    Cursor {
        list: list.to_owned(),
        after: after.to_owned(),
    }
}

/// Otherwise the tests with bad cursors would prove nothing.
fn what_tests_mint_is_what_servers_mint(servers: &Servers) {
    let good = tokens::mint(&cursor("tools/list", "slow"), FIXTURE, tokens::KEYS, SOON);
    let answer = servers
        .fixture
        .send(&modern("tools/list", json!({ "cursor": good })));
    assert_eq!(answer.result()["tools"][0]["name"], "stream");
}

fn bad_cursors() -> Vec<Test> {
    let tools = cursor("tools/list", "slow");
    let good = tokens::mint(&tools, FIXTURE, tokens::KEYS, SOON);
    let session = mcp_edge_runtime::token::Session {
        revision: "2025-11-25".to_owned(),
        capabilities: json!({}),
        log_level: None,
    };
    [
        (
            "an expired",
            tokens::mint(&tools, FIXTURE, tokens::KEYS, LONG_AGO),
            "expired",
        ),
        ("an altered", tokens::altered(&good), ""),
        ("a truncated", good[..good.len() - 1].to_owned(), ""),
        ("a lengthened", format!("{good}A"), ""),
        (
            "another server's",
            tokens::mint(&tools, "com.example/other", tokens::KEYS, SOON),
            "wrong_server",
        ),
        (
            "a forged",
            tokens::mint(&tools, FIXTURE, &tokens::foreign_keys(), SOON),
            "bad_signature",
        ),
        (
            "an unknown key's",
            tokens::mint(&tools, FIXTURE, &tokens::unknown_keys(), SOON),
            "unknown_key",
        ),
        (
            "a session's token as",
            tokens::mint(&session, FIXTURE, tokens::KEYS, SOON),
            "wrong_purpose",
        ),
        (
            "another list's",
            tokens::mint(
                &cursor("prompts/list", "crowd"),
                FIXTURE,
                tokens::KEYS,
                SOON,
            ),
            "none",
        ),
        (
            "a removed entry's",
            tokens::mint(
                &cursor("tools/list", "was-here-once"),
                FIXTURE,
                tokens::KEYS,
                SOON,
            ),
            "none",
        ),
        ("an empty", String::new(), "malformed"),
        ("an invented", "cGFnZS0y".to_owned(), "malformed"),
        ("an oversized", "A".repeat(100_000), "too_large"),
    ]
    .into_iter()
    .map(|(name, token, reason)| {
        Test::new(format!("lists: {name} cursor"), move |servers| {
            let client = format!("cursor-{}", name.replace([' ', '\''], "-"));
            let request = modern("tools/list", json!({ "cursor": token })).client(&client);
            let answer = servers.fixture.send(&request);
            let (status, code, message) = answer.error();
            assert_eq!((status, code), (200, -32602), "{message}");
            assert!(message.contains("list again from the start"), "{message}");
            assert!(token.is_empty() || !message.contains(&token));
            let event = servers.events.of_client(&client);
            assert_eq!(event["reason"], "invalid_cursor");
            match reason {
                // Where in the token the change falls decides.
                "" => assert!(event["token_error"].is_string(), "{event}"),
                "none" => assert!(event.get("token_error").is_none(), "{event}"),
                reason => assert_eq!(event["token_error"], reason),
            }
        })
    })
    .collect()
}
