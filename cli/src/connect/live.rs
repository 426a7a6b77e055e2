//! A server, as it answers now.

use http::Uri;
use mcp_edge_clients::Server;
use mcp_edge_runtime::card::CATALOG_PATH;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::card::{Card, Catalogue, LONGEST, Listed, place_of};
use crate::document;
use crate::outcome::Failure;

/// What RFC 9728 has a server say of who protects it, as far as clients need it here.
#[derive(Debug, Deserialize)]
struct Protected {
    resource: String,
    #[serde(default)]
    authorization_servers: Vec<String>,
}

/// The server at `asked`, which is its MCP endpoint or the site that has it.
pub(crate) fn server(asked: &str) -> Result<Server, Failure> {
    let network = Network { asked };
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

    fn of_endpoint(&self, endpoint: &str) -> Result<(Card, String), Failure> {
        let place = place_of(endpoint);
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

    /// `url`, if it may be asked.
    fn permitted(&self, url: &str) -> Result<Uri, String> {
        document::permitted(url, (url != self.asked).then_some(self.asked))
    }

    /// The document at `url`, or `None` where there is none.
    fn get<T: DeserializeOwned>(&self, url: &str) -> Result<Option<T>, Failure> {
        self.permitted(url).map_err(Failure::check)?;
        let text = document::at(url, LONGEST).map_err(Failure::check)?;
        text.map(|text| read(&text, url)).transpose()
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
