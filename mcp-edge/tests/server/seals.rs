//! Which events of the log have signatures.

use futures_util::future::join;
use mcp_edge::config::{Audit, Settings, SigningKeysSecret};
use mcp_edge::prelude::*;
use serde_json::json;

use super::host::{PUBLIC, client};

const SIGNED: Settings = Settings {
    audit: Audit {
        signing_keys: Some(SigningKeysSecret::in_secret("MCP_EDGE_AUDIT_KEYS")),
        ..PUBLIC.audit
    },
    ..PUBLIC
};

/// Two requests at once and then one; for each event, whether it has a seal.
fn seals(works_on: bool) -> Vec<bool> {
    let server = Server::builder("com.example/rules", "1.2.0").build();
    let client = client(server, SIGNED);
    let host = client.host();
    host.set_works_on(works_on);
    let ask = || client.call_async("server/discover", json!({}));
    let (one, other) = host.run(join(ask(), ask()));
    host.run_after_response();
    let last = host.run(ask());
    host.run_after_response();
    one.and(other).and(last).expect("answers");
    let events = host.events();
    events
        .iter()
        .map(|event| event["seal"].is_object())
        .collect()
}

#[test]
fn events_that_end_at_once_have_one_signature_on_a_host_that_works_on() {
    assert_eq!(seals(true), [false, true, true]);
}

#[test]
fn every_event_has_a_signature_where_a_host_may_end_after_a_response() {
    assert_eq!(seals(false), [true, true, true]);
}
