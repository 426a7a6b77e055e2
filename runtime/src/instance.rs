//! A server with its settings and keys: everything an instance has once it has started.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use mcp_edge_schema::mirror::MirroredHeader;

use crate::audit_trail::AuditTrail;
use crate::auth::{Caller, Identity};
use crate::config::Settings;
use crate::discovery::manifest::Manifest;
use crate::discovery::{Site, Sources};
use crate::host::{Host, HostError};
use crate::location::Location;
use crate::policy::{Policy, Target};
use crate::refusal::Refusal;
use crate::secrets::{self, Secrets};
use crate::server::{Capabilities, ServerInner, ToolRole};
use crate::signature::SignKeys;
use crate::source::Started;
use crate::start::{BuildError, StartError};
use crate::token::{Binding, Codec, Epochs, Keyring, MintError, NONCE, Purpose};

/// Made on the first request and the same ever after; nothing in it belongs to a request.
pub(crate) struct Instance {
    pub(crate) server: Rc<ServerInner>,
    pub(crate) settings: &'static Settings,
    pub(crate) environment: Option<String>,
    pub(crate) location: Location,
    pub(crate) codec: Rc<Codec>,
    pub(crate) policy: Rc<Policy>,
    pub(crate) identity: Identity,
    pub(crate) trail: Rc<AuditTrail>,
    pub(crate) sign_keys: Rc<SignKeys>,
    site: Site,
    /// What callers without a token are offered, of whom anybody can send any number of requests.
    offered_to_anonymous: OnceCell<Capabilities>,
}

impl Instance {
    pub(crate) async fn start(
        started: Started,
        environment: Option<String>,
        host: &dyn Host,
    ) -> Result<Self, StartError> {
        let Started { server, settings } = started;
        let server = server.parts();
        let secret = settings.tokens.keys;
        let keys = host
            .variable(secret)
            .await?
            .filter(|text| !text.trim().is_empty())
            .ok_or(StartError::NoKeys(secret))?;
        let keyring = Keyring::parse(&keys).map_err(|error| StartError::Keyring(secret, error))?;
        let mut secrets = Secrets::default();
        secrets.note(secret, secrets::Purpose::Tokens, &keys)?;
        let location = Location::resolve(settings.server.url, host).await?;
        let audience = location.url().unwrap_or(&server.identity.name).to_owned();
        let codec = Codec::new(Rc::new(keyring), audience, epochs(settings));
        let policy = Policy::new(settings)?.quarantine(unapproved_tools(&server, settings));
        let mut scopes = scopes_of_tools(&server, settings)?;
        scopes.append(&mut policy.scopes());
        let anonymous = policy.admits_anonymous();
        let identity = Identity::start(settings, &location, scopes, anonymous, host).await?;
        check_rates(settings, host).await?;
        let trail = AuditTrail::start(
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
            policy: Rc::new(policy),
            identity,
            trail: Rc::new(trail),
            sign_keys: Rc::default(),
            site: Site::default(),
            offered_to_anonymous: OnceCell::new(),
        })
    }
}

/// The tools that differ from the approved ones.
fn unapproved_tools(server: &ServerInner, settings: &Settings) -> BTreeSet<String> {
    let approved = settings.approvals.tools;
    if approved.is_empty() {
        return BTreeSet::new();
    }
    let approved: BTreeSet<_> = approved.iter().copied().collect();
    let changed = server
        .tools
        .all()
        .filter(|tool| tool.summary.role != ToolRole::Broker)
        .filter(|tool| !approved.contains(tool.digest().as_str()));
    changed.map(|tool| tool.summary.name.to_owned()).collect()
}

/// The scopes that tools ask for. Without an issuer no caller could have them.
fn scopes_of_tools(
    server: &ServerInner,
    settings: &Settings,
) -> Result<BTreeSet<String>, BuildError> {
    let mut scopes = BTreeSet::new();
    for tool in server.tools.all() {
        let tool = tool.summary;
        if let (true, Some(scope)) = (settings.issuers.is_empty(), tool.scopes.first()) {
            return Err(BuildError::new(format!(
                "the tool `{}` asks for the scope `{scope}`, and mcp.toml names no issuer that could grant it; add [issuers.NAME] to mcp.toml, or take the scope away",
                tool.name
            )));
        }
        scopes.extend(tool.scopes.iter().cloned());
    }
    Ok(scopes)
}

async fn check_rates(settings: &'static Settings, host: &dyn Host) -> Result<(), StartError> {
    for rate in settings.rate_limits {
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
        self.policy.shows(caller, target)
    }

    /// The kinds of things of which `caller` may know any.
    pub(crate) fn capabilities(&self, caller: &Caller) -> Capabilities {
        let offered = || {
            Capabilities::new(&self.server, |target, arguments| {
                self.policy.decide(caller, target, arguments).shows()
            })
        };
        match caller {
            Caller::Anonymous => *self.offered_to_anonymous.get_or_init(offered),
            Caller::Principal(_) => offered(),
        }
    }

    /// The arguments of `tool` that headers repeat. What its headers ought to be would tell of a tool that is not for the
    /// caller, so of such a tool there are none.
    pub(crate) fn mirrored(&self, caller: &Caller, tool: &str) -> Option<&[MirroredHeader]> {
        let found = self.server.tools.get(tool)?;
        self.sees(caller, found.target())
            .then_some(found.summary.mirrored)
    }

    /// What documents and the page are made of.
    pub(crate) fn sources(&self) -> Sources<'_> {
        Sources {
            server: &self.server,
            settings: self.settings,
            location: &self.location,
            identity: &self.identity,
            policy: &self.policy,
            evidence: self.trail.evidence(),
            site: &self.site,
        }
    }

    /// What `caller` may know of, as a document.
    pub(crate) fn manifest(&self, caller: &Caller) -> Rc<Manifest> {
        self.sources().manifest(caller)
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
