//! Tokens for callers, from one end to the other: what is asked of the authorization server, and what the API gets.

mod assertion;
mod attacks;
mod discovery;
mod kinds;
mod world;

use mcp_edge::testing::Reply;
use serde_json::json;

use self::world::{EXCHANGE, Setup, TOKEN_ENDPOINT, World, fields, issues, seconds};

fn exchanging() -> World {
    let setup = Setup::new(EXCHANGE);
    issues(&setup.host, json!({ "scope": "orders:read" }));
    setup.start()
}

#[test]
fn the_caller_s_token_is_the_subject_of_the_exchange_and_nowhere_else() {
    let world = exchanging();
    let token = world.token(json!({ "sub": "ada" }));
    assert!(!world.call(&token).is_error());
    let requests = world.requests(TOKEN_ENDPOINT);
    let form = fields(&requests[0]);
    for (name, value) in [
        (
            "grant_type",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        ),
        ("subject_token", token.as_str()),
        (
            "subject_token_type",
            "urn:ietf:params:oauth:token-type:access_token",
        ),
        ("audience", "https://orders.example.com"),
        ("scope", "orders:read"),
    ] {
        assert_eq!(form.get(name).map(String::as_str), Some(value), "{name}");
    }
    assert_eq!(form.len(), 5, "{form:?}");
    // gateway:planted%20client%20secret
    assert_eq!(
        requests[0].header("authorization"),
        Some("Basic Z2F0ZXdheTpwbGFudGVkJTIwY2xpZW50JTIwc2VjcmV0")
    );
    assert_eq!(world.bearers(), ["token-1"]);
    for request in world.host.requests() {
        let is_exchange = request.uri == TOKEN_ENDPOINT;
        let all = format!("{:?} {}", request.headers, request.text());
        assert_eq!(all.contains(&token), is_exchange, "{request:?}");
    }
}

/// Instances share the cache of the host, and its operator reads it and the log.
#[test]
fn no_token_is_in_the_cache_or_the_log_of_the_host() {
    let world = exchanging();
    let token = world.token(json!({ "sub": "ada" }));
    world.call(&token);
    world.host.run_after_response();
    let stored = format!(
        "{:?}{:?}",
        world.host.cache_entries(),
        world.host.log_lines()
    );
    // The keys of the issuer are there, so that this test looks in the right place.
    assert!(stored.contains("issuer-keys/"), "{stored}");
    for secret in ["token-1", token.as_str(), "planted client secret"] {
        assert!(!stored.contains(secret), "{stored}");
    }
}

#[test]
fn a_token_is_used_until_shortly_before_it_expires() {
    let world = exchanging();
    let token = world.token(json!({}));
    world.call(&token);
    world.host.advance(seconds(284));
    world.call(&token);
    assert_eq!(world.bearers(), ["token-1", "token-1"]);
    // 300 s less 15 s.
    world.host.advance(seconds(1));
    world.call(&token);
    assert_eq!(world.bearers().last().unwrap(), "token-2");
}

/// Checks that the first token that `caller` gets is used after so many seconds, and no longer two later.
#[track_caller]
fn is_used_for(world: &World, caller: &str, lifetime: u64) {
    world.call(caller);
    world.host.advance(seconds(lifetime));
    world.call(caller);
    assert_eq!(world.token_requests(), 1);
    world.host.advance(seconds(2));
    world.call(caller);
    assert_eq!(world.token_requests(), 2);
}

#[test]
fn a_token_is_not_used_after_that_of_its_caller() {
    let setup = Setup::new(EXCHANGE);
    issues(&setup.host, json!({ "expires_in": 86_400 }));
    let world = setup.start();
    let now = world.host.now().as_secs();
    let token = world.token(json!({ "exp": now + 100 }));
    is_used_for(&world, &token, 84);
}

#[test]
fn without_a_lifetime_a_token_is_used_for_five_minutes() {
    let setup = Setup::new(EXCHANGE);
    issues(&setup.host, json!({ "expires_in": null }));
    let world = setup.start();
    let token = world.token(json!({}));
    is_used_for(&world, &token, 284);
}

/// Whatever differs between two callers, or between two tokens of one, keeps their tokens apart.
#[test]
fn no_caller_gets_the_token_of_another() {
    let world = exchanging();
    let mut tokens = Vec::new();
    for claims in [
        json!({ "sub": "ada" }),
        json!({ "sub": "ada", "tenant": "globex" }),
        json!({ "sub": "grace" }),
        json!({ "sub": "ada", "client_id": "other" }),
        json!({ "sub": "ada", "act": { "sub": "agent" } }),
        json!({ "sub": "ada", "scope": "mcp:read mcp:write" }),
    ] {
        tokens.push(world.token(claims));
    }
    for _ in 0..2 {
        for token in &tokens {
            world.call(token);
        }
    }
    let expected: Vec<_> = (1..=6).map(|number| format!("token-{number}")).collect();
    assert_eq!(world.bearers(), [expected.clone(), expected].concat());
}

#[test]
fn one_of_many_calls_at_once_gets_the_token() {
    let world = exchanging();
    world.host.set_latency(seconds(1));
    let client = world.client.with_token(world.token(json!({})));
    let calls = (0..8)
        .map(|_| client.call_async("tools/call", json!({ "name": "order", "arguments": {} })));
    let results = world.host.run(futures_util::future::join_all(calls));
    assert!(
        results
            .iter()
            .all(|result| !result.as_ref().unwrap().is_error())
    );
    assert_eq!(world.token_requests(), 1);
    assert_eq!(world.bearers(), ["token-1"; 8]);
}

/// Otherwise a caller who hangs up would leave the others waiting.
#[test]
fn a_call_that_is_cancelled_lets_another_get_the_token() {
    let world = exchanging();
    world.host.set_latency(seconds(2));
    let client = world.client.with_token(world.token(json!({})));
    let params = json!({ "name": "order", "arguments": {} });
    let first = Box::pin(client.call_async("tools/call", params.clone()));
    let pause = world.host.shared().sleep(seconds(1));
    world.host.run(futures_util::future::select(first, pause));
    let second = world.host.run(client.call_async("tools/call", params));
    assert!(!second.unwrap().is_error());
}

#[test]
fn a_failure_is_the_answer_for_five_seconds() {
    let setup = Setup::new(EXCHANGE);
    setup.host.reply(TOKEN_ENDPOINT, Reply::new(503, ""));
    let world = setup.start();
    let token = world.token(json!({}));
    for (pause, requests) in [(0, 1), (4, 1), (2, 2)] {
        world.host.advance(seconds(pause));
        assert!(world.call(&token).text().contains("Try again later"));
        assert_eq!(world.token_requests(), requests);
    }
    assert!(world.bearers().is_empty());
}

#[test]
fn a_refused_token_is_replaced_once() {
    let world = exchanging();
    let api = "https://orders.example.com/orders";
    world.host.reply_once(api, Reply::new(401, ""));
    let token = world.token(json!({}));
    assert!(!world.call(&token).is_error());
    assert_eq!(world.bearers(), ["token-1", "token-2"]);
    // The new one is kept.
    world.call(&token);
    assert_eq!(world.bearers().last().unwrap(), "token-2");
    world.host.reply(api, Reply::new(401, ""));
    assert!(world.call(&token).is_error());
    assert_eq!(world.bearers().len(), 5);
}

#[test]
fn an_upstream_that_wants_more_is_a_challenge_by_the_configured_mapping() {
    let world = exchanging();
    let api = "https://orders.example.com/orders";
    let refused = |challenge: &str| Reply::new(403, "").header("www-authenticate", challenge);
    let asked = "Bearer realm=\"x\", error=\"insufficient_scope\", scope=\"orders:write\"";
    world.host.reply(api, refused(asked));
    let client = world.client.with_token(world.token(json!({})));
    let params = json!({ "name": "order", "arguments": {} });
    let response = client.send(client.request("tools/call", params));
    assert_eq!(response.status(), 403);
    let challenge = response.headers()["www-authenticate"].to_str().unwrap();
    assert!(
        challenge.contains("error=\"insufficient_scope\""),
        "{challenge}"
    );
    assert!(
        challenge.contains("scope=\"mcp:read mcp:write\""),
        "{challenge}"
    );

    // A caller who has them already cannot do anything about it.
    let has_all = world.token(json!({ "scope": "mcp:read mcp:write" }));
    assert!(world.call(&has_all).is_error());
    // Nor one who is told nothing of use.
    for unknown in [
        "Bearer scope=\"orders:delete\"",
        "Bearer",
        "Basic scope=\"orders:write\"",
    ] {
        world.host.reply(api, refused(unknown));
        assert!(world.call(&world.token(json!({}))).is_error(), "{unknown}");
    }
}

#[test]
fn an_authorization_server_that_denies_is_a_challenge_by_the_same_mapping() {
    let mapping = "scope_challenges = { \"orders:read\" = [\"mcp:orders\"] }";
    let lines = EXCHANGE
        .lines()
        .filter(|line| !line.starts_with("scope_challenges"));
    let lines: Vec<_> = lines.chain([mapping]).collect();
    let setup = Setup::new(&lines.join("\n"));
    let denied = Reply::new(400, json!({ "error": "invalid_scope" }).to_string());
    let denied = denied.header("content-type", "application/json");
    setup.host.reply(TOKEN_ENDPOINT, denied);
    let world = setup.start();
    let client = world.client.with_token(world.token(json!({})));
    let params = json!({ "name": "order", "arguments": {} });
    let response = client.send(client.request("tools/call", params));
    assert_eq!(response.status(), 403);
    let challenge = response.headers()["www-authenticate"].to_str().unwrap();
    assert!(
        challenge.contains("scope=\"mcp:orders mcp:read\""),
        "{challenge}"
    );
    assert!(world.bearers().is_empty());
}

#[test]
fn the_actor_is_the_gateway_with_a_token_of_its_own() {
    let setup = Setup::new(&format!("{EXCHANGE}\nactor = true"));
    issues(&setup.host, json!({}));
    let world = setup.start();
    world.call(&world.token(json!({ "sub": "ada" })));
    world.call(&world.token(json!({ "sub": "grace" })));
    let forms: Vec<_> = world.requests(TOKEN_ENDPOINT).iter().map(fields).collect();
    assert_eq!(forms.len(), 3);
    assert_eq!(forms[0]["grant_type"], "client_credentials");
    for form in &forms[1..] {
        assert_eq!(form["actor_token"], "token-1");
        assert_eq!(
            form["actor_token_type"],
            "urn:ietf:params:oauth:token-type:access_token"
        );
    }
    assert_eq!(world.bearers(), ["token-2", "token-3"]);
}

#[test]
fn an_anonymous_caller_has_nothing_to_exchange() {
    // A rule for anybody.
    let setup = Setup::new(EXCHANGE);
    issues(&setup.host, json!({}));
    let world = setup.start();
    // Policy lets only callers with a token call: nothing is asked for others.
    let error = world.client.call_tool("order", json!({})).unwrap_err();
    assert!(error.to_string().contains("401"), "{error}");
    assert_eq!(world.token_requests(), 0);
}

#[test]
fn the_token_endpoint_is_where_the_metadata_of_the_issuer_have_it() {
    let authority = EXCHANGE.replace(
        "token_endpoint = \"https://as.example.com/token\"",
        "issuer = \"https://as.example.com\"",
    );
    let setup = Setup::new(&authority);
    let place = "https://as.example.com/.well-known/oauth-authorization-server";
    setup.host.reply(
        "https://as.example.com/.well-known/openid-configuration",
        Reply::new(404, ""),
    );
    let metadata = |issuer: &str, endpoint: &str| {
        Reply::json(json!({ "issuer": issuer, "token_endpoint": endpoint }))
    };
    issues(&setup.host, json!({}));
    let host = setup.host.clone();
    let world = setup.start();
    let token = world.token(json!({}));
    for (reply, why) in [
        (
            metadata("https://other.example.com", TOKEN_ENDPOINT),
            "other.example.com",
        ),
        (
            metadata("https://as.example.com", "http://as.example.com/token"),
            "token_endpoint",
        ),
        (
            metadata("https://as.example.com", "https://10.0.0.1/token"),
            "token_endpoint",
        ),
        (Reply::new(200, "<html>"), "not JSON"),
    ] {
        host.reply(place, reply);
        assert!(world.call(&token).text().contains("Try again later"));
        let detail = world.detail();
        assert!(detail.contains(why), "{detail}");
        assert!(detail.contains("upstreams.orders.authority"), "{detail}");
        host.advance(seconds(6));
    }
    assert_eq!(world.token_requests(), 0);
    host.reply(place, metadata("https://as.example.com", TOKEN_ENDPOINT));
    for _ in 0..2 {
        assert!(!world.call(&token).is_error());
    }
    assert_eq!(world.bearers(), ["token-1", "token-1"]);
}

#[test]
fn a_start_needs_the_secrets_and_names_what_is_wrong() {
    let missing = Setup::new(EXCHANGE);
    missing.host.remove_variable("CLIENT_SECRET");
    assert_eq!(
        missing.mistake(),
        "upstreams.orders.authority.client_secret in mcp.toml: the secret CLIENT_SECRET is not set"
    );
    let private = EXCHANGE.replace("https://as.example.com/token", "https://10.0.0.1/token");
    let mistake = Setup::new(&private).mistake();
    assert!(
        mistake.starts_with("upstreams.orders.authority.token_endpoint"),
        "{mistake}"
    );
    assert!(mistake.contains("private = true"), "{mistake}");
    let key = EXCHANGE.replace(
        "client_secret = { secret = \"CLIENT_SECRET\" }",
        "client_authentication = \"private_key_jwt\"\nsigning_key = { secret = \"KEY\" }",
    );
    let setup = Setup::new(&key);
    setup.host.set_variable("KEY", "no key");
    let mistake = setup.mistake();
    assert!(
        mistake.contains("upstreams.orders.authority.signing_key"),
        "{mistake}"
    );
    assert!(mistake.contains("PKCS#8"), "{mistake}");
}

#[test]
fn the_event_names_the_upstream_and_the_authority() {
    let world = exchanging();
    world.call(&world.token(json!({})));
    world.host.run_after_response();
    let event = world.host.events().pop().unwrap();
    let upstream = &event["upstream"];
    let expected = json!({
        "name": "orders",
        "status": 200,
        "duration_ms": 0,
        "authority": "token_exchange",
        "audience": "https://orders.example.com",
        "calls": 2,
        "failed": 0,
    });
    assert_eq!(upstream, &expected);
}
