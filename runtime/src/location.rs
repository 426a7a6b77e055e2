//! Where the server is found.

use http::Uri;

use crate::health::{LIVE, Probe, READY};
use crate::host::Host;
use crate::start::{StartError, TextSetting};
use crate::url::{is_loopback_url, is_secure_url};

/// The path of the endpoint of a server that has no public URL.
const PATH: &str = "/mcp";

/// The server's public URL, taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Location {
    url: Option<Public>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Public {
    url: String,
    scheme: String,
    authority: String,
    path: String,
}

/// The text is not a valid URL of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "it must be an absolute URL without query and fragment that begins with https://, as https://mcp.example.com/mcp; http:// is only \
     for a loopback address, as http://127.0.0.1:8787/mcp"
)]
pub(crate) struct UrlError;

impl Location {
    /// The location of a server whose `server.url` is `url`.
    pub(crate) async fn resolve(
        url: Option<TextSetting>,
        host: &dyn Host,
    ) -> Result<Self, StartError> {
        const KEY: &str = "server.url";
        let url = match url {
            None => None,
            Some(url) => Some(url.resolve(KEY, host).await?),
        };
        let mistake = |why: String| StartError::Setting {
            key: KEY.to_owned(),
            why,
        };
        let location = Self::new(url.as_deref()).map_err(|error| mistake(error.to_string()))?;
        match Probe::asked(location.path()) {
            None => Ok(location),
            Some(_) => Err(mistake(format!(
                "{LIVE} and {READY} are the paths of the health probes; give the endpoint another path, as https://mcp.example.com/mcp"
            ))),
        }
    }

    pub(crate) fn new(url: Option<&str>) -> Result<Self, UrlError> {
        let url = url.map(Public::parse).transpose()?;
        Ok(Self { url })
    }

    /// The public URL, as it was configured.
    pub(crate) fn url(&self) -> Option<&str> {
        self.url.as_ref().map(|public| public.url.as_str())
    }

    /// The host of the public URL, with the port if it names one.
    pub(crate) fn authority(&self) -> Option<&str> {
        self.url.as_ref().map(|public| public.authority.as_str())
    }

    /// Whether `scheme` and `authority` are those of the public URL.
    pub(crate) fn is_origin(&self, scheme: &str, authority: &str) -> bool {
        self.url.as_ref().is_some_and(|public| {
            public.scheme == scheme && public.authority.eq_ignore_ascii_case(authority)
        })
    }

    /// The path of the endpoint.
    pub(crate) fn path(&self) -> &str {
        self.url
            .as_ref()
            .map_or(PATH, |public| public.path.as_str())
    }

    /// The path of the endpoint without a slash at its end, for what stands below it.
    pub(crate) fn base(&self) -> &str {
        let path = self.path();
        path.strip_suffix('/').unwrap_or(path)
    }

    /// The URL of what stands below the endpoint.
    pub(crate) fn below(&self, path: &str) -> Option<String> {
        self.at(&format!("{}{path}", self.base()))
    }

    /// The path of a document that `name` stands for below `/.well-known/`, made for this server's path, of which every
    /// character counts: a slash at its end belongs to another identifier (RFC 9728, 3.1 and 3.3).
    pub(crate) fn well_known_path(&self, name: &str) -> String {
        let path = match self.path() {
            // What follows the host is removed before the name is inserted.
            "/" => "",
            path => path,
        };
        format!("/.well-known/{name}{path}")
    }

    /// The URL of that document.
    pub(crate) fn well_known(&self, name: &str) -> Option<String> {
        self.at(&self.well_known_path(name))
    }

    /// The URL of something else at this server.
    pub(crate) fn at(&self, path: &str) -> Option<String> {
        let public = self.url.as_ref()?;
        Some(format!("{}://{}{path}", public.scheme, public.authority))
    }

    /// Whether only this machine can mean itself by the public URL.
    pub(crate) fn is_loopback(&self) -> bool {
        self.url
            .as_ref()
            .is_some_and(|public| is_loopback_url(&public.url))
    }
}

impl Public {
    fn parse(url: &str) -> Result<Self, UrlError> {
        let parsed: Uri = url.parse().map_err(|_| UrlError)?;
        let scheme = parsed.scheme_str().ok_or(UrlError)?;
        let authority = parsed.authority().ok_or(UrlError)?.as_str();
        if !is_secure_url(url) || url.contains(['?', '#', '@']) {
            return Err(UrlError);
        }
        Ok(Self {
            url: url.to_owned(),
            scheme: scheme.to_owned(),
            authority: authority.to_owned(),
            path: parsed.path().to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(url: &str) -> Location {
        Location::new(Some(url)).unwrap()
    }

    #[test]
    fn a_document_about_a_path_is_below_the_well_known_path() {
        let name = "oauth-protected-resource";
        let at = |url| location(url).well_known(name).unwrap();
        assert_eq!(
            at("https://h.example:8443/public/mcp"),
            "https://h.example:8443/.well-known/oauth-protected-resource/public/mcp"
        );
        assert_eq!(
            at("https://h.example/mcp/"),
            "https://h.example/.well-known/oauth-protected-resource/mcp/"
        );
        for root in ["https://h.example", "https://h.example/"] {
            assert_eq!(
                at(root),
                "https://h.example/.well-known/oauth-protected-resource"
            );
        }
        assert_eq!(Location::default().well_known(name), None);
    }

    #[test]
    fn only_this_machine_is_loopback() {
        for url in [
            "http://localhost:8787/mcp",
            "http://127.0.0.1/mcp",
            "http://[::1]:1/",
        ] {
            assert!(location(url).is_loopback(), "{url}");
        }
        for url in ["https://localhost.example/mcp", "https://10.0.0.1/mcp"] {
            assert!(!location(url).is_loopback(), "{url}");
        }
    }

    #[test]
    fn what_is_not_a_url_is_refused() {
        for text in [
            "",
            "/mcp",
            "mcp.example.com",
            "ftp://h/mcp",
            "https://h/mcp?a",
            "https://u@h/",
            "http://public.example/mcp",
            "http://10.0.0.1/mcp",
        ] {
            assert_eq!(Location::new(Some(text)), Err(UrlError), "{text}");
        }
    }
}
