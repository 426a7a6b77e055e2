//! Authorization servers that are wrong, or lie.

use mcp_edge::testing::Reply;
use serde_json::{Value, json};

use super::world::{EXCHANGE, Setup, TOKEN_ENDPOINT, seconds, unsigned};

fn answer(members: Value) -> Reply {
    let mut answer = json!({
        "access_token": "planted-token",
        "token_type": "Bearer",
        "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "expires_in": 300,
    });
    for (name, value) in members.as_object().unwrap() {
        answer[name] = value.clone();
    }
    answer
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    Reply::json(answer)
}

fn error(status: u16, body: &Value) -> Reply {
    Reply::new(status, body.to_string()).header("content-type", "application/json")
}

const LATER: &str = "Try again later";
const AGAIN: &str = "Sign in again";
const DENIED: &str = "does not permit the caller";

#[test]
fn no_answer_but_a_right_one_reaches_the_upstream() {
    let jwt = |claims: Value| unsigned(&claims);
    let cases = [
        (
            "another audience",
            answer(json!({ "access_token": jwt(json!({ "aud": "https://other.example.com" })) })),
            LATER,
            "`aud`",
        ),
        (
            "no audience",
            answer(json!({ "access_token": jwt(json!({})) })),
            LATER,
            "`aud`",
        ),
        (
            "more scopes",
            answer(json!({ "scope": "orders:read orders:write" })),
            LATER,
            "scopes",
        ),
        (
            "empty token",
            answer(json!({ "access_token": "" })),
            LATER,
            "empty",
        ),
        (
            "newline",
            answer(json!({ "access_token": "a\r\nX-Admin: 1" })),
            LATER,
            "characters",
        ),
        (
            "space",
            answer(json!({ "access_token": "a b" })),
            LATER,
            "characters",
        ),
        (
            "no ASCII",
            answer(json!({ "access_token": "aä" })),
            LATER,
            "characters",
        ),
        (
            "long token",
            answer(json!({ "access_token": "a".repeat(16_385) })),
            LATER,
            "longer",
        ),
        (
            "no text",
            answer(json!({ "access_token": 7 })),
            LATER,
            "RFC 6749",
        ),
        (
            "no token",
            answer(json!({ "access_token": null })),
            LATER,
            "RFC 6749",
        ),
        (
            "another type",
            answer(json!({ "token_type": "DPoP" })),
            LATER,
            "token_type",
        ),
        (
            "no type",
            answer(json!({ "token_type": null })),
            LATER,
            "RFC 6749",
        ),
        (
            "a refresh token",
            answer(
                json!({ "issued_token_type": "urn:ietf:params:oauth:token-type:refresh_token" }),
            ),
            LATER,
            "issued_token_type",
        ),
        (
            "a redirect",
            Reply::new(307, "").header("location", "https://evil.example.com/token"),
            LATER,
            "307",
        ),
        (
            "HTML",
            Reply::new(200, "<html>").header("content-type", "text/html"),
            LATER,
            "JSON",
        ),
        (
            "HTML as JSON",
            Reply::new(200, "<html>").header("content-type", "application/json"),
            LATER,
            "RFC 6749",
        ),
        (
            "JSON as text",
            Reply::new(
                200,
                json!({ "access_token": "a", "token_type": "Bearer" }).to_string(),
            ),
            LATER,
            "JSON",
        ),
        (
            "a member twice",
            Reply::new(
                200,
                r#"{"access_token":"a","access_token":"b","token_type":"Bearer"}"#,
            )
            .header("content-type", "application/json"),
            LATER,
            "RFC 6749",
        ),
        (
            "a huge answer",
            answer(json!({ "padding": "a".repeat(70_000) })),
            LATER,
            "65536",
        ),
        ("no answer", Reply::silent(), LATER, "10s"),
        ("no server", Reply::unreachable(), LATER, "refused"),
        (
            "a body that ends early",
            Reply::error(mcp_edge::host::FetchError::Failed(
                "the body ended early".to_owned(),
            )),
            LATER,
            "early",
        ),
        ("created", Reply::new(201, "{}"), LATER, "201"),
        (
            "a client that is unknown",
            error(401, &json!({ "error": "invalid_client" })),
            LATER,
            "invalid_client",
        ),
        (
            "a client that may not",
            error(400, &json!({ "error": "unauthorized_client" })),
            LATER,
            "unauthorized_client",
        ),
        (
            "forbidden",
            error(403, &json!({ "error": "access_denied" })),
            LATER,
            "403",
        ),
        ("broken", Reply::new(500, "{}"), LATER, "500"),
        (
            "a token that expired",
            error(400, &json!({ "error": "invalid_grant" })),
            AGAIN,
            "invalid_grant",
        ),
        (
            "a token that is wrong",
            error(400, &json!({ "error": "invalid_request" })),
            AGAIN,
            "invalid_request",
        ),
        (
            "a target that is not there",
            error(400, &json!({ "error": "invalid_target" })),
            DENIED,
            "invalid_target",
        ),
        (
            "a scope that is not granted",
            error(400, &json!({ "error": "invalid_scope" })),
            DENIED,
            "invalid_scope",
        ),
    ];
    for (what, reply, sentence, why) in cases {
        let setup = Setup::new(EXCHANGE);
        setup.host.reply(TOKEN_ENDPOINT, reply);
        let world = setup.start();
        let token = world.token(json!({}));
        let result = world.call(&token);
        assert!(result.is_error(), "{what}");
        assert!(
            result.text().contains(sentence),
            "{what}: {}",
            result.text()
        );
        let detail = world.detail();
        assert!(detail.contains(why), "{what}: {detail}");
        assert!(world.bearers().is_empty(), "{what}");
        assert_eq!(world.token_requests(), 1, "{what}");
        assert!(
            world.requests("https://evil.example.com").is_empty(),
            "{what}"
        );
    }
}

/// What an error repeats is in no event: it could be the caller's token.
#[test]
fn an_error_that_repeats_the_token_is_not_repeated() {
    let setup = Setup::new(EXCHANGE);
    let host = setup.host.clone();
    let world = setup.start();
    let token = world.token(json!({}));
    for body in [
        json!({ "error": token, "error_description": token }),
        json!({ "error": "invalid_grant", "error_description": token }),
        json!({ "error": "x".repeat(100) }),
    ] {
        host.reply(TOKEN_ENDPOINT, error(400, &body));
        let result = world.call(&token);
        let detail = world.detail();
        for text in [result.text(), detail, host.log_lines().join("\n")] {
            assert!(!text.contains(&token) && !text.contains("xxxx"), "{text}");
        }
        host.advance(seconds(6));
    }
}

/// An audience is found among several, and a token that is no JWT has none to look at.
#[test]
fn a_right_answer_reaches_the_upstream() {
    let audience = "https://orders.example.com";
    for members in [
        json!({}),
        json!({ "access_token": unsigned(&json!({ "aud": audience })) }),
        json!({ "access_token": unsigned(&json!({ "aud": ["account", audience] })) }),
        json!({ "token_type": "bearer", "scope": "" }),
        json!({ "issued_token_type": null, "expires_in": "300" }),
        json!({ "expires_in": 0 }),
        json!({ "access_token": "a.b~c+d/e-f_g==" }),
    ] {
        let setup = Setup::new(EXCHANGE);
        setup.host.reply(TOKEN_ENDPOINT, answer(members.clone()));
        let world = setup.start();
        let result = world.call(&world.token(json!({})));
        assert!(!result.is_error(), "{members}: {}", world.detail());
        assert_eq!(world.bearers().len(), 1, "{members}");
    }
}
