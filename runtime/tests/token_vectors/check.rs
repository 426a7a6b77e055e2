//! One case of the file, put to the codec.

use std::rc::Rc;
use std::time::Duration;

use mcp_edge_runtime::host::Timestamp;
use mcp_edge_runtime::token::{
    Binding, Codec, Cursor, Epochs, Keyring, MintError, NONCE, PrincipalName, Purpose as Carried,
    RequestDigest, RequestState, Session,
};
use serde_json::Value;

use super::craft::{decode, encode};
use super::file::{Expect, Mint, Open, Purpose, Rule, Vectors};

pub fn mint(vectors: &Vectors, case: &Mint) -> Result<String, MintError> {
    let codec = codec(vectors, &vectors.keyring, Epochs::default());
    let binding = binding(vectors, &case.principal, case.request.as_deref());
    match case.purpose {
        Purpose::Session => mint_as::<Session>(&codec, &binding, case),
        Purpose::Cursor => mint_as::<Cursor>(&codec, &binding, case),
        Purpose::RequestState => mint_as::<RequestState<Value>>(&codec, &binding, case),
    }
}

fn mint_as<P: Carried>(
    codec: &Codec,
    binding: &Binding<'_>,
    case: &Mint,
) -> Result<String, MintError> {
    let content: P = serde_json::from_str(&case.content).expect(&case.name);
    let random: [u8; NONCE] = decode(&case.random).try_into().expect(&case.name);
    let lifetime = Duration::from_secs(case.lifetime);
    codec.mint(
        &content,
        binding,
        Timestamp::from_secs(case.now),
        lifetime,
        &random,
    )
}

/// The result of opening `token` in the circumstances of `case`.
pub fn open(vectors: &Vectors, case: &Open, token: &str) -> Expect {
    let keyring = case.keyring.as_ref().unwrap_or(&vectors.keyring);
    let codec = codec(vectors, keyring, epochs(vectors, case));
    let binding = binding(vectors, &case.principal, case.request.as_deref());
    let now = Timestamp::from_secs(case.now);
    match case.purpose {
        Purpose::Session => open_as::<Session>(&codec, &binding, now, token),
        Purpose::Cursor => open_as::<Cursor>(&codec, &binding, now, token),
        Purpose::RequestState => open_as::<RequestState<Value>>(&codec, &binding, now, token),
    }
}

fn open_as<P: Carried>(
    codec: &Codec,
    binding: &Binding<'_>,
    now: Timestamp,
    token: &str,
) -> Expect {
    match codec.open::<P>(token, binding, now) {
        Ok(opened) => Expect::Opened {
            content: serde_json::to_value(opened.content).unwrap(),
            id: opened.id,
            issued: opened.issued.as_secs(),
            expires: opened.expires.as_secs(),
        },
        Err(refused) => Expect::Refused(refused.reason().to_owned()),
    }
}

fn codec(vectors: &Vectors, keyring: &str, epochs: Epochs) -> Codec {
    let keyring = Keyring::parse(keyring).unwrap();
    Codec::new(Rc::new(keyring), vectors.audience.as_str(), epochs)
}

fn binding<'v>(vectors: &'v Vectors, principal: &str, request: Option<&str>) -> Binding<'v> {
    let binding = match &vectors.principals[principal].name {
        None => Binding::anonymous(),
        Some(name) => Binding::to(PrincipalName {
            issuer: &name.issuer,
            subject: &name.subject,
            tenant: name.tenant.as_deref(),
            client: name.client.as_deref(),
        }),
    };
    match request.map(|name| &vectors.requests[name]) {
        None => binding,
        Some(request) => binding.and_request(RequestDigest::of(&request.method, &request.params)),
    }
}

fn epochs(vectors: &Vectors, case: &Open) -> Epochs {
    case.epochs.iter().fold(Epochs::default(), |epochs, epoch| {
        let before = Timestamp::from_secs(epoch.before);
        match (&epoch.tenant, &epoch.principal) {
            (Some(tenant), _) => epochs.tenant(tenant, before),
            (None, Some(principal)) => {
                let name = vectors.principals[principal].name.as_ref().unwrap();
                epochs.principal(&name.issuer, &name.subject, before)
            }
            (None, None) => epochs.all(before),
        }
    })
}

/// Every text that a rule makes of a token.
pub fn changed(token: &str, rule: Rule) -> Vec<String> {
    match rule {
        Rule::TextBits => bits(token.as_bytes(), 7)
            .map(|text| String::from_utf8(text).unwrap())
            .collect(),
        Rule::Prefixes => (0..token.len())
            .map(|end| token[..end].to_owned())
            .collect(),
        Rule::SegmentBits => {
            let segments: Vec<&str> = token.split('.').collect();
            let changed = |position: usize| {
                let segments = segments.clone();
                bits(&decode(segments[position]), 8)
                    .map(move |bytes| {
                        let encoded = encode(&bytes);
                        let mut segments = segments.clone();
                        segments[position] = &encoded;
                        segments.join(".")
                    })
                    .collect::<Vec<_>>()
            };
            (0..segments.len()).flat_map(changed).collect()
        }
    }
}

/// `bytes` with one of the low `width` bits of one byte flipped, in every way.
fn bits(bytes: &[u8], width: u32) -> impl Iterator<Item = Vec<u8>> {
    (0..bytes.len()).flat_map(move |position| {
        (0..width).map(move |bit| {
            let mut changed = bytes.to_vec();
            changed[position] ^= 1 << bit;
            changed
        })
    })
}
