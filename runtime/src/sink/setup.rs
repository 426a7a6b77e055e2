//! What a sink is started with.

use http::{HeaderName, HeaderValue};

use crate::config::{Sink, Text};
use crate::host::Host;
use crate::instance::{StartError, text};
use crate::secrets::Purpose;
use crate::url::{is_secure_url, is_web_url};

/// The settings of a sink, and what they refer to.
pub(crate) struct Setup {
    pub(crate) settings: &'static Sink,
    /// The server's name.
    pub(crate) server: String,
    pub(crate) url: Option<String>,
    pub(crate) access_key: Option<String>,
    token: Option<String>,
}

/// Resolves what `settings` refers to.
pub(crate) async fn setup(
    settings: &'static Sink,
    server: &str,
    host: &dyn Host,
) -> Result<Setup, StartError> {
    let key = |key: &str| format!("sinks.{}.{key}", settings.name);
    let resolve = async |name: &str, value: Option<Text>| match value {
        Some(value) => text(&key(name), value, host).await.map(Some),
        None => Ok(None),
    };
    Ok(Setup {
        settings,
        server: server.to_owned(),
        url: resolve("url", settings.url).await?,
        access_key: resolve("access_key", settings.access_key).await?,
        token: resolve("token", settings.token.map(Text::Variable)).await?,
    })
}

impl Setup {
    /// Where the receiver is, with `path` behind it where it has none of its own.
    pub(crate) fn endpoint(&self, path: &str) -> Result<http::Uri, String> {
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
    pub(crate) fn token(&self) -> Option<&str> {
        self.token.as_deref().map(str::trim)
    }

    /// What the secret is for.
    pub(crate) fn purpose(&self) -> Purpose {
        match self.settings.protocol.name() {
            signs @ ("webhook" | "s3") => Purpose::Signature(signs),
            _ => Purpose::Credential,
        }
    }

    /// The header that the receiver knows us by: `settings` say which, or else it is `header` with `scheme` before the
    /// secret. `None` without a secret.
    pub(crate) fn credential(
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
        let scheme = match (self.settings.scheme, own) {
            (Some(scheme), _) => scheme,
            (None, Some(_)) => "",
            (None, None) => scheme,
        };
        let text = match scheme {
            "" => token.to_owned(),
            scheme => format!("{scheme} {token}"),
        };
        let mut value = HeaderValue::from_str(&text)
            .map_err(|_| "the secret of `token` cannot stand in a header".to_owned())?;
        value.set_sensitive(true);
        Ok(Some((name, value)))
    }
}

impl std::fmt::Debug for Setup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Setup")
            .field("settings", self.settings)
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Sink, Text};
    use crate::sink::Protocol;
    use crate::sink::testing::{events, http, start, start_error};

    const fn collector(url: &'static str, allow_http: bool) -> Sink {
        Sink {
            name: "collector",
            protocol: Protocol::OTLP_LOGS,
            url: Some(Text::Literal(url)),
            allow_http,
            ..Sink::DEFAULT
        }
    }

    #[test]
    fn another_machine_is_reached_by_http_only_where_that_is_allowed() {
        const PLAIN: &str = "http://collector:4318";
        let request = http(start(collector(PLAIN, true)).as_ref(), &events(1));
        assert_eq!(request.uri(), "http://collector:4318/v1/logs");
        start(collector("http://127.0.0.1:4318", false));
        let refused = "`url` must begin with https://, except for a loopback address, or where `allow_http` is set";
        assert_eq!(start_error(collector(PLAIN, false)), refused);
        for url in ["ftp://collector", "http://user:password@collector"] {
            assert_eq!(start_error(collector(url, true)), refused, "{url}");
        }
    }
}
