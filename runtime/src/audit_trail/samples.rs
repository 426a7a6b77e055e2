//! One event of each sort, the same in every run: for tests of everything that events pass through.

use std::rc::Rc;

use mcp_edge_audit::chain::{Chain, ChainedEvent};
use mcp_edge_audit::digest::sha256;
use mcp_edge_audit::event::{
    Captured, DeliveryReport, Event, EventLivePolicy, EventPrincipal, EventType, Outcome,
    UpstreamCalls, VERSION,
};

use mcp_edge_runtime::audit_trail::evidence::SigningKeys;
use mcp_edge_runtime::host::Timestamp;

/// When a batch of them is sent.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_790_000_060_500);

/// What each shows, and the event.
pub(crate) fn events() -> Vec<(&'static str, Event)> {
    vec![
        (
            "served",
            Event {
                arguments: Some(Captured {
                    content: Some(r#"{"amount":120,"card":"[redacted]"}"#.to_owned()),
                    sha256: Some(sha256(b"the arguments")),
                }),
                decision: Some("allow".into()),
                duration_ms: 10,
                parent_span_id: Some("b7ad6b7169203331".to_owned()),
                response_bytes: 96,
                result: Some(Captured {
                    content: None,
                    sha256: Some(sha256(b"the result")),
                }),
                rule: Some("analysts".into()),
                upstream: Some(UpstreamCalls {
                    calls: 2,
                    failed: 0,
                    ..UpstreamCalls::default()
                }),
                ..call(1, "evaluate_rule", Outcome::Ok, 200)
            },
        ),
        (
            "tool_error",
            Event {
                decision: Some("allow".into()),
                duration_ms: 1500,
                rule: Some("analysts".into()),
                upstream: Some(UpstreamCalls {
                    calls: 1,
                    failed: 1,
                    ..UpstreamCalls::default()
                }),
                ..call(2, "evaluate_rule", Outcome::ToolError, 200)
            },
        ),
        (
            "step_up",
            Event {
                decision: Some("step_up".into()),
                reason: Some("insufficient_scope".into()),
                rule: Some("publishers".into()),
                ..call(3, "publish_rule", Outcome::Refused, 403)
            },
        ),
        (
            "rate_limited",
            Event {
                decision: Some("allow".into()),
                rate_limit: Some("per_tenant".into()),
                reason: Some("rate_limited".into()),
                rule: Some("analysts".into()),
                ..call(4, "evaluate_rule", Outcome::Refused, 429)
            },
        ),
        (
            "unauthenticated",
            Event {
                outcome: Outcome::Refused,
                reason: Some("invalid_token".into()),
                status: 401,
                token_error: Some("expired".into()),
                ..request(5)
            },
        ),
        (
            "malformed",
            Event {
                detail: Some("expected `,` or `}` at line 1 column 17".to_owned()),
                outcome: Outcome::ProtocolError,
                reason: Some("parse_error".into()),
                status: 400,
                ..request(6)
            },
        ),
        (
            "anonymous",
            Event {
                client_info: Some("curl".to_owned()),
                era: Some("legacy".into()),
                method: Some("tools/list".into()),
                outcome: Outcome::Ok,
                principal: Some(EventPrincipal {
                    anonymous: true,
                    ..EventPrincipal::default()
                }),
                revision: Some("2025-11-25".into()),
                status: 200,
                ..request(7)
            },
        ),
        (
            "prompt",
            Event {
                method: Some("prompts/get".into()),
                ..call(8, "review_rule", Outcome::InputRequired, 200)
            },
        ),
        (
            "resource",
            Event {
                duration_ms: 400_000,
                method: Some("resources/read".into()),
                reason: Some("internal_error".into()),
                ..call(9, "rules://{rule}", Outcome::Failed, 200)
            },
        ),
        (
            "unknown_tool",
            Event {
                name: None,
                name_sha256: Some(sha256(b"drop_tables")),
                reason: Some("invalid_params".into()),
                ..call(10, "", Outcome::ProtocolError, 200)
            },
        ),
        (
            "quarantined",
            Event {
                decision: Some("deny".into()),
                live_policy: Some(EventLivePolicy {
                    digest: Some(sha256(b"a signed document")),
                    key: Some("l1".to_owned()),
                    version: 7,
                }),
                quarantined: true,
                reason: Some("invalid_params".into()),
                ..call(11, "new_tool", Outcome::Refused, 200)
            },
        ),
        (
            "cancelled",
            Event {
                client_address: Some("2001:db8::7".to_owned()),
                ..call(12, "evaluate_rule", Outcome::Cancelled, 0)
            },
        ),
        (
            "intent",
            Event {
                decision: Some("allow".into()),
                event: EventType::Intent,
                request_id: Some(id(14)),
                rule: Some("analysts".into()),
                ..call(13, "delete_rule", Outcome::Intended, 0)
            },
        ),
        (
            "result_withheld",
            Event {
                detail: Some(
                    "the sink `siem` did not take the event: it answered 503 Service Unavailable"
                        .to_owned(),
                ),
                event: EventType::Withheld,
                request_id: Some(id(14)),
                ..call(15, "delete_rule", Outcome::Failed, 0)
            },
        ),
        (
            "loss",
            Event {
                delivery: Some(DeliveryReport {
                    chain: None,
                    events: 3,
                    oldest: time(1),
                    sequences: vec![(0, 1), (4, 4)],
                    sink: "siem".into(),
                }),
                detail: Some("it answered 400 Bad Request".to_owned()),
                event: EventType::Loss,
                outcome: Outcome::Failed,
                ..about_the_log(16)
            },
        ),
        (
            "late",
            Event {
                delivery: Some(DeliveryReport {
                    chain: None,
                    events: 1,
                    oldest: time(2),
                    sequences: Vec::new(),
                    sink: "siem".into(),
                }),
                event: EventType::Late,
                outcome: Outcome::Failed,
                ..about_the_log(17)
            },
        ),
        (
            "document",
            Event {
                outcome: Outcome::Ok,
                path: Some("/.well-known/ai-catalog.json".to_owned()),
                status: 200,
                ..request(18)
            },
        ),
        (
            "end",
            Event {
                event: EventType::End,
                outcome: Outcome::Ok,
                ..about_the_log(19)
            },
        ),
    ]
}

/// All of them in one chain.
pub(crate) fn linked() -> Vec<Rc<ChainedEvent>> {
    let mut chain = Chain::new([7; 16]);
    let events = events().into_iter();
    events.map(|(_, event)| chain.link(event)).collect()
}

/// The seal of an event.
pub(crate) fn seal(linked: &ChainedEvent) -> String {
    let seed = "UK5h6EH6xOj55AuvKtNuyGiSLqSDaMGPlTXkfbVt1/s=";
    let keys = SigningKeys::parse(&format!("e1:sign:{seed}")).unwrap();
    let seal = keys.seal(linked, &NOW.to_rfc3339()).unwrap();
    serde_json::to_string(&seal).unwrap()
}

fn call(number: u8, name: &str, outcome: Outcome, status: u16) -> Event {
    Event {
        client_info: Some("claude-code 2.1.240".to_owned()),
        era: Some("modern".into()),
        method: Some("tools/call".into()),
        name: Some(name.to_owned()),
        outcome,
        principal: Some(EventPrincipal {
            actors: vec!["agent-7".to_owned()],
            anonymous: false,
            client: Some("fraud-desk".to_owned()),
            issuer: Some("https://id.example".to_owned()),
            subject: Some("alice".to_owned()),
            tenant: Some("north".to_owned()),
        }),
        revision: Some("2026-07-28".into()),
        status,
        ..request(number)
    }
}

fn request(number: u8) -> Event {
    Event {
        request_bytes: 321,
        response_bytes: 64,
        span_id: Some(format!("{number:016x}")),
        trace_id: Some(format!("{number:032x}")),
        ..about_the_log(number)
    }
}

fn about_the_log(number: u8) -> Event {
    Event {
        environment: Some("production".to_owned()),
        host: "workers".into(),
        id: id(number),
        server: Some("com.example/fraud-rules".to_owned()),
        time: time(number),
        version: VERSION,
        ..Event::default()
    }
}

fn id(number: u8) -> String {
    format!("{number:02x}").repeat(16)
}

fn time(number: u8) -> String {
    Timestamp::from_millis(1_790_000_000_000 + u64::from(number) * 1000).to_rfc3339()
}
