//! The servers that the tests talk to.

use std::sync::OnceLock;

use anyhow::{Context, Result};
use xtask::host::{Host, Launch, Output, Running, free_port};
use xtask::identity;

use crate::events::Events;
use crate::guarded::Guarded;
use crate::http::Endpoint;
use crate::tokens;

/// The servers of one host. Dropping it stops those that it started.
#[derive(Debug)]
pub struct Servers {
    /// What runs them.
    pub host: Host,
    /// A server of tools that misbehave in every way a tool can.
    pub fixture: Endpoint,
    /// What `fixture` logged.
    pub events: Events,
    /// The example with the fixtures of the official conformance suite.
    pub conformance: Endpoint,
    /// The example with rules and payments.
    pub fraud_rules: Endpoint,
    guarded: OnceLock<Result<Guarded, String>>,
    _running: Vec<Running>,
}

impl Servers {
    /// Takes what `cargo xtask test` has built for the host in `MCP_EDGE_HOST`, and its examples that run
    /// already; without that variable, builds everything natively.
    pub fn from_environment() -> Result<Self> {
        let host = match std::env::var("MCP_EDGE_HOST") {
            Ok(name) => name.parse()?,
            Err(_) => {
                for server in [
                    "fixture-server",
                    "conformance",
                    "fraud-rules",
                    identity::SERVER,
                ] {
                    Host::Native.build(server)?;
                }
                Host::Native
            }
        };
        let mut running = Vec::new();
        let fixture = start(host, "fixture-server", tokens::KEYS)?;
        let log = fixture.log().context("a server without a log")?;
        let events = Events::new(log.to_owned());
        let mut example = |variable: &str, name: &str| match std::env::var(variable) {
            Ok(url) => Endpoint::new(&url),
            Err(_) => {
                let server = start(host, name, tokens::KEYS)?;
                let endpoint = Endpoint::new(server.url());
                running.push(server);
                endpoint
            }
        };
        let conformance = example("MCP_EDGE_CONFORMANCE_URL", "conformance")?;
        let fraud_rules = example("MCP_EDGE_URL", "fraud-rules")?;
        let endpoint = Endpoint::new(fixture.url())?;
        running.push(fixture);
        Ok(Self {
            host,
            fixture: endpoint,
            events,
            conformance,
            fraud_rules,
            guarded: OnceLock::new(),
            _running: running,
        })
    }

    /// The guarded server that tests share. It starts with the first that asks for it, since its provider takes packages
    /// that tests of anything else can do without.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[track_caller]
    pub fn guarded(&self) -> &Guarded {
        let started = self
            .guarded
            .get_or_init(|| Guarded::start(self.host).map_err(|error| format!("{error:#}")));
        match started {
            Ok(guarded) => guarded,
            Err(error) => panic!("{error}"),
        }
    }

    /// Another guarded server, whose provider nobody else asks for keys.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[track_caller]
    pub fn fresh_guarded(&self) -> Guarded {
        Guarded::start(self.host).unwrap()
    }

    /// Another fixture server, for what would disturb the tests of the shared one.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[track_caller]
    pub fn fresh_fixture(&self) -> Fresh {
        self.fixture_with_keys(tokens::KEYS).unwrap()
    }

    /// Another fixture server, which may refuse to start with these keys.
    pub fn fixture_with_keys(&self, keys: &str) -> Result<Fresh> {
        let running = start(self.host, "fixture-server", keys)?;
        let log = running.log().context("a server without a log")?;
        Ok(Fresh {
            endpoint: Endpoint::new(running.url())?,
            events: Events::new(log.to_owned()),
            _running: running,
        })
    }
}

/// A fixture server that no other test talks to. Dropping it stops it.
#[derive(Debug)]
pub struct Fresh {
    /// Where it listens.
    pub endpoint: Endpoint,
    /// What it logged.
    pub events: Events,
    _running: Running,
}

/// Starts a server that was built before, on a free port, with these keys.
pub fn start(host: Host, name: &str, keys: &str) -> Result<Running> {
    host.start(&Launch {
        example: name,
        port: free_port()?,
        keys,
        variables: Vec::new(),
        output: Output::Log,
    })
}
