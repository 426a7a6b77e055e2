//! What holds for every token; `tests/token_vectors` has the single cases.

use std::rc::Rc;
use std::time::Duration;

use jwt_compact::AlgorithmExt as _;
use jwt_compact::alg::{Hs256, Hs256Key};
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::Digest as _;

use super::*;
use crate::host::Timestamp;

/// SHA-256 of no bytes.
const KEYS: &str = "k1:sign:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU";
const NOW: Timestamp = Timestamp::from_secs(1_790_000_000);
const HOUR: Duration = Duration::from_secs(3600);
const RANDOM: [u8; NONCE] = [7; NONCE];

fn codec() -> Codec {
    let keyring = Keyring::parse(KEYS).unwrap();
    Codec::new(
        Rc::new(keyring),
        "https://mcp.example.com/mcp",
        Epochs::default(),
    )
}

fn session() -> Session {
    Session {
        revision: "2025-11-25".into(),
        capabilities: json!({"elicitation": {}, "roots": {"listChanged": true}}),
        log_level: None,
    }
}

fn state(journal: Value) -> RequestState<Value> {
    RequestState {
        flow: "f".into(),
        round: 1,
        tool: "t".into(),
        journal,
    }
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Text that looks enough like a token to get past the first checks now and then.
fn almost_token() -> impl Strategy<Value = String> {
    let header = prop_oneof![
        Just(base64::encode(
            br#"{"alg":"HS256","typ":"mcp-session+jwt","kid":"k1"}"#
        )),
        any::<Vec<u8>>().prop_map(|bytes| base64::encode(&bytes)),
        any::<String>(),
    ];
    let part = prop_oneof![
        any::<Vec<u8>>().prop_map(|bytes| base64::encode(&bytes)),
        any::<[u8; 32]>().prop_map(|bytes| base64::encode(&bytes)),
        any::<String>(),
    ];
    (header, part.clone(), part)
        .prop_map(|(header, claims, signature)| format!("{header}.{claims}.{signature}"))
}

proptest! {
    #[test]
    fn a_visible_token_gives_back_what_it_was_minted_from(capabilities in json_value(), random: [u8; NONCE]) {
        let minted = Session { capabilities, ..session() };
        if let Ok(token) = codec().mint(&minted, &Binding::anonymous(), NOW, HOUR, &random) {
            let opened = codec().open::<Session>(&token, &Binding::anonymous(), NOW).unwrap();
            prop_assert_eq!(opened.content, minted);
        }
    }

    #[test]
    fn a_sealed_token_gives_back_what_it_was_minted_from(journal in json_value(), random: [u8; NONCE]) {
        let minted = state(journal);
        if let Ok(token) = codec().mint(&minted, &Binding::anonymous(), NOW, HOUR, &random) {
            let opened = codec().open::<RequestState<Value>>(&token, &Binding::anonymous(), NOW).unwrap();
            prop_assert_eq!(opened.content, minted);
        }
    }

    #[test]
    fn no_text_opens_that_was_not_minted(text in prop_oneof![any::<String>(), almost_token()]) {
        prop_assert!(codec().open::<Session>(&text, &Binding::anonymous(), NOW).is_err());
        prop_assert!(codec().open::<RequestState<Value>>(&text, &Binding::anonymous(), NOW).is_err());
    }

    #[test]
    fn no_changed_token_opens(position: prop::sample::Index, with: char) {
        let token = codec().mint(&session(), &Binding::anonymous(), NOW, HOUR, &RANDOM).unwrap();
        let mut characters: Vec<char> = token.chars().collect();
        let position = position.index(characters.len());
        prop_assume!(characters[position] != with);

        characters[position] = with;
        let changed: String = characters.iter().collect();
        prop_assert!(codec().open::<Session>(&changed, &Binding::anonymous(), NOW).is_err());

        characters.insert(position, with);
        let longer: String = characters.iter().collect();
        prop_assert!(codec().open::<Session>(&longer, &Binding::anonymous(), NOW).is_err());
    }

    #[test]
    fn no_token_opens_for_another_principal(issuer: String, subject: String, tenant: Option<String>, client: Option<String>) {
        let name = PrincipalName { issuer: &issuer, subject: &subject, tenant: tenant.as_deref(), client: client.as_deref() };
        let longer = format!("{subject}x");
        let token = codec().mint(&session(), &Binding::to(name), NOW, HOUR, &RANDOM).unwrap();

        for other in [
            Binding::anonymous(),
            Binding::to(PrincipalName { subject: &longer, ..name }),
            Binding::to(PrincipalName { tenant: Some(&longer), ..name }),
            Binding::to(PrincipalName { client: Some(&longer), ..name }),
        ] {
            let same = other.principal == Binding::to(name).principal;
            let opened = codec().open::<Session>(&token, &other, NOW);
            prop_assert_eq!(opened.err(), (!same).then_some(TokenError::WrongPrincipal));
        }
    }

    #[test]
    fn a_state_as_large_as_the_room_fits(less in 0_usize..50) {
        let empty = serde_json::to_string(&state(json!(""))).unwrap().len();
        let room = codec().room::<RequestState<Value>>();
        let full = state(json!("x".repeat(room - empty - less)));
        let request = Binding::anonymous().and_request(RequestDigest::of("tools/call", &json!({})));
        let token = codec().mint(&full, &request, NOW, HOUR, &RANDOM);
        prop_assert!(token.is_ok());
    }
}

#[test]
fn a_token_longer_than_its_purpose_allows_is_not_minted() {
    let large = Session {
        capabilities: json!("x".repeat(Session::MAX_BYTES)),
        ..session()
    };
    let refused = codec().mint(&large, &Binding::anonymous(), NOW, HOUR, &RANDOM);
    assert!(matches!(
        refused,
        Err(MintError::TooLarge {
            limit: Session::MAX_BYTES,
            ..
        })
    ));
}

#[test]
fn room_leaves_little_unused() {
    let request = Binding::anonymous().and_request(RequestDigest::of("tools/call", &json!({})));
    let empty = serde_json::to_string(&state(json!(""))).unwrap().len();
    let full = state(json!(
        "x".repeat(codec().room::<RequestState<Value>>() - empty)
    ));
    let token = codec().mint(&full, &request, NOW, HOUR, &RANDOM).unwrap();
    // The times have half of the digits that room was left for, and base64 rounds twice.
    assert!(
        RequestState::<Value>::MAX_BYTES - token.len() < 40,
        "{}",
        token.len()
    );
}

#[test]
fn a_sealed_token_does_not_show_its_content() {
    let minted = state(json!("a secret of the handler"));
    let token = codec()
        .mint(&minted, &Binding::anonymous(), NOW, HOUR, &RANDOM)
        .unwrap();
    let claims = base64::decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    let content = base64::decode(claims["content"].as_str().unwrap()).unwrap();
    assert!(!content.windows(6).any(|window| window == b"secret"));
}

#[test]
fn another_jwt_library_reads_the_same_token() {
    let mut mac = [0; 64];
    hkdf::Hkdf::<sha2::Sha256>::new(None, &sha2::Sha256::digest([]))
        .expand(b"mcp-edge token v1 mac", &mut mac)
        .unwrap();
    let token = codec()
        .mint(&session(), &Binding::anonymous(), NOW, HOUR, &RANDOM)
        .unwrap();

    let key = Hs256Key::new(mac);
    let read = jwt_compact::UntrustedToken::new(&token).unwrap();
    let read = Hs256.validator::<Value>(&key).validate(&read).unwrap();

    assert_eq!(read.header().key_id.as_deref(), Some("k1"));
    assert_eq!(read.header().token_type.as_deref(), Some("mcp-session+jwt"));
    assert_eq!(read.claims().expiration.unwrap().timestamp(), 1_790_003_600);
    assert_eq!(read.claims().custom["content"]["revision"], "2025-11-25");
}

#[test]
fn a_newer_form_of_the_content_is_told_from_a_forgery() {
    let token = codec()
        .mint(
            &state(json!(["a"])),
            &Binding::anonymous(),
            NOW,
            HOUR,
            &RANDOM,
        )
        .unwrap();
    let opened = codec().open::<RequestState<u64>>(&token, &Binding::anonymous(), NOW);
    assert_eq!(opened.unwrap_err(), TokenError::UnreadableContent);
}

#[test]
fn an_epoch_concerns_whom_it_names() {
    let name = PrincipalName {
        issuer: "https://id.example.com",
        subject: "alice",
        tenant: Some("red"),
        client: None,
    };
    let before = Timestamp::from_secs(10);
    let after = Timestamp::from_secs(20);
    let epochs = Epochs::default()
        .all(before)
        .tenant("blue", after)
        .principal("https://other.example.com", "alice", after);
    assert_eq!(epochs.concerning(None), Some(before));
    assert_eq!(epochs.concerning(Some(name)), Some(before));

    let tenant = epochs.clone().tenant("red", after);
    assert_eq!(tenant.concerning(Some(name)), Some(after));
    let principal = epochs.principal(name.issuer, name.subject, after);
    assert_eq!(principal.concerning(Some(name)), Some(after));
}
