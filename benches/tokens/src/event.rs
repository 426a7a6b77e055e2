//! What is done for the event of a request: its digests, its hash, its place in the chain, and signatures.

use std::hint::black_box;
use std::rc::Rc;

use mcp_edge_audit::canonical;
use mcp_edge_audit::chain::{Chain, ChainedEvent};
use mcp_edge_audit::digest::sha256;
use mcp_edge_audit::event::{Captured, Event, EventPrincipal, EventType, Outcome, VERSION};
use mcp_edge_runtime::audit_trail::evidence::SigningKeys;
use serde_json::{Value, json};

use crate::repeat;

/// A key that signs nothing outside this program.
const KEYS: &str = "bench:sign:UK5h6EH6xOj55AuvKtNuyGiSLqSDaMGPlTXkfbVt1/s";
const TIME: &str = "2026-11-21T08:00:00.000Z";

/// Writes the event of a call of a tool and links it, with or without digests of the arguments and the result.
pub(crate) fn link(count: u32, digests: bool) -> u32 {
    let (arguments, result) = (arguments(), result());
    let mut chain = Chain::new([7; 16]);
    repeat(count, || {
        let said = |value: &Value| {
            digests.then(|| Captured {
                content: None,
                sha256: Some(sha256(&canonical::to_vec(black_box(value)))),
            })
        };
        let event = Event {
            arguments: said(&arguments),
            result: said(&result),
            ..event()
        };
        !black_box(chain.link(event)).hash.is_empty()
    })
}

pub(crate) fn seal(count: u32) -> u32 {
    sign(count, |keys, linked| keys.seal(linked, TIME).is_some())
}

pub(crate) fn receipt(count: u32) -> u32 {
    sign(count, |keys, linked| keys.receipt(linked, TIME).is_some())
}

fn sign(count: u32, sign: fn(&SigningKeys, &ChainedEvent) -> bool) -> u32 {
    let Ok(keys) = SigningKeys::parse(KEYS) else {
        return 0;
    };
    let linked = typical();
    repeat(count, || black_box(sign(&keys, black_box(&linked))))
}

/// The event of a call by an authenticated caller, with everything that such a call usually has.
pub fn typical() -> Rc<ChainedEvent> {
    let said = |value: &Value| {
        Some(Captured {
            content: None,
            sha256: Some(sha256(&canonical::to_vec(value))),
        })
    };
    Chain::new([7; 16]).link(Event {
        arguments: said(&arguments()),
        result: said(&result()),
        ..event()
    })
}

/// A log of `count` events, in chains of 1,000 that are sealed every 20 events, and the public keys of its seals.
pub fn log(count: u32) -> Option<(String, String)> {
    let keys = SigningKeys::parse(KEYS).ok()?;
    let (arguments, result) = (arguments(), result());
    let digest = |value: &Value| {
        Some(Captured {
            content: None,
            sha256: Some(sha256(&canonical::to_vec(value))),
        })
    };
    let (arguments, result) = (digest(&arguments), digest(&result));
    let mut log = String::new();
    let mut chain = Chain::new([0; 16]);
    for number in 0..count {
        if number % 1000 == 0 {
            chain = Chain::new(u128::from(number).to_be_bytes());
        }
        let is_last = number % 1000 == 999;
        let linked = chain.link(Event {
            arguments: arguments.clone(),
            // Or else the end of the log would not be proven.
            event: if is_last {
                EventType::End
            } else {
                EventType::Request
            },
            result: result.clone(),
            id: format!("{number:032x}"),
            ..event()
        });
        if number % 20 == 19 {
            let seal = keys.seal(&linked, TIME)?;
            log.push_str(&linked.sealed(&json!(seal).to_string()));
        } else {
            log.push_str(&linked.json);
        }
        log.push('\n');
    }
    Some((log, keys.jwks().to_string()))
}

fn event() -> Event {
    let own = |text: &str| Some(text.to_owned());
    Event {
        client_info: own("claude-code 2.1.240"),
        decision: Some("allow".into()),
        duration_ms: 12,
        environment: own("production"),
        era: Some("modern".into()),
        host: "workers".into(),
        id: "0af7651916cd43dd8448eb211c80319c".to_owned(),
        method: Some("tools/call".into()),
        name: own("evaluate_rule"),
        outcome: Outcome::Ok,
        parent_span_id: own("b7ad6b7169203331"),
        principal: Some(EventPrincipal {
            client: own("0oa1abcd2efGHIJK3lmn"),
            issuer: own("https://example.okta.com/oauth2/fraud"),
            subject: own("analyst@example.com"),
            ..EventPrincipal::default()
        }),
        request_bytes: 412,
        response_bytes: 530,
        revision: Some("2026-07-28".into()),
        rule: Some("analysts read".into()),
        server: own("com.example/fraud-rules"),
        span_id: own("00f067aa0ba902b7"),
        status: 200,
        time: TIME.to_owned(),
        trace_id: own("0af7651916cd43dd8448eb211c80319c"),
        version: VERSION,
        ..Event::default()
    }
}

fn arguments() -> Value {
    json!({ "rule": "velocity-24h", "amount": 1250.5, "currency": "EUR", "merchant": "m-2231" })
}

fn result() -> Value {
    json!({
        "content": [{ "type": "text", "text": "{\"verdict\":\"review\",\"score\":0.82}" }],
        "structuredContent": { "verdict": "review", "score": 0.82 },
    })
}
