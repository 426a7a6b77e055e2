//! A server, as it answers now.

use std::time::Duration;

use http::{StatusCode, Uri, header};
use mcp_edge_clients::{Authentication, ServerInfo};
use mcp_edge_runtime::discovery::card::CATALOG_PATH;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::card::{Card, Catalogue, Listed, MAX_CARD_BYTES, place_of};
use crate::doctor::server::answer::Answer;
use crate::doctor::server::call::Call;
use crate::doctor::server::challenge::parameter;
use crate::doctor::server::client::Client;
use crate::doctor::server::discover::SERVER_INFO;
use crate::fetch;
use crate::output::Failure;

/// What RFC 9728 has a server say of who protects it, as far as clients need it here.
#[derive(Debug, Deserialize)]
struct Protected {
    resource: String,
    authorization_servers: Option<Vec<String>>,
}

/// A server, and where its name is from.
pub(crate) struct ServerIdentity {
    pub(crate) server: ServerInfo,
    pub(crate) source: Source,
}

/// Where the name and the address of a server are from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// Its Server Card (SEP-2127).
    Card,
    /// Its answer to `server/discover` (2026-07-28).
    Discover,
    /// Its answer to `initialize` (2025-11-25 and before).
    Initialize,
    /// The URL alone, since the server says nothing without an access token.
    Url,
}

impl Source {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Card => "server-card",
            Self::Discover => "server/discover",
            Self::Initialize => "initialize",
            Self::Url => "url",
        }
    }

    /// What was done without a Server Card.
    pub(crate) const fn sentence(self) -> Option<&'static str> {
        match self {
            Self::Card => None,
            Self::Discover => {
                Some("It has no Server Card; its name is from its answer to server/discover.")
            }
            Self::Initialize => {
                Some("It has no Server Card; its name is from its answer to initialize.")
            }
            Self::Url => Some(
                "It shows no Server Card and answers nothing without an access token; its name is made from its URL.",
            ),
        }
    }
}

/// How long the server may take to answer one request.
const PATIENCE: Duration = Duration::from_secs(10);

/// The server at `asked`, which is its MCP endpoint or the site that has it.
pub(crate) fn server(asked: &str) -> Result<ServerIdentity, Failure> {
    let network = Network { asked };
    let asked_uri = network.permitted(asked).map_err(Failure::usage)?;
    let is_site = asked_uri.path() == "/" && asked_uri.query().is_none();
    let listed = if is_site {
        network.listed(asked)?
    } else {
        None
    };
    let card = match listed {
        Some(listed) => Some(network.of_site(asked, listed)?),
        None => network.of_endpoint(asked)?,
    };
    let url = card.as_ref().map_or(asked, |(_, url)| url).to_owned();
    let said = network.said(&url)?;
    let access = network.access(&url, &said)?;
    let (name, title, source) = match (card, said) {
        (Some((card, _)), _) => (card.name, card.title, Source::Card),
        (
            None,
            Probe::Itself {
                name,
                title,
                source,
            },
        ) => (name, title, source),
        (None, Probe::Unauthorized(_)) => (String::new(), None, Source::Url),
    };
    let name = match name.is_empty() {
        true => asked_uri.host().unwrap_or_default().to_owned(),
        false => name,
    };
    let server = ServerInfo::new(&name, title.as_deref(), &url, access)
        .map_err(|error| Failure::check(format!("{asked} cannot be given to clients: {error}")))?;
    Ok(ServerIdentity { server, source })
}

/// What an endpoint answers to a client without an access token.
enum Probe {
    /// Its name, and with which method it was asked.
    Itself {
        name: String,
        title: Option<String>,
        source: Source,
    },
    /// 401, with its challenge.
    Unauthorized(String),
}

impl Probe {
    /// What an answer says, if it is one of those.
    fn read(answer: &Answer, source: Source) -> Option<Self> {
        if answer.status == StatusCode::UNAUTHORIZED {
            let challenge = answer.header(header::WWW_AUTHENTICATE);
            return Some(Self::Unauthorized(challenge.unwrap_or_default().to_owned()));
        }
        let result = answer.result()?;
        let place = match source {
            Source::Initialize => "/serverInfo",
            _ => SERVER_INFO,
        };
        let text = |member| {
            let text = result.pointer(place)?.get(member)?.as_str()?;
            Some(text.to_owned())
        };
        Some(Self::Itself {
            // A modern server need not say it.
            name: text("name").unwrap_or_default(),
            title: text("title"),
            source,
        })
    }
}

/// What answers, within what may be asked.
struct Network<'a> {
    /// What the person named. What answers there says where the program goes next.
    asked: &'a str,
}

impl Network<'_> {
    /// The only Server Card of the site, where it has a catalogue.
    fn listed(&self, site: &str) -> Result<Option<Listed>, Failure> {
        let url = format!("{}{CATALOG_PATH}", site.trim_end_matches('/'));
        let Some(catalogue) = self.get::<Catalogue>(&url)? else {
            return Ok(None);
        };
        let mut cards = catalogue.cards();
        match (cards.pop(), cards.len()) {
            (Some(card), 0) => Ok(Some(card)),
            (None, _) => Err(Failure::check(format!(
                "{url} lists no MCP server; name its endpoint with --url"
            ))),
            (Some(_), others) => Err(Failure::check(format!(
                "{url} lists {} MCP servers; name the endpoint of one with --url",
                others.saturating_add(1)
            ))),
        }
    }

    fn of_site(&self, site: &str, listed: Listed) -> Result<(Card, String), Failure> {
        let card = match listed {
            Listed::Inside(card) => read(card.to_string().as_bytes(), site)?,
            Listed::At(url) => self.get::<Card>(&url)?.ok_or_else(|| {
                Failure::check(format!(
                    "the catalogue of {site} lists a Server Card that is not there: {url:?}"
                ))
            })?,
        };
        let url = card.urls().next().map(str::to_owned);
        let url = url.ok_or_else(|| {
            Failure::check(format!(
                "the Server Card of {site} names no address for Streamable HTTP"
            ))
        })?;
        self.permitted(&url).map_err(Failure::check)?;
        Ok((card, url))
    }

    /// The Server Card of an endpoint, unless there is none that it shows to everybody.
    fn of_endpoint(&self, endpoint: &str) -> Result<Option<(Card, String)>, Failure> {
        let place = place_of(endpoint);
        let Some(card) = self.get::<Card>(&place)? else {
            return Ok(None);
        };
        let same = |url: &&str| url.trim_end_matches('/') == endpoint.trim_end_matches('/');
        let url = card.urls().find(same).map(str::to_owned);
        if let Some(url) = url {
            return Ok(Some((card, url)));
        }
        Err(Failure::check(match card.urls().next() {
            Some(url) => format!(
                "the Server Card at {place} says that the server is at {url:?}; name that with --url, or set server.url to {endpoint}"
            ),
            None => format!("the Server Card at {place} names no address for Streamable HTTP"),
        }))
    }

    /// What the endpoint at `url` answers to a client of either era without an access token.
    fn said(&self, url: &str) -> Result<Probe, Failure> {
        self.permitted(url).map_err(Failure::check)?;
        let client = Client::new(PATIENCE, None);
        let ask = |call: Call| {
            client
                .send(call.request_to(url))
                .map_err(|error| Failure::check(format!("{url}: {error}")))
        };
        let discovered = ask(Call::modern("server/discover"))?;
        if let Some(said) = Probe::read(&discovered, Source::Discover) {
            return Ok(said);
        }
        let initialized = ask(Call::initialize())?;
        Probe::read(&initialized, Source::Initialize).ok_or_else(|| {
            Failure::check(format!(
                "{url} answers neither server/discover ({}) nor initialize ({}), so it is not the endpoint of an MCP server; name the \
                 endpoint with --url",
                discovered.described(),
                initialized.described()
            ))
        })
    }

    /// How callers of the server at `url` prove who they are: by what its resource metadata (RFC 9728, 3.1) and its challenge
    /// (RFC 9728, 5.1) name.
    fn access(&self, url: &str, said: &Probe) -> Result<Authentication, Failure> {
        let uri = self.permitted(url).map_err(Failure::check)?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let place = format!(
            "{}://{}/.well-known/oauth-protected-resource{}",
            uri.scheme_str().unwrap_or("https"),
            uri.authority().map_or("", |authority| authority.as_str()),
            if path == "/" { "" } else { path },
        );
        let named = match said {
            Probe::Unauthorized(challenge) => parameter(challenge, "resource_metadata"),
            Probe::Itself { .. } => None,
        };
        // The one that the challenge names counts (2026-07-28, basic/authorization).
        for place in named.into_iter().chain([place.as_str()]) {
            if self.is_signed_in_to(url, place)? {
                return Ok(Authentication::SignIn);
            }
        }
        Ok(match said {
            Probe::Unauthorized(_) => Authentication::Token,
            Probe::Itself { .. } => Authentication::Open,
        })
    }

    /// Whether the resource metadata at `place`, if there are any, name an authorization server.
    fn is_signed_in_to(&self, url: &str, place: &str) -> Result<bool, Failure> {
        let Some(protected) = self.get::<Protected>(place)? else {
            return Ok(false);
        };
        // A client has to refuse what is about another resource (RFC 9728, section 3.3).
        if protected.resource != url {
            return Err(Failure::check(format!(
                "{place} is about {:?} and not about {url}, so that clients refuse to sign in; set server.url to where the \
                 server is",
                protected.resource
            )));
        }
        Ok(protected
            .authorization_servers
            .is_some_and(|servers| !servers.is_empty()))
    }

    /// `url`, if it may be asked.
    fn permitted(&self, url: &str) -> Result<Uri, String> {
        fetch::permitted(url, (url != self.asked).then_some(self.asked))
    }

    /// The document at `url`, or `None` where there is none that is shown to everybody.
    fn get<T: DeserializeOwned>(&self, url: &str) -> Result<Option<T>, Failure> {
        self.permitted(url).map_err(Failure::check)?;
        match fetch::at(url, MAX_CARD_BYTES) {
            Ok(text) => text.map(|text| read(&text, url)).transpose(),
            Err(error) if error.is_guarded => Ok(None),
            Err(error) => Err(Failure::check(error)),
        }
    }
}

fn read<T: DeserializeOwned>(text: &[u8], place: &str) -> Result<T, Failure> {
    serde_json::from_slice(text).map_err(|error| {
        Failure::check(match error.classify() {
            Category::Data => format!("what {place} answers has another form: {error}"),
            _ => format!("what {place} answers is not JSON: {error}"),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permitted(asked: &str, url: &str) -> bool {
        Network { asked }.permitted(url).is_ok()
    }

    #[test]
    fn only_tls_is_asked_except_on_this_machine() {
        let (far, near) = ("https://a.example/mcp", "http://127.0.0.1:8787/mcp");
        assert!(permitted(far, far));
        assert!(permitted(near, near));
        assert!(permitted(near, far));
        assert!(permitted(
            "http://localhost:8787/mcp",
            "http://[::1]:8787/mcp"
        ));
        for url in [
            near,
            "https://localhost/mcp",
            "https://10.0.0.1/mcp",
            "http://a.example/mcp",
            "ftp://a.example/",
            "a.example/mcp",
            "/mcp",
            "https://user:password@a.example/",
            "not a URL",
        ] {
            assert!(!permitted(far, url), "{url}");
        }
    }
}
