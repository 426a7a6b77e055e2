//! An OpenID provider, and what tests can have it do that no provider would.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::http::Endpoint;
use crate::request::post;

/// A provider with keys of its own. Dropping it stops it.
#[derive(Debug)]
pub struct Provider {
    endpoint: Endpoint,
    running: xtask::identity::Provider,
}

/// How often a provider was asked for what it publishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fetches {
    /// For its metadata.
    pub metadata: u64,
    /// For its keys.
    pub keys: u64,
}

impl Provider {
    /// Starts one.
    pub fn start() -> Result<Self> {
        let running = xtask::identity::Provider::start()?;
        Ok(Self {
            endpoint: Endpoint::new(running.url())?,
            running,
        })
    }

    /// What its tokens say in `iss`.
    pub fn issuer(&self) -> &str {
        self.running.url()
    }

    /// An access token, as tests/provider/mint.mjs describes what may be wanted of it.
    ///
    /// # Panics
    ///
    /// When the provider does not make one.
    #[track_caller]
    pub fn mint(&self, wanted: &Value) -> String {
        let minted = self.control("POST", "token", wanted).unwrap();
        match minted["token"].as_str() {
            Some(token) => token.to_owned(),
            None => panic!("no token: {minted}"),
        }
    }

    /// Access tokens, one for each that is wanted, in their order.
    ///
    /// # Panics
    ///
    /// When the provider does not make them.
    #[track_caller]
    pub fn mint_all(&self, wanted: &[Value]) -> Vec<String> {
        let minted = self.control("POST", "tokens", &json!(wanted)).unwrap();
        match serde_json::from_value(minted["tokens"].clone()) {
            Ok(tokens) => tokens,
            Err(error) => panic!("no tokens: {error}"),
        }
    }

    /// Registers a client (RFC 7591), and gives what the provider makes of it: `client_id`, `client_secret`.
    ///
    /// # Panics
    ///
    /// When the provider refuses.
    #[track_caller]
    pub fn register(&self, metadata: &Value) -> Value {
        let request = post(metadata.clone()).path("/reg");
        let answer = self.endpoint.raw(&request).unwrap();
        assert_eq!(answer.status, 201, "{}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }

    /// Has it sign with new keys, and publish the old ones as well if `keep_old`.
    ///
    /// # Panics
    ///
    /// When the provider does not obey.
    #[track_caller]
    pub fn rotate(&self, keep_old: bool) {
        let wanted = json!({ "keep_old": keep_old });
        self.control("POST", "rotate", &wanted).unwrap();
    }

    /// Has it redeem identity assertion grants of `issuer` alone, with the keys which that publishes.
    ///
    /// # Panics
    ///
    /// When the provider does not obey.
    #[track_caller]
    pub fn trust(&self, issuer: &str) {
        let wanted = json!({ "issuer": issuer });
        self.control("POST", "trust", &wanted).unwrap();
    }

    /// How many token requests it got so far.
    ///
    /// # Panics
    ///
    /// When the provider does not say.
    #[track_caller]
    pub fn token_requests(&self) -> u64 {
        let counts = self.control("GET", "counts", &Value::Null).unwrap();
        counts["tokens"].as_u64().unwrap()
    }

    /// How often it was asked so far.
    ///
    /// # Panics
    ///
    /// When the provider does not say.
    #[track_caller]
    pub fn fetches(&self) -> Fetches {
        let counts = self.control("GET", "counts", &Value::Null).unwrap();
        let count = |what: &str| match counts[what].as_u64() {
            Some(count) => count,
            None => panic!("no `{what}`: {counts}"),
        };
        Fetches {
            metadata: count("discovery"),
            keys: count("keys"),
        }
    }

    /// Has it refuse requests for its metadata and its keys: with 503, or by hanging up.
    ///
    /// # Panics
    ///
    /// When the provider does not obey.
    #[track_caller]
    pub fn go_down(&self, hangs_up: bool) {
        let how = if hangs_up { "closed" } else { "unavailable" };
        self.control("POST", "down", &json!({ "how": how }))
            .unwrap();
    }

    /// Has it answer again.
    ///
    /// # Panics
    ///
    /// When the provider does not obey.
    #[track_caller]
    pub fn come_back(&self) {
        self.control("POST", "up", &json!({})).unwrap();
    }

    fn control(&self, method: &str, what: &str, wanted: &Value) -> Result<Value> {
        let mut request = post(json!({})).path(&format!("/control/{what}"));
        if method == "POST" {
            request = request.bytes(wanted.to_string());
        } else {
            request = request.http_method(method);
        }
        let answer = self.endpoint.raw(&request)?;
        ensure!(answer.status == 200, "{}: {}", answer.status, answer.body);
        serde_json::from_str(&answer.body).with_context(|| format!("not JSON: {}", answer.body))
    }
}
