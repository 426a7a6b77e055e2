//! What is accepted, and what is read from it.

use serde_json::json;

use crate::auth::testing::*;
use crate::auth::{
    AccessTokenError, Actor, Check, CheckStep, ClaimSource, Source, TrustedIssuer, Unverified,
    Verified,
};
use crate::config::{Algorithm, Auth, Claims, Issuer, TenantSource, TextSetting};
use crate::host::Timestamp;

fn read(claims: serde_json::Value) -> Result<Verified, AccessTokenError> {
    accept(&token(&header("ES256"), &claims))
}

fn of(config: &'static Issuer, claims: serde_json::Value) -> Result<Verified, AccessTokenError> {
    accept_of(
        &token(&header("ES256"), &claims),
        Source::Authorization,
        &[trusted(config)],
        &keys(&[]),
    )
}

#[test]
fn every_algorithm_verifies() {
    for algorithm in Algorithm::ALL {
        let verified = accept(&token(&header(algorithm.name()), &claims())).unwrap();
        let principal = verified.principal;
        assert_eq!(principal.issuer_name(), "acme");
        assert_eq!(principal.issuer(), URL);
        assert_eq!(principal.subject(), "alice");
        assert_eq!(principal.client(), Some("desk"));
        assert_eq!(principal.tenant(), None);
        assert_eq!(principal.expires(), Timestamp::from_secs(NOW + 600));
        assert_eq!(Vec::from_iter(principal.scopes()), ["fraud:read"]);
    }
}

#[test]
fn what_a_token_replaces_by_a_reference_is_unknown() {
    const NAMES: Claims = Claims {
        client: &["azp", "client_id"],
        roles: &["/realm_access/roles"],
        ..ISSUER.claims
    };
    const CONFIG: Issuer = Issuer {
        claims: NAMES,
        ..ISSUER
    };
    let unknown = |replaced: &[&str]| {
        let names = replaced.iter().map(|name| ((*name).to_owned(), json!("s")));
        let names: serde_json::Map<_, _> = names.collect();
        let claims = with(claims(), json!({"_claim_names": names}));
        of(&CONFIG, claims).map(|verified| verified.principal.unknown_claims().names())
    };
    assert_eq!(unknown(&[]), Ok(vec![]));
    assert_eq!(unknown(&["email", "roles", "aud"]), Ok(vec![]));
    assert_eq!(unknown(&["groups"]), Ok(vec!["groups"]));
    assert_eq!(unknown(&["realm_access"]), Ok(vec!["roles"]));
    assert_eq!(
        unknown(&["scope", "azp", "groups"]),
        Ok(vec!["client", "scopes", "groups"])
    );
    // Who it is must be in the token itself.
    assert_eq!(
        unknown(&["sub"]),
        Err(AccessTokenError::MissingClaim {
            claim: "sub",
            named: ClaimSource::Claims
        })
    );

    for names in [json!("groups"), json!(["groups"]), json!(7)] {
        let claims = with(claims(), json!({"_claim_names": names}));
        let reason = of(&CONFIG, claims).unwrap_err().reason();
        assert_eq!(reason, "malformed_claim", "{names}");
    }
}

#[test]
fn a_token_without_a_key_id_verifies_with_the_only_key_that_fits() {
    let header = with(header("ES256"), json!({"kid": null}));
    assert!(accept(&token(&header, &claims())).is_ok());
}

#[test]
fn a_type_is_compared_without_case_and_prefix() {
    for kind in ["AT+JWT", "application/at+jwt", "Application/At+Jwt"] {
        let header = with(header("ES256"), json!({"typ": kind}));
        assert!(accept(&token(&header, &claims())).is_ok(), "{kind}");
    }
}

#[test]
fn a_token_holds_until_it_has_been_over_for_the_leeway() {
    let leeway = AUTH.leeway.as_secs();
    let at = |exp: u64| read(with(claims(), json!({"exp": exp}))).map(|_| ());
    assert_eq!(at(NOW - leeway + 1), Ok(()));
    assert_eq!(
        at(NOW - leeway),
        Err(AccessTokenError::Expired(AUTH.leeway))
    );
    for name in ["nbf", "iat"] {
        let claims = |from: u64| with(claims(), json!({name: from}));
        assert!(read(claims(NOW + leeway)).is_ok(), "{name}");
        assert!(read(claims(NOW + leeway + 1)).is_err(), "{name}");
    }
}

#[test]
fn a_time_valid_only_within_the_leeway_is_reported() {
    let told = |changes: serde_json::Value| {
        let mut told = Vec::new();
        let mut observe = |check: Check<'_>| {
            told.extend(check.within_leeway.map(|off| (check.step, off.as_secs())));
        };
        let token = token(&header("ES256"), &with(claims(), changes));
        let trusted = [trusted(&ISSUER)];
        let source = Source::Authorization;
        let _ = Unverified::read_observed(&token, source, &trusted, &AUTH, now(), &mut observe);
        told
    };
    assert_eq!(told(json!({})), []);
    assert_eq!(told(json!({"exp": NOW + 1, "nbf": NOW, "iat": NOW})), []);
    assert_eq!(told(json!({"exp": NOW - 7})), [(CheckStep::Expiry, 7)]);
    assert_eq!(
        told(json!({"exp": NOW, "nbf": NOW + 1, "iat": NOW + 2})),
        [
            (CheckStep::Expiry, 0),
            (CheckStep::NotBefore, 1),
            (CheckStep::IssuedAt, 2)
        ]
    );
    // A time that is wrong is not right because of the leeway.
    let leeway = AUTH.leeway.as_secs();
    assert_eq!(told(json!({"exp": NOW - leeway})), []);
    assert_eq!(told(json!({"nbf": NOW + leeway + 1})), []);
}

#[test]
fn a_time_may_have_a_fraction() {
    let verified = read(with(claims(), json!({"exp": NOW as f64 + 1.5}))).unwrap();
    let expected = Timestamp::from_millis(NOW * 1000 + 1500);
    assert_eq!(verified.principal.expires(), expected);
}

#[test]
fn an_optional_claim_of_null_counts_as_absent() {
    let mut claims = claims();
    for name in [
        "nbf",
        "iat",
        "jti",
        "client_id",
        "scope",
        "act",
        "roles",
        "groups",
    ] {
        claims[name] = json!(null);
    }
    let principal = read(claims.clone()).unwrap().principal;
    assert_eq!(principal.subject(), "alice");
    assert_eq!(principal.client(), None);
    assert!(principal.scopes().is_empty());
    assert!(principal.actors().is_empty());

    claims["act"] = json!({"sub": "agent", "iss": null, "act": null});
    let principal = read(claims).unwrap().principal;
    let [actor] = principal.actors() else {
        panic!("{:?}", principal.actors());
    };
    assert_eq!((actor.subject.as_str(), &actor.issuer), ("agent", &None));
}

#[test]
fn scopes_are_words_or_a_list() {
    for scope in [json!("b  a"), json!(["a", "b"])] {
        let verified = read(with(claims(), json!({"scope": scope}))).unwrap();
        assert_eq!(Vec::from_iter(verified.principal.scopes()), ["a", "b"]);
    }
}

#[test]
fn scopes_include_others_transitively() {
    let auth = Auth {
        implied_scopes: &[("admin", &["write"]), ("write", &["read", "admin"])],
        ..AUTH
    };
    let token = token(&header("ES256"), &with(claims(), json!({"scope": "admin"})));
    let trusted = [trusted(&ISSUER)];
    let read = Unverified::read(&token, Source::Authorization, &trusted, &auth, now()).unwrap();
    let verified = verify(&read, &keys(&[])).unwrap();
    let scopes = Vec::from_iter(verified.principal.scopes());
    assert_eq!(scopes, ["admin", "read", "write"]);
}

#[test]
fn claims_are_found_by_name_or_by_pointer_and_the_first_counts() {
    const CLAIMS: Claims = Claims {
        subject: &["oid", "sub"],
        roles: &["/realm/roles", "roles"],
        groups: &["https://acme.example/groups"],
        client: &["azp", "client_id"],
        ..ISSUER.claims
    };
    const NAMED: Issuer = Issuer {
        claims: CLAIMS,
        ..ISSUER
    };
    let more = json!({
        "oid": "",
        "realm": {"roles": ["analyst"]},
        "roles": ["other"],
        "https://acme.example/groups": "all",
        "azp": "phone",
    });
    let principal = of(&NAMED, with(claims(), more)).unwrap().principal;
    assert_eq!(principal.subject(), "alice");
    assert_eq!(principal.roles(), ["analyst"]);
    assert_eq!(principal.groups(), ["all"]);
    assert_eq!(principal.client(), Some("phone"));
}

#[test]
fn actors_come_with_the_one_who_acts_now_first() {
    let act = json!({"sub": "agent", "iss": "https://agents.example", "act": {"sub": "desk"}});
    let principal = read(with(claims(), json!({"act": act}))).unwrap().principal;
    let actor = |subject: &str, issuer: Option<&str>| Actor {
        subject: subject.to_owned(),
        issuer: issuer.map(str::to_owned),
    };
    let expected = [
        actor("agent", Some("https://agents.example")),
        actor("desk", None),
    ];
    assert_eq!(principal.actors(), expected);
}

const MANY: Issuer = Issuer {
    url: TextSetting::Literal("https://id.example/{tenant}/v2"),
    tenant: TenantSource::Claim("tid"),
    tenants: &["red", "blue"],
    ..ISSUER
};

fn of_tenant(by_url: &str, by_claim: &str) -> Result<Option<String>, AccessTokenError> {
    let iss = format!("https://id.example/{by_url}/v2");
    let claims = with(claims(), json!({"iss": iss, "tid": by_claim}));
    of(&MANY, claims).map(|verified| verified.principal.tenant().map(str::to_owned))
}

#[test]
fn a_tenant_has_to_be_listed_and_named_alike_by_url_and_claim() {
    let wrong = |found: &str| {
        Err(AccessTokenError::WrongTenant {
            issuer: "acme",
            found: format!("{found:?}"),
        })
    };
    assert_eq!(of_tenant("red", "red"), Ok(Some("red".to_owned())));
    assert_eq!(of_tenant("red", "blue"), wrong("blue"));
    assert_eq!(of_tenant("green", "green"), wrong("green"));
    let iss = "https://id.example/red/v2";
    let nameless = of(&MANY, with(claims(), json!({"iss": iss})));
    assert_eq!(
        nameless,
        Err(AccessTokenError::MissingClaim {
            claim: "tid",
            named: ClaimSource::Tenant
        })
    );
}

#[test]
fn a_fixed_tenant_applies_to_every_caller() {
    const FIXED: Issuer = Issuer {
        tenant: TenantSource::Fixed("acme"),
        tenants: &[],
        ..ISSUER
    };
    let verified = of(&FIXED, with(claims(), json!({"tenant": "other"}))).unwrap();
    assert_eq!(verified.principal.tenant(), Some("acme"));
}

#[test]
fn the_header_selects_among_issuers_with_one_url() {
    const BY_PROXY: Issuer = Issuer {
        name: "proxy",
        header: Some("X-Assertion"),
        ..ISSUER
    };
    let trusted: [TrustedIssuer; 2] = [trusted(&BY_PROXY), trusted(&ISSUER)];
    let token = token(&header("ES256"), &claims());
    let by = |source| accept_of(&token, source, &trusted, &keys(&[]));
    assert_eq!(by(Source::Authorization).unwrap().issuer, 1);
    assert_eq!(by(Source::Header("x-assertion")).unwrap().issuer, 0);
    let elsewhere = accept_of(&token, Source::Authorization, &trusted[..1], &keys(&[]));
    assert_eq!(
        elsewhere,
        Err(AccessTokenError::WrongHeader {
            issuer: "proxy",
            expected: "X-Assertion"
        })
    );
}

#[test]
fn every_check_is_told_in_order_and_the_first_that_fails_is_the_last() {
    let steps_of = |token: &str| {
        let mut steps = Vec::new();
        let mut observe = |check: Check<'_>| steps.push((check.step, check.outcome.is_ok()));
        let trusted = [trusted(&ISSUER)];
        let read = Unverified::read_observed(
            token,
            Source::Authorization,
            &trusted,
            &AUTH,
            now(),
            &mut observe,
        );
        let _ = read.and_then(|read| verify_observed(&read, &keys(&[]), &mut observe));
        steps
    };
    let good = steps_of(&token(&header("ES256"), &claims()));
    assert!(good.is_sorted_by_key(|(step, _)| *step));
    assert_eq!(good.len(), 17);
    assert!(good.iter().all(|(_, right)| *right));

    let expired = with(claims(), json!({"exp": 0}));
    let bad = steps_of(&token(&header("ES256"), &expired));
    assert_eq!(bad.last(), Some(&(CheckStep::Expiry, false)));
    assert_eq!(bad[..bad.len() - 1], good[..bad.len() - 1]);
}
