//! A server with its settings and keys: everything an instance has once it has started.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use crate::audit::Trail;
use crate::auth::{Caller, Identity};
use crate::config::{Configuration, ENVIRONMENT_VARIABLE, Settings, Text, UnknownEnvironment};
use crate::host::{Host, HostError};
use crate::location::Location;
use crate::manifest::{Manifest, Manifests, unapproved};
use crate::policy::{Arguments, Policy, PolicyError, Target};
use crate::published::{Page, Published};
use crate::refusal::Refusal;
use crate::secrets::{self, Secrets};
use crate::server::{BuildError, Parts, Server};
use crate::token::{Binding, Codec, Epochs, Keyring, KeyringError, MintError, NONCE, Purpose};

/// Made on the first request and the same ever after; nothing in it belongs to a request.
pub(crate) struct Instance {
    pub(crate) server: Rc<Parts>,
    pub(crate) settings: &'static Settings,
    pub(crate) environment: Option<String>,
    pub(crate) location: Location,
    pub(crate) codec: Rc<Codec>,
    pub(crate) policy: Policy,
    pub(crate) identity: Identity,
    pub(crate) trail: Rc<Trail>,
    manifests: Manifests,
    published: OnceCell<Published>,
    page: OnceCell<Page>,
}

/// Why a server cannot start: a sentence that says what to change.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The server is put together wrongly.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The host names an environment that `mcp.toml` does not have.
    #[error(transparent)]
    Environment(#[from] UnknownEnvironment),
    /// There is no keyring.
    #[error(
        "the secret {0} is not set; it holds the keys that resumption tokens are signed with. Make one with: echo \"k1:sign:$(openssl rand -base64 32)\""
    )]
    NoKeys(&'static str),
    /// The keyring cannot be used.
    #[error("the secret {0} is not a keyring: {1}")]
    Keyring(&'static str, KeyringError),
    /// There are no keys of evidence, and `audit.keys` names them.
    #[error(
        "the secret {0} is not set; it holds the keys that events are signed with. Make one with: mcp-edge keys make --evidence"
    )]
    NoEvidenceKeys(&'static str),
    /// Two secrets of different purposes hold the same key.
    #[error(
        "the secrets {0} and {1} hold the same key, and each must have its own: a person who learns one could use it as the other. Make another for {1}"
    )]
    SameSecret(&'static str, &'static str),
    /// A rule cannot be used.
    #[error("mcp.toml: {0}")]
    Policy(#[from] PolicyError),
    /// A setting of `mcp.toml` cannot be used.
    #[error("{key} in mcp.toml: {why}")]
    Setting {
        /// The setting's full key.
        key: String,
        /// What is wrong with it, and what would be right.
        why: String,
    },
    /// The host cannot be asked.
    #[error(transparent)]
    Host(#[from] HostError),
}

/// What a text of the configuration is, wherever it stands.
pub(crate) async fn text(key: &str, text: Text, host: &dyn Host) -> Result<String, StartError> {
    match text {
        Text::Literal(text) => Ok(text.to_owned()),
        Text::Variable(name) => host
            .variable(name)
            .await?
            .filter(|text| !text.trim().is_empty())
            .ok_or_else(|| StartError::Setting {
                key: key.to_owned(),
                why: format!("it is in the host's variable {name}, which is not set"),
            }),
    }
}

impl Instance {
    pub(crate) async fn start(
        server: &Result<Server, BuildError>,
        configuration: &'static Configuration,
        host: &dyn Host,
    ) -> Result<Self, StartError> {
        let server = server.as_ref().map_err(Clone::clone)?.parts();
        let environment = host.variable(ENVIRONMENT_VARIABLE).await?;
        let environment = environment.filter(|name| !name.is_empty());
        let settings = configuration.settings(environment.as_deref())?;
        let secret = settings.tokens.keys;
        let keys = host
            .variable(secret)
            .await?
            .filter(|text| !text.trim().is_empty())
            .ok_or(StartError::NoKeys(secret))?;
        let keyring = Keyring::parse(&keys).map_err(|error| StartError::Keyring(secret, error))?;
        let mut secrets = Secrets::default();
        secrets.note(secret, secrets::Purpose::Tokens, &keys)?;
        let location = location(settings, host).await?;
        let audience = location.url().unwrap_or(&server.identity.name).to_owned();
        let codec = Codec::new(Rc::new(keyring), audience, epochs(settings));
        let policy = Policy::new(settings)?.quarantine(unapproved_tools(&server, settings));
        let scopes = scopes_of_tools(&server, settings)?;
        let identity = Identity::start(settings, &location, &policy, scopes, host).await?;
        check_rates(settings, host).await?;
        let trail = Trail::start(
            settings,
            &server.identity.name,
            environment.as_deref(),
            &mut secrets,
            host,
        )
        .await?;
        Ok(Self {
            server,
            settings,
            environment,
            location,
            codec: Rc::new(codec),
            policy,
            identity,
            trail: Rc::new(trail),
            manifests: Manifests::default(),
            published: OnceCell::new(),
            page: OnceCell::new(),
        })
    }
}

/// Where the server is found.
pub(crate) async fn location(settings: &Settings, host: &dyn Host) -> Result<Location, StartError> {
    const KEY: &str = "server.url";
    let url = match settings.server.url {
        None => None,
        Some(url) => Some(text(KEY, url, host).await?),
    };
    Location::new(url.as_deref()).map_err(|error| StartError::Setting {
        key: KEY.to_owned(),
        why: error.to_string(),
    })
}

/// The tools whose definition is not approved.
fn unapproved_tools(server: &Parts, settings: &Settings) -> BTreeSet<String> {
    let approved = settings.manifest.approved;
    if approved.is_empty() {
        return BTreeSet::new();
    }
    let offered = server.manifest(|_| true);
    let tools = offered.get("tools").and_then(serde_json::Value::as_array);
    unapproved(tools.into_iter().flatten(), approved)
}

/// The scopes that tools ask for. Without an issuer no caller could have them.
fn scopes_of_tools(server: &Parts, settings: &Settings) -> Result<BTreeSet<String>, BuildError> {
    let mut scopes = BTreeSet::new();
    for tool in server.tools.entries() {
        if let (true, Some(scope)) = (settings.issuers.is_empty(), tool.item.scopes().first()) {
            return Err(BuildError::new(format!(
                "the tool `{}` asks for the scope `{scope}`, and mcp.toml names no issuer that could grant it; add [issuers.NAME] to mcp.toml, or take the scope away",
                tool.name
            )));
        }
        scopes.extend(tool.item.scopes().iter().cloned());
    }
    Ok(scopes)
}

async fn check_rates(settings: &'static Settings, host: &dyn Host) -> Result<(), StartError> {
    for rate in settings.rates {
        let checked = match host.limiter() {
            Some(limiter) => limiter.check(rate).await.map_err(|error| error.to_string()),
            None => Err(format!("the host `{}` cannot count calls", host.name())),
        };
        checked.map_err(|why| StartError::Setting {
            key: format!("rate `{}`", rate.name),
            why,
        })?;
    }
    Ok(())
}

/// Why there is no token to hand out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MintFailed {
    #[error(transparent)]
    Host(#[from] HostError),
    #[error(transparent)]
    Token(#[from] MintError),
}

impl Instance {
    /// Refuses everything where the server is open, other machines can reach it, and `access.public` is not set. No host can
    /// tell a developer's machine from a deployment, so there is no other exception than a loopback address.
    pub(crate) fn serves_on(&self, host: &dyn Host) -> Result<(), Refusal> {
        if self.policy.is_open() && !self.settings.access.public && !host.loopback_only() {
            return Err(Refusal::NotPublic);
        }
        Ok(())
    }

    /// Whether `caller` may know of `target`.
    pub(crate) fn sees(&self, caller: &Caller, target: Target<'_>) -> bool {
        self.policy.decide(caller, target, Arguments::Any).shows()
    }

    /// What `caller` may know of, as a document.
    pub(crate) fn manifest(&self, caller: &Caller) -> Rc<Manifest> {
        self.manifests
            .get(&self.server, |target| self.sees(caller, target))
    }

    /// The documents that everybody may read. A caller that only calls tools does not pay for them.
    pub(crate) fn published(&self) -> &Published {
        self.published.get_or_init(|| Published::new(self))
    }

    /// The page for people, if there is one.
    pub(crate) fn page(&self) -> Option<&Page> {
        let is_published = self.settings.page.publish;
        is_published.then(|| self.page.get_or_init(|| Page::new(self)))
    }

    /// Makes a token that opens under `binding` for `lifetime` from now on.
    pub(crate) fn mint<P: Purpose>(
        &self,
        content: &P,
        binding: &Binding<'_>,
        lifetime: Duration,
        host: &dyn Host,
    ) -> Result<String, MintFailed> {
        let mut nonce = [0; NONCE];
        host.random(&mut nonce)?;
        Ok(self
            .codec
            .mint(content, binding, host.now(), lifetime, &nonce)?)
    }
}

fn epochs(settings: &Settings) -> Epochs {
    let tokens = &settings.tokens;
    let mut epochs = Epochs::default();
    if let Some(epoch) = tokens.not_before {
        epochs = epochs.all(epoch);
    }
    for (tenant, epoch) in tokens.not_before_tenant {
        epochs = epochs.tenant(*tenant, *epoch);
    }
    for (principal, epoch) in tokens.not_before_principal {
        if let Some((issuer, subject)) = principal.split_once(' ') {
            epochs = epochs.principal(issuer, subject, *epoch);
        }
    }
    epochs
}
