//! Requests with the authority of their caller, or of the gateway: tokens of a real OpenID provider, and what the upstream gets.

use std::sync::{Arc, Mutex, OnceLock};

use base64ct::{Base64UrlUnpadded, Encoding as _};
use mcp_edge_tests::gateway::{Deployed, Hosting, call};
use mcp_edge_tests::recorder::{Received, wait_for};
use mcp_edge_tests::signing::SigningKeys;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::upstream::{Reply, Upstream};
use mcp_edge_tests::{Provider, tests};
use serde_json::{Value, json};
use xtask::assertions;

use crate::api::{DOCUMENT, answer};

pub(crate) fn tests() -> Vec<Test<Hosting>> {
    tests![
        a_token_of_the_gateway_is_sent_with_every_client_authentication,
        an_exchanged_token_is_the_caller_s_and_names_the_gateway,
        a_caller_s_token_is_a_grant_on_its_behalf,
        a_grant_of_the_identity_provider_crosses_to_the_upstream_s_server,
        keys_of_the_provider_may_change,
        the_upstream_names_the_authorization_server,
        each_caller_has_its_own_token,
        a_refused_token_is_replaced_once,
        no_answer_but_a_right_one_reaches_the_upstream,
        an_independent_server_accepts_the_client_s_assertion,
        an_independent_verifier_accepts_what_the_gateway_signs,
        the_vector_is_what_its_verifier_accepts,
    ]
}

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// What tokens are for.
pub(crate) const AUDIENCE: &str = "https://orders.example/api";

/// The provider that all share, with keys that sign assertions.
pub(crate) struct World {
    pub(crate) provider: Provider,
    keys: SigningKeys,
}

pub(crate) fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| World {
        provider: Provider::start().unwrap(),
        keys: SigningKeys::new().unwrap(),
    })
}

/// The variables of a host, by name.
type Variables = Vec<(&'static str, String)>;

/// A gateway before `upstream`, with these lines in `[upstreams.api.authority]`.
fn deploy(hosting: &Hosting, lines: &str, variables: Variables, upstream: Upstream) -> Deployed {
    let configuration = format!(
        r#"
[gateway]
name = "com.example/authority-tests"

[server]
url = {{ variable = "MCP_EDGE_URL" }}

[auth]
jwks_cooldown = "1s"

[issuers.company]
issuer = {{ variable = "ISSUER" }}
algorithms = ["RS256"]
tenant = {{ claim = "tenant" }}

[[policy]]
scopes = ["mcp:read"]
tools = ["*"]

[upstreams.api]
url = {{ variable = "API_URL" }}
private = true
documents = ["api.yaml"]
allow = ["tag:tests"]
breaker_failures = 0

[upstreams.api.authority]
{lines}
"#
    );
    let files = [("mcp.toml", configuration.as_str()), ("api.yaml", DOCUMENT)];
    let mut all = variables;
    all.push(("API_URL", format!("{}/base", upstream.url())));
    if !all.iter().any(|(name, _)| *name == "ISSUER") {
        all.push(("ISSUER", world().provider.issuer().to_owned()));
    }
    Deployed {
        gateway: hosting.deploy(&files, &all),
        upstream,
    }
}

/// A client that the shared provider knows from now on: its id and its secret.
pub(crate) fn register(metadata: &Value) -> (String, String) {
    registered(&world().provider, metadata)
}

fn registered(provider: &Provider, metadata: &Value) -> (String, String) {
    let client = provider.register(metadata);
    let text = |member: &str| client[member].as_str().unwrap_or("none").to_owned();
    (text("client_id"), text("client_secret"))
}

/// The metadata of a client that authenticates so.
pub(crate) fn machine(authentication: &str) -> Value {
    json!({
        "grant_types": ["client_credentials", EXCHANGE, JWT_BEARER],
        "response_types": [],
        "redirect_uris": [],
        "token_endpoint_auth_method": authentication,
    })
}

/// The lines and variables of an authority of this kind, at the provider, as a client that it knows.
fn authority(kind: &str, lines: &str) -> (String, Variables) {
    let (id, secret) = register(&machine("client_secret_basic"));
    let lines = format!(
        r#"
type = "{kind}"
issuer = {{ variable = "ISSUER" }}
client_id = {{ variable = "CLIENT_ID" }}
client_secret = {{ secret = "CLIENT_SECRET" }}
{lines}
"#
    );
    (lines, vec![("CLIENT_ID", id), ("CLIENT_SECRET", secret)])
}

/// An access token of the provider for the gateway, of `subject` with these scopes.
fn caller(own: &Deployed, subject: &str, scopes: &str) -> String {
    world().provider.mint(&json!({
        "claims": {
            "sub": subject, "tenant": "acme", "aud": own.gateway.url(), "scope": scopes,
        },
    }))
}

/// The token that a request has.
#[track_caller]
pub(crate) fn bearer(request: &Received) -> &str {
    let authorization = request.header("authorization").unwrap();
    authorization.strip_prefix("Bearer ").unwrap()
}

/// The claims of a JWT.
#[track_caller]
pub(crate) fn claims(token: &str) -> Value {
    let claims = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&Base64UrlUnpadded::decode_vec(claims).unwrap()).unwrap()
}

fn find() -> Value {
    json!({ "q": "x", "format": "y" })
}

/// Calls an operation, and gives what the upstream got last.
#[track_caller]
fn observe(own: &Deployed, token: &str) -> Received {
    let result = own.gateway.call("find", find(), Some(token));
    let events = || own.gateway.events.text();
    assert!(result.get("isError").is_none(), "{result}\n{}", events());
    never_sent(own, token);
    own.upstream.received().last().unwrap().clone()
}

/// The caller's token is in no request to the upstream, and in no event.
#[track_caller]
fn never_sent(own: &Deployed, token: &str) {
    for request in own.upstream.received() {
        assert!(!request.text().contains(token), "{request:?}");
    }
    assert!(!own.gateway.events.text().contains(token));
}

fn a_token_of_the_gateway_is_sent_with_every_client_authentication(hosting: &Hosting) {
    let world = world();
    for authentication in [
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
    ] {
        let mut metadata = machine(authentication);
        let credential = match authentication {
            "private_key_jwt" => {
                let mut jwk = world.keys.jwk("TEST_P256_KEY");
                jwk["kid"] = json!("gateway-1");
                metadata["jwks"] = json!({ "keys": [jwk] });
                metadata["token_endpoint_auth_signing_alg"] = json!("ES256");
                "signing_key = { secret = \"SIGNING_KEY\" }\nkey_id = \"gateway-1\""
            }
            _ => "client_secret = { secret = \"CLIENT_SECRET\" }",
        };
        let (id, secret) = register(&metadata);
        let lines = format!(
            r#"
type = "client_credentials"
issuer = {{ variable = "ISSUER" }}
client_id = {{ variable = "CLIENT_ID" }}
client_authentication = "{authentication}"
{credential}
resource = "{AUDIENCE}"
scopes = ["mcp:read"]
"#
        );
        let variables = vec![
            ("CLIENT_ID", id.clone()),
            ("CLIENT_SECRET", secret.clone()),
            ("SIGNING_KEY", world.keys.pem("TEST_P256_KEY")),
        ];
        let own = deploy(hosting, &lines, variables, Upstream::start(answer));
        let token = caller(&own, "ada", "mcp:read");
        let claims = claims(bearer(&observe(&own, &token)));
        assert_eq!(claims["aud"], AUDIENCE, "{authentication}: {claims}");
        assert_eq!(claims["client_id"], id.as_str(), "{claims}");
        assert_eq!(claims["scope"], "mcp:read", "{claims}");
        assert!(!own.gateway.events.text().contains(&secret));
    }
}

fn an_exchanged_token_is_the_caller_s_and_names_the_gateway(hosting: &Hosting) {
    let target = format!("audience = \"{AUDIENCE}\"\nscopes = [\"mcp:read\"]\nactor = true");
    let (lines, variables) = authority("token_exchange", &target);
    let id = variables[0].1.clone();
    let own = deploy(hosting, &lines, variables, Upstream::start(answer));
    let token = caller(&own, "ada", "mcp:read mcp:write");
    let claims = claims(bearer(&observe(&own, &token)));
    assert_eq!(claims["sub"], "ada");
    assert_eq!(claims["aud"], AUDIENCE);
    assert_eq!(claims["scope"], "mcp:read");
    assert_eq!(claims["tenant"], "acme");
    assert_eq!(claims["act"], json!({ "sub": id }));
    let event = own.gateway.events.of_tool("find", |_| true);
    let upstream = &event["upstream"];
    assert_eq!(upstream["name"], "api", "{event}");
    assert_eq!(upstream["status"], 200);
    assert_eq!(upstream["authority"], "token_exchange");
    assert_eq!(upstream["audience"], AUDIENCE);
    assert!(upstream["duration_ms"].is_number(), "{event}");
}

fn a_caller_s_token_is_a_grant_on_its_behalf(hosting: &Hosting) {
    let target = format!("resource = \"{AUDIENCE}\"\nscopes = [\"mcp:read\"]\non_behalf_of = true");
    let (lines, variables) = authority("jwt_bearer", &target);
    let id = variables[0].1.clone();
    let own = deploy(hosting, &lines, variables, Upstream::start(answer));
    let token = caller(&own, "grace", "mcp:read");
    let claims = claims(bearer(&observe(&own, &token)));
    assert_eq!(claims["sub"], "grace");
    assert_eq!(claims["aud"], AUDIENCE);
    assert_eq!(claims["azp"], id.as_str());
}

/// The company's identity provider and the authorization server of the upstream are two parties with keys of their own, of the
/// same names.
fn a_grant_of_the_identity_provider_crosses_to_the_upstream_s_server(hosting: &Hosting) {
    let company = &world().provider;
    let server = Provider::start().unwrap();
    let (id, secret) = registered(&server, &machine("client_secret_post"));
    let mut metadata = machine("client_secret_basic");
    metadata["client_elsewhere"] = json!(id);
    let (company_id, company_secret) = register(&metadata);
    let lines = format!(
        r#"
type = "cross_app_access"
issuer = {{ variable = "UPSTREAM_ISSUER" }}
client_id = {{ variable = "CLIENT_ID" }}
client_secret = {{ secret = "CLIENT_SECRET" }}
client_authentication = "client_secret_post"
resource = "{AUDIENCE}"
scopes = ["mcp:read"]

[upstreams.api.identity_provider]
issuer = {{ variable = "ISSUER" }}
client_id = {{ variable = "COMPANY_ID" }}
client_secret = {{ secret = "COMPANY_SECRET" }}
"#
    );
    let variables = vec![
        ("UPSTREAM_ISSUER", server.issuer().to_owned()),
        ("CLIENT_ID", id.clone()),
        ("CLIENT_SECRET", secret),
        ("COMPANY_ID", company_id),
        ("COMPANY_SECRET", company_secret),
    ];
    let own = deploy(hosting, &lines, variables, Upstream::start(answer));
    let token = caller(&own, "ada", "mcp:read mcp:write");

    // The server does not know the company yet.
    let refused = own.gateway.call("find", find(), Some(&token));
    assert_eq!(refused["isError"], true, "{refused}");
    let event = own.gateway.events.of_tool("find", |_| true);
    let detail = event["detail"].as_str().unwrap();
    assert!(detail.contains("upstreams.api.authority"), "{detail}");
    assert!(detail.contains("invalid_grant"), "{detail}");
    assert!(own.upstream.received().is_empty());

    server.trust(company.issuer());
    let claims = claims(bearer(&answered(&own, &token)));
    assert_eq!(claims["iss"], server.issuer());
    assert_eq!(claims["sub"], "ada");
    assert_eq!(claims["aud"], AUDIENCE);
    assert_eq!(claims["scope"], "mcp:read");
    assert_eq!(claims["client_id"], id.as_str());
    never_sent(&own, &token);
}

/// What the upstream got of the first call that is answered: a failure is the answer for a few seconds.
fn answered(own: &Deployed, token: &str) -> Received {
    wait_for("a token for the upstream", || {
        let result = own.gateway.call("find", find(), Some(token));
        let received = own.upstream.received();
        result
            .get("isError")
            .is_none()
            .then(|| received.last().unwrap().clone())
    })
}

fn keys_of_the_provider_may_change(hosting: &Hosting) {
    // Others use the shared one.
    let provider = Provider::start().unwrap();
    let (id, secret) = registered(&provider, &machine("client_secret_basic"));
    let target = format!("audience = \"{AUDIENCE}\"");
    let (lines, _) = authority("token_exchange", &target);
    let variables = vec![
        ("ISSUER", provider.issuer().to_owned()),
        ("CLIENT_ID", id),
        ("CLIENT_SECRET", secret),
    ];
    let own = deploy(hosting, &lines, variables, Upstream::start(answer));
    let token = |subject: &str| {
        provider.mint(&json!({
            "claims": { "sub": subject, "aud": own.gateway.url(), "scope": "mcp:read" },
        }))
    };
    let old = token("ada");
    let first = observe(&own, &old);
    provider.rotate(true);
    let new = token("grace");
    // The gateway looks for new keys of an issuer once in a while.
    wait_for("the new keys", || {
        let answer = own.gateway.endpoint.send(&call("find", find(), Some(&new)));
        (answer.status == 200).then_some(())
    });
    let second = observe(&own, &new);
    assert_eq!(claims(bearer(&first))["sub"], "ada");
    assert_eq!(claims(bearer(&second))["sub"], "grace");
    // A caller with a token by the old key, which is still published.
    assert_eq!(claims(bearer(&observe(&own, &old)))["sub"], "ada");
}

/// The API publishes its authorization server (RFC 9728), of which the gateway knows two.
fn the_upstream_names_the_authorization_server(hosting: &Hosting) {
    const PLACE: &str = "/.well-known/oauth-protected-resource/base";
    let named = Arc::new(Mutex::new(String::new()));
    let published = Arc::clone(&named);
    let upstream = Upstream::start(move |request| match request.target.as_str() {
        PLACE => Reply::json(&json!({
            "resource": format!("http://{}/base", request.header("host").unwrap()),
            "authorization_servers": [published.lock().unwrap().as_str()],
        })),
        _ => answer(request),
    });
    let elsewhere = Upstream::start(|_| issued("planted-elsewhere"));
    let (id, secret) = register(&machine("client_secret_basic"));
    let lines = r#"
type = "token_exchange"
authorization_servers = ["https://other.example", { variable = "ISSUER" }]
client_id = { variable = "CLIENT_ID" }
client_secret = { secret = "CLIENT_SECRET" }
"#;
    let variables = vec![("CLIENT_ID", id), ("CLIENT_SECRET", secret)];
    let own = deploy(hosting, lines, variables, upstream);
    let token = caller(&own, "ada", "mcp:read");

    // A server that the configuration does not name gets nothing.
    *named.lock().unwrap() = elsewhere.url();
    let refused = own.gateway.call("find", find(), Some(&token));
    assert_eq!(refused["isError"], true, "{refused}");
    let event = own.gateway.events.of_tool("find", |_| true);
    let detail = event["detail"].as_str().unwrap();
    assert!(detail.contains("authorization_servers"), "{event}");
    assert!(elsewhere.received().is_empty());

    *named.lock().unwrap() = world().provider.issuer().to_owned();
    let claims = claims(bearer(&answered(&own, &token)));
    assert_eq!(claims["sub"], "ada");
    assert_eq!(claims["aud"], format!("{}/base", own.upstream.url()));
    never_sent(&own, &token);
    assert!(elsewhere.received().is_empty());
}

/// An authorization server that no test above has: it answers as `reply` says.
fn pretender(
    hosting: &Hosting,
    lines: &str,
    upstream: Upstream,
    reply: impl Fn(&Value) -> Reply + Send + Sync + 'static,
) -> (Deployed, Upstream) {
    let server = Upstream::start(move |request| {
        let subject = request
            .body
            .split('&')
            .find_map(|pair| pair.strip_prefix("subject_token="));
        reply(&subject.map_or(Value::Null, claims))
    });
    let lines = format!(
        r#"
type = "token_exchange"
token_endpoint = {{ variable = "TOKEN_ENDPOINT" }}
client_id = "gateway"
client_secret = {{ secret = "CLIENT_SECRET" }}
audience = "{AUDIENCE}"
scopes = ["mcp:read"]
{lines}
"#
    );
    let variables = vec![
        ("TOKEN_ENDPOINT", format!("{}/token", server.url())),
        ("CLIENT_SECRET", "planted-client-secret".to_owned()),
    ];
    (deploy(hosting, &lines, variables, upstream), server)
}

pub(crate) fn issued(token: &str) -> Reply {
    Reply::json(&json!({
        "access_token": token,
        "token_type": "Bearer",
        "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "expires_in": 300,
    }))
}

/// What a caller has for others to see: `ada of acme may mcp:read`.
fn described(claims: &Value) -> String {
    let text = |claim: &str| claims[claim].as_str().unwrap_or_default().to_owned();
    let all = ["sub", "tenant", "client_id", "scope"].map(text);
    Base64UrlUnpadded::encode_string(all.join(" ").as_bytes())
}

fn each_caller_has_its_own_token(hosting: &Hosting) {
    let upstream = Upstream::start(answer);
    let (own, server) = pretender(hosting, "", upstream, |subject| issued(&described(subject)));
    let mut callers = Vec::new();
    for changes in [
        json!({}),
        json!({ "tenant": "globex" }),
        json!({ "sub": "grace" }),
        json!({ "client_id": "another" }),
        json!({ "scope": "mcp:read mcp:write" }),
    ] {
        let mut claims = json!({ "sub": "ada", "aud": own.gateway.url(), "scope": "mcp:read" });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        callers.push(world().provider.mint(&json!({ "claims": claims })));
    }
    let rounds = 6;
    for _ in 0..rounds {
        for token in &callers {
            let expected = described(&claims(token));
            assert_eq!(bearer(&observe(&own, token)), expected);
        }
    }
    // Each instance, and each thread of a process, has a memory of its own.
    let asked = server.received().len();
    assert!(asked >= callers.len(), "{asked}");
    assert!(
        asked < rounds * callers.len(),
        "no token was remembered: {asked}"
    );
}

fn a_refused_token_is_replaced_once(hosting: &Hosting) {
    // The first token is not accepted, of any caller.
    let upstream = Upstream::start(|request| match request.header("authorization") {
        Some("Bearer right") => answer(request),
        _ => Reply::of(401, "text/plain", ""),
    });
    let number = std::sync::atomic::AtomicUsize::new(0);
    let (own, _server) = pretender(hosting, "", upstream, move |_| {
        match number.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
            0 => issued("wrong"),
            _ => issued("right"),
        }
    });
    let token = caller(&own, "ada", "mcp:read");
    let last = observe(&own, &token);
    assert_eq!(bearer(&last), "right");
    let received = own.upstream.received();
    let tokens: Vec<_> = received.iter().map(bearer).collect();
    assert_eq!(tokens, ["wrong", "right"]);
}

fn no_answer_but_a_right_one_reaches_the_upstream(hosting: &Hosting) {
    let elsewhere = Upstream::start(|_| issued("planted-elsewhere"));
    let location = format!("{}/token", elsewhere.url());
    let reply = move |subject: &Value| {
        let of_another = Base64UrlUnpadded::encode_string(br#"{"aud":"https://other.example"}"#);
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
        match subject["sub"].as_str().unwrap_or_default() {
            "audience" => issued(&format!("e30.{of_another}.c2ln")),
            "scope" => Reply::json(&json!({
                "access_token": "planted", "token_type": "Bearer", "scope": "mcp:admin",
            })),
            "redirect" => Reply::of(307, "text/plain", "").header("location", location.as_str()),
            "length" => Reply::Bytes(format!("{head}content-length: 1000\r\n\r\n{{").into_bytes()),
            "hang" => Reply::Stalls(format!("{head}content-length: 1000\r\n\r\n{{").into_bytes()),
            "html" => Reply::of(200, "text/html", "<html>Sign in</html>"),
            "empty" => issued(""),
            "newline" => issued("planted\r\nX-Admin: 1"),
            "huge" => issued(&"a".repeat(100_000)),
            "server" => Reply::of(500, "text/plain", "planted stack trace"),
            _ => Reply::of(400, "application/json", r#"{"error":"invalid_grant"}"#),
        }
    };
    let upstream = Upstream::start(answer);
    let (own, server) = pretender(hosting, "", upstream, reply);
    for (subject, part) in [
        ("audience", "Try again later"),
        ("scope", "Try again later"),
        ("redirect", "Try again later"),
        ("length", "Try again later"),
        ("hang", "Try again later"),
        ("html", "Try again later"),
        ("empty", "Try again later"),
        ("newline", "Try again later"),
        ("huge", "Try again later"),
        ("server", "Try again later"),
        ("expired", "Sign in again"),
    ] {
        let token = caller(&own, subject, "mcp:read");
        let result = own.gateway.call("find", find(), Some(&token));
        assert_eq!(result["isError"], true, "{subject}: {result}");
        let text = result["content"][0]["text"].as_str().unwrap();
        assert!(text.contains(part), "{subject}: {text}");
        assert!(
            !text.contains("127.0.0.1") && !text.contains("planted"),
            "{text}"
        );
        never_sent(&own, &token);
        let event = own
            .gateway
            .events
            .of_tool("find", |event| event["principal"]["subject"] == subject);
        let detail = event["detail"].as_str().unwrap();
        assert!(
            detail.contains("upstreams.api.authority"),
            "{subject}: {detail}"
        );
        assert!(!detail.contains("planted"), "{detail}");
    }
    assert!(own.upstream.received().is_empty());
    assert!(elsewhere.received().is_empty());
    assert_eq!(server.received().len(), 11);
}

fn an_independent_verifier_accepts_what_the_gateway_signs(hosting: &Hosting) {
    let key = world().keys.pem("TEST_P256_KEY");
    let lines = "type = \"assertion\"\nsigning_key = { secret = \"SIGNING_KEY\" }";
    let variables = vec![("SIGNING_KEY", key)];
    let own = deploy(hosting, lines, variables, Upstream::start(answer));
    let token = caller(&own, "ada", "mcp:read");
    let arguments = json!({ "id_path": "7", "name": "n" });
    let result = own.gateway.call("putThing", arguments, Some(&token));
    assert!(result.get("isError").is_none(), "{result}");
    never_sent(&own, &token);
    let received = own.upstream.received();
    let request = received.last().unwrap();
    let origin = own.gateway.url().strip_suffix("/mcp").unwrap();
    let url = format!("{}{}", own.upstream.url(), request.target);
    let given = json!({
        "assertion": bearer(request),
        "keys_url": format!("{origin}/.well-known/assertion-jwks.json"),
        "issuer": own.gateway.url(),
        "audience": format!("{}/base", own.upstream.url()),
        "request": { "method": request.method, "url": url, "body": request.body },
    });
    let verdict = assertions::verify(&given).unwrap();
    assert_eq!(verdict["claims"]["sub"], "ada", "{verdict}");
    assert_eq!(verdict["claims"]["tenant"], "acme");
    assert_eq!(verdict["claims"]["tool"], "putThing");
    assert_eq!(verdict["claims"]["htm"], "PUT");

    // The same for another request, another audience, and by another server.
    for (pointer, value, why) in [
        ("/request/body", json!("{}"), "body_s256"),
        ("/request/method", json!("DELETE"), "htm"),
        ("/request/url", json!("https://other.example/"), "htu"),
        ("/audience", json!("https://other.example"), "aud"),
        ("/issuer", json!("https://other.example/mcp"), "iss"),
    ] {
        let mut changed = given.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        let verdict = assertions::verify(&changed).unwrap();
        let error = verdict["error"].as_str().unwrap_or_default();
        assert!(error.contains(why), "{pointer}: {verdict}");
    }
}

/// A file for authors of upstreams, and what they verify with.
fn the_vector_is_what_its_verifier_accepts(_: &Hosting) {
    let vector = include_str!("../../gateway/assertion/vector.json");
    let mut vector: Value = serde_json::from_str(vector).unwrap();
    let verdict = assertions::verify(&vector).unwrap();
    assert_eq!(verdict["claims"], vector["claims"], "{verdict}");
    vector["now"] = json!(vector["now"].as_u64().unwrap() + 60);
    let verdict = assertions::verify(&vector).unwrap();
    assert_eq!(verdict["error"], "exp has passed, or iat is in the future");
}

fn an_independent_server_accepts_the_client_s_assertion(hosting: &Hosting) {
    let keys = &world().keys;
    let lines = r#"
type = "client_credentials"
token_endpoint = { variable = "TOKEN_ENDPOINT" }
client_id = "gateway"
client_authentication = "private_key_jwt"
signing_key = { secret = "SIGNING_KEY" }
"#;
    let server = Upstream::start(|_| issued("right"));
    let endpoint = format!("{}/token", server.url());
    let variables = vec![
        ("TOKEN_ENDPOINT", endpoint.clone()),
        ("SIGNING_KEY", keys.pem("TEST_P256_KEY")),
    ];
    let own = deploy(hosting, lines, variables, Upstream::start(answer));
    assert_eq!(
        bearer(&observe(&own, &caller(&own, "ada", "mcp:read"))),
        "right"
    );
    let received = server.received();
    let mut pairs = received[0].body.split('&');
    let assertion = pairs.find_map(|pair| pair.strip_prefix("client_assertion="));
    let given = json!({
        "assertion": assertion.unwrap(),
        "key": keys.jwk("TEST_P256_KEY"),
        "client_id": "gateway",
        "audiences": [endpoint],
    });
    assert_eq!(
        assertions::authenticate(&given).unwrap(),
        json!({ "client": "gateway" })
    );
    let mut other = given.clone();
    other["audiences"] = json!(["https://other.example/token"]);
    let refused = assertions::authenticate(&other).unwrap();
    assert!(refused["error"].is_string(), "{refused}");
    let mut other = given;
    other["key"] = keys.jwk("TEST_ED25519_KEY");
    let refused = assertions::authenticate(&other).unwrap();
    assert!(refused["error"].is_string(), "{refused}");
}
