//! Revocation without a store.

use std::collections::BTreeMap;

use super::binding::PrincipalName;
use crate::host::Timestamp;

/// Points in time before which issued tokens are refused: all, one tenant's, or one principal's.
///
/// They come from the configuration, where a deployment revokes, or from the live policy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Epochs {
    all: Option<Timestamp>,
    tenants: BTreeMap<String, Timestamp>,
    /// By issuer, then by subject: a subject means nothing without its issuer.
    principals: BTreeMap<String, BTreeMap<String, Timestamp>>,
}

impl Epochs {
    /// The epochs of settings or of a live policy. A principal is its issuer and subject, with a space between.
    pub(crate) fn new<'a>(
        all: Option<Timestamp>,
        tenants: impl Iterator<Item = (&'a str, Timestamp)>,
        principals: impl Iterator<Item = (&'a str, Timestamp)>,
    ) -> Self {
        let mut epochs = Self::default();
        if let Some(epoch) = all {
            epochs = epochs.all(epoch);
        }
        for (tenant, epoch) in tenants {
            epochs = epochs.tenant(tenant, epoch);
        }
        for (principal, epoch) in principals {
            if let Some((issuer, subject)) = principal.split_once(' ') {
                epochs = epochs.principal(issuer, subject, epoch);
            }
        }
        epochs
    }

    /// Refuses every token issued before `epoch`.
    #[must_use]
    pub fn all(mut self, epoch: Timestamp) -> Self {
        self.all = self.all.max(Some(epoch));
        self
    }

    /// Refuses `tenant`'s tokens issued before `epoch`.
    #[must_use]
    pub fn tenant(mut self, tenant: impl Into<String>, epoch: Timestamp) -> Self {
        let known = self.tenants.entry(tenant.into()).or_insert(epoch);
        *known = epoch.max(*known);
        self
    }

    /// Refuses tokens of `issuer`'s `subject` issued before `epoch`, whichever client it uses.
    #[must_use]
    pub fn principal(
        mut self,
        issuer: impl Into<String>,
        subject: impl Into<String>,
        epoch: Timestamp,
    ) -> Self {
        let subjects = self.principals.entry(issuer.into()).or_default();
        let known = subjects.entry(subject.into()).or_insert(epoch);
        *known = epoch.max(*known);
        self
    }

    /// The latest epoch that concerns `principal`; `None` is the anonymous one.
    pub(super) fn concerning(&self, principal: Option<PrincipalName<'_>>) -> Option<Timestamp> {
        let tenant = principal
            .and_then(|name| name.tenant)
            .and_then(|tenant| self.tenants.get(tenant));
        let subject =
            principal.and_then(|name| self.principals.get(name.issuer)?.get(name.subject));
        self.all.max(tenant.copied()).max(subject.copied())
    }
}
