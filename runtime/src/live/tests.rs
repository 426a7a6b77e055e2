use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{LIVE_POLICY_FILE, LIVE_POLICY_TYPE};
use crate::Server;
use crate::audit_trail::evidence::SigningKeys;
use crate::config::{
    Algorithm, Configuration, Issuer, LivePolicyReader, Server as ServerSettings, Settings,
    TextSetting,
};
use crate::context::Context;
use crate::host::Timestamp;
use crate::server::{NoInput, Tool, ToolError};
use crate::testing::sign::encode;
use crate::testing::{Client, Reply, TestHost, TestIssuer};

const SERVER: &str = "https://mcp.bank.example/mcp";
const PLACE: &str = "https://policy.bank.example/live";
const ISSUER: &str = "https://login.bank.example";
/// What `Timestamp` of a test host stands at is some time after this.
const LONG_AGO: &str = "2020-01-01T00:00:00Z";

/// A key that signs live policies, as a keyring and as `live.keys` has it.
fn key(id: &str, seed: u8) -> (SigningKeys, String) {
    let seed = encode(Sha256::digest([seed]));
    let keys = SigningKeys::parse(&format!("{id}:sign:{seed}")).unwrap();
    let public = keys.public_halves().remove(0);
    (keys, format!("{id}:{public}"))
}

/// A server with two tools whose live policy may be signed by the keys `a` and `b`, at least in version 2.
fn configuration() -> &'static Configuration {
    let keys: Vec<&str> = [key("a", 1).1, key("b", 2).1]
        .map(|key| &*key.leak())
        .to_vec();
    let mut settings = Settings {
        server: ServerSettings {
            url: Some(TextSetting::Literal(SERVER)),
        },
        issuers: &[Issuer {
            name: "bank",
            url: TextSetting::Literal(ISSUER),
            algorithms: &[Algorithm::EDDSA],
            ..Issuer::DEFAULT
        }],
        ..Settings::DEFAULT
    };
    settings.live.enabled = Some(LivePolicyReader::SIGNED);
    settings.live.source = Some(TextSetting::Literal(PLACE));
    settings.live.keys = keys.leak();
    settings.live.min_version = 2;
    Box::leak(Box::new(Configuration {
        base: settings,
        environments: &[],
    }))
}

fn server() -> Result<Server, crate::BuildError> {
    let says = |name: &'static str| {
        Tool::typed(name, async move |_: Context, _: NoInput| {
            Ok::<_, ToolError>(name.to_owned())
        })
    };
    Server::builder("com.example/bank", "1.0.0")
        .tool(says("read"))
        .tool(says("write"))
        .build()
}

/// A policy that allows the tool of a name.
fn policy(version: u64, tool: &str) -> Value {
    json!({
        "server": SERVER,
        "version": version,
        "policy": [{ "name": format!("may {tool}"), "tools": [tool] }],
    })
}

fn signed(policy: &Value) -> String {
    key("a", 1)
        .0
        .jws(LIVE_POLICY_TYPE, policy.to_string().as_bytes())
}

/// A host with an issuer, and this document at the place of the live policy.
struct World {
    host: TestHost,
    issuer: TestIssuer,
}

impl World {
    fn new() -> Self {
        let host = TestHost::new();
        let issuer = TestIssuer::new(&host, ISSUER, SERVER, Algorithm::EDDSA);
        Self { host, issuer }
    }

    fn with(policy: &Value) -> Self {
        let world = Self::new();
        world.put(signed(policy));
        world
    }

    fn put(&self, document: impl Into<String>) {
        self.host.reply(PLACE, Reply::new(200, document.into()));
    }

    fn client(&self) -> Client {
        Client::builder(server())
            .configuration(configuration())
            .host(&self.host)
            .token(self.issuer.token(json!({})))
            .build()
    }

    /// The next request after the interval has the document read again after its response.
    fn pass_interval(&self, client: &Client) {
        self.host.advance(Duration::from_secs(61));
        let _ = client.list_tools();
        self.host.run_after_response();
    }

    fn refusals(&self) -> Vec<String> {
        let warnings = self.host.take_log_lines();
        let about = |line: &String| line.contains("live policy");
        warnings.into_iter().filter(about).collect()
    }
}

fn tools(client: &Client) -> Vec<String> {
    let tools = client.list_tools().unwrap();
    tools
        .iter()
        .map(|tool| tool["name"].as_str().unwrap().to_owned())
        .collect()
}

/// The status of a call and the refusal's sentence.
fn refused(client: &Client) -> (u16, String) {
    let error = client.call_tool("read", json!({})).unwrap_err();
    (error.status, error.message)
}

const UNAVAILABLE: &str = "The policy of this server is not available; its log says why";

#[test]
fn a_new_policy_decides_from_the_request_after_the_interval_on() {
    let world = World::with(&policy(2, "read"));
    let client = world.client();
    assert_eq!(tools(&client), ["read"]);
    world.put(signed(&policy(3, "write")));
    // Within the interval nothing is asked.
    let asked = world.host.requests().len();
    assert_eq!(tools(&client), ["read"]);
    assert_eq!(world.host.requests().len(), asked);

    world.host.advance(Duration::from_secs(61));
    assert_eq!(
        tools(&client),
        ["read"],
        "decided by the version it began with"
    );
    world.host.run_after_response();
    assert_eq!(tools(&client), ["write"]);
    assert_eq!(
        client.call_tool("read", json!({})).unwrap_err().code,
        Some(-32602)
    );
    assert!(client.call_tool("write", json!({})).is_ok());
}

#[test]
fn events_name_the_version_and_once_its_digest_and_key() {
    let world = World::with(&policy(2, "read"));
    let client = world.client();
    let _ = (tools(&client), tools(&client));
    world.put(signed(&policy(3, "read")));
    world.pass_interval(&client);
    let _ = (tools(&client), tools(&client));
    let told: Vec<_> = world
        .host
        .events()
        .iter()
        .map(|event| event["live_policy"].clone())
        .collect();
    let digest =
        |version| mcp_edge_audit::digest::sha256(signed(&policy(version, "read")).as_bytes());
    let first = |version| json!({ "digest": digest(version), "key": "a", "version": version });
    let later = |version| json!({ "version": version });
    assert_eq!(told, [first(2), later(2), later(2), first(3), later(3)]);
}

#[test]
fn without_a_usable_policy_everything_is_refused_and_it_is_looked_for_every_second() {
    let world = World::new();
    world.host.reply(PLACE, Reply::unreachable());
    let client = world.client();
    assert_eq!(refused(&client), (503, UNAVAILABLE.to_owned()));
    assert_eq!(client.get("/livez").status(), 200);
    assert_eq!(client.get("/readyz").status(), 503);
    let asked = world.host.requests().len();
    assert_eq!(refused(&client).0, 503);
    assert_eq!(world.host.requests().len(), asked, "within the second");

    world.put(signed(&policy(2, "read")));
    world.host.advance(Duration::from_secs(1));
    assert_eq!(
        tools(&client),
        ["read"],
        "the request that finds it waits for it"
    );
    assert_eq!(world.refusals().len(), 1, "the same reason is logged once");
}

#[test]
fn the_policy_of_the_deployment_holds_while_the_place_has_none() {
    let world = World::new();
    world.host.reply(PLACE, Reply::new(404, ""));
    world
        .host
        .set_data(LIVE_POLICY_FILE, signed(&policy(5, "read")));
    let client = world.client();
    assert_eq!(tools(&client), ["read"]);
    // What is at the place may not be older.
    world.put(signed(&policy(4, "write")));
    world.pass_interval(&client);
    assert_eq!(tools(&client), ["read"]);
    world.put(signed(&policy(5, "write")));
    world.pass_interval(&client);
    assert_eq!(tools(&client), ["write"]);
}

#[test]
fn a_policy_that_cannot_be_read_later_stays_and_an_expired_one_does_not() {
    let world = World::new();
    let expires = world
        .host
        .now()
        .after(Duration::from_secs(200))
        .to_rfc3339();
    let mut first = policy(2, "read");
    first["expires"] = json!(expires);
    world.put(signed(&first));
    let client = world.client();
    world.host.reply(PLACE, Reply::silent());
    world.pass_interval(&client);
    assert_eq!(tools(&client), ["read"]);
    world.host.advance(Duration::from_secs(200));
    assert_eq!(refused(&client), (503, UNAVAILABLE.to_owned()));
    // A newer one ends that.
    world.put(signed(&policy(3, "write")));
    world.pass_interval(&client);
    let client = client.with_token(world.issuer.token(json!({})));
    assert_eq!(tools(&client), ["write"]);
}

#[test]
fn a_document_that_is_not_a_newer_policy_of_this_server_changes_nothing() {
    let (a, _) = key("a", 1);
    let signed_as = |typ: &str, payload: &str| a.jws(typ, payload.as_bytes());
    let with = |name: &str, value: Value| {
        let mut policy = policy(3, "write");
        policy[name] = value;
        signed(&policy)
    };
    let right = signed(&policy(3, "write"));
    let mut parts: Vec<&str> = right.split('.').collect();
    let other = signed(&policy(4, "write"));
    parts[1] = other.split('.').nth(1).unwrap();
    let forged = parts.join(".");
    let large = with("policy", json!([{ "name": "x".repeat(1 << 20) }]));
    for (document, reason) in [
        (String::new(), "no JWS in the compact serialization"),
        ("a.b".to_owned(), "no JWS in the compact serialization"),
        (
            right[..right.len() / 2].to_owned(),
            "no JWS in the compact serialization",
        ),
        (
            right[..right.len() - 4].to_owned(),
            "no JWS in the compact serialization",
        ),
        (policy(3, "write").to_string(), "the header must have"),
        (
            forged,
            "its signature is not that of the key which it names",
        ),
        (
            key("a", 9).0.jws(LIVE_POLICY_TYPE, b"{}"),
            "its signature is not that of",
        ),
        (
            key("retired", 1).0.jws(LIVE_POLICY_TYPE, b"{}"),
            "not among live.keys",
        ),
        (
            signed_as("JWT", &policy(3, "write").to_string()),
            "the header must have",
        ),
        (
            signed_as(LIVE_POLICY_TYPE, "[]"),
            "the document: must be an object",
        ),
        (
            signed_as(LIVE_POLICY_TYPE, "{"),
            "the document: must be JSON",
        ),
        (
            signed_as(
                LIVE_POLICY_TYPE,
                r#"{"server":"a","server":"a","version":3}"#,
            ),
            "without duplicate members",
        ),
        (large, "longer than 1048576 bytes"),
        (
            signed(&policy(1, "write")),
            "its version is 1, and must be at least 2",
        ),
        (
            with("server", json!("https://other.example/mcp")),
            "it is for another server",
        ),
        (with("expires", json!(LONG_AGO)), "it has expired"),
        (with("expires", json!("soon")), "expires: must be a time"),
        (
            with("version", json!(-1)),
            "version: must be a whole number",
        ),
        (
            with("version", json!(1_u64 << 53)),
            "version: must be a whole number",
        ),
        (with("unless", json!(true)), "unless: is not known"),
        (with("policy", json!({})), "policy: must be a list"),
        (with("policy", json!([{}])), "policy[0].name: is missing"),
        (
            with("policy", json!([{ "name": "all", "tool": ["*"] }])),
            "policy[0].tool: is not known",
        ),
        (
            with("policy", json!([{ "name": "all", "effect": "permit" }])),
            "policy[0].effect: must be `allow` or `deny`",
        ),
        (
            with("policy", json!([{ "name": "all", "tools": ["*", 1] }])),
            "policy[0].tools[1]: must be a text",
        ),
        (
            with(
                "policy",
                json!([{ "name": "all", "arguments": { "type": 7 } }]),
            ),
            "its arguments are not a usable JSON Schema",
        ),
        (
            with("disabled", json!({ "tool": [] })),
            "disabled.tool: is not known",
        ),
        (
            with("revocations", json!({ "all": 7 })),
            "revocations.all: must be a time",
        ),
        (with("approvals", json!([])), "approvals: must be an object"),
    ] {
        let world = World::with(&policy(2, "read"));
        let client = world.client();
        world.put(document);
        world.pass_interval(&client);
        assert_eq!(tools(&client), ["read"], "{reason}");
        let refusals = world.refusals();
        let [refusal] = refusals.as_slice() else {
            panic!("{reason}: {refusals:?}");
        };
        assert!(refusal.contains(reason), "{reason}: {refusal}");
    }
}

#[test]
fn a_policy_is_signed_with_any_of_the_keys_so_that_they_can_be_rotated() {
    let world = World::with(&policy(2, "read"));
    let client = world.client();
    let next = policy(3, "write").to_string();
    world.put(key("b", 2).0.jws(LIVE_POLICY_TYPE, next.as_bytes()));
    world.pass_interval(&client);
    assert_eq!(tools(&client), ["write"]);
}

#[test]
fn what_is_switched_off_is_allowed_by_no_rule() {
    let all = |disabled: Value| {
        let mut policy = policy(2, "*");
        policy["disabled"] = disabled;
        policy
    };
    let of_tenant = |world: &World, client: &Client, tenant: &str| {
        client.with_token(world.issuer.token(json!({ "tenant": tenant })))
    };
    let world = World::with(&all(json!({ "tools": ["wr*"] })));
    let client = world.client();
    assert_eq!(tools(&client), ["read"]);
    world.put(signed(&{
        let mut next = all(json!({ "tenants": ["acme"] }));
        next["version"] = json!(3);
        next
    }));
    world.pass_interval(&client);
    assert_eq!(tools(&client), ["read", "write"]);
    // The issuer has no tenants, so that no caller is of one.
    assert_eq!(
        tools(&of_tenant(&world, &client, "acme")),
        ["read", "write"]
    );
}

#[test]
fn tools_that_are_not_approved_are_in_quarantine() {
    let world = World::with(&policy(2, "*"));
    let client = world.client();
    assert_eq!(tools(&client), ["read", "write"]);
    let mut next = policy(3, "*");
    next["approvals"] = json!({ "tools": [format!("sha256:{}", "0".repeat(64))] });
    world.put(signed(&next));
    world.pass_interval(&client);
    let refused = client.call_tool("read", json!({})).unwrap_err();
    assert_eq!(refused.status, 403, "{refused}");
    let event = world.host.events().pop().unwrap();
    assert_eq!(event["live_policy"]["version"], 3);
}

#[test]
fn revoked_tokens_are_refused_whatever_the_rules_say() {
    let revoked = |what: Value| {
        let mut next = policy(3, "*");
        next["revocations"] = what;
        signed(&next)
    };
    let at = |world: &World| world.host.now().after(Duration::from_secs(30)).to_rfc3339();
    type Revocation = fn(String) -> Value;
    for (revocation, concerns_alice) in [
        ((|time| json!({ "all": time })) as Revocation, true),
        (
            |time| json!({ "principals": { "https://login.bank.example alice": time } }),
            true,
        ),
        (
            |time| json!({ "principals": { "https://login.bank.example bob": time } }),
            false,
        ),
        (
            |time| json!({ "principals": { "https://other.example alice": time } }),
            false,
        ),
    ] {
        let world = World::with(&policy(2, "*"));
        let token = world.issuer.token(json!({ "sub": "alice" }));
        let client = world.client().with_token(token);
        assert_eq!(tools(&client).len(), 2);
        let time = at(&world);
        world.put(revoked(revocation(time.clone())));
        world.pass_interval(&client);
        let listed = client.list_tools();
        assert_eq!(
            listed.is_err(),
            concerns_alice,
            "{:?}",
            revocation(time.clone())
        );
        if let Err(error) = listed {
            assert_eq!(error.status, 401);
            let event = world.host.events().pop().unwrap();
            assert_eq!(event["token_error"], "revoked");
            assert_eq!(
                event["principal"]["subject"], "alice",
                "it says whose token"
            );
            // One issued afterwards serves.
            let later = world.issuer.token(json!({ "sub": "alice" }));
            assert_eq!(tools(&client.with_token(later)).len(), 2);
            // One that does not say when it was issued may be of before.
            let undated = world.issuer.token(json!({ "sub": "alice", "iat": null }));
            assert!(client.with_token(undated).list_tools().is_err());
        }
    }
}

#[test]
fn the_place_is_asked_with_the_token_and_for_what_is_new_only() {
    let world = World::new();
    let mut configuration = configuration().base;
    configuration.live.token = Some("LIVE_POLICY_TOKEN");
    let configuration: &'static Configuration = Box::leak(Box::new(Configuration {
        base: configuration,
        environments: &[],
    }));
    let builder = || {
        Client::builder(server())
            .configuration(configuration)
            .host(&world.host)
            .token(world.issuer.token(json!({})))
    };
    let missing = builder().try_build().err().unwrap().to_string();
    assert_eq!(
        missing,
        "live.token in mcp.toml: the secret LIVE_POLICY_TOKEN is not set"
    );
    world.host.set_variable("LIVE_POLICY_TOKEN", "for tests");
    let document = signed(&policy(2, "read"));
    world
        .host
        .reply(PLACE, Reply::new(200, document).header("etag", "\"2\""));
    let client = builder().build();
    assert_eq!(tools(&client), ["read"]);
    world.host.reply(PLACE, Reply::new(304, ""));
    world.pass_interval(&client);
    assert_eq!(tools(&client), ["read"]);
    let requests = world.host.requests();
    let requests: Vec<_> = requests
        .iter()
        .filter(|request| request.uri == PLACE)
        .collect();
    let header = |name: &str| {
        requests
            .iter()
            .map(|request| request.header(name).map(str::to_owned))
            .collect::<Vec<_>>()
    };
    let token = Some("Bearer for tests".to_owned());
    assert_eq!(header("authorization"), [token.clone(), token]);
    assert_eq!(header("if-none-match"), [None, Some("\"2\"".to_owned())]);
    assert!(world.refusals().is_empty());
}

#[test]
fn a_live_policy_with_nothing_in_it_allows_nothing() {
    let world = World::with(&json!({ "server": SERVER, "version": 2 }));
    let client = world.client();
    assert_eq!(client.list_tools().unwrap_err().status, 403);
    let now: Timestamp = world.host.now();
    assert!(now > Timestamp::from_rfc3339(LONG_AGO).unwrap());
}
