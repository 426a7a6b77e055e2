//! Requests with the authority of their caller, or of the gateway: tokens of a real OpenID provider, and what the upstream gets.

use std::sync::OnceLock;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use mcp_edge_tests::gateway::{Deployed, Hosting};
use mcp_edge_tests::recorder::Received;
use mcp_edge_tests::signing::SigningKeys;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::upstream::Upstream;
use mcp_edge_tests::{Provider, tests};
use serde_json::{Value, json};

use crate::api::{DOCUMENT, answer};

pub(crate) fn tests() -> Vec<Test<Hosting>> {
    tests![
        a_token_of_the_gateway_is_sent_with_every_client_authentication,
        an_exchanged_token_is_the_caller_s_and_names_the_gateway,
    ]
}

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// What tokens are for.
const AUDIENCE: &str = "https://orders.example/api";

/// The provider that all share, with keys that sign client assertions.
struct World {
    provider: Provider,
    keys: SigningKeys,
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| World {
        provider: Provider::start().unwrap(),
        keys: SigningKeys::new().unwrap(),
    })
}

/// A gateway before an API that records what it gets, with these lines in `[upstreams.api.authority]`.
struct Case<'a> {
    lines: &'a str,
    variables: Vec<(&'static str, String)>,
}

impl Case<'_> {
    fn deploy(self, hosting: &Hosting, upstream: Upstream) -> Deployed {
        let configuration = format!(
            r#"
[gateway]
name = "com.example/authority-tests"

[server]
url = {{ variable = "MCP_EDGE_URL" }}

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
{}
"#,
            self.lines
        );
        let files = [("mcp.toml", configuration.as_str()), ("api.yaml", DOCUMENT)];
        let mut variables = vec![
            ("API_URL", format!("{}/base", upstream.url())),
            ("ISSUER", world().provider.issuer().to_owned()),
        ];
        variables.extend(self.variables);
        Deployed {
            gateway: hosting.deploy(&files, &variables),
            upstream,
        }
    }
}

/// A client of the provider that authenticates so, as variables of a host.
fn client(metadata: &Value) -> Vec<(&'static str, String)> {
    let client = world().provider.register(metadata);
    let text = |member: &str| client[member].as_str().unwrap_or("none").to_owned();
    vec![
        ("CLIENT_ID", text("client_id")),
        ("CLIENT_SECRET", text("client_secret")),
    ]
}

fn machine(authentication: &str) -> Value {
    json!({
        "grant_types": ["client_credentials", EXCHANGE],
        "response_types": [],
        "redirect_uris": [],
        "token_endpoint_auth_method": authentication,
    })
}

/// An access token of the provider for `own`, for `subject` with these scopes.
fn caller(own: &Deployed, subject: &str, scopes: &str) -> String {
    world().provider.mint(&json!({
        "claims": { "sub": subject, "aud": own.gateway.url(), "scope": scopes },
    }))
}

/// The claims of the token that a request has.
#[track_caller]
fn claims(request: &Received) -> Value {
    let authorization = request.header("authorization").unwrap();
    let token = authorization.strip_prefix("Bearer ").unwrap();
    let claims = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&Base64UrlUnpadded::decode_vec(claims).unwrap()).unwrap()
}

/// Calls an operation, and gives what the upstream got, which is never the caller's token.
#[track_caller]
fn observe(own: &Deployed, token: &str) -> Received {
    let result = own.gateway.call("find", find(), Some(token));
    assert!(result.get("isError").is_none(), "{result}");
    let received = own.upstream.received();
    for request in &received {
        assert!(!request.text().contains(token), "{request:?}");
    }
    received.last().unwrap().clone()
}

fn find() -> Value {
    json!({ "q": "x", "format": "y" })
}

fn a_token_of_the_gateway_is_sent_with_every_client_authentication(hosting: &Hosting) {
    let world = world();
    for authentication in [
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
    ] {
        let mut metadata = machine(authentication);
        let mut jwk = world.keys.jwk("TEST_P256_KEY");
        let credential = match authentication {
            "private_key_jwt" => {
                jwk["kid"] = json!("gateway-1");
                metadata["jwks"] = json!({ "keys": [jwk] });
                metadata["token_endpoint_auth_signing_alg"] = json!("ES256");
                "signing_key = { secret = \"SIGNING_KEY\" }\nkey_id = \"gateway-1\""
            }
            _ => "client_secret = { secret = \"CLIENT_SECRET\" }",
        };
        let mut variables = client(&metadata);
        let secret = variables[1].1.clone();
        variables.push(("SIGNING_KEY", world.keys.pem("TEST_P256_KEY")));
        let id = variables[0].1.clone();
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
        let case = Case {
            lines: &lines,
            variables,
        };
        let own = case.deploy(hosting, Upstream::start(answer));
        let token = caller(&own, "ada", "mcp:read");
        let claims = claims(&observe(&own, &token));
        assert_eq!(claims["aud"], AUDIENCE, "{authentication}: {claims}");
        assert_eq!(claims["client_id"], id.as_str(), "{claims}");
        assert_eq!(claims["scope"], "mcp:read", "{claims}");
        let events = own.gateway.events.text();
        assert!(!events.contains(&secret) && !events.contains(&token));
    }
}

fn an_exchanged_token_is_the_caller_s_and_names_the_gateway(hosting: &Hosting) {
    let variables = client(&machine("client_secret_basic"));
    let id = variables[0].1.clone();
    let lines = format!(
        r#"
type = "token_exchange"
issuer = {{ variable = "ISSUER" }}
client_id = {{ variable = "CLIENT_ID" }}
client_secret = {{ secret = "CLIENT_SECRET" }}
audience = "{AUDIENCE}"
scopes = ["mcp:read"]
actor = true
"#
    );
    let case = Case {
        lines: &lines,
        variables,
    };
    let own = case.deploy(hosting, Upstream::start(answer));
    let token = caller(&own, "ada", "mcp:read mcp:write");
    let claims = claims(&observe(&own, &token));
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
