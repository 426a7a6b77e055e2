//! Tokens of an attacker, each with the exact reason for which it is refused.

use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::auth::testing::*;
use crate::auth::{AccessTokenError, ClaimSource};
use crate::config::Algorithm;

const ISSUER_NAME: &str = "acme";

fn refused(token: &str) -> AccessTokenError {
    accept(token).unwrap_err()
}

fn with_header(changes: Value) -> String {
    token(&with(header("ES256"), changes), &claims())
}

fn with_claims(changes: Value) -> String {
    token(&header("ES256"), &with(claims(), changes))
}

fn wrong_algorithm(found: &str) -> AccessTokenError {
    AccessTokenError::WrongAlgorithm {
        issuer: ISSUER_NAME,
        found: format!("{found:?}"),
        accepted: Algorithm::ALL
            .iter()
            .map(|algorithm| algorithm.name())
            .collect(),
    }
}

fn wrong_audience(found: &str) -> AccessTokenError {
    AccessTokenError::WrongAudience {
        issuer: ISSUER_NAME,
        found: format!("{found:?}"),
        accepted: vec![AUDIENCE.to_owned()],
    }
}

const BAD_SIGNATURE: AccessTokenError = AccessTokenError::BadSignature {
    issuer: ISSUER_NAME,
};
const UNKNOWN_KEY: AccessTokenError = AccessTokenError::UnknownKey {
    issuer: ISSUER_NAME,
};

#[test]
fn an_unsigned_token_is_rejected_in_any_spelling() {
    for none in ["none", "None", "NONE", "nOnE", ""] {
        let header = with(header("ES256"), json!({"alg": none}));
        let unsigned = format!(
            "{}.{}.",
            encode(header.to_string()),
            encode(claims().to_string())
        );
        assert_eq!(refused(&unsigned), wrong_algorithm(none));
    }
    let empty = format!(
        "{}.{}.",
        encode(header("ES256").to_string()),
        encode(claims().to_string())
    );
    assert_eq!(refused(&empty), BAD_SIGNATURE);
}

#[test]
fn a_public_key_is_not_a_shared_secret() {
    let header = with(header("RS256"), json!({"alg": "HS256"}));
    let signed = format!(
        "{}.{}",
        encode(header.to_string()),
        encode(claims().to_string())
    );
    let secret = public_key("RS256").to_string();
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .unwrap()
        .chain_update(&signed)
        .finalize();
    let token = format!("{signed}.{}", encode(mac.into_bytes()));
    assert_eq!(refused(&token), wrong_algorithm("HS256"));
}

#[test]
fn a_key_serves_its_own_algorithm_only() {
    let header = with(header("RS256"), json!({"kid": "p256"}));
    let expected = AccessTokenError::UnusableKey {
        issuer: ISSUER_NAME,
        why: "is of another kind than the token's `alg` works with".to_owned(),
    };
    assert_eq!(refused(&token(&header, &claims())), expected);
}

#[test]
fn another_padding_or_hash_is_another_signature() {
    for (named, used) in [("RS256", "PS256"), ("PS256", "RS256"), ("RS256", "RS512")] {
        let token = signed(used, &header(named).to_string(), &claims().to_string());
        assert_eq!(refused(&token), BAD_SIGNATURE, "{named} {used}");
    }
}

#[test]
fn keys_that_a_token_brings_along_are_never_used() {
    for member in [
        json!({"jwk": public_key("RS256"), "kid": "mine"}),
        json!({"jku": "https://evil.example/keys", "kid": "mine"}),
        json!({"x5u": "https://evil.example/certificate", "kid": "mine"}),
        json!({"x5c": ["MIIB"], "kid": "mine"}),
    ] {
        assert_eq!(
            refused(&with_header(member.clone())),
            UNKNOWN_KEY,
            "{member}"
        );
    }
}

#[test]
fn a_key_id_is_only_ever_compared() {
    for id in [
        "../../../../dev/null",
        "p256' OR '1'='1",
        "p256/",
        "P256",
        "*",
        "https://evil.example/keys",
    ] {
        assert_eq!(
            refused(&with_header(json!({"kid": id}))),
            UNKNOWN_KEY,
            "{id}"
        );
    }
    for id in ["k".repeat(10_000), "p256\0".to_owned(), "p256\n".to_owned()] {
        assert_eq!(
            refused(&with_header(json!({"kid": id}))),
            AccessTokenError::MalformedKeyId
        );
    }
}

#[test]
fn an_audience_is_the_whole_audience() {
    let slash = format!("{AUDIENCE}/");
    for other in [
        &slash,
        "https://mcp.example",
        "https://mcp.example/mcp-2",
        "HTTPS://mcp.example/mcp",
    ] {
        assert_eq!(
            refused(&with_claims(json!({"aud": other}))),
            wrong_audience(other)
        );
        assert_eq!(
            refused(&with_claims(json!({"aud": [other]}))),
            wrong_audience(other)
        );
    }
    assert!(
        accept(&with_claims(
            json!({"aud": ["https://other.example", AUDIENCE]})
        ))
        .is_ok()
    );
    assert_eq!(
        refused(&with_claims(json!({"aud": []}))),
        wrong_audience("")
    );
    assert_eq!(
        refused(&with_claims(json!({"aud": null}))),
        AccessTokenError::MissingClaim {
            claim: "aud",
            named: ClaimSource::Standard
        }
    );
    let nested = refused(&with_claims(json!({"aud": [[AUDIENCE]]})));
    let expected = AccessTokenError::MalformedClaim {
        claim: "aud",
        named: ClaimSource::Standard,
        why: "is not a text",
    };
    assert_eq!(nested, expected);
}

#[test]
fn an_issuer_is_the_whole_issuer() {
    for iss in [
        "https://id.example/",
        "https://id.example.evil.example",
        "http://id.example",
        "{tenant}",
    ] {
        let expected = AccessTokenError::UnknownIssuer {
            found: format!("{iss:?}"),
        };
        assert_eq!(refused(&with_claims(json!({"iss": iss}))), expected);
    }
    assert_eq!(
        refused(&with_claims(json!({"iss": null}))),
        AccessTokenError::MissingClaim {
            claim: "iss",
            named: ClaimSource::Standard
        }
    );
}

#[test]
fn a_signature_holds_for_the_very_text_that_was_signed() {
    let good = token(&header("ES256"), &claims());
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (header, _) = signed.split_once('.').unwrap();
    let spaced = serde_json::to_string_pretty(&claims()).unwrap();
    let changed = format!("{header}.{}.{signature}", encode(spaced));
    assert_eq!(refused(&changed), BAD_SIGNATURE);
}

#[test]
fn base64url_has_one_spelling() {
    let good = token(&header("ES256"), &claims());
    let parts: Vec<_> = good.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        panic!()
    };
    let swapped = signature.replace('_', "/").replace('-', "+") + "/";
    for bad in [
        format!("{header}=.{claims}.{signature}"),
        format!("{header}.{claims}.{signature}=="),
        format!("{header}.{claims}.{swapped}"),
        format!("{header}. {claims}.{signature}"),
        format!("{header}\n.{claims}.{signature}"),
    ] {
        assert_eq!(refused(&bad), AccessTokenError::NotAJwt, "{bad}");
    }
    // 64 bytes leave four bits of the last character unused; they have to be zero.
    let last = signature.chars().last().unwrap();
    let next = char::from(u8::try_from(last).unwrap() + 1);
    let loose = format!(
        "{header}.{claims}.{}{next}",
        &signature[..signature.len() - 1]
    );
    assert_eq!(refused(&loose), AccessTokenError::NotAJwt);
}

#[test]
fn duplicate_members_are_rejected_at_any_depth() {
    let header_text = header("ES256").to_string();
    let twice = header_text.replacen('{', r#"{"alg":"none","#, 1);
    let token = signed("ES256", &twice, &claims().to_string());
    assert_eq!(
        refused(&token),
        AccessTokenError::DuplicateMember { part: "header" }
    );
    for twice in [
        r#"{"sub":"root","#,
        r#"{"x":{"a":1,"a":2},"#,
        r#"{"\u0073ub":"root","#,
    ] {
        let claims = claims().to_string().replacen('{', twice, 1);
        let token = signed("ES256", &header_text, &claims);
        assert_eq!(
            refused(&token),
            AccessTokenError::DuplicateMember { part: "claims" }
        );
    }
}

#[test]
fn extensions_of_the_header_are_refused() {
    for (member, name) in [
        (json!({"crit": ["exp"], "exp": 1}), "crit"),
        (json!({"crit": []}), "crit"),
        (json!({"b64": false}), "b64"),
        (json!({"zip": "DEF"}), "zip"),
        (json!({"enc": "A256GCM"}), "enc"),
    ] {
        assert_eq!(
            refused(&with_header(member)),
            AccessTokenError::CriticalHeader(name)
        );
    }
    for content in ["CBOR", "cbor", "JWT", "json"] {
        assert_eq!(
            refused(&with_header(json!({"cty": content}))),
            AccessTokenError::WrongContentType
        );
    }
}

#[test]
fn other_kinds_of_tokens_are_refused_by_their_type() {
    for kind in [
        "JWT",
        "logout+jwt",
        "at+jwt2",
        "application/application/at+jwt",
        "",
    ] {
        let expected = AccessTokenError::WrongType {
            issuer: ISSUER_NAME,
            found: format!("{kind:?}"),
            accepted: ISSUER.types,
        };
        assert_eq!(refused(&with_header(json!({"typ": kind}))), expected);
    }
}

#[test]
fn a_token_without_an_end_is_refused() {
    assert_eq!(
        refused(&with_claims(json!({"exp": null}))),
        AccessTokenError::MissingClaim {
            claim: "exp",
            named: ClaimSource::Standard
        }
    );
    let not_a_number = AccessTokenError::MalformedClaim {
        claim: "exp",
        named: ClaimSource::Standard,
        why: "is not a number",
    };
    assert_eq!(
        refused(&with_claims(json!({"exp": "9999999999"}))),
        not_a_number
    );
    let too_far = AccessTokenError::MalformedClaim {
        claim: "exp",
        named: ClaimSource::Standard,
        why: "is no time in seconds before the year 10000",
    };
    assert_eq!(refused(&with_claims(json!({"exp": NOW * 1000}))), too_far);
    let infinite = claims()
        .to_string()
        .replace(&(NOW + 600).to_string(), "1e999");
    let expected = AccessTokenError::Malformed {
        part: "claims",
        why: "it is no JSON",
    };
    assert_eq!(
        refused(&signed("ES256", &header("ES256").to_string(), &infinite)),
        expected
    );
}

#[test]
fn a_required_claim_of_null_is_missing() {
    for (claim, named) in [
        ("iss", ClaimSource::Standard),
        ("sub", ClaimSource::Claims),
        ("aud", ClaimSource::Standard),
        ("exp", ClaimSource::Standard),
    ] {
        let mut claims = claims();
        claims[claim] = json!(null);
        let token = token(&header("ES256"), &claims);
        assert_eq!(
            refused(&token),
            AccessTokenError::MissingClaim { claim, named }
        );
    }
    let mut claims = claims();
    claims["act"] = json!({"sub": null});
    let expected = AccessTokenError::MalformedClaim {
        claim: "act",
        named: ClaimSource::Claims,
        why: "has an actor without `sub`",
    };
    assert_eq!(refused(&token(&header("ES256"), &claims)), expected);
}

#[test]
fn a_header_has_no_null() {
    for name in ["alg", "typ", "kid", "crit", "cty"] {
        let mut header = header("ES256");
        header[name] = json!(null);
        let token = signed("ES256", &header.to_string(), &claims().to_string());
        assert!(accept(&token).is_err(), "{name}");
    }
}

#[test]
fn times_are_held_to_the_leeway() {
    let leeway = AUTH.leeway;
    let second = std::time::Duration::from_secs(1);
    let late = NOW - leeway.as_secs() - 1;
    assert_eq!(
        refused(&with_claims(json!({"exp": late}))),
        AccessTokenError::Expired(leeway + second)
    );
    let early = NOW + leeway.as_secs() + 1;
    let expected = AccessTokenError::NotYetValid(leeway + second);
    assert_eq!(refused(&with_claims(json!({"nbf": early}))), expected);
    let expected = AccessTokenError::IssuedInFuture(leeway + second);
    assert_eq!(refused(&with_claims(json!({"iat": early}))), expected);
}

#[test]
fn a_token_is_measured_before_it_is_read() {
    let bytes = 256 << 10;
    let expected = AccessTokenError::TooLarge {
        bytes,
        limit: AUTH.token_bytes,
    };
    assert_eq!(refused(&"x".repeat(bytes)), expected);
}

#[test]
fn a_signed_token_has_three_parts() {
    for text in ["", ".", "..", "a.b", "a.b.c.d", "a.b.c.d.e.f", "opaque"] {
        let reason = refused(text).reason();
        assert!(
            matches!(reason, "not_a_jwt" | "malformed"),
            "{text}: {reason}"
        );
    }
    assert_eq!(refused("a.b.c.d.e"), AccessTokenError::Encrypted);
}

#[test]
fn who_acts_is_bounded_and_named() {
    let mut chain = json!({"sub": "first"});
    for _ in 0..10 {
        chain = json!({"sub": "next", "act": chain});
    }
    let expected = AccessTokenError::MalformedClaim {
        claim: "act",
        named: ClaimSource::Claims,
        why: "has more than 10 actors",
    };
    assert_eq!(refused(&with_claims(json!({"act": chain}))), expected);
    let expected = AccessTokenError::MalformedClaim {
        claim: "act",
        named: ClaimSource::Claims,
        why: "has an actor without `sub`",
    };
    assert_eq!(refused(&with_claims(json!({"act": {}}))), expected);
    assert_eq!(
        refused(&with_claims(json!({"sub": null}))),
        AccessTokenError::MissingClaim {
            claim: "sub",
            named: ClaimSource::Claims
        }
    );
}

#[test]
fn signatures_of_zeros_or_of_another_length_are_refused() {
    for (algorithm, length) in [("ES256", 64), ("ES384", 96), ("EdDSA", 64), ("RS256", 256)] {
        let good = token(&header(algorithm), &claims());
        let (signed, _) = good.rsplit_once('.').unwrap();
        for length in [length, length - 1, length + 1, 0] {
            let forged = format!("{signed}.{}", encode(vec![0; length]));
            assert_eq!(refused(&forged), BAD_SIGNATURE, "{algorithm} {length}");
        }
    }
}

#[test]
fn foreign_text_is_truncated_and_escaped() {
    let iss = format!("https://evil.example/\n{}", "x".repeat(900));
    let sentence = refused(&with_claims(json!({"iss": iss}))).to_string();
    assert!(sentence.len() < 400, "{sentence}");
    assert!(!sentence.contains('\n'));
}

#[test]
fn another_claim_is_advised_only_where_one_can_be_named() {
    for (name, value) in [
        ("iss", json!(null)),
        ("aud", json!(null)),
        ("aud", json!(7)),
        ("exp", json!(null)),
        ("exp", json!("soon")),
        ("nbf", json!("now")),
        ("iat", json!("now")),
        ("_claim_names", json!("groups")),
    ] {
        let sentence = refused(&with_claims(json!({name: value}))).to_string();
        assert!(sentence.ends_with("at the provider"), "{name}: {sentence}");
    }
    for (name, value) in [
        ("sub", json!(null)),
        ("sub", json!(7)),
        ("scope", json!(7)),
        ("roles", json!(7)),
        ("act", json!(7)),
    ] {
        let sentence = refused(&with_claims(json!({name: value}))).to_string();
        let advice = "at the provider, or name another under `claims` of the issuer";
        assert!(sentence.ends_with(advice), "{name}: {sentence}");
    }
}

#[test]
fn only_an_algorithm_that_can_be_allowed_is_offered_to_be_added() {
    let offers = |found| wrong_algorithm(found).to_string().contains("add it to");
    for known in Algorithm::ALL {
        assert!(offers(known.name()), "{known:?}");
    }
    for never in ["none", "HS256", "HS512", "ES256K", ""] {
        assert!(!offers(never), "{never}");
    }
}
