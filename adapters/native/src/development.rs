//! Keys that a server for development makes for itself, so that its first run needs none.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use base64ct::{Base64, Encoding as _};
use mcp_edge_runtime::config::{ENVIRONMENT_VARIABLE, Settings, TextSetting};
use mcp_edge_runtime::is_loopback_url;

/// The environment of `mcp.toml` for a developer's machine.
const ENVIRONMENT: &str = "dev";

/// The keyring of a process that has none, under the name of its secret. The copies are the same.
#[derive(Clone, Default)]
pub(crate) struct EphemeralKeys(Arc<OnceLock<(&'static str, String)>>);

impl EphemeralKeys {
    /// Makes a keyring for the secret `name`.
    pub(crate) fn make(&self, name: &'static str) -> Result<(), getrandom::Error> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        let keyring = format!("ephemeral:sign:{}", Base64::encode_string(&key));
        self.0.get_or_init(|| (name, keyring));
        Ok(())
    }

    /// The keyring, if it was made for the secret `name`.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        let (secret, keyring) = self.0.get()?;
        (*secret == name).then(|| keyring.clone())
    }
}

/// Whether a server that listens on `address` with `settings` can only be one for development, so that it may make its own keys.
///
/// An instance in production must not come up with keys of its own: what it signs would be worthless to the others, and after a
/// restart. A proxy may forward to a loopback address, so the address alone is no proof. In the environment `dev` the developer
/// has said so; in no environment, the settings must have nothing that a deployment has: an issuer, `access.public` or a live
/// policy. A URL that is not one of this machine rules it out in both.
pub(crate) fn may_make_keys(address: SocketAddr, settings: &Settings) -> bool {
    let environment = std::env::var(ENVIRONMENT_VARIABLE).unwrap_or_default();
    let url = settings.server.url.map(|url| match url {
        TextSetting::Literal(url) => url.to_owned(),
        TextSetting::Variable(name) => std::env::var(name).unwrap_or_default(),
    });
    address.ip().is_loopback()
        && url.is_none_or(|url| is_loopback_url(&url))
        && match environment.as_str() {
            ENVIRONMENT => true,
            "" => {
                !settings.access.public
                    && settings.live.enabled.is_none()
                    && settings.issuers.iter().all(|issuer| issuer.development)
            }
            _ => false,
        }
}
