//! A gateway in memory, before an API and an authorization server that a test scripts.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use mcp_edge::StartError;
use mcp_edge::config::Algorithm;
use mcp_edge::testing::{CallResult, Client, Reply, TestHost, TestIssuer, UpstreamRequest};
use serde_json::{Value, json};

pub(super) use crate::samples::key;
use crate::samples::{deploy, operation};

/// What the caller's issuer calls itself.
pub(super) const ISSUER: &str = "https://id.example.com";
pub(super) const SERVER: &str = "https://mcp.example.com/mcp";
pub(super) const TOKEN_ENDPOINT: &str = "https://as.example.com/token";
pub(super) const AUDIENCE: &str = "https://orders.example.com";

/// The authority of most tests.
pub(super) const EXCHANGE: &str = r#"
type = "token_exchange"
token_endpoint = "https://as.example.com/token"
client_id = "gateway"
client_secret = { secret = "CLIENT_SECRET" }
audience = "https://orders.example.com"
scopes = ["orders:read"]
scope_challenges = { "orders:write" = ["mcp:write"] }
"#;

/// A gateway with one tool, `order`.
pub(super) struct World {
    pub(super) host: TestHost,
    pub(super) issuer: TestIssuer,
    pub(super) client: Client,
}

/// What a gateway is made of, so that a test can change it.
pub(super) struct Setup {
    pub(super) authority: String,
    pub(super) host: TestHost,
}

impl Setup {
    pub(super) fn new(authority: &str) -> Self {
        let host = TestHost::new();
        host.set_variable("CLIENT_SECRET", "planted client secret");
        // The API says who it was called by.
        host.reply("https://orders.example.com/orders", Reply::json(json!({})));
        Self {
            authority: authority.to_owned(),
            host,
        }
    }

    pub(super) fn start(self) -> World {
        let (Unstarted { host, issuer }, client) = self.try_start();
        World {
            host,
            issuer,
            client: client.unwrap(),
        }
    }

    /// The gateway, or why it does not start.
    pub(super) fn mistake(self) -> String {
        self.try_start().1.err().unwrap().to_string()
    }

    fn try_start(self) -> (Unstarted, Result<Client, StartError>) {
        let configuration = format!(
            r#"
            [gateway]
            name = "com.example/orders"
            [server]
            url = "{SERVER}"
            [issuers.company]
            issuer = "{ISSUER}"
            algorithms = ["ES256"]
            tenant = {{ claim = "tenant" }}
            [[policy]]
            scopes = ["mcp:read"]
            tools = ["*"]
            [upstreams.orders]
            url = "https://orders.example.com"
            documents = ["orders.yaml"]
            allow = ["*"]
            breaker_failures = 0
            [upstreams.orders.authority]
            {}
            "#,
            self.authority
        );
        deploy(
            &self.host,
            &configuration,
            vec![operation("orders", "order")],
        );
        let issuer = TestIssuer::new(&self.host, ISSUER, SERVER, Algorithm::ES256);
        let client = Client::deferred(crate::start).host(&self.host).try_build();
        let host = self.host;
        (Unstarted { host, issuer }, client)
    }
}

/// A world without its gateway.
pub(super) struct Unstarted {
    host: TestHost,
    issuer: TestIssuer,
}

impl World {
    /// A token of the caller's issuer with these claims, and `mcp:read`.
    pub(super) fn token(&self, claims: Value) -> String {
        let mut all = json!({ "scope": "mcp:read", "tenant": "acme" });
        for (name, value) in claims.as_object().unwrap() {
            all[name] = value.clone();
        }
        self.issuer.token(all)
    }

    /// The result of a call with a token.
    pub(super) fn call(&self, token: &str) -> CallResult {
        let client = self.client.with_token(token);
        client.call_tool("order", json!({})).unwrap()
    }

    /// The requests of the gateway to a URL.
    pub(super) fn requests(&self, url: &str) -> Vec<UpstreamRequest> {
        let mut requests = self.host.requests();
        requests.retain(|request| request.uri.to_string().starts_with(url));
        requests
    }

    /// The tokens that the API got, in their order.
    pub(super) fn bearers(&self) -> Vec<String> {
        let requests = self.requests(AUDIENCE).into_iter();
        requests
            .map(|request| {
                let value = request.header("authorization").unwrap();
                value.strip_prefix("Bearer ").unwrap().to_owned()
            })
            .collect()
    }

    pub(super) fn token_requests(&self) -> usize {
        self.requests(TOKEN_ENDPOINT).len()
    }

    /// The `detail` of the last event.
    pub(super) fn detail(&self) -> String {
        self.host.run_after_response();
        let event = self.host.events().pop().unwrap();
        event["detail"].as_str().unwrap_or_default().to_owned()
    }
}

/// An authorization server that issues `token-1`, `token-2` and so on, with what it is told besides.
pub(super) fn issues(host: &TestHost, members: Value) {
    let number = Rc::new(Cell::new(0));
    host.reply_with(move |request| {
        assert!(
            request.uri.to_string().starts_with(TOKEN_ENDPOINT),
            "{request:?}"
        );
        number.set(number.get() + 1);
        let mut answer = json!({
            "access_token": format!("token-{}", number.get()),
            "token_type": "Bearer",
            "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
            "expires_in": 300,
        });
        for (name, value) in members.as_object().unwrap() {
            answer[name] = value.clone();
        }
        Reply::json(answer)
    });
}

/// The fields of a form.
pub(super) fn fields(request: &UpstreamRequest) -> BTreeMap<String, String> {
    let pairs = request.text().split('&');
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap());
    pairs
        .map(|(name, value)| (name.to_owned(), decoded(value)))
        .collect()
}

fn decoded(text: &str) -> String {
    mcp_edge_catalog::request::decoded(text)
}

/// The header and the claims of a JWT.
pub(super) fn parts(jwt: &str) -> (Value, Value) {
    let mut parts = jwt.split('.').map(|part| {
        let part = Base64UrlUnpadded::decode_vec(part).unwrap_or_default();
        serde_json::from_slice(&part).unwrap_or_default()
    });
    (parts.next().unwrap(), parts.next().unwrap())
}

/// An unsigned JWT of these claims.
pub(super) fn unsigned(claims: &Value) -> String {
    let encode = |text: String| Base64UrlUnpadded::encode_string(text.as_bytes());
    let header = json!({ "alg": "ES256" }).to_string();
    format!("{}.{}.c2ln", encode(header), encode(claims.to_string()))
}

pub(super) const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
