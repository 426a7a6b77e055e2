//! Orthanc behind a proxy that verifies access tokens: what a real resource server makes of the tokens that the gateway gets.

use std::sync::OnceLock;

use mcp_edge_tests::gateway::{Gateway, Hosting, call};
use mcp_edge_tests::orthanc::installed;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::tests;
use mcp_edge_tests::upstream::Upstream;
use mcp_edge_tests::verifying_proxy::VerifyingProxy;
use serde_json::{Value, json};

use crate::authority::{claims, issued, machine, register, world};
use crate::orthanc::archive;

/// What the proxy accepts tokens for.
const AUDIENCE: &str = "https://archive.example/api";

/// An upstream with tokens of the real provider, one whose authorization server does as the test says, and one without any.
const CONFIGURATION: &str = r#"
[gateway]
name = "com.example/verified"

[server]
url = { variable = "MCP_EDGE_URL" }

[issuers.company]
issuer = { variable = "ISSUER" }
algorithms = ["RS256"]

[[policy]]
scopes = ["mcp:read"]
tools = ["*"]

[upstreams.exchanged]
url = { variable = "PROXY_URL" }
private = true
documents = ["exchanged.yaml"]
allow = ["GET *"]

[upstreams.exchanged.authority]
type = "token_exchange"
issuer = { variable = "ISSUER" }
client_id = { variable = "CLIENT_ID" }
client_secret = { secret = "CLIENT_SECRET" }
audience = "https://archive.example/api"
scopes = ["mcp:read"]

[upstreams.scripted]
url = { variable = "PROXY_URL" }
private = true
documents = ["scripted.yaml"]
allow = ["GET *"]

[upstreams.scripted.authority]
type = "token_exchange"
token_endpoint = { variable = "TOKEN_ENDPOINT" }
client_id = "gateway"
client_secret = { secret = "CLIENT_SECRET" }
scope_challenges = { "mcp:read" = ["mcp:write"] }

[upstreams.plain]
url = { variable = "PROXY_URL" }
private = true
documents = ["plain.yaml"]
allow = ["GET *"]
"#;

pub(crate) fn tests() -> Vec<Test<Hosting>> {
    tests![
        an_exchanged_token_opens_the_archive,
        a_token_that_the_archive_refuses_is_replaced_once_and_then_an_error,
        a_token_without_the_scope_of_the_archive_is_a_challenge,
        without_a_token_the_archive_stays_closed,
    ]
    .into_iter()
    .map(|test| test.needing(installed))
    .collect()
}

struct Verified {
    gateway: Gateway,
    proxy: VerifyingProxy,
    scripted: Upstream,
}

fn verified(hosting: &Hosting) -> &'static Verified {
    static VERIFIED: OnceLock<Verified> = OnceLock::new();
    VERIFIED.get_or_init(|| {
        let provider = &world().provider;
        let proxy = VerifyingProxy::start(provider.issuer(), AUDIENCE, &archive().url()).unwrap();
        let scripted = Upstream::start(|request| {
            let mut pairs = request.body.split('&');
            let subject = pairs.find_map(|pair| pair.strip_prefix("subject_token="));
            issued(&scripted_token(&claims(subject.unwrap())))
        });
        let (id, secret) = register(&machine("client_secret_basic"));
        let files =
            ["exchanged", "scripted", "plain"].map(|name| (format!("{name}.yaml"), document(name)));
        let mut files: Vec<_> = files
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        files.push(("mcp.toml", CONFIGURATION));
        let variables = [
            ("ISSUER", provider.issuer().to_owned()),
            ("PROXY_URL", proxy.url()),
            ("CLIENT_ID", id),
            ("CLIENT_SECRET", secret),
            ("TOKEN_ENDPOINT", format!("{}/token", scripted.url())),
        ];
        Verified {
            gateway: hosting.deploy(&files, &variables),
            proxy,
            scripted,
        }
    })
}

fn document(tool: &str) -> String {
    format!(
        r#"
openapi: 3.1.0
info: {{ title: Patients, version: "1" }}
paths:
  /patients/{{id}}:
    get:
      operationId: {tool}
      parameters:
        - {{ name: id, in: path, required: true, schema: {{ type: string }} }}
      responses: {{ "200": {{ description: The patient. }} }}
"#
    )
}

/// The token that the scripted server issues for a caller, whose name says what is wrong with it.
fn scripted_token(caller: &Value) -> String {
    let caller = caller["sub"].as_str().unwrap();
    // Authlib accepts no list without a member.
    let mut claims = json!({
        "sub": caller, "aud": AUDIENCE, "scope": "mcp:read", "roles": null, "groups": null,
    });
    let (member, value) = match caller {
        "audience" => ("aud", json!("https://other.example/api")),
        "expired" => ("exp", json!(1_700_000_000)),
        "issuer" => ("iss", json!("https://other.example")),
        "scope" => ("scope", json!("mcp:write")),
        _ => ("aud", json!(["account", AUDIENCE])),
    };
    claims[member] = value;
    let mut wanted = json!({ "claims": claims });
    match caller {
        "stranger" => wanted["key"] = json!("stranger"),
        "unsigned" => wanted["algorithm"] = json!("none"),
        "id-token" => wanted["header"] = json!({ "typ": "JWT" }),
        _ => {}
    }
    world().provider.mint(&wanted)
}

impl Verified {
    fn caller(&self, subject: &str) -> String {
        world().provider.mint(&json!({
            "claims": { "sub": subject, "aud": self.gateway.url(), "scope": "mcp:read" },
        }))
    }

    /// How often the scripted server issued a token for this caller.
    fn tokens_for(&self, token: &str) -> usize {
        let received = self.scripted.received();
        received
            .iter()
            .filter(|request| request.body.contains(token))
            .count()
    }
}

/// The arguments that read a patient of the archive.
fn patient() -> Value {
    json!({ "id": archive().first.patient })
}

fn an_exchanged_token_opens_the_archive(hosting: &Hosting) {
    let own = verified(hosting);
    for (tool, subject) in [
        ("exchanged", "ada"),
        // As the scripted tokens below, with nothing wrong.
        ("scripted", "nothing"),
        ("exchanged", "grace"),
    ] {
        let token = own.caller(subject);
        let result = own.gateway.call(tool, patient(), Some(&token));
        assert_eq!(
            result["structuredContent"]["ID"],
            archive().first.patient,
            "{tool}: {result}"
        );
    }
}

fn a_token_that_the_archive_refuses_is_replaced_once_and_then_an_error(hosting: &Hosting) {
    let own = verified(hosting);
    for subject in [
        "audience", "expired", "issuer", "stranger", "unsigned", "id-token",
    ] {
        let token = own.caller(subject);
        let result = own.gateway.call("scripted", patient(), Some(&token));
        assert_eq!(result["isError"], true, "{subject}: {result}");
        let text = result["content"][0]["text"].as_str().unwrap();
        assert!(text.contains("401"), "{subject}: {text}");
        assert!(
            !text.contains(&archive().first.patient),
            "{subject}: {text}"
        );
        assert_eq!(own.tokens_for(&token), 2, "{subject}");
        let event = own
            .gateway
            .events
            .of_tool("scripted", |event| event["principal"]["subject"] == subject);
        assert_eq!(event["upstream"]["status"], 401, "{event}");
        assert_eq!(event["upstream"]["authority"], "token_exchange", "{event}");
        let detail = event["detail"].as_str().unwrap_or_default();
        assert!(detail.contains("credential"), "{event}");
    }
}

fn a_token_without_the_scope_of_the_archive_is_a_challenge(hosting: &Hosting) {
    let own = verified(hosting);
    let token = own.caller("scope");
    let refused = own
        .gateway
        .endpoint
        .send(&call("scripted", patient(), Some(&token)));
    assert_eq!(refused.status, 403, "{refused:?}");
    let challenge = refused.challenge();
    assert_eq!(challenge.get("error"), Some(&"insufficient_scope"));
    assert_eq!(challenge.get("scope"), Some(&"mcp:read mcp:write"));
    assert_eq!(own.tokens_for(&token), 1);
}

fn without_a_token_the_archive_stays_closed(hosting: &Hosting) {
    let own = verified(hosting);
    let target = format!("/patients/{}", archive().first.patient);
    let caller = own.caller("ada");
    // Not with the caller's own token either, which was issued for the gateway.
    for token in [None, Some(caller.as_str())] {
        assert_eq!(own.proxy.get(&target, token).unwrap().status, 401);
    }
    let result = own.gateway.call("plain", patient(), Some(&caller));
    assert_eq!(result["isError"], true, "{result}");
    assert!(result.to_string().contains("401"), "{result}");
}
