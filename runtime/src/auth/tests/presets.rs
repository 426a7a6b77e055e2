//! Tokens as the products document them, with the settings that their presets give.

use serde_json::{Value, json};

use crate::auth::testing::{NOW, keys, now, token, trusted, verify, with};
use crate::auth::{
    AccessTokenError, ClaimSource, KeySet, Principal, Source, TrustedIssuer, UnknownClaims,
    Unverified,
};
use crate::config::{Algorithm, Claims, Issuer, TenantSource, TextSetting};

const TENANT: &str = "11111111-2222-3333-4444-555555555555";
const CLIENT: &str = "66666666-7777-8888-9999-000000000000";

const RS256: Issuer = Issuer {
    algorithms: &[Algorithm::RS256],
    ..Issuer::DEFAULT
};

const OKTA: Issuer = Issuer {
    name: "okta",
    url: TextSetting::Literal("https://dev.okta.example/oauth2/default"),
    types: &["", "JWT", "at+jwt"],
    claims: Claims {
        scopes: &["scp", "scope"],
        client: &["cid", "client_id", "/act/sub"],
        ..RS256.claims
    },
    ..RS256
};

const ENTRA_CLAIMS: Claims = Claims {
    subject: &["oid", "sub"],
    scopes: &["scp"],
    client: &["azp"],
    ..RS256.claims
};

const ENTRA: Issuer = Issuer {
    name: "entra",
    url: TextSetting::Literal(
        "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0",
    ),
    types: &["JWT", "at+jwt"],
    tenant: TenantSource::Claim("tid"),
    claims: ENTRA_CLAIMS,
    ..RS256
};

const ENTRA_V1: Issuer = Issuer {
    name: "entra-v1",
    url: TextSetting::Literal("https://sts.windows.net/11111111-2222-3333-4444-555555555555/"),
    claims: Claims {
        client: &["appid"],
        ..ENTRA_CLAIMS
    },
    ..ENTRA
};

const ENTRA_MULTI: Issuer = Issuer {
    name: "entra-multi",
    url: TextSetting::Literal("https://login.microsoftonline.com/{tenant}/v2.0"),
    tenants: &[TENANT],
    ..ENTRA
};

const GOOGLE: Issuer = Issuer {
    name: "google",
    url: TextSetting::Literal("https://accounts.google.com"),
    aliases: &["accounts.google.com"],
    types: &["JWT"],
    tenant: TenantSource::Claim("hd"),
    tenants: &["acme.example"],
    claims: Claims {
        scopes: &[],
        roles: &[],
        groups: &[],
        client: &["azp"],
        ..RS256.claims
    },
    ..RS256
};

const KEYCLOAK: Issuer = Issuer {
    name: "keycloak",
    url: TextSetting::Literal("https://sso.example/realms/acme"),
    types: &["JWT", "at+jwt"],
    claims: Claims {
        roles: &["/realm_access/roles"],
        client: &["azp", "client_id"],
        ..RS256.claims
    },
    ..RS256
};

const AUTH0: Issuer = Issuer {
    name: "auth0",
    url: TextSetting::Literal("https://acme.auth0.example/"),
    types: &["at+jwt", "JWT"],
    claims: Claims {
        roles: &["permissions"],
        client: &["azp", "client_id"],
        ..RS256.claims
    },
    ..RS256
};

const CLOUDFLARE_ACCESS: Issuer = Issuer {
    name: "cloudflare-access",
    url: TextSetting::Literal("https://acme.cloudflareaccess.com"),
    types: &["JWT"],
    header: Some("Cf-Access-Jwt-Assertion"),
    claims: Claims {
        subject: &["sub", "common_name"],
        scopes: &[],
        roles: &[],
        groups: &["/custom/groups"],
        client: &["common_name"],
        ..RS256.claims
    },
    ..RS256
};

/// A token with `kid` and these other members in the header, as `audience` gets it.
fn open(
    config: &'static Issuer,
    audience: &str,
    more: Value,
    claims: Value,
) -> Result<Principal, AccessTokenError> {
    open_with(config, audience, more, claims, &keys(&[]))
}

fn open_with(
    config: &'static Issuer,
    audience: &str,
    more: Value,
    claims: Value,
    keys: &KeySet,
) -> Result<Principal, AccessTokenError> {
    let header = with(json!({"alg": "RS256", "kid": "rsa"}), more);
    let times = json!({"iat": NOW - 10, "exp": NOW + 600});
    let trusted = [TrustedIssuer {
        audiences: vec![audience.to_owned()],
        ..trusted(config)
    }];
    let source = config.header.map_or(Source::Authorization, Source::Header);
    let token = token(&header, &with(times, claims));
    let settings = &crate::auth::testing::AUTH;
    let read = Unverified::read(&token, source, &trusted, settings, now())?;
    verify(&read, keys).map(|verified| verified.principal)
}

#[test]
fn okta() {
    let claims = json!({
        "ver": 1, "jti": "AT.1", "iss": "https://dev.okta.example/oauth2/default", "aud": "api://fraud",
        "cid": "0oa1", "uid": "00u1", "scp": ["fraud:read", "openid"], "auth_time": NOW - 60,
        "sub": "alice@acme.example", "groups": ["Everyone", "Fraud"],
    });
    let principal = open(&OKTA, "api://fraud", json!({}), claims.clone()).unwrap();
    assert_eq!(principal.subject(), "alice@acme.example");
    assert_eq!(principal.client(), Some("0oa1"));
    assert_eq!(Vec::from_iter(principal.scopes()), ["fraud:read", "openid"]);
    assert_eq!(principal.groups(), ["Everyone", "Fraud"]);

    let for_an_agent = json!({
        "cid": null, "scp": null, "scope": "fraud:read", "act": {"sub": "wlp1"},
    });
    let for_an_agent = with(claims.clone(), for_an_agent);
    let principal = open(&OKTA, "api://fraud", json!({}), for_an_agent).unwrap();
    assert_eq!(principal.client(), Some("wlp1"));
    assert_eq!(Vec::from_iter(principal.scopes()), ["fraud:read"]);
    assert_eq!(principal.actors().len(), 1);

    let of_the_org = with(
        claims,
        json!({"iss": "https://dev.okta.example", "aud": "https://dev.okta.example"}),
    );
    let reason = open(&OKTA, "api://fraud", json!({}), of_the_org)
        .unwrap_err()
        .reason();
    assert_eq!(reason, "unknown_issuer");
}

fn entra_v2() -> Value {
    json!({
        "aud": CLIENT, "iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0"), "nbf": NOW - 10,
        "aio": "x", "azp": "desk", "azpacr": "0", "name": "Alice", "oid": "object", "rh": "x",
        "preferred_username": "alice@acme.example", "scp": "Fraud.Read Fraud.Simulate", "sub": "pairwise",
        "roles": ["Analyst"], "tid": TENANT, "uti": "x", "ver": "2.0",
    })
}

#[test]
fn entra() {
    let typ = json!({"typ": "JWT"});
    let principal = open(&ENTRA, CLIENT, typ.clone(), entra_v2()).unwrap();
    assert_eq!(principal.subject(), "object");
    assert_eq!(principal.tenant(), Some(TENANT));
    assert_eq!(principal.client(), Some("desk"));
    assert_eq!(principal.roles(), ["Analyst"]);
    assert_eq!(
        Vec::from_iter(principal.scopes()),
        ["Fraud.Read", "Fraud.Simulate"]
    );

    let of_another = with(
        entra_v2(),
        json!({"tid": "other", "iss": "https://login.microsoftonline.com/other/v2.0"}),
    );
    let reason = open(&ENTRA, CLIENT, typ.clone(), of_another)
        .unwrap_err()
        .reason();
    assert_eq!(reason, "unknown_issuer");
    let of_graph = with(
        entra_v2(),
        json!({"aud": "00000003-0000-0000-c000-000000000000"}),
    );
    let reason = open(&ENTRA, CLIENT, typ, of_graph).unwrap_err().reason();
    assert_eq!(reason, "wrong_audience");
}

/// As Microsoft's page on group claims shows a token of a person in more than 200 groups, and one that comes in a URL.
#[test]
fn entra_beyond_200_groups() {
    let typ = json!({"typ": "JWT"});
    let unknown = |more: Value| {
        let claims = with(entra_v2(), more);
        let principal = open(&ENTRA, CLIENT, typ.clone(), claims).unwrap();
        (principal.unknown_claims(), principal.groups().to_vec())
    };
    let groups = UnknownClaims {
        groups: true,
        ..UnknownClaims::default()
    };
    let endpoint = "https://graph.windows.net/11111111-2222-3333-4444-555555555555/users/object/getMemberObjects";
    let overage = json!({
        "_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": endpoint}},
    });
    assert_eq!(unknown(overage), (groups, Vec::new()));
    for value in [json!(true), json!("true"), json!(1)] {
        assert_eq!(unknown(json!({"hasgroups": value})).0, groups);
        let empty = json!({"hasgroups": value, "groups": []});
        assert_eq!(unknown(empty).0, groups);
    }
    let few = vec!["fraud".to_owned()];
    for known in [
        json!({}),
        json!({"hasgroups": false}),
        json!({"hasgroups": null, "_claim_names": null}),
        json!({"_claim_names": {"address": "src1"}}),
    ] {
        assert_eq!(
            unknown(known.clone()).0,
            UnknownClaims::default(),
            "{known}"
        );
        let with_groups = with(known, json!({"groups": ["fraud"]}));
        assert_eq!(
            unknown(with_groups),
            (UnknownClaims::default(), few.clone())
        );
    }
    // A list beside the statement that there are groups is the list.
    let listed = json!({"hasgroups": true, "groups": ["fraud"]});
    assert_eq!(unknown(listed), (UnknownClaims::default(), few.clone()));
    // A list beside a reference may be a part of it.
    let both = json!({"_claim_names": {"groups": "src1"}, "groups": ["fraud"]});
    assert_eq!(unknown(both), (groups, few));
}

#[test]
fn entra_version_1() {
    let claims = json!({
        "aud": "api://fraud", "iss": format!("https://sts.windows.net/{TENANT}/"), "nbf": NOW - 10, "acr": "1",
        "amr": ["pwd"], "appid": "desk", "appidacr": "0", "ipaddr": "192.0.2.1", "oid": "object",
        "scp": "Fraud.Read", "sub": "pairwise", "tid": TENANT, "unique_name": "alice", "upn": "alice", "ver": "1.0",
    });
    let header = json!({"typ": "JWT", "x5t": "lDpwLQbzRZmu4fjajvn3KWAx1pk"});
    let principal = open(&ENTRA_V1, "api://fraud", header.clone(), claims).unwrap();
    assert_eq!(principal.client(), Some("desk"));
    let reason = open(&ENTRA_V1, CLIENT, header, entra_v2())
        .unwrap_err()
        .reason();
    assert_eq!(reason, "unknown_issuer");
}

#[test]
fn entra_for_several_tenants() {
    let typ = json!({"typ": "JWT"});
    let open = |claims, keys: &KeySet| open_with(&ENTRA_MULTI, CLIENT, typ.clone(), claims, keys);
    let set = |issuer: &str| {
        let key = with(
            crate::auth::testing::public_key("RS256"),
            json!({"kid": "rsa", "issuer": issuer}),
        );
        KeySet::parse(json!({"keys": [key]}).to_string().as_bytes()).unwrap()
    };
    let of_all = set("https://login.microsoftonline.com/{tenantid}/v2.0");
    assert_eq!(open(entra_v2(), &of_all).unwrap().tenant(), Some(TENANT));
    let of_other = set("https://login.microsoftonline.com/other/v2.0");
    assert_eq!(
        open(entra_v2(), &of_other).unwrap_err().reason(),
        "unusable_key"
    );
    let other = json!({"tid": "other", "iss": "https://login.microsoftonline.com/other/v2.0"});
    assert_eq!(
        open(with(entra_v2(), other), &of_all).unwrap_err().reason(),
        "wrong_tenant"
    );
    let posing = with(
        entra_v2(),
        json!({"iss": "https://login.microsoftonline.com/other/v2.0"}),
    );
    assert_eq!(open(posing, &of_all).unwrap_err().reason(), "wrong_tenant");
}

#[test]
fn google() {
    let claims = json!({
        "iss": "https://accounts.google.com", "azp": "1.apps.googleusercontent.com",
        "aud": "1.apps.googleusercontent.com", "sub": "10769150350006150715113082367", "at_hash": "x",
        "hd": "acme.example", "email": "alice@acme.example", "email_verified": true, "nonce": "0394852",
    });
    let open = |claims| {
        open(
            &GOOGLE,
            "1.apps.googleusercontent.com",
            json!({"typ": "JWT"}),
            claims,
        )
    };
    let principal = open(claims.clone()).unwrap();
    assert_eq!(principal.tenant(), Some("acme.example"));
    assert!(principal.scopes().is_empty());
    // Google writes `iss` in two ways, and a subject is the same with both.
    let without_scheme = with(claims.clone(), json!({"iss": "accounts.google.com"}));
    assert_eq!(open(without_scheme), Ok(principal));
    for other in [
        "http://accounts.google.com",
        "accounts.google.com/",
        "Accounts.google.com",
    ] {
        let reason = open(with(claims.clone(), json!({"iss": other})))
            .unwrap_err()
            .reason();
        assert_eq!(reason, "unknown_issuer", "{other}");
    }
    let of_a_person = with(claims.clone(), json!({"hd": null}));
    assert_eq!(
        open(of_a_person),
        Err(AccessTokenError::MissingClaim {
            claim: "hd",
            named: ClaimSource::Tenant
        })
    );
    let elsewhere = with(claims, json!({"hd": "evil.example"}));
    assert_eq!(open(elsewhere).unwrap_err().reason(), "wrong_tenant");
}

#[test]
fn keycloak() {
    let claims = json!({
        "jti": "x", "iss": "https://sso.example/realms/acme", "aud": ["https://mcp.example/mcp", "account"],
        "sub": "36fa0f91", "typ": "Bearer", "azp": "desk", "session_state": "x", "acr": "1",
        "allowed-origins": ["https://app.example"], "realm_access": {"roles": ["analyst", "offline_access"]},
        "resource_access": {"account": {"roles": ["view-profile"]}}, "scope": "email profile", "sid": "x",
        "email_verified": true, "preferred_username": "alice",
    });
    let open = |claims| {
        open(
            &KEYCLOAK,
            "https://mcp.example/mcp",
            json!({"typ": "JWT"}),
            claims,
        )
    };
    let principal = open(claims.clone()).unwrap();
    assert_eq!(principal.roles(), ["analyst", "offline_access"]);
    assert_eq!(principal.client(), Some("desk"));
    assert_eq!(Vec::from_iter(principal.scopes()), ["email", "profile"]);
    let without_mapper = with(claims, json!({"aud": "account"}));
    assert_eq!(open(without_mapper).unwrap_err().reason(), "wrong_audience");
}

#[test]
fn auth0() {
    let claims = json!({
        "iss": "https://acme.auth0.example/", "sub": "auth0|123456",
        "aud": ["https://mcp.example/mcp", "https://acme.auth0.example/userinfo"], "azp": "desk",
        "scope": "openid fraud:read", "permissions": ["fraud:read"],
    });
    let open = |kind: &str, claims| {
        open(
            &AUTH0,
            "https://mcp.example/mcp",
            json!({"typ": kind}),
            claims,
        )
    };
    let principal = open("JWT", claims.clone()).unwrap();
    assert_eq!(principal.client(), Some("desk"));
    assert_eq!(principal.roles(), ["fraud:read"]);
    let by_rfc_9068 = with(
        claims.clone(),
        json!({"azp": null, "client_id": "desk", "jti": "x"}),
    );
    assert_eq!(open("at+jwt", by_rfc_9068).unwrap().client(), Some("desk"));
    let without_slash = with(claims, json!({"iss": "https://acme.auth0.example"}));
    assert_eq!(
        open("JWT", without_slash).unwrap_err().reason(),
        "unknown_issuer"
    );
}

#[test]
fn cloudflare_access() {
    let tag = "32eafc7626e974616deaf0dc3ce63d7bcbed58a2731e84d06bc3cdf1b53c4228";
    let claims = json!({
        "aud": [tag], "email": "alice@acme.example", "nbf": NOW - 10, "iss": "https://acme.cloudflareaccess.com",
        "type": "app", "identity_nonce": "x", "sub": "7335d417", "country": "US",
        "custom": {"groups": ["fraud"]},
    });
    let open = |claims| open(&CLOUDFLARE_ACCESS, tag, json!({"typ": "JWT"}), claims);
    let principal = open(claims.clone()).unwrap();
    assert_eq!(principal.subject(), "7335d417");
    assert_eq!(principal.groups(), ["fraud"]);
    let of_a_service = with(
        claims.clone(),
        json!({"sub": "", "common_name": "machine.access"}),
    );
    assert_eq!(open(of_a_service).unwrap().subject(), "machine.access");

    let header = json!({"alg": "RS256", "kid": "rsa", "typ": "JWT"});
    let token = token(&header, &with(claims, json!({"exp": NOW + 600})));
    let trusted = [trusted(&CLOUDFLARE_ACCESS)];
    let settings = &crate::auth::testing::AUTH;
    let bearer = Unverified::read(&token, Source::Authorization, &trusted, settings, now());
    assert_eq!(bearer.unwrap_err().reason(), "wrong_header");
}
