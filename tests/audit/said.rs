//! What is on record of a request, and what its caller can prove.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use mcp_edge_audit::digest::sha256;
use mcp_edge_audit::evidence::{Purpose, SignedStatement, is_signed};
use mcp_edge_tests::audited::{Audited, Hosting, assert_signed};
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{modern, tests};
use serde_json::{Value, json};

pub fn tests() -> Vec<Test<Hosting>> {
    tests![
        contents_are_recorded_where_they_are_asked_for,
        a_receipt_proves_that_an_event_was_recorded,
        a_sealed_log_verifies_with_the_published_keys,
    ]
}

/// The published public half of a key of evidence.
fn key(server: &Audited, id: &Value) -> [u8; 32] {
    let keys = server.document("/.well-known/jwks.json");
    let mut keys = keys["keys"].as_array().unwrap().iter();
    let key = keys.find(|key| key["kid"] == *id).unwrap();
    let bytes = Base64UrlUnpadded::decode_vec(key["x"].as_str().unwrap()).unwrap();
    bytes.try_into().unwrap()
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    match value[member].as_str() {
        Some(text) => text,
        None => panic!("no `{member}`: {value}"),
    }
}

fn repeat(arguments: Value) -> mcp_edge_tests::Request {
    modern(
        "tools/call",
        json!({ "name": "repeat", "arguments": arguments }),
    )
}

fn contents_are_recorded_where_they_are_asked_for(hosting: &Hosting) {
    let server = hosting.server("", &[]);
    let arguments = json!({
        "words": "visible",
        "card": { "number": 7, "name": "Ada" },
        "items": [{ "ssn": "1", "sum": 1 }, { "ssn": "2", "sum": 2 }],
        "note": "card 4111111111111111",
    });
    server
        .endpoint
        .send(&repeat(arguments.clone()).client("contents"));
    let event = server.events.of_client("contents");
    let written: Value = serde_json::from_str(text(&event["arguments"], "content")).unwrap();
    let hidden = json!({
        "words": "visible",
        "card": { "number": "[redacted]", "name": "Ada" },
        "items": [{ "ssn": "[redacted]", "sum": 1 }, { "ssn": "[redacted]", "sum": 2 }],
        "note": "card [redacted]",
    });
    assert_eq!(written, hidden);
    // Nothing in it is written otherwise in canonical form, once its members are sorted.
    assert_eq!(
        event["arguments"]["sha256"],
        sha256(sorted(&arguments).as_bytes())
    );

    let call = json!({ "name": "fail", "arguments": { "words": "unasked" } });
    let call = modern("tools/call", call).client("unasked");
    server.endpoint.send(&call);
    let event = server.events.of_client("unasked");
    assert_eq!(event["arguments"].get("content"), None, "{event}");
    assert!(event["arguments"]["sha256"].is_string(), "{event}");
}

/// JSON with the members of every object in the order of their names.
fn sorted(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort();
            let members: Vec<String> = names
                .into_iter()
                .map(|name| format!("{}:{}", json!(name), sorted(&members[name])))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(sorted).collect();
            format!("[{}]", items.join(","))
        }
        plain => plain.to_string(),
    }
}

fn a_receipt_proves_that_an_event_was_recorded(hosting: &Hosting) {
    let server = hosting.server("", &[]);
    let call = repeat(json!({ "words": "for the record" })).client("has-a-receipt");
    let answer = server.endpoint.send(&call);
    let receipt = &answer.result()["_meta"]["mcp-edge/receipt"];
    let event = server.events.of_client("has-a-receipt");
    for (stated, recorded) in [
        ("event", &event["id"]),
        ("hash", &event["hash"]),
        ("chain", &event["chain"]["id"]),
        ("sequence", &event["chain"]["sequence"]),
    ] {
        assert_eq!(&receipt[stated], recorded, "{receipt} of {event}");
    }
    let statement = SignedStatement {
        purpose: Purpose::Receipt,
        chain: text(receipt, "chain"),
        sequence: receipt["sequence"].as_u64().unwrap(),
        hash: text(receipt, "hash"),
        time: text(receipt, "time"),
    };
    let key = key(&server, &receipt["key"]);
    let signature = text(receipt, "signature");
    assert!(is_signed(&statement, signature, &key), "{receipt}");
    let other = SignedStatement {
        sequence: statement.sequence + 1,
        ..statement
    };
    assert!(!is_signed(&other, signature, &key));

    let refused = modern("tools/call", json!({ "name": "unknown" }));
    let refused = server.endpoint.send(&refused);
    assert_eq!(refused.error().0, 401, "there is no result to put one in");
}

fn a_sealed_log_verifies_with_the_published_keys(hosting: &Hosting) {
    let server = hosting.server("", &[]);
    for number in 0..20 {
        let call = repeat(json!({ "number": number }));
        server
            .endpoint
            .send(&call.client(&format!("sealed-{number}")));
    }
    server.events.of_client("sealed-19");
    let events = server.events.every();
    let report = server.verify(&events);
    assert_signed(&report);
    for event in &events {
        let seal = &event["seal"];
        let statement = SignedStatement {
            purpose: Purpose::Seal,
            chain: text(&event["chain"], "id"),
            sequence: event["chain"]["sequence"].as_u64().unwrap(),
            hash: text(event, "hash"),
            time: text(seal, "time"),
        };
        let key = key(&server, &seal["key"]);
        assert!(
            is_signed(&statement, text(seal, "signature"), &key),
            "the log gets each event as a batch of its own: {event}"
        );
    }
}
