//! Clients that do not read their answers.
//!
//! They may keep what is sent to them waiting, and nothing else: a place among calls at once, or among the requests that a
//! process serves at once, is another caller's as soon as the work has ended, or the token with which it began.

use std::time::{SystemTime, UNIX_EPOCH};

use mcp_edge_tests::http2::Http2;
use mcp_edge_tests::recorder::wait_for;
use mcp_edge_tests::servers::Servers;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Request, modern, tests};
use serde_json::{Value, json};
use xtask::host::Host;

/// How long a token lasts whose end is waited for, in seconds.
const BRIEF: u64 = 15;
/// More bytes than the buffers between a process and its client take. What is in front of an edge host takes them all.
const MUCH: usize = 16_000_000;

pub fn tests() -> Vec<Test> {
    tests![
        a_stalled_stream_ends_with_its_token,
        an_answer_that_is_not_read_takes_no_place,
        a_client_that_opens_no_window_takes_no_place,
    ]
}

fn call(name: &str, arguments: Value) -> Request {
    modern(
        "tools/call",
        json!({ "name": name, "arguments": arguments }),
    )
}

/// `two at once` of tests/guarded-server, which only a process can count.
fn a_stalled_stream_ends_with_its_token(servers: &Servers) {
    let server = servers.guarded();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let token = |expires: Option<u64>| {
        let mut claims = json!({ "sub": "stalled", "tenant": "acme", "scope": "mcp:read" });
        if let Some(expires) = expires {
            claims["exp"] = json!(expires);
        }
        server.token(claims)
    };
    let (brief, long) = (token(Some(now.as_secs() + BRIEF)), token(None));
    let report = |count: u32, bytes: usize| {
        call(
            "read_and_report",
            json!({ "reports": count, "bytes": bytes }),
        )
        .meta("progressToken", json!("p"))
    };
    let bytes = match servers.host {
        Host::Native => 1_000_000,
        Host::Workers | Host::Spin => 1_000,
    };
    let stalled = ["stalled-1", "stalled-2"].map(|client| {
        let request = report(600, bytes).bearer(&brief).client(client);
        server.endpoint.open(&request).unwrap()
    });
    let other = || server.endpoint.send(&report(1, 0).bearer(&long));
    if servers.host == Host::Native {
        assert_eq!(other().status, 429);
        let answer = wait_for("a place among calls at once", || {
            Some(other()).filter(|answer| answer.status == 200)
        });
        assert_eq!(answer.text(), "reported 1 times");
    }
    // The events are there while the clients are, still without reading.
    for client in ["stalled-1", "stalled-2"] {
        let event = server.events.of_client(client);
        assert_eq!(event["outcome"], "refused", "{event}");
        assert_eq!(event["reason"], "invalid_token", "{event}");
    }
    drop(stalled);
}

/// Two requests may be in flight natively.
fn an_answer_that_is_not_read_takes_no_place(servers: &Servers) {
    let server = servers.fixture_in("crowded");
    let bytes = match servers.host {
        Host::Native => MUCH,
        Host::Workers | Host::Spin => 1_000,
    };
    let long = call("slow", json!({ "millis": 400, "bytes": bytes }));
    let unread = ["unread-1", "unread-2"]
        .map(|client| server.endpoint.open(&long.clone().client(client)).unwrap());
    assert!(unread.iter().all(|answer| answer.status == 200));
    wait_for("a place in flight", || {
        let list = server.endpoint.send(&modern("tools/list", json!({})));
        (list.status == 200).then_some(())
    });
    for client in ["unread-1", "unread-2"] {
        assert_eq!(server.events.of_client(client)["outcome"], "ok");
    }
    drop(unread);
}

/// RFC 9113, 5.2: a client may ask for an answer and give it a window of no bytes.
fn a_client_that_opens_no_window_takes_no_place(servers: &Servers) {
    if servers.host != Host::Native {
        return;
    }
    let server = servers.fixture_in("crowded");
    let mut connection = Http2::connect_with(&server.endpoint, 0).unwrap();
    for client in ["closed-1", "closed-2"] {
        let request = call("slow", json!({ "millis": 400 })).client(client);
        let stream = connection.begin(&request, &[]).unwrap();
        assert_eq!(connection.status(stream).unwrap(), 200);
    }
    wait_for("a place in flight", || {
        let list = server.endpoint.send(&modern("tools/list", json!({})));
        (list.status == 200).then_some(())
    });
    for client in ["closed-1", "closed-2"] {
        assert_eq!(server.events.of_client(client)["outcome"], "ok");
    }
    drop(connection);
}
