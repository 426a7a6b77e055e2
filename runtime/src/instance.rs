//! A server with its settings and keys: everything an instance has once it has started.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use mcp_edge_schema::mirror::MirroredHeader;

use crate::audit_trail::AuditTrail;
use crate::auth::{Caller, Identity};
use crate::config::{LivePolicy, Settings};
use crate::discovery::manifest::Manifest;
use crate::discovery::{Site, Sources};
use crate::host::{Host, HostError, Timestamp};
use crate::live::Following;
use crate::location::Location;
use crate::policy::{Policy, Target};
use crate::refusal::Refusal;
use crate::secrets::{self, Secrets};
use crate::server::{Capabilities, ServerInner, ToolRole};
use crate::signature::SignKeys;
use crate::source::Started;
use crate::start::{BuildError, StartError};
use crate::token::{Binding, Codec, Epochs, Keyring, MintError, NONCE, Purpose};

/// Made on the first request; nothing in it belongs to a request. A new live policy makes another one, which has everything
/// but the policy in common with the one before. A request keeps the one that it began with.
pub(crate) struct Instance {
    pub(crate) server: Rc<ServerInner>,
    pub(crate) settings: &'static Settings,
    pub(crate) environment: Option<Rc<str>>,
    pub(crate) location: Rc<Location>,
    pub(crate) codec: Rc<Codec>,
    pub(crate) policy: Rc<Policy>,
    pub(crate) identity: Rc<Identity>,
    pub(crate) trail: Rc<AuditTrail>,
    pub(crate) sign_keys: Rc<SignKeys>,
    site: Site,
    /// What callers without a token are offered, of whom anybody can send any number of requests.
    offered_to_anonymous: OnceCell<Capabilities>,
    live: Option<Live>,
}

/// The live policy of an instance, and what looks for another.
#[derive(Clone)]
struct Live {
    following: Rc<Following>,
    policy: Option<Rc<LivePolicy>>,
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
        let policy = Policy::new(settings)?;
        let policy = policy.quarantine(unapproved_tools(&server, settings.approvals.tools));
        let scopes = scopes_of(&server, settings, &policy)?;
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
        let following = Following::start(settings, codec.audience(), host).await?;
        let instance = Self {
            server,
            settings,
            environment: environment.map(Rc::from),
            location: Rc::new(location),
            codec: Rc::new(codec),
            policy: Rc::new(policy),
            identity: Rc::new(identity),
            trail: Rc::new(trail),
            sign_keys: Rc::default(),
            site: Site::default(),
            offered_to_anonymous: OnceCell::new(),
            live: following.map(|following| Live {
                following: Rc::new(following),
                policy: None,
            }),
        };
        Ok(match instance.first_policy(host).await {
            Some(other) => other,
            None => instance,
        })
    }

    /// The instance under the live policy that it starts with, if there is one.
    async fn first_policy(&self, host: &dyn Host) -> Option<Self> {
        let following = &self.live.as_ref()?.following;
        let policy = following.first(host).await?;
        self.under(policy, host)
    }

    /// What looks for another live policy, if it is time for that, and whether a request has to wait for it, since there is
    /// none.
    pub(crate) fn look_for_policy(&self, now: Timestamp) -> Option<bool> {
        let live = self.live.as_ref()?;
        let has_one = live.policy.is_some();
        live.following.is_due(has_one, now).then_some(!has_one)
    }

    /// The instance under the live policy at the place, if that is another one.
    pub(crate) async fn next_policy(&self, host: &dyn Host) -> Option<Self> {
        let live = self.live.as_ref()?;
        let policy = live.following.newer(live.policy.as_deref(), host).await?;
        self.under(policy, host)
    }

    fn under(&self, live: LivePolicy, host: &dyn Host) -> Option<Self> {
        let following = &self.live.as_ref()?.following;
        match self.try_under(following, live) {
            Ok(instance) => Some(instance),
            Err(error) => {
                following.complain(error.to_string(), host);
                None
            }
        }
    }

    fn try_under(&self, following: &Rc<Following>, live: LivePolicy) -> Result<Self, StartError> {
        let approved: Vec<_> = live.approved.iter().map(String::as_str).collect();
        let policy = Policy::live(&live, self.settings)?
            .quarantine(unapproved_tools(&self.server, &approved));
        let scopes = scopes_of(&self.server, self.settings, &policy)?;
        let identity = self.identity.under(scopes, policy.admits_anonymous());
        let revocations = &live.revocations;
        let principals = revocations.principals.iter();
        let epochs = Epochs::new(
            revocations.all,
            revocations
                .tenants
                .iter()
                .map(|(tenant, epoch)| (tenant.as_str(), *epoch)),
            principals.map(|(principal, epoch)| (principal.as_str(), *epoch)),
        );
        Ok(Self {
            server: Rc::clone(&self.server),
            settings: self.settings,
            environment: self.environment.clone(),
            location: Rc::clone(&self.location),
            codec: Rc::new(self.codec.with_epochs(epochs)),
            policy: Rc::new(policy),
            identity: Rc::new(identity),
            trail: Rc::clone(&self.trail),
            sign_keys: Rc::clone(&self.sign_keys),
            site: Site::default(),
            offered_to_anonymous: OnceCell::new(),
            live: Some(Live {
                following: Rc::clone(following),
                policy: Some(Rc::new(live)),
            }),
        })
    }

    /// The live policy, if there is one.
    pub(crate) fn live_policy(&self) -> Option<&LivePolicy> {
        self.live.as_ref()?.policy.as_deref()
    }

    /// Whether the live policy revokes the token of `caller`. A token that does not say when it was issued is revoked with all
    /// of its principal.
    pub(crate) fn revokes(&self, caller: &Caller) -> bool {
        let (Some(_), Caller::Principal(principal)) = (&self.live, caller) else {
            return false;
        };
        let epoch = self.codec.epoch(&caller.binding());
        epoch.is_some_and(|epoch| principal.issued.is_none_or(|issued| issued < epoch))
    }
}

/// The tools that differ from the approved ones.
fn unapproved_tools(server: &ServerInner, approved: &[&str]) -> BTreeSet<String> {
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

/// The scopes that tools and rules ask for. Without an issuer no caller could have those of tools.
fn scopes_of(
    server: &ServerInner,
    settings: &Settings,
    policy: &Policy,
) -> Result<BTreeSet<String>, BuildError> {
    let mut scopes = policy.scopes();
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
    /// Refuses everything where there is no live policy and should be one, and where the server is open, other machines can reach
    /// it, and `access.public` is not set. No host can tell a developer's machine from a deployment, so there is no other
    /// exception than a loopback address.
    pub(crate) fn serves_on(&self, host: &dyn Host) -> Result<(), Refusal> {
        if self.policy.is_open() && !self.settings.access.public && !host.loopback_only() {
            return Err(Refusal::NotPublic);
        }
        let is_usable = |policy: &LivePolicy| policy.expires.is_none_or(|end| host.now() < end);
        if self.live.is_some() && !self.live_policy().is_some_and(is_usable) {
            return Err(Refusal::PolicyUnavailable);
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
    let tenants = tokens.not_before_tenant.iter().copied();
    let principals = tokens.not_before_principal.iter().copied();
    Epochs::new(tokens.not_before, tenants, principals)
}
