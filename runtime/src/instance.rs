//! A server with its settings and keys: everything an instance has once it has started.

use std::rc::Rc;
use std::time::Duration;

use crate::config::{Configuration, ENVIRONMENT_VARIABLE, Settings, UnknownEnvironment};
use crate::host::{Host, HostError};
use crate::server::{BuildError, Parts, Server};
use crate::token::{Binding, Codec, Epochs, Keyring, KeyringError, MintError, NONCE, Purpose};

/// Made on the first request and the same ever after; nothing in it belongs to a request.
pub(crate) struct Instance {
    pub(crate) server: Rc<Parts>,
    pub(crate) settings: &'static Settings,
    pub(crate) environment: Option<String>,
    pub(crate) codec: Codec,
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
    /// The host cannot be asked.
    #[error(transparent)]
    Host(#[from] HostError),
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
        let audience = settings
            .server
            .url
            .unwrap_or(&server.identity.name)
            .to_owned();
        let codec = Codec::new(Rc::new(keyring), audience, epochs(settings));
        Ok(Self {
            server,
            settings,
            environment,
            codec,
        })
    }
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
