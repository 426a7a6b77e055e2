//! A server, as it answers now.

use std::time::Duration;

use bytes::Bytes;
use futures_executor::block_on;
use http::{Request, StatusCode, Uri, header};
use mcp_edge_clients::Server;
use mcp_edge_runtime::host::Host;
use mcp_edge_runtime::is_loopback_url;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::card::{Card, Catalogue, Listed, Protected};
use crate::machine::Machine;
use crate::outcome::Failure;

/// For one request.
const TIMEOUT: Duration = Duration::from_secs(10);
/// No card and no catalogue is nearly as long.
const LONGEST: usize = 256 << 10;

/// The server at `asked`, which is its MCP endpoint or the site that has it.
pub(crate) fn server(asked: &str) -> Result<Server, Failure> {
    let network = Network {
        machine: Machine::new(TIMEOUT, Vec::new()),
        on_this_machine: is_loopback_url(asked),
    };
    let asked_uri = network.permitted(asked).map_err(Failure::usage)?;
    let is_site = asked_uri.path() == "/" && asked_uri.query().is_none();
    let listed = if is_site {
        network.listed(asked)?
    } else {
        None
    };
    let (card, url) = match listed {
        Some(listed) => network.of_site(asked, listed)?,
        None => network.of_endpoint(asked)?,
    };
    let signs_in = network.signs_in(&url)?;
    Server::new(&card.name, card.title.as_deref(), &url, signs_in)
        .map_err(|error| Failure::check(format!("the Server Card of {asked} has no use: {error}")))
}

/// What answers, within what may be asked.
struct Network {
    machine: Machine,
    /// Whether the person has named a server on this machine. Nobody else may send the program there.
    on_this_machine: bool,
}

impl Network {
    /// The only Server Card of the site, where it has a catalogue.
    fn listed(&self, site: &str) -> Result<Option<Listed>, Failure> {
        let url = format!("{}/.well-known/ai-catalog.json", site.trim_end_matches('/'));
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
            Listed::Inside(card) => read::<Card>(&card.to_string(), site)?,
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

    fn of_endpoint(&self, endpoint: &str) -> Result<(Card, String), Failure> {
        let (path, _) = endpoint.split_once('?').unwrap_or((endpoint, ""));
        let place = format!("{}/server-card", path.trim_end_matches('/'));
        let card: Card = self.get(&place)?.ok_or_else(|| {
            Failure::check(format!(
                "there is no Server Card at {place}; name the server's MCP endpoint. A server of mcp-edge has a card where its \
                 configuration has server.url, and its name has a namespace, such as com.example/fraud-rules"
            ))
        })?;
        let same = |url: &&str| url.trim_end_matches('/') == endpoint.trim_end_matches('/');
        let url = card.urls().find(same).map(str::to_owned);
        if let Some(url) = url {
            return Ok((card, url));
        }
        Err(Failure::check(match card.urls().next() {
            Some(url) => format!(
                "the Server Card at {place} says that the server is at {url:?}; name that with --url, or set server.url to {endpoint}"
            ),
            None => format!("the Server Card at {place} names no address for Streamable HTTP"),
        }))
    }

    /// Whether clients get an access token first: whether the server says who protects it (RFC 9728, section 3.1).
    fn signs_in(&self, url: &str) -> Result<bool, Failure> {
        let uri = self.permitted(url).map_err(Failure::check)?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let place = format!(
            "{}://{}/.well-known/oauth-protected-resource{}",
            uri.scheme_str().unwrap_or("https"),
            uri.authority().map_or("", |authority| authority.as_str()),
            if path == "/" { "" } else { path },
        );
        let Some(protected) = self.get::<Protected>(&place)? else {
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
        Ok(!protected.authorization_servers.is_empty())
    }

    /// `url`, if it may be asked: with TLS, or on this machine where the person has named one on it.
    fn permitted(&self, url: &str) -> Result<Uri, String> {
        let uri: Uri = url
            .parse()
            .map_err(|_| format!("{url:?} is not a URL; write https://HOST/PATH"))?;
        let has_user = uri
            .authority()
            .is_some_and(|authority| authority.as_str().contains('@'));
        match uri.scheme_str() {
            _ if has_user => Err("the URL must not hold a user name or a password".to_owned()),
            Some("https" | "http") if is_loopback_url(url) => {
                if self.on_this_machine {
                    Ok(uri)
                } else {
                    Err(format!(
                        "{url:?} is on this machine, and the server that names it is not; set its server.url"
                    ))
                }
            }
            Some("https") => Ok(uri),
            _ => Err(format!(
                "{url:?} must begin with https://, except on this machine"
            )),
        }
    }

    /// The document at `url`, or `None` where there is none.
    fn get<T: DeserializeOwned>(&self, url: &str) -> Result<Option<T>, Failure> {
        let uri = self.permitted(url).map_err(Failure::check)?;
        let request = Request::get(uri)
            .header(
                header::ACCEPT,
                "application/mcp-server-card+json, application/json;q=0.9",
            )
            .body(Bytes::new())
            .map_err(|error| Failure::usage(format!("{url:?} cannot be asked: {error}")))?;
        let response = block_on(self.machine.fetch(request, LONGEST))
            .map_err(|error| Failure::check(format!("{url} does not answer: {error}")))?;
        match response.status() {
            StatusCode::OK => {
                let text = str::from_utf8(response.body())
                    .map_err(|_| Failure::check(format!("what {url} answers is not text")))?;
                read(text, url).map(Some)
            }
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED | StatusCode::GONE => Ok(None),
            status if status.is_redirection() => Err(Failure::check(format!(
                "{url} answers {status}; name the address to which it redirects, since clients are given one that does not"
            ))),
            status => Err(Failure::check(format!("{url} answers {status}"))),
        }
    }
}

fn read<T: DeserializeOwned>(text: &str, place: &str) -> Result<T, Failure> {
    let json: Json = serde_json::from_str(text)
        .map_err(|error| Failure::check(format!("what {place} answers is not JSON: {error}")))?;
    serde_json::from_value(json)
        .map_err(|error| Failure::check(format!("what {place} answers has another form: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permitted(asked: &str, url: &str) -> bool {
        let network = Network {
            machine: Machine::new(TIMEOUT, Vec::new()),
            on_this_machine: is_loopback_url(asked),
        };
        network.permitted(url).is_ok()
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
