//! The issuers and their keys as a server on some host would have them, for programs that explain what it does with a
//! token.

use super::metadata::{self, JwksFetchError};
use super::resolve::resolve;
use super::{KeySet, TrustedIssuer};
use crate::config::{Auth, JwksSource, Settings};
use crate::host::{Host, SharedHost};
use crate::location::Location;
use crate::start::StartError;

/// Why the keys of an issuer are not available.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JwksError {
    /// The configuration does not say where they are.
    #[error(transparent)]
    Setting(#[from] StartError),
    /// The issuer does not publish them there.
    #[error("{0}")]
    NotPublished(String),
}

impl From<JwksFetchError> for JwksError {
    fn from(error: JwksFetchError) -> Self {
        Self::NotPublished(error.to_string())
    }
}

impl TrustedIssuer {
    /// The issuers of `settings`, in their order; an error is one with which a server does not start.
    pub async fn all(
        settings: &'static Settings,
        host: &dyn Host,
    ) -> Result<Vec<Self>, StartError> {
        let location = Location::resolve(settings.server.url, host).await?;
        let mut all = Vec::new();
        for config in settings.issuers {
            let (trusted, _) = resolve(config, &settings.auth, &location, host).await?;
            all.push(trusted);
        }
        Ok(all)
    }

    /// The keys that the issuer has now.
    pub async fn published_keys(
        &self,
        settings: &Auth,
        host: &SharedHost,
    ) -> Result<KeySet, JwksError> {
        let key = |member: &str| format!("issuers.{}.{member}", self.config.name);
        let published = match self.config.jwks {
            JwksSource::Set(set) => set.resolve(&key("jwks.set"), host.as_ref()).await?,
            JwksSource::Url(url) => {
                let url = url.resolve(&key("jwks.url"), host.as_ref()).await?;
                metadata::fetch(&self.url, Some(&url), settings.jwks_timeout, host).await?
            }
            JwksSource::Discovery => {
                metadata::fetch(&self.url, None, settings.jwks_timeout, host).await?
            }
        };
        KeySet::parse(published.as_bytes())
            .map_err(|error| JwksError::NotPublished(error.to_string()))
    }
}
