//! Events are no longer than `audit.max_event_bytes`, whatever callers and tools say.

use mcp_edge_audit::digest::sha256;
use mcp_edge_tests::audited::{Audited, Hosting};
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Request, modern, tests};
use serde_json::{Value, json};

pub fn tests() -> Vec<Test<Hosting>> {
    tests![
        no_event_is_longer_than_the_bound,
        invisible_characters_are_escaped,
    ]
}

/// The default of `audit.max_event_bytes`.
const MAX_EVENT_BYTES: usize = 8192;
/// What `hash` and `seal` add at most.
const EVIDENCE: usize = 400;

fn call(name: &str, arguments: Value) -> Request {
    modern(
        "tools/call",
        json!({ "name": name, "arguments": arguments }),
    )
}

/// The lines of the log that are events, as long as they are there.
fn lines(server: &Audited) -> Vec<String> {
    let text = server.events.text();
    let lines = text.lines().filter_map(|line| {
        let line = line.get(line.find("{\"")?..)?;
        // Hosts may put their own words behind an event.
        let line = line.get(..=line.rfind('}')?)?;
        line.contains("\"event\":\"mcp.").then(|| line.to_owned())
    });
    lines.collect()
}

fn no_event_is_longer_than_the_bound(hosting: &Hosting) {
    let server = hosting.server("", &[]);
    // Each grows in JSON, in bytes or by an escape; `repeat` says everything twice.
    let texts = ["\u{1}", "\"", "\\", "\u{1f600}", "\u{e0041}", "a\u{202e}"];
    let mut clients = Vec::new();
    for (number, text) in texts.into_iter().enumerate() {
        for length in [50, 300, 2000, 5000] {
            let client = format!("long-{number}-{length}");
            let words = json!({ "words": text.repeat(length) });
            server.endpoint.send(&call("repeat", words).client(&client));
            clients.push(client);
        }
        let client = format!("fails-{number}");
        let words = json!({ "words": text.repeat(4000) });
        server.endpoint.send(&call("fail", words).client(&client));
        clients.push(client);
    }
    let subject = format!("spiffe://example.com/{}", "\u{10ffff}\"".repeat(150));
    let token = server.token(&subject, &["rules:read"]);
    let request = call("secret_rule", json!({})).bearer(&token);
    server.endpoint.send(&request.client("long-subject"));
    let event = server.events.of_client("long-subject");
    let written = event["principal"]["subject"].as_str().unwrap();
    assert!(written.starts_with("spiffe://example.com/"), "{event}");
    assert!(written.contains(&sha256(subject.as_bytes())), "{event}");

    for client in &clients {
        let event = server.events.of_client(client);
        if client == "long-1-2000" {
            // 2,000 quotes are not too long to be recorded, but for an event in which each takes four bytes.
            assert_eq!(event["arguments"]["content"], "[4012 bytes]", "{event}");
        }
        if client.ends_with("-5000") {
            for said in ["arguments", "result"] {
                let content = event[said]["content"].as_str().unwrap();
                let is_length = content.starts_with('[') && content.ends_with(" bytes]");
                assert!(is_length, "{client}: {content}");
                assert!(event[said]["sha256"].is_string(), "{event}");
            }
        }
        if client.starts_with("fails") {
            assert!(
                event["detail"].as_str().unwrap().ends_with(" bytes]"),
                "{event}"
            );
        }
    }
    let lines = lines(&server);
    assert!(lines.len() > clients.len());
    for line in &lines {
        assert!(
            line.len() <= MAX_EVENT_BYTES + EVIDENCE,
            "{}: {line}",
            line.len()
        );
    }
    // Some are as long as they may be: the bound is what made them fit.
    assert!(
        lines
            .iter()
            .any(|line| line.len() > MAX_EVENT_BYTES * 3 / 4)
    );
    let events = server.events.every();
    let report = server.verify(&events);
    assert_eq!(report.other_lines, 0, "{report:?}");
}

fn invisible_characters_are_escaped(hosting: &Hosting) {
    let server = hosting.server("", &[]);
    // Turns the direction of writing, is not seen, ends a line, is a tag, and is blank twice.
    let text = "a\u{202e}b\u{200b}c\u{2028}d\u{e0041}e\u{1b}f\u{2800}g\u{3000}h";
    let shown = "a\\u{202e}b\\u{200b}c\\u{2028}d\\u{e0041}e\\u{1b}f\\u{2800}g\\u{3000}h";
    server
        .endpoint
        .send(&call("repeat", json!({ "words": text })).client(text));
    server
        .endpoint
        .send(&call("fail", json!({ "words": text })).client("fails-invisibly"));
    let token = server.token(text, &["rules:read"]);
    let request = call("secret_rule", json!({})).bearer(&token);
    server.endpoint.send(&request.client("is-invisible"));

    let event = server.events.of_client(shown);
    // JSON in a text: its own escapes mean the same.
    let content = event["arguments"]["content"].as_str().unwrap();
    assert!(content.contains("a\\u202eb"), "{content}");
    let words: Value = serde_json::from_str(content).unwrap();
    assert_eq!(words["words"], text);
    let failed = server.events.of_client("fails-invisibly");
    assert_eq!(failed["detail"], shown);
    let signed = server.events.of_client("is-invisible");
    assert_eq!(signed["principal"]["subject"], shown);
    let log = server.events.text();
    for invisible in [
        '\u{202e}',
        '\u{200b}',
        '\u{2028}',
        '\u{e0041}',
        '\u{2800}',
        '\u{3000}',
    ] {
        assert!(!log.contains(invisible), "{}", invisible.escape_unicode());
    }
}
