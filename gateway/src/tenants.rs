//! An upstream as each tenant's callers have it.

use std::collections::BTreeMap;

use mcp_edge::StartError;
use mcp_edge::auth::Caller;
use mcp_edge::config::{Settings as ServerSettings, Upstream as Settings};
use mcp_edge::host::Host;
use mcp_edge::server::Tenants;

use crate::authority::PublishedKey;
use crate::upstream::Upstream;

/// An upstream of the configuration for each of its tenants. They have nothing in common but the operations: each has its own
/// URLs, credential, tokens and breakers.
pub(crate) struct TenantUpstreams {
    settings: &'static Settings,
    /// For callers of other tenants, and those without one.
    others: Option<Upstream>,
    named: BTreeMap<&'static str, Upstream>,
    names: Vec<&'static str>,
}

impl TenantUpstreams {
    /// Checks that the upstream can be called for each of its tenants. All mistakes are told at once.
    pub(crate) async fn start(
        settings: &'static Settings,
        server: &'static ServerSettings,
        host: &dyn Host,
    ) -> Result<Self, Vec<StartError>> {
        let mut mistakes = Vec::new();
        let mut others = None;
        let mut named = BTreeMap::new();
        for served in settings.served() {
            let served: &'static Settings = Box::leak(Box::new(served));
            match (Upstream::start(served, server, host).await, served.tenant) {
                (Ok(upstream), None) => others = Some(upstream),
                (Ok(upstream), Some(tenant)) => {
                    named.insert(tenant, upstream);
                }
                (Err(found), _) => mistakes.extend(found),
            }
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        Ok(Self {
            settings,
            others,
            names: named.keys().copied().collect(),
            named,
        })
    }

    /// The settings that are the same for all tenants, of whom there are others.
    pub(crate) fn settings(&self) -> &'static Settings {
        self.settings
    }

    /// The tenants for whose callers it exists.
    pub(crate) fn tenants(&self) -> Tenants<'_> {
        Tenants::new(&self.names, self.others.is_some())
    }

    /// The upstream of the caller's tenant.
    pub(crate) fn of(&self, caller: &Caller) -> Option<&Upstream> {
        let named = caller.tenant().and_then(|tenant| self.named.get(tenant));
        named.or(self.others.as_ref())
    }

    /// The public keys of what the gateway signs for any tenant.
    pub(crate) fn published(&self) -> impl Iterator<Item = &PublishedKey> {
        let all = self.others.iter().chain(self.named.values());
        all.flat_map(Upstream::published)
    }
}

#[cfg(test)]
mod tests;
