//! How many requests a process serves at once.

use mcp_edge_tests::recorder::wait_for;
use mcp_edge_tests::servers::Servers;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Event, Request, legacy, modern, tests};
use serde_json::{Value, json};
use xtask::host::Host;

/// Where two requests may be in flight natively.
const ENVIRONMENT: &str = "crowded";

pub fn tests() -> Vec<Test> {
    tests![requests_in_flight_have_a_bound]
}

fn slow() -> Request {
    modern(
        "tools/call",
        json!({ "name": "slow", "arguments": { "millis": 60_000 } }),
    )
}

/// Only a native process counts; what bounds an instance elsewhere is the platform's (docs/guide/workers.md, docs/guide/spin.md).
fn requests_in_flight_have_a_bound(servers: &Servers) {
    let server = servers.fixture_in(ENVIRONMENT);
    let list = || modern("tools/list", json!({})).client("one-too-many");
    let in_flight = [(); 2].map(|()| {
        let mut connection = server.endpoint.open(&slow()).unwrap();
        assert_eq!(connection.next_event().unwrap(), Some(Event::Comment));
        connection
    });
    if servers.host != Host::Native {
        assert_eq!(server.endpoint.send(&list()).status, 200);
        return;
    }

    let refused = server.endpoint.send(&list());
    let (status, code, message) = refused.error();
    assert_eq!((status, code), (503, -32603), "{message}");
    assert!(message.contains("limits.in_flight"), "{message}");
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(
        refused.response()["error"]["data"],
        json!({ "reason": "overloaded", "retryAfter": 1 })
    );
    let ping = legacy("2025-06-18", "ping", json!({}));
    let refused = server.endpoint.send(&ping);
    assert_eq!(refused.status, 503);
    assert_eq!(refused.response()["id"], Value::Null);
    let events = server
        .events
        .wait(2, |event| event["reason"] == "overloaded");
    assert_eq!(events[0]["outcome"], "failed");

    // What is no call takes no place.
    let get = list().http_method("GET").path("/.well-known/nothing");
    assert_eq!(server.endpoint.send(&get).status, 404);

    drop(in_flight);
    wait_for("a place", || {
        (server.endpoint.send(&list()).status == 200).then_some(())
    });
}
