//! Key sets, with keys in them that are no use.

use serde_json::{Value, json};

use crate::auth::testing::*;
use crate::auth::{AccessTokenError, KeySet, KeySetError, UnusableReason};
use crate::signature::InvalidPublicKey;

fn named(id: &str, changes: Value) -> Value {
    with(with(public_key("ES256"), json!({"kid": id})), changes)
}

fn by(id: &str, key: Value) -> Result<(), AccessTokenError> {
    let header = with(header("ES256"), json!({"kid": id}));
    accept_with(&token(&header, &claims()), &keys(&[key])).map(|_| ())
}

#[test]
fn an_unusable_key_is_ignored_and_affects_no_other() {
    for (key, why) in [
        (
            json!({"kty": "oct", "k": "c2VjcmV0", "kid": "x"}),
            UnusableReason::Symmetric,
        ),
        (
            with(rsa_jwk(), json!({"kid": "x"})),
            UnusableReason::Private,
        ),
        (named("x", json!({"use": "enc"})), UnusableReason::Use),
        (
            named("x", json!({"key_ops": ["encrypt"]})),
            UnusableReason::Operations,
        ),
        (
            named("x", json!({"key_ops": "verify"})),
            UnusableReason::Operations,
        ),
        (named("x", json!({"kty": "XX"})), UnusableReason::Kind),
        (named("x", json!({"crv": "P-521"})), UnusableReason::Kind),
        (named("x", json!({"y": null})), UnusableReason::Unreadable),
        (
            json!({"kty": "RSA", "n": encode([0xff; 128]), "e": "AQAB", "kid": "x"}),
            UnusableReason::Invalid(InvalidPublicKey::Size),
        ),
        (
            json!({"kty": "RSA", "n": encode([0xff; 513]), "e": "AQAB", "kid": "x"}),
            UnusableReason::Invalid(InvalidPublicKey::Size),
        ),
    ] {
        let set = keys(std::slice::from_ref(&key));
        assert_eq!(set.usable(), 4, "{key}");
        assert_eq!(set.unusable_keys()[0].why, why, "{key}");
        assert_eq!(set.unusable_keys()[0].key_id.as_deref(), Some("x"));
        assert!(accept_with(&token(&header("ES256"), &claims()), &set).is_ok());
        let expected = AccessTokenError::UnusableKey {
            issuer: "acme",
            why: why.to_string(),
        };
        assert_eq!(by("x", key), Err(expected));
    }
    for key in [
        json!(null),
        json!("key"),
        json!([]),
        named("x", json!({"kid": 7})),
        named(&"k".repeat(257), json!({})),
    ] {
        let set = keys(&[key]);
        assert_eq!(set.unusable_keys()[0].key_id, None);
    }
}

#[test]
fn a_member_of_null_is_absent() {
    let optional = json!({
        "use": null, "key_ops": null, "alg": null, "issuer": null, "x5c": null, "x5t#S256": null, "ext": null, "d": null,
    });
    assert_eq!(by("x", named("x", optional.clone())), Ok(()));
    for member in optional.as_object().unwrap().keys() {
        assert_eq!(
            by("x", named("x", json!({ member.as_str(): null }))),
            Ok(()),
            "{member}"
        );
    }
    let nameless = keys(&[named("x", json!({ "kid": null }))]);
    assert!(nameless.unusable_keys().is_empty(), "{nameless:?}");
}

#[test]
fn a_key_with_two_members_of_one_name_is_set_aside() {
    let twice = public_key("ES256")
        .to_string()
        .replacen('{', r#"{"kid":"a","kid":"b","#, 1);
    let set = KeySet::parse(format!(r#"{{"keys":[{twice}]}}"#).as_bytes()).unwrap();
    assert_eq!(set.usable(), 0);
    assert_eq!(set.unusable_keys()[0].why, UnusableReason::Unreadable);
}

#[test]
fn a_key_is_limited_to_its_declared_use() {
    assert_eq!(
        by(
            "x",
            named(
                "x",
                json!({"use": "sig", "key_ops": ["verify"], "alg": "ES256"})
            )
        ),
        Ok(())
    );
    let unusable = |why: &str| {
        Err(AccessTokenError::UnusableKey {
            issuer: "acme",
            why: why.to_owned(),
        })
    };
    let other = unusable("is for another `alg` than the token's");
    assert_eq!(by("x", named("x", json!({"alg": "ES384"}))), other);
    let other = unusable("is for another `issuer` than the token's");
    assert_eq!(
        by("x", named("x", json!({"issuer": "https://other.example"}))),
        other
    );
    assert_eq!(by("x", named("x", json!({"issuer": URL}))), Ok(()));
    assert_eq!(
        by(
            "x",
            named("x", json!({"issuer": "https://{tenantid}.example"}))
        ),
        Ok(())
    );
    let zeros = json!({"x": encode([0; 32]), "y": encode([0; 32])});
    assert_eq!(
        by("x", named("x", zeros)),
        unusable("is not a valid public key")
    );
}

/// Another P-256 key (RFC 7517, appendix A.1).
fn another() -> Value {
    json!({
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    })
}

#[test]
fn several_matching_keys_are_ambiguous() {
    let ambiguous = Err(AccessTokenError::AmbiguousKey { issuer: "acme" });
    assert_eq!(by("p256", named("p256", another())), ambiguous);
    let nameless = with(header("ES256"), json!({"kid": null}));
    let set = keys(&[named("second", another())]);
    let found = accept_with(&token(&nameless, &claims()), &set).map(|_| ());
    assert_eq!(found, ambiguous);
}

#[test]
fn a_key_that_is_listed_several_times_is_one() {
    for again in [
        json!({}),
        json!({"alg": "ES256", "use": "sig"}),
        json!({"x5t": "other"}),
        json!({"issuer": URL}),
    ] {
        assert_eq!(by("p256", named("p256", again.clone())), Ok(()), "{again}");
        // Under another name as well, where the token names none.
        let nameless = with(header("ES256"), json!({"kid": null}));
        let set = keys(&[named("second", again.clone())]);
        let found = accept_with(&token(&nameless, &claims()), &set).map(|_| ());
        assert_eq!(found, Ok(()), "{again}");
    }
    // What one entry does not allow, another entry of the same key may.
    let for_another = named("p256", json!({"alg": "ES384"}));
    assert_eq!(by("p256", for_another), Ok(()));
}

#[test]
fn a_key_is_the_same_as_long_as_name_numbers_and_use_are() {
    let key = accept(&token(&header("ES256"), &claims())).unwrap().key;
    assert!(keys(&[]).has(&key));
    let set = |key: Value| KeySet::parse(json!({"keys": [key]}).to_string().as_bytes()).unwrap();
    assert!(set(named("p256", json!({"x5t": "other"}))).has(&key));
    assert!(!set(named("other", json!({}))).has(&key));
    assert!(!set(named("p256", json!({"alg": "ES256"}))).has(&key));
    assert!(!set(with(public_key("ES384"), json!({"kid": "p256"}))).has(&key));
    assert!(!set(named("p256", json!({"use": "enc"}))).has(&key));
}

#[test]
fn an_invalid_key_set_is_rejected() {
    for text in [
        "",
        "[]",
        "{}",
        "null",
        r#"{"keys":{}}"#,
        r#"{"keys":[]"#,
        r#"{"keys":[],"keys":[]}"#,
        "[[]]",
    ] {
        let found = KeySet::parse(text.as_bytes()).map(|_| ());
        assert_eq!(found, Err(KeySetError::Unreadable), "{text}");
    }
    let many = json!({"keys": vec![json!({}); 101]}).to_string();
    assert_eq!(
        KeySet::parse(many.as_bytes()).map(|_| ()),
        Err(KeySetError::TooMany)
    );
    let large = format!(r#"{{"keys":[]}}{}"#, " ".repeat(256 << 10));
    assert_eq!(
        KeySet::parse(large.as_bytes()).map(|_| ()),
        Err(KeySetError::TooLarge)
    );
}
