//! The servers that the tests talk to.

use std::sync::OnceLock;

use anyhow::Result;
use xtask::host::{Host, Launch, Running, free_port, open};
use xtask::{identity, workspace};

use crate::catalog_alone;
use crate::events::Events;
use crate::gateway::{Deployed, Hosting};
use crate::guarded::Guarded;
use crate::http::Endpoint;
use crate::signing::SigningKeys;
use crate::tokens;

const FIXTURE: &str = "fixture-server";

/// Where this variable is set, the fixture server is a gateway whose tools are operations alone.
pub const CATALOG_ALONE: &str = "MCP_EDGE_CATALOG_ALONE";

/// The servers of one host. Dropping it stops those that it started.
pub struct Servers {
    /// What runs them.
    pub host: Host,
    /// A server of tools that misbehave in every way a tool can.
    pub fixture: Endpoint,
    /// What `fixture` logged.
    pub events: Events,
    /// The private keys in the secrets of `fixture`.
    pub signing_keys: SigningKeys,
    /// The example with the fixtures of the official conformance suite.
    pub conformance: Endpoint,
    /// The example with rules and payments.
    pub fraud_rules: Endpoint,
    guarded: OnceLock<Result<Guarded, String>>,
    impatient: OnceLock<Result<Fresh, String>>,
    closed: OnceLock<Result<Fresh, String>>,
    _running: Vec<Running>,
    _gateway: Option<Deployed>,
}

impl Servers {
    /// Takes what `cargo xtask test` has built for the host in `MCP_EDGE_HOST`, and its examples that run
    /// already; without that variable, builds everything natively.
    pub fn from_environment() -> Result<Self> {
        if std::env::var_os(CATALOG_ALONE).is_some() {
            return Self::catalog_alone();
        }
        let host = match std::env::var("MCP_EDGE_HOST") {
            Ok(name) => name.parse()?,
            Err(_) => {
                for server in [FIXTURE, "conformance", "fraud-rules", identity::SERVER] {
                    Host::Native.build(server)?;
                }
                Host::Native
            }
        };
        let mut running = Vec::new();
        let signing_keys = SigningKeys::new()?;
        let mut variables = open::variables(&workspace::server(FIXTURE)?)?;
        variables.extend(signing_keys.variables());
        variables.push(("TEST_NO_KEY", tokens::KEYS.to_owned()));
        let fixture = start_with(host, FIXTURE, tokens::KEYS, variables)?;
        let events = Events::new(fixture.log().to_owned());
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
            signing_keys,
            conformance,
            fraud_rules,
            guarded: OnceLock::new(),
            impatient: OnceLock::new(),
            closed: OnceLock::new(),
            _running: running,
            _gateway: None,
        })
    }

    /// A gateway in place of every server: tests that need another are left out.
    fn catalog_alone() -> Result<Self> {
        let hosting = Hosting::from_environment()?;
        let deployed = catalog_alone::deploy(&hosting);
        let endpoint = &deployed.gateway.endpoint;
        Ok(Self {
            host: hosting.host,
            fixture: endpoint.clone(),
            events: deployed.gateway.events.clone(),
            signing_keys: SigningKeys::new()?,
            conformance: endpoint.clone(),
            fraud_rules: endpoint.clone(),
            guarded: OnceLock::new(),
            impatient: OnceLock::new(),
            closed: OnceLock::new(),
            _running: Vec::new(),
            _gateway: Some(deployed),
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
        shared(&self.guarded, || Guarded::start(self.host))
    }

    /// A fixture server that has a stream for every call that takes longer than an instant. The others wait for so long
    /// that no answer becomes a stream because the machine is busy.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[track_caller]
    pub fn impatient(&self) -> &Fresh {
        let impatient = ("MCP_EDGE_ENV", "impatient".to_owned());
        shared(&self.impatient, || {
            start_with(self.host, FIXTURE, tokens::KEYS, vec![impatient]).and_then(Fresh::of)
        })
    }

    /// A fixture server that is open and not public, where other machines could reach it.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[track_caller]
    pub fn closed(&self) -> &Fresh {
        shared(&self.closed, || {
            let port = free_port()?;
            let mut variables = vec![("MCP_EDGE_ENV", "closed".to_owned())];
            // No edge host tells a server where it listens.
            if self.host == Host::Native {
                variables.push(("MCP_EDGE_LISTEN", format!("0.0.0.0:{port}")));
            }
            let running = self.host.start(&Launch {
                example: FIXTURE,
                port,
                keys: tokens::KEYS,
                variables,
                descriptors: None,
                key_values: &[],
                deployment: None,
            })?;
            Fresh::of(running)
        })
    }

    /// Another guarded server, whose provider no other server asks for keys.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[track_caller]
    pub fn fresh_guarded(&self) -> Guarded {
        Guarded::start(self.host).unwrap()
    }

    /// A guarded server without a rule, so that no caller may do anything.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[track_caller]
    pub fn ruleless(&self) -> Guarded {
        Guarded::start_in("ruleless", self.host).unwrap()
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

    /// Another fixture server, in an environment of its `mcp.toml`.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[track_caller]
    pub fn fixture_in(&self, environment: &str) -> Fresh {
        let variables = vec![("MCP_EDGE_ENV", environment.to_owned())];
        start_with(self.host, FIXTURE, tokens::KEYS, variables)
            .and_then(Fresh::of)
            .unwrap()
    }

    /// Another fixture server, which may refuse to start with these keys.
    pub fn fixture_with_keys(&self, keys: &str) -> Result<Fresh> {
        start(self.host, FIXTURE, keys).and_then(Fresh::of)
    }
}

/// What tests share, made by the first that asks for it.
#[track_caller]
pub(crate) fn shared<T>(
    place: &OnceLock<Result<T, String>>,
    make: impl FnOnce() -> Result<T>,
) -> &T {
    match place.get_or_init(|| make().map_err(|error| format!("{error:#}"))) {
        Ok(made) => made,
        Err(error) => panic!("{error}"),
    }
}

/// A fixture server beside the one that most tests talk to. Dropping it stops it.
#[derive(Debug)]
pub struct Fresh {
    /// Where it listens.
    pub endpoint: Endpoint,
    /// What it logged.
    pub events: Events,
    _running: Running,
}

impl Fresh {
    fn of(running: Running) -> Result<Self> {
        Ok(Self {
            endpoint: Endpoint::new(running.url())?,
            events: Events::new(running.log().to_owned()),
            _running: running,
        })
    }
}

/// Starts a server that was built before, on a free port, with these keys, where anyone may call it.
pub fn start(host: Host, name: &str, keys: &str) -> Result<Running> {
    start_with(
        host,
        name,
        keys,
        open::variables(&workspace::server(name)?)?,
    )
}

fn start_with(
    host: Host,
    name: &str,
    keys: &str,
    variables: Vec<(&str, String)>,
) -> Result<Running> {
    host.start(&Launch {
        example: name,
        port: free_port()?,
        keys,
        variables,
        descriptors: None,
        key_values: &[],
        deployment: None,
    })
}
