//! Assertions that the gateway signs itself.

use std::path::Path;

use mcp_edge::testing::Reply;
use serde_json::{Value, json};

use super::world::{AUDIENCE, Setup, key, parts};

const ASSERTION: &str = r#"
type = "assertion"
signing_key = { secret = "KEY" }
signing_algorithm = "EdDSA"
"#;

fn setup(lines: &str) -> Setup {
    let setup = Setup::new(&format!("{ASSERTION}\n{lines}"));
    setup.host.set_variable("KEY", key());
    setup
}

/// What authors of upstreams test their verifiers with.
#[test]
fn the_vector_is_current() {
    let world = setup("").start();
    let claims = json!({
        "sub": "ada",
        "client_id": "agent",
        "act": { "sub": "agent", "iss": "https://id.example.com" },
    });
    assert!(!world.call(&world.token(claims)).is_error());
    let assertion = world.bearers().remove(0);
    let (header, claims) = parts(&assertion);
    let keys = world.client.get("/.well-known/assertion-jwks.json");
    let keys: Value = serde_json::from_slice(keys.body()).unwrap();
    let request = &world.requests(AUDIENCE)[0];
    let vector = json!({
        "about": "An assertion of the gateway of mcp-edge, signed with the key of RFC 8037, A.1. `now` is the time of the request.",
        "assertion": assertion,
        "keys": keys,
        "header": header,
        "claims": claims,
        "issuer": "https://mcp.example.com/mcp",
        "audience": AUDIENCE,
        "now": request.time.as_secs(),
        "request": { "method": "GET", "url": request.uri.to_string(), "body": "" },
    });
    let text = format!("{}\n", serde_json::to_string_pretty(&vector).unwrap());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assertion/vector.json");
    if std::env::var_os("MCP_EDGE_BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(known == text, "run this test with MCP_EDGE_BLESS=1: {text}");
}

#[test]
fn it_says_who_calls_what_for_at_most_a_minute() {
    let world = setup("lifetime = \"60s\"\naudience = \"orders\"\nkey_id = \"k1\"").start();
    let token = world.token(json!({ "sub": "ada", "client_id": "agent" }));
    world.call(&token);
    world.call(&token);
    let [first, second] = <[String; 2]>::try_from(world.bearers()).unwrap();
    assert_ne!(first, second);
    let (header, claims) = parts(&first);
    assert_eq!(
        header,
        json!({ "alg": "EdDSA", "kid": "k1", "typ": "mcp-edge-request+jwt" })
    );
    let now = world.requests(AUDIENCE)[0].time.as_secs();
    // SHA-256 of nothing.
    let nothing = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
    let expected = json!({
        "iss": "https://mcp.example.com/mcp",
        "aud": "orders",
        "sub": "ada",
        "sub_id": { "format": "iss_sub", "iss": "https://id.example.com", "sub": "ada" },
        "tenant": "acme",
        "client_id": "agent",
        "act": { "sub": "https://mcp.example.com/mcp" },
        "tool": "order",
        "htm": "GET",
        "htu": "https://orders.example.com/orders",
        "query_s256": nothing,
        "body_s256": nothing,
        "jti": claims["jti"],
        "iat": now,
        "exp": now + 60,
    });
    assert_eq!(claims, expected);
    assert_ne!(parts(&second).1["jti"], claims["jti"]);
}

#[test]
fn it_is_about_the_request_with_the_secret_in_its_query() {
    let own = setup("[upstreams.orders.query]\nkey = { secret = \"QUERY_KEY\" }");
    own.host.set_variable("QUERY_KEY", "planted key");
    let world = own.start();
    world.call(&world.token(json!({})));
    let (_, claims) = parts(&world.bearers()[0]);
    assert_eq!(claims["htu"], "https://orders.example.com/orders");
    // SHA-256 of `key=planted%20key`.
    assert_eq!(
        claims["query_s256"],
        "tu60OmL4kWNEKPsxZAq1GfblohEpoC6I3MDcswZhtrg"
    );
}

#[test]
fn a_refused_assertion_is_not_sent_again() {
    let world = setup("").start();
    let api = "https://orders.example.com/orders";
    world.host.reply(api, Reply::new(401, ""));
    assert!(world.call(&world.token(json!({}))).is_error());
    assert_eq!(world.bearers().len(), 1);
}

#[test]
fn a_standby_key_is_published_and_does_not_sign() {
    let own = setup("standby_key = { secret = \"STANDBY\" }");
    // Another seed than that of RFC 8037.
    let other = "MC4CAQAwBQYDK2VwBCIEIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{other}\n-----END PRIVATE KEY-----");
    own.host.set_variable("STANDBY", pem);
    let world = own.start();
    let keys = world.client.get("/.well-known/assertion-jwks.json");
    assert_eq!(keys.status(), 200);
    let keys: Value = serde_json::from_slice(keys.body()).unwrap();
    assert_eq!(keys["keys"].as_array().unwrap().len(), 2, "{keys}");
    assert!(keys.to_string().contains("\"use\":\"sig\""));
    for member in ["\"d\"", "BEGIN"] {
        assert!(!keys.to_string().contains(member), "{keys}");
    }
    world.call(&world.token(json!({})));
    let (header, _) = parts(&world.bearers()[0]);
    assert_eq!(header["kid"], keys["keys"][0]["kid"]);
}

#[test]
fn without_a_key_that_signs_there_is_no_place_for_keys() {
    let world = Setup::new(super::world::EXCHANGE).start();
    let keys = world.client.get("/.well-known/assertion-jwks.json");
    assert_eq!(keys.status(), 404);
}
