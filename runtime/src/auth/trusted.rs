//! An issuer of the configuration, with what its texts are in this instance.

use super::claims::{Claim, Claims};
use super::error::{AccessTokenError, shown};
use super::issuer_template;
use crate::config::{Issuer, TenantSource};
use crate::credential::Source;

/// What stands for the tenant in `issuer`.
const PLACEHOLDER: &str = "{tenant}";

/// In `tenants`: every tenant.
const EVERY: &str = "*";

/// An issuer of the configuration, with what its texts are in this instance.
#[derive(Debug, Clone, PartialEq)]
pub struct TrustedIssuer {
    /// The issuer, as it is configured.
    pub config: &'static Issuer,
    /// What `iss` says; `{tenant}` in it stands for a tenant.
    pub url: String,
    /// What `aud` has to contain one of.
    pub audiences: Vec<String>,
}

impl TrustedIssuer {
    /// What the issuer is called, if it calls itself `iss`: its URL, also where a token has one of its aliases, so that a
    /// caller is the same with either.
    pub(super) fn called<'i>(&'i self, iss: &'i str) -> Option<&'i str> {
        if self.url == iss || self.config.aliases.contains(&iss) {
            return Some(&self.url);
        }
        self.tenant_of(iss).map(|_| iss)
    }

    /// Whether its tokens come from `source`.
    pub(super) fn sends_by(&self, source: Source<'_>) -> bool {
        source.name().eq_ignore_ascii_case(self.header())
    }

    /// The header in which its tokens come.
    pub(super) fn header(&self) -> &'static str {
        self.config.header.unwrap_or(Source::Authorization.name())
    }

    /// The tenant that a token of `iss` belongs to, if it is one whose tokens are accepted.
    ///
    /// Where both the URL and a claim name the tenant they have to agree: an issuer for many tenants signs
    /// all their tokens with the same keys.
    pub(super) fn tenant(
        &self,
        iss: &str,
        claims: &Claims,
    ) -> Result<Option<String>, AccessTokenError> {
        let by_url = self.tenant_of(iss);
        let by_claim = match self.config.tenant {
            TenantSource::Claim(name) => Some(claims.required(Claim::tenant(name))?),
            TenantSource::Fixed(_) | TenantSource::None => None,
        };
        if let (Some(by_url), Some(by_claim)) = (by_url, by_claim)
            && by_url != by_claim
        {
            return Err(self.wrong_tenant(by_claim));
        }
        let named = by_claim.or(by_url);
        if let Some(named) = named
            && !self.accepts(named)
        {
            return Err(self.wrong_tenant(named));
        }
        let tenant = match self.config.tenant {
            TenantSource::Fixed(tenant) => Some(tenant),
            TenantSource::Claim(_) | TenantSource::None => named,
        };
        Ok(tenant.map(str::to_owned))
    }

    fn tenant_of<'i>(&self, iss: &'i str) -> Option<&'i str> {
        issuer_template::tenant(&self.url, PLACEHOLDER, iss)
    }

    fn accepts(&self, tenant: &str) -> bool {
        let tenants = self.config.tenants;
        tenants.is_empty()
            || tenants
                .iter()
                .any(|known| *known == EVERY || *known == tenant)
    }

    fn wrong_tenant(&self, found: &str) -> AccessTokenError {
        AccessTokenError::WrongTenant {
            issuer: self.config.name,
            found: shown(found),
        }
    }
}
