//! How often a caller may call.

use std::thread;
use std::time::Duration;

use mcp_edge_tests::servers::Servers;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Answer, Connection, Event, Guarded, Request, legacy, modern, tests};
use serde_json::{Value, json};
use xtask::host::Host;

const LEGACY: &str = "2025-11-25";
/// `five a minute` of tests/guarded-server.
const CALLS: usize = 5;
const PERIOD: u64 = 60;

pub fn tests() -> Vec<Test> {
    tests![
        a_rate_follows_its_principal,
        a_refused_call_has_retry_after,
        callers_at_once_are_counted_together,
        calls_that_are_not_permitted_are_not_counted,
        calls_at_once_have_a_bound,
    ]
}

fn call(name: &str, arguments: Value) -> Request {
    modern(
        "tools/call",
        json!({ "name": name, "arguments": arguments }),
    )
}

fn change() -> Request {
    call("change_slowly", json!({}))
}

/// The most calls that may pass before the first that is refused. The native host counts exactly. Workers lets rather
/// more through than fewer, and Spin up to twice as many around the end of a window (docs/guide/workers.md, docs/guide/spin.md).
fn most(host: Host) -> usize {
    match host {
        Host::Native => CALLS,
        Host::Workers | Host::Spin => 2 * CALLS,
    }
}

fn claims(subject: &str, tenant: &str, client: &str) -> Value {
    json!({ "sub": subject, "tenant": tenant, "client_id": client, "scope": "mcp:read mcp:write" })
}

/// Sends until one is refused, and gives how many were served and the refusal.
#[track_caller]
fn exhaust(
    servers: &Servers,
    server: &Guarded,
    next: impl Fn(usize) -> Request,
) -> (usize, Answer) {
    let most = most(servers.host);
    for served in 0..=most {
        let answer = server.endpoint.send(&next(served));
        if answer.status != 200 {
            assert!(served >= CALLS, "{served} were served");
            return (served, answer);
        }
        assert_eq!(answer.text(), "changed");
    }
    panic!("more than {most} were served");
}

/// Each call comes with a token of its own, and in turn with another client and another session.
fn a_rate_follows_its_principal(servers: &Servers) {
    let server = servers.guarded();
    let initialize = json!({
        "protocolVersion": LEGACY,
        "capabilities": {},
        "clientInfo": { "name": "black-box", "version": "1" },
    });
    let (_, refused) = exhaust(servers, server, |count| {
        let client = format!("client-{}", count / 2);
        let token = server.token(claims("wanderer", "acme", &client));
        if count % 2 == 0 {
            return change().bearer(&token);
        }
        let begin = legacy(LEGACY, "initialize", initialize.clone()).bearer(&token);
        let answer = server.endpoint.send(&begin);
        let session = answer.header("mcp-session-id").unwrap();
        legacy(LEGACY, "tools/call", json!({ "name": "change_slowly" }))
            .session(session)
            .bearer(&token)
    });
    assert_eq!(refused.status, 429);

    for (subject, tenant) in [("settler", "acme"), ("wanderer", "globex")] {
        let token = server.token(claims(subject, tenant, "client-0"));
        let answer = server.endpoint.send(&change().bearer(&token));
        assert_eq!(answer.text(), "changed", "{subject} of {tenant}");
    }
}

fn a_refused_call_has_retry_after(servers: &Servers) {
    let server = servers.guarded();
    let token = server.token(claims("hasty", "acme", "desk"));
    let (served, refused) = exhaust(servers, server, |count| {
        change().bearer(&token).client(&format!("hasty-{count}"))
    });
    let (status, code, message) = refused.error();
    assert_eq!((status, code), (429, -32600));
    let stated = refused.header("retry-after").unwrap();
    let seconds: u64 = stated.parse().unwrap();
    assert!((1..=PERIOD).contains(&seconds), "{seconds} seconds");
    assert!(message.contains("five a minute"), "{message}");
    assert!(message.contains(&format!("{stated} seconds")), "{message}");
    assert_eq!(
        refused.response()["error"]["data"],
        json!({ "reason": "rate_limited", "retryAfter": seconds })
    );
    let event = server.events.of_client(&format!("hasty-{served}"));
    for (member, expected) in [
        ("outcome", json!("refused")),
        ("reason", json!("rate_limited")),
        ("decision", json!("allow")),
        ("rule", json!("writers")),
        ("status", json!(429)),
    ] {
        assert_eq!(event[member], expected, "{event}");
    }
    let other = call("change_rule", json!({ "rule": "large" })).bearer(&token);
    let answer = server.endpoint.send(&other);
    assert_eq!(answer.status, 200, "another tool has no such rate");
}

/// On Spin calls that are counted at the same moment may count as one (docs/guide/spin.md).
fn callers_at_once_are_counted_together(servers: &Servers) {
    let server = servers.guarded();
    let token = server.token(claims("crowd", "acme", "desk"));
    let served = thread::scope(|scope| {
        let senders: Vec<_> = (0..4 * CALLS)
            .map(|_| scope.spawn(|| server.endpoint.send(&change().bearer(&token)).status))
            .collect();
        let statuses = senders.into_iter().map(|sender| sender.join().unwrap());
        statuses
            .inspect(|status| assert!([200, 429].contains(status), "{status}"))
            .filter(|status| *status == 200)
            .count()
    });
    assert!(served >= CALLS, "{served} were served");
    if servers.host != Host::Spin {
        assert!(served <= most(servers.host), "{served} were served");
    }
}

fn calls_that_are_not_permitted_are_not_counted(servers: &Servers) {
    let server = servers.guarded();
    let narrow = json!({ "sub": "narrow", "tenant": "acme", "scope": "mcp:read" });
    let narrow = server.token(narrow);
    for _ in 0..3 * CALLS {
        let answer = server.endpoint.send(&change().bearer(&narrow));
        assert_eq!(answer.status, 403);
    }
    let token = server.token(claims("narrow", "acme", "test-control"));
    exhaust(servers, server, |_| change().bearer(&token));
}

/// `two at once` of tests/guarded-server, which holds only where calls can be counted as they end.
fn calls_at_once_have_a_bound(servers: &Servers) {
    if servers.host != Host::Native {
        return;
    }
    let server = servers.guarded();
    let token = |subject: &str| server.token(claims(subject, "acme", "desk"));
    let (busy, idle) = (token("busy"), token("idle"));
    let report = |count: u32| {
        call("read_and_report", json!({ "reports": count })).meta("progressToken", json!("p"))
    };
    let hold = || -> Connection {
        let mut open = server.endpoint.open(&report(600).bearer(&busy)).unwrap();
        // By then the call is running.
        let first = open.next_event().unwrap();
        assert!(matches!(first, Some(Event::Message(said)) if said["params"]["progress"] == 0));
        open
    };
    let (first, second) = (hold(), hold());
    let refused = server.endpoint.send(&report(1).bearer(&busy));
    assert_eq!(refused.error().0, 429);
    assert!(refused.error().2.contains("two at once"));
    assert_eq!(refused.header("retry-after"), Some("1"));
    let answer = server.endpoint.send(&report(1).bearer(&idle));
    assert_eq!(answer.text(), "reported 1 times");

    // That a caller has left is noticed by the next report.
    drop(first);
    let mut answer = server.endpoint.send(&report(1).bearer(&busy));
    for _ in 0..100 {
        if answer.status == 200 {
            break;
        }
        thread::sleep(Duration::from_millis(100));
        answer = server.endpoint.send(&report(1).bearer(&busy));
    }
    assert_eq!(answer.text(), "reported 1 times");
    drop(second);
}
