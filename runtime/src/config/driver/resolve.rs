//! What a sink is started with.

use http::{HeaderName, HeaderValue};

use crate::config::{Sink, TextSetting};
use crate::host::Host;
use crate::secrets::Purpose;
use crate::start::StartError;
use crate::url::{is_secure_url, is_web_url};

/// The settings of a sink, and what they refer to.
pub struct SinkSettings {
    /// The settings.
    pub settings: &'static Sink,
    /// The server's name.
    pub server: String,
    /// Where the receiver is.
    pub url: Option<String>,
    /// S3: the id of the access key.
    pub access_key_id: Option<String>,
    token: Option<String>,
}

impl SinkSettings {
    /// Resolves what `settings` refers to.
    pub async fn resolve(
        settings: &'static Sink,
        server: &str,
        host: &dyn Host,
    ) -> Result<Self, StartError> {
        let key = |key: &str| format!("sinks.{}.{key}", settings.name);
        let resolve = async |name: &str, value: Option<TextSetting>| match value {
            Some(value) => value.resolve(&key(name), host).await.map(Some),
            None => Ok(None),
        };
        Ok(Self {
            settings,
            server: server.to_owned(),
            url: resolve("url", settings.url).await?,
            access_key_id: resolve("access_key_id", settings.access_key_id).await?,
            token: resolve("token", settings.token.map(TextSetting::Variable)).await?,
        })
    }

    /// Where the receiver is, with `path` behind it where it has none of its own.
    pub fn endpoint(&self, path: &str) -> Result<http::Uri, String> {
        let url = self.url.as_deref().ok_or("`url` is missing")?;
        let no_url = || "`url` is not a valid URL; use https://HOST/PATH".to_owned();
        let given: http::Uri = url.parse().map_err(|_| no_url())?;
        let allows = self.settings.allow_http && is_web_url(url);
        if !is_secure_url(url) && !allows {
            // It is not repeated: it could hold what only the receiver should know.
            return Err("`url` must begin with https://, except for a loopback address, or where `allow_http` is set".to_owned());
        }
        if given.path() == "/" && given.query().is_none() {
            let url = url.trim_end_matches('/');
            return format!("{url}{path}").parse().map_err(|_| no_url());
        }
        Ok(given)
    }

    /// The secret itself.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref().map(str::trim)
    }

    /// What the secret is for.
    pub(crate) fn purpose(&self) -> Purpose {
        let protocol = self.settings.protocol;
        match protocol.signs() {
            true => Purpose::Signature(protocol.name()),
            false => Purpose::Credential,
        }
    }

    /// A setting that the protocol cannot do without.
    pub fn needs<T>(setting: Option<T>, key: &str) -> Result<T, String> {
        setting.ok_or_else(|| format!("`{key}` is missing; a sink of this type needs it"))
    }

    /// The header that the receiver knows us by: `settings` say which, or else it is `header` with `auth_scheme` before the
    /// secret. `None` without a secret.
    pub fn credential(
        &self,
        header: &'static str,
        scheme: &str,
    ) -> Result<Option<(HeaderName, HeaderValue)>, String> {
        let Some(token) = self.token() else {
            return Ok(None);
        };
        let own = self.settings.header;
        let name = HeaderName::from_bytes(own.unwrap_or(header).as_bytes())
            .map_err(|_| "`header` is no name of a header".to_owned())?;
        // A header of one's own choice has no scheme but what is asked for.
        let scheme = match (self.settings.auth_scheme, own) {
            (Some(scheme), _) => scheme,
            (None, Some(_)) => "",
            (None, None) => scheme,
        };
        let text = match scheme {
            "" => token.to_owned(),
            scheme => format!("{scheme} {token}"),
        };
        let mut value = HeaderValue::from_str(&text)
            .map_err(|_| "the secret of `token` cannot be in a header".to_owned())?;
        value.set_sensitive(true);
        Ok(Some((name, value)))
    }
}

impl std::fmt::Debug for SinkSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Setup")
            .field("settings", self.settings)
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}
