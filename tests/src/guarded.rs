//! A server that hardly anybody may use, with the provider that it trusts.

use anyhow::Result;
use serde_json::{Value, json};
use xtask::host::{Host, Running};
use xtask::identity;

use crate::events::Events;
use crate::http::Endpoint;
use crate::provider::Provider;
use crate::tokens;

/// A guarded server. Dropping it stops it, and its provider.
#[derive(Debug)]
pub struct Guarded {
    /// Where it listens.
    pub endpoint: Endpoint,
    /// What it logged.
    pub events: Events,
    /// The one issuer that it trusts.
    pub provider: Provider,
    running: Running,
}

impl Guarded {
    /// Starts a server that was built before, with a provider of its own.
    pub(crate) fn start(host: Host) -> Result<Self> {
        Self::of(|issuer| identity::start_server(host, tokens::KEYS, issuer))
    }

    /// The same, in an environment of `mcp.toml`.
    pub(crate) fn start_in(environment: &str, host: Host) -> Result<Self> {
        Self::of(|issuer| identity::start_server_in(environment, host, tokens::KEYS, issuer))
    }

    fn of(start: impl FnOnce(&str) -> Result<Running>) -> Result<Self> {
        let provider = Provider::start()?;
        let running = start(provider.issuer())?;
        Ok(Self {
            endpoint: Endpoint::new(running.url())?,
            events: Events::new(running.log().to_owned()),
            provider,
            running,
        })
    }

    /// The public URL, which tokens name as their audience.
    pub fn url(&self) -> &str {
        self.running.url()
    }

    /// A token for this server that holds for five minutes, with these claims besides. Without `sub` it is Ada's, of
    /// the tenant `acme`.
    ///
    /// # Panics
    ///
    /// When the provider does not make one.
    #[track_caller]
    pub fn token(&self, claims: Value) -> String {
        self.mint(json!({ "claims": claims }))
    }

    /// A token for this server, as tests/provider/mint.mjs describes what may be wanted of it.
    ///
    /// # Panics
    ///
    /// When the provider does not make one.
    #[track_caller]
    pub fn mint(&self, wanted: Value) -> String {
        self.provider.mint(&self.for_this(wanted))
    }

    /// Tokens for this server, one for each that is wanted.
    ///
    /// # Panics
    ///
    /// When the provider does not make them.
    #[track_caller]
    pub fn mint_all(&self, wanted: impl Iterator<Item = Value>) -> Vec<String> {
        let wanted: Vec<_> = wanted.map(|wanted| self.for_this(wanted)).collect();
        self.provider.mint_all(&wanted)
    }

    fn for_this(&self, mut wanted: Value) -> Value {
        if wanted["claims"].get("aud").is_none() {
            wanted["claims"]["aud"] = json!(self.url());
        }
        wanted
    }
}
