//! Minting and opening resumption tokens.
//!
//! What a request pays is inside: the digest of its principal and, for a request state, the digest of the request that it
//! continues.

use std::hint::black_box;
use std::rc::Rc;
use std::time::Duration;

use mcp_edge_runtime::host::Timestamp;
use mcp_edge_runtime::token::{
    Binding, Codec, Cursor, Epochs, Keyring, NONCE, PrincipalName, Purpose, RequestDigest,
    RequestState, Session,
};
use serde_json::{Value, json};

use crate::repeat;

const KEYS: &str = "k1:sign:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU";
const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
const LIFETIME: Duration = Duration::from_secs(600);
/// The host's random bytes are the host's affair; here they are constant.
const RANDOM: [u8; NONCE] = [7; NONCE];
/// How many bytes of answers the journal of the request state holds.
const JOURNAL: usize = 1024;

pub(crate) fn mint<P: Purpose>(
    count: u32,
    content: &P,
    binding: fn(&Value) -> Binding<'static>,
) -> u32 {
    let (Some(codec), parameters) = (codec(), parameters()) else {
        return 0;
    };
    repeat(count, || {
        let binding = binding(&parameters);
        let token = codec.mint(black_box(content), &binding, NOW, LIFETIME, &RANDOM);
        black_box(token).is_ok()
    })
}

pub(crate) fn open<P: Purpose>(
    count: u32,
    content: &P,
    binding: fn(&Value) -> Binding<'static>,
) -> u32 {
    let (Some(codec), parameters) = (codec(), parameters()) else {
        return 0;
    };
    let minted = codec.mint(content, &binding(&parameters), NOW, LIFETIME, &RANDOM);
    let Ok(token) = minted else {
        return 0;
    };
    repeat(count, || {
        let binding = binding(&parameters);
        let opened = codec.open::<P>(black_box(&token), &binding, NOW);
        black_box(opened).is_ok()
    })
}

fn codec() -> Option<Codec> {
    let keyring = Rc::new(Keyring::parse(KEYS).ok()?);
    Some(Codec::new(
        keyring,
        "https://mcp.example.com/mcp",
        Epochs::default(),
    ))
}

pub(crate) fn principal(_: &Value) -> Binding<'static> {
    Binding::to(PrincipalName {
        issuer: "https://id.example.com/tenant/123",
        subject: "00u1abcd2efGHIJK3lmn",
        tenant: Some("red"),
        client: Some("desktop"),
    })
}

pub(crate) fn request(parameters: &Value) -> Binding<'static> {
    principal(parameters).and_request(RequestDigest::of("tools/call", parameters))
}

fn parameters() -> Value {
    json!({ "name": "simulate", "arguments": { "rule": "r-7", "amount": 1250.5 } })
}

pub(crate) fn session() -> Session {
    Session {
        revision: "2025-11-25".to_owned(),
        capabilities: json!({
            "elicitation": { "form": {}, "url": {} },
            "roots": { "listChanged": true },
            "sampling": { "tools": {} },
        }),
        log_level: Some("info".to_owned()),
    }
}

pub(crate) fn state() -> RequestState<Value> {
    RequestState {
        flow: "7b1f8d7e".to_owned(),
        round: 2,
        tool: "simulate@1".to_owned(),
        journal: json!([{ "kind": "ask", "name": "threshold", "answer": "x".repeat(JOURNAL) }]),
    }
}

pub(crate) fn cursor() -> Cursor {
    Cursor {
        list: "tools/list".to_owned(),
        after: "evaluate_rule".to_owned(),
    }
}
