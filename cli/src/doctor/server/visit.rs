//! One look at a server: what several checks need is asked for once.

use std::cell::OnceCell;
use std::time::Duration;

use http::{Method, Request, StatusCode};
use mcp_edge_runtime::discovery::card::{CARD_TYPE, CATALOG_TYPE};
use serde_json::Value as Json;

use super::super::finding::{Problem, error, must};
use super::answer::Answer;
use super::call::Call;
use super::callers::offers_anything;
use super::client::Client;
use super::target::Target;
use crate::card::Card;
use crate::fetch;
use crate::http_error::RequestFailure;
use crate::style::shown;

/// The origin of a page that has nothing to do with the server.
pub(super) const FOREIGN: &str = "https://mcp-edge-doctor.example";

type Asked = OnceCell<Result<Answer, RequestFailure>>;

/// A server, and what it has answered so far.
pub(super) struct Visit {
    pub(super) target: Target,
    /// How far the clocks of issuers and the server may be apart, where that is known.
    pub(super) leeway: Option<Duration>,
    client: Client,
    discovered: Asked,
    initialized: Asked,
    challenged: Asked,
    metadata: OnceCell<Result<Option<Document>, RequestFailure>>,
    catalog: Asked,
    card: OnceCell<Result<Document, RequestFailure>>,
}

/// A document, and where it stands.
pub(super) struct Document {
    pub(super) url: String,
    pub(super) answer: Answer,
}

impl Visit {
    pub(super) fn new(target: Target, client: Client, leeway: Option<Duration>) -> Self {
        Self {
            target,
            leeway,
            client,
            discovered: OnceCell::new(),
            initialized: OnceCell::new(),
            challenged: OnceCell::new(),
            metadata: OnceCell::new(),
            catalog: OnceCell::new(),
            card: OnceCell::new(),
        }
    }

    pub(super) fn has_token(&self) -> bool {
        self.client.has_token()
    }

    /// What the endpoint answers to `call`, by the caller that the token names.
    pub(super) fn ask(&self, call: Call) -> Result<Answer, Problem> {
        self.asked(call).map_err(|error| error.at(&self.target.url))
    }

    fn asked(&self, call: Call) -> Result<Answer, RequestFailure> {
        self.client.send_with_token(self.request(call))
    }

    /// What the endpoint answers to `call` by a caller without a token.
    pub(super) fn ask_as_anybody(&self, call: Call) -> Result<Answer, Problem> {
        let answer = self.client.send(self.request(call));
        answer.map_err(|error| error.at(&self.target.url))
    }

    /// Whether the server has something for callers without a token.
    pub(super) fn anyone_sees_anything(&self) -> bool {
        let answer = self.ask_as_anybody(Call::modern("server/discover"));
        answer.is_ok_and(|answer| {
            answer
                .result()
                .is_some_and(|result| offers_anything(&result))
        })
    }

    /// What stands at `url`, which is not shown the token.
    pub(super) fn read(
        &self,
        url: &str,
        headers: &[(&str, &str)],
    ) -> Result<Answer, RequestFailure> {
        self.client
            .send(document_request(Method::GET, url, headers))
    }

    /// What stands at `url`, which the server names: it may not send the program anywhere.
    pub(super) fn read_named(&self, url: &str) -> Result<Answer, Problem> {
        if !self.target.has(url) {
            let permitted = fetch::permitted(url, Some(&self.target.url));
            permitted.map_err(|why| {
                error(
                    format!(
                        "it names a document that clients do not read: {}",
                        shown(&why)
                    ),
                    "name it by the https URL at which clients reach it",
                )
            })?;
        }
        let answer = self.read(url, &[("accept", "application/json")]);
        answer.map_err(|error| error.at(url))
    }

    /// What a browser hears that asks whether a page of another origin may send `method` with `headers`.
    pub(super) fn preflight(
        &self,
        url: &str,
        method: &str,
        headers: &str,
    ) -> Result<Answer, Problem> {
        let asked = [
            ("origin", FOREIGN),
            ("access-control-request-method", method),
            ("access-control-request-headers", headers),
        ];
        let answer = self
            .client
            .send(document_request(Method::OPTIONS, url, &asked));
        answer.map_err(|error| error.at(url))
    }

    /// `server/discover`
    pub(super) fn discovered(&self) -> &Result<Answer, RequestFailure> {
        self.discovered
            .get_or_init(|| self.asked(Call::modern("server/discover")))
    }

    /// The result of `server/discover`; its own check says why there is none.
    pub(super) fn discovery(&self) -> Result<Json, Problem> {
        let answer = self.discovered().as_ref().ok();
        answer.and_then(Answer::result).ok_or(Problem::Skipped)
    }

    /// `initialize`
    pub(super) fn initialized(&self) -> &Result<Answer, RequestFailure> {
        self.initialized
            .get_or_init(|| self.asked(Call::initialize()))
    }

    /// The answer to a caller whose token no issuer issued.
    pub(super) fn challenged(&self) -> Result<&Answer, Problem> {
        let asked = self.challenged.get_or_init(|| {
            let call =
                Call::modern("server/discover").with("authorization", "Bearer mcp-edge-doctor");
            self.client.send(self.request(call))
        });
        asked.as_ref().map_err(|error| error.at(&self.target.url))
    }

    /// Whether it sends those away who prove nothing, or the wrong thing.
    pub(super) fn asks_to_sign_in(&self) -> bool {
        let unproven = self
            .challenged()
            .is_ok_and(|answer| answer.status == StatusCode::UNAUTHORIZED);
        unproven || matches!(self.metadata(), Ok(Some(_)))
    }

    /// The resource metadata, at the first of its places that has any (RFC 9728, 3.1).
    pub(super) fn metadata(&self) -> Result<Option<&Document>, Problem> {
        let asked = self.metadata.get_or_init(|| {
            for url in self.target.resource_metadata() {
                let answer = self.read(&url, &[("accept", "application/json")])?;
                if answer.status == StatusCode::OK {
                    return Ok(Some(Document { url, answer }));
                }
            }
            Ok(None)
        });
        match asked {
            Ok(document) => Ok(document.as_ref()),
            Err(error) => Err(error.at(&self.target.url)),
        }
    }

    /// The AI catalog of the server's domain.
    pub(super) fn catalog(&self) -> Result<&Answer, Problem> {
        let url = self.target.catalog();
        let asked = self
            .catalog
            .get_or_init(|| self.read(&url, &[("accept", CATALOG_TYPE)]));
        asked.as_ref().map_err(|error| error.at(&url))
    }

    /// The Server Card, whatever is at its place.
    pub(super) fn card(&self) -> Result<&Document, Problem> {
        let url = self.target.card();
        let asked = self.card.get_or_init(|| {
            let answer = self.read(&url, &[("accept", CARD_TYPE)])?;
            Ok(Document {
                url: url.clone(),
                answer,
            })
        });
        asked.as_ref().map_err(|error| error.at(&url))
    }

    /// The Server Card, where there is one that can be read; its own check says why not.
    pub(super) fn readable_card(&self) -> Result<(&Document, Card), Problem> {
        let document = self.card().map_err(|_| Problem::Skipped)?;
        must(document.answer.status == StatusCode::OK, || {
            Problem::Skipped
        })?;
        let card = serde_json::from_str(&document.answer.body);
        card.map(|card| (document, card))
            .map_err(|_| Problem::Skipped)
    }

    fn request(&self, call: Call) -> http::Result<Request<String>> {
        call.request_to(&self.target.url)
    }
}

fn document_request(
    method: Method,
    url: &str,
    headers: &[(&str, &str)],
) -> http::Result<Request<String>> {
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(String::new())
}

/// The document, where `answer` is one.
pub(super) fn must_be_there(url: &str, answer: &Answer) -> Result<Json, Problem> {
    if answer.status != StatusCode::OK {
        return Err(error(
            format!("{} answers {}", shown(url), answer.described()),
            "have it answered with 200 and the document, without a redirect and without asking for a token",
        ));
    }
    answer.json().ok_or_else(|| {
        error(
            format!("what stands at {} is no JSON", shown(url)),
            "have it answered with the document",
        )
    })
}
