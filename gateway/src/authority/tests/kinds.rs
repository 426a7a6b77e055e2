//! The other kinds of tokens, and how the gateway authenticates.

use std::cell::RefCell;
use std::rc::Rc;

use mcp_edge::testing::{Reply, TestHost};
use serde_json::{Value, json};

use super::world::{
    EXCHANGE, Setup, TOKEN_ENDPOINT, fields, issues, key, parts, seconds, unsigned,
};

const JWT_BEARER: &str = r#"
type = "jwt_bearer"
token_endpoint = "https://as.example.com/token"
client_id = "gateway"
client_secret = { secret = "CLIENT_SECRET" }
client_authentication = "client_secret_post"
on_behalf_of = true
scopes = ["api://orders/.default"]
"#;

const ACROSS: &str = r#"
type = "cross_app_access"
issuer = "https://as.example.com"
token_endpoint = "https://as.example.com/token"
client_id = "at the API"
client_secret = { secret = "CLIENT_SECRET" }
resource = "https://orders.example.com"
scopes = ["orders:read"]
[upstreams.orders.identity_provider]
token_endpoint = "https://id.example.com/token"
client_id = "at the company"
client_secret = { secret = "IDP_SECRET" }
"#;

const GRANT: &str = "urn:ietf:params:oauth:token-type:id-jag";

#[test]
fn a_token_of_the_gateway_is_the_same_for_all_callers() {
    let authority = r#"
        type = "client_credentials"
        token_endpoint = "https://as.example.com/token"
        client_id = "gateway"
        client_secret = { secret = "CLIENT_SECRET" }
        audience = "https://orders.example.com"
        scopes = ["orders:read", "orders:write"]
    "#;
    let setup = Setup::new(authority);
    issues(&setup.host, json!({}));
    let world = setup.start();
    let tokens = ["ada", "grace"].map(|sub| world.token(json!({ "sub": sub })));
    for token in &tokens {
        assert!(!world.call(token).is_error());
    }
    assert_eq!(world.bearers(), ["token-1", "token-1"]);
    let requests = world.requests(TOKEN_ENDPOINT);
    let form = fields(&requests[0]);
    let expected = json!({
        "grant_type": "client_credentials",
        "audience": "https://orders.example.com",
        "scope": "orders:read orders:write",
    });
    assert_eq!(json!(form), expected);
    for request in world.host.requests() {
        let all = format!("{:?} {}", request.headers, request.text());
        assert!(
            !tokens.iter().any(|token| all.contains(token)),
            "{request:?}"
        );
    }
    // It is the gateway's affair, so that a caller who signs in again changes nothing.
    let denied = json!({ "error": "invalid_grant" }).to_string();
    let denied = Reply::new(400, denied).header("content-type", "application/json");
    world.host.reply(TOKEN_ENDPOINT, denied);
    world.host.advance(seconds(300));
    let text = world.call(&world.token(json!({}))).text();
    assert!(text.contains("Try again later"), "{text}");
}

#[test]
fn the_caller_s_token_is_the_assertion_of_a_jwt_grant() {
    let setup = Setup::new(JWT_BEARER);
    issues(
        &setup.host,
        json!({ "scope": "Orders.Read", "issued_token_type": null }),
    );
    let world = setup.start();
    let token = world.token(json!({}));
    assert!(!world.call(&token).is_error(), "{}", world.detail());
    let form = fields(&world.requests(TOKEN_ENDPOINT)[0]);
    let expected = json!({
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "requested_token_use": "on_behalf_of",
        "assertion": token,
        "scope": "api://orders/.default",
        "client_id": "gateway",
        "client_secret": "planted client secret",
    });
    assert_eq!(json!(form), expected);
    assert_eq!(world.bearers(), ["token-1"]);
}

/// Answers both legs of Cross-App Access, with what the grant's answer has besides.
fn both_legs(host: &TestHost, members: Value) {
    host.set_variable("IDP_SECRET", "planted secret at the company");
    let grant = unsigned(&json!({ "aud": "https://as.example.com" }));
    host.reply_with(move |request| {
        if request.uri == TOKEN_ENDPOINT {
            return Reply::json(json!({
                "access_token": "token-1",
                "token_type": "Bearer",
                "expires_in": 300,
                "scope": "orders:read",
            }));
        }
        assert_eq!(request.uri, "https://id.example.com/token");
        let mut answer = json!({
            "access_token": grant,
            "issued_token_type": GRANT,
            "token_type": "N_A",
            "scope": "orders:read",
        });
        for (name, value) in members.as_object().unwrap() {
            answer[name] = value.clone();
        }
        answer
            .as_object_mut()
            .unwrap()
            .retain(|_, value| !value.is_null());
        Reply::json(answer)
    });
}

#[test]
fn a_grant_of_the_identity_provider_is_redeemed_at_the_upstream_s_server() {
    let setup = Setup::new(ACROSS);
    both_legs(&setup.host, json!({}));
    let world = setup.start();
    let token = world.token(json!({}));
    for _ in 0..2 {
        assert!(!world.call(&token).is_error(), "{}", world.detail());
    }
    let first = world.requests("https://id.example.com/token");
    assert_eq!(first.len(), 1);
    let expected = json!({
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "requested_token_type": GRANT,
        "audience": "https://as.example.com",
        "resource": "https://orders.example.com",
        "scope": "orders:read",
        "subject_token": token,
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
    });
    assert_eq!(json!(fields(&first[0])), expected);
    let second = world.requests(TOKEN_ENDPOINT);
    assert_eq!(second.len(), 1);
    let expected = json!({
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "assertion": unsigned(&json!({ "aud": "https://as.example.com" })),
        "scope": "orders:read",
    });
    assert_eq!(json!(fields(&second[0])), expected);
    assert!(!second[0].text().contains(&token));
    assert_eq!(world.bearers(), ["token-1", "token-1"]);
}

#[test]
fn a_grant_must_be_one_and_for_the_upstream_s_server() {
    for (members, why) in [
        (json!({ "issued_token_type": null }), "issued_token_type"),
        (
            json!({ "issued_token_type": "urn:ietf:params:oauth:token-type:access_token" }),
            "issued_token_type",
        ),
        (json!({ "token_type": "Bearer" }), "N_A"),
        (
            json!({ "access_token": unsigned(&json!({ "aud": "https://other.example.com" })) }),
            "`aud`",
        ),
        (json!({ "scope": "orders:write" }), "scopes"),
    ] {
        let setup = Setup::new(ACROSS);
        both_legs(&setup.host, members.clone());
        let world = setup.start();
        assert!(world.call(&world.token(json!({}))).is_error(), "{members}");
        let detail = world.detail();
        assert!(detail.contains(why), "{members}: {detail}");
        assert!(
            detail.contains("upstreams.orders.identity_provider"),
            "{detail}"
        );
        assert_eq!(world.token_requests(), 0, "{members}");
    }
}

/// The grant is the gateway's, so that what is wrong with it is not the caller's fault.
#[test]
fn a_grant_that_is_refused_is_the_fault_of_the_gateway() {
    let setup = Setup::new(ACROSS);
    both_legs(&setup.host, json!({}));
    let refused = json!({ "error": "invalid_grant" }).to_string();
    let refused = Reply::new(400, refused).header("content-type", "application/json");
    setup.host.reply(TOKEN_ENDPOINT, refused);
    let world = setup.start();
    let text = world.call(&world.token(json!({}))).text();
    assert!(text.contains("Try again later"), "{text}");
}

#[test]
fn a_key_authenticates_the_client_and_is_published() {
    let authority = EXCHANGE.replace(
        "client_secret = { secret = \"CLIENT_SECRET\" }",
        "client_authentication = \"private_key_jwt\"\nsigning_key = { secret = \"KEY\" }\nsigning_algorithm = \"EdDSA\"",
    );
    for (lines, audience) in [
        ("", TOKEN_ENDPOINT),
        (
            "issuer = \"https://as.example.com\"",
            "https://as.example.com",
        ),
        ("assertion_audience = \"the server\"", "the server"),
    ] {
        let setup = Setup::new(&format!("{authority}\n{lines}"));
        setup.host.set_variable("KEY", key());
        issues(&setup.host, json!({}));
        let world = setup.start();
        assert!(!world.call(&world.token(json!({}))).is_error());
        world.host.advance(seconds(300));
        // The key that signs is the one whose id is in the header and which is published: that of the start.
        world.host.set_variable("KEY", "no key");
        assert!(!world.call(&world.token(json!({}))).is_error());
        let requests = world.requests(TOKEN_ENDPOINT);
        let seen = Rc::new(RefCell::new(Vec::new()));
        for request in &requests {
            assert_eq!(request.header("authorization"), None);
            let form = fields(request);
            assert_eq!(form["client_id"], "gateway");
            assert_eq!(
                form["client_assertion_type"],
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
            );
            let (header, claims) = parts(&form["client_assertion"]);
            assert_eq!(header["alg"], "EdDSA");
            assert_eq!(header["typ"], "JWT");
            for (claim, value) in [("iss", "gateway"), ("sub", "gateway"), ("aud", audience)] {
                assert_eq!(claims[claim], value);
            }
            assert_eq!(claims["iat"], request.time.as_secs());
            assert_eq!(claims["exp"], request.time.as_secs() + 60);
            seen.borrow_mut().push(claims["jti"].clone());
            let keys = world.client.get("/.well-known/assertion-jwks.json");
            let keys: Value = serde_json::from_slice(keys.body()).unwrap();
            assert_eq!(keys["keys"][0]["kid"], header["kid"]);
        }
        let seen = seen.borrow();
        assert_ne!(seen[0], seen[1]);
    }
}
