//! Who, what and when: the names that the cases use.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::craft::{Secret, digest, encode};
use super::file::{Key, Mint, Name, Principal, Purpose, Request};

pub const NOW: u64 = 1_790_000_000;
pub const LIFETIME: u64 = 600;

pub const NEXT: Secret = Secret {
    id: "k3",
    stage: "next",
    seed: "k3",
};
pub const SIGN: Secret = Secret {
    id: "k2",
    stage: "sign",
    seed: "k2",
};
pub const OLD: Secret = Secret {
    id: "k1",
    stage: "old",
    seed: "k1",
};
pub const FOREIGN: Secret = Secret {
    id: "k9",
    stage: "sign",
    seed: "k9",
};

pub fn key(secret: &Secret) -> Key {
    Key {
        id: secret.id.to_owned(),
        secret: encode(&secret.bytes()),
        mac: encode(&secret.mac()),
        seal: encode(&secret.seal()),
    }
}

pub fn principals() -> BTreeMap<String, Principal> {
    let alice = Name {
        issuer: "https://id.example.com".to_owned(),
        subject: "alice".to_owned(),
        tenant: Some("red".to_owned()),
        client: Some("desk".to_owned()),
    };
    let named = |name: &Name| Principal {
        name: Some(name.clone()),
        canonical: json!([name.issuer, name.subject, name.tenant, name.client]).to_string(),
        digest: digest(&json!([name.issuer, name.subject, name.tenant, name.client]).to_string()),
    };
    let anonymous = Principal {
        name: None,
        canonical: "null".to_owned(),
        digest: digest("null"),
    };
    [
        ("anonymous", anonymous),
        ("alice", named(&alice)),
        (
            "bob",
            named(&Name {
                subject: "bob".to_owned(),
                ..alice.clone()
            }),
        ),
        (
            "alice at another issuer",
            named(&Name {
                issuer: "https://id.example.org".to_owned(),
                ..alice.clone()
            }),
        ),
        (
            "alice in another tenant",
            named(&Name {
                tenant: Some("blue".to_owned()),
                ..alice.clone()
            }),
        ),
        (
            "alice in no tenant",
            named(&Name {
                tenant: None,
                ..alice.clone()
            }),
        ),
        (
            "alice through another client",
            named(&Name {
                client: Some("phone".to_owned()),
                ..alice
            }),
        ),
    ]
    .map(|(name, principal)| (name.to_owned(), principal))
    .into()
}

pub fn requests() -> BTreeMap<String, Request> {
    let request = |method: &str, params: Value, canonical: &str| Request {
        method: method.to_owned(),
        params,
        canonical: canonical.to_owned(),
        digest: digest(canonical),
    };
    [
        (
            "simulate",
            request(
                "tools/call",
                json!({"name": "simulate", "arguments": {"rule": "r-7", "amount": 1250.0, "days": 30}}),
                r#"["tools/call",{"arguments":{"amount":1250,"days":30,"rule":"r-7"},"name":"simulate"}]"#,
            ),
        ),
        (
            "simulate with another argument",
            request(
                "tools/call",
                json!({"name": "simulate", "arguments": {"rule": "r-8", "amount": 1250.0, "days": 30}}),
                r#"["tools/call",{"arguments":{"amount":1250,"days":30,"rule":"r-8"},"name":"simulate"}]"#,
            ),
        ),
        (
            "a prompt of the same name",
            request(
                "prompts/get",
                json!({"name": "simulate", "arguments": {"rule": "r-7", "amount": 1250.0, "days": 30}}),
                r#"["prompts/get",{"arguments":{"amount":1250,"days":30,"rule":"r-7"},"name":"simulate"}]"#,
            ),
        ),
        (
            "every rule of the canonical form",
            request(
                "tools/call",
                json!({
                    "\u{fb33}": "after the emoji, which is two UTF-16 units from U+D800 on",
                    "\u{1f600}": "\u{1f600}",
                    "\u{20ac}": "\"\\\u{8}\t\n\u{c}\r\u{1}/\u{7f}",
                    "numbers": [0.0, -0.0, 1e21, 1e20, 1e-6, 1e-7, 0.1, 9_007_199_254_740_993_u64, -5],
                    "empty": [{}, [], "", null, true, false],
                }),
                "[\"tools/call\",{\"empty\":[{},[],\"\",null,true,false],\"numbers\":[0,0,1e+21,100000000000000000000,\
                 0.000001,1e-7,0.1,9007199254740993,-5],\"€\":\"\\\"\\\\\\b\\t\\n\\f\\r\\u0001/\u{7f}\",\"😀\":\"😀\",\
                 \"\u{fb33}\":\"after the emoji, which is two UTF-16 units from U+D800 on\"}]",
            ),
        ),
    ]
    .map(|(name, request)| (name.to_owned(), request))
    .into()
}

pub fn session() -> Mint {
    Mint {
        name: "session".to_owned(),
        purpose: Purpose::Session,
        content: r#"{"revision":"2025-11-25","capabilities":{"elicitation":{},"roots":{"listChanged":true}},"log_level":"warning"}"#.to_owned(),
        principal: "alice".to_owned(),
        request: None,
        now: NOW,
        lifetime: LIFETIME,
        random: encode(&[0xA1; 24]),
        token: String::new(),
    }
}

pub fn anonymous_session() -> Mint {
    Mint {
        name: "anonymous session".to_owned(),
        content: r#"{"revision":"2025-03-26","capabilities":{}}"#.to_owned(),
        principal: "anonymous".to_owned(),
        random: encode(&[0xA2; 24]),
        ..session()
    }
}

pub fn cursor() -> Mint {
    Mint {
        name: "cursor".to_owned(),
        purpose: Purpose::Cursor,
        content: r#"{"list":"tools/list","after":"evaluate_rule"}"#.to_owned(),
        random: encode(&[0xA3; 24]),
        ..session()
    }
}

pub fn state() -> Mint {
    Mint {
        name: "request state".to_owned(),
        purpose: Purpose::RequestState,
        content: r#"{"flow":"7b1f","round":1,"tool":"simulate@1","journal":[{"answer":{"action":"accept","content":{"threshold":900}},"kind":"ask","name":"threshold"}]}"#.to_owned(),
        request: Some("simulate".to_owned()),
        random: encode(&[0xA4; 24]),
        ..session()
    }
}
