//! Other HTTP servers, as a test scripts them.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::host::{FetchError, Timestamp};

/// The answer of another HTTP server to one request of the server under test.
#[derive(Debug, Clone)]
pub struct Reply {
    outcome: Outcome,
    delay: Duration,
}

#[derive(Debug, Clone)]
enum Outcome {
    Response(Response<Bytes>),
    Failure(FetchError),
    Silence,
}

impl Reply {
    /// A response with this status and body, and no headers.
    ///
    /// Panics if `status` is not a status of HTTP.
    pub fn new(status: u16, body: impl Into<Bytes>) -> Self {
        let mut response = Response::new(body.into());
        *response.status_mut() =
            StatusCode::from_u16(status).unwrap_or_else(|error| panic!("{status}: {error}"));
        response.into()
    }

    /// A response with status 200, `Content-Type: application/json` and `value` in its body.
    ///
    /// Panics if `value` is not JSON.
    pub fn json(value: impl Serialize) -> Self {
        let body = serde_json::to_vec(&value)
            .unwrap_or_else(|error| panic!("a reply that is not JSON: {error}"));
        Self::new(200, body).header("content-type", "application/json")
    }

    /// A request that fails at the host: no route, no TLS, or not allowed.
    pub fn error(error: FetchError) -> Self {
        Self {
            outcome: Outcome::Failure(error),
            delay: Duration::ZERO,
        }
    }

    /// A connection that cannot be opened.
    pub fn unreachable() -> Self {
        Self::error(FetchError::Failed("connection refused".to_owned()))
    }

    /// No answer at all: the request ends with the caller's timeout.
    pub fn silent() -> Self {
        Self {
            outcome: Outcome::Silence,
            delay: Duration::ZERO,
        }
    }

    /// The same response with one more header. Does nothing to a reply that is no response.
    ///
    /// Panics if it is not a header of HTTP.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Outcome::Response(response) = &mut self.outcome {
            let name: HeaderName = name
                .parse()
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            let value =
                HeaderValue::from_str(value).unwrap_or_else(|error| panic!("{name}: {error}"));
            response.headers_mut().append(name, value);
        }
        self
    }

    /// The same reply, `delay` after the request.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    pub(super) fn after(&self) -> Duration {
        self.delay
    }

    /// The answer to a caller that reads up to `limit` bytes; `None` if there is none.
    pub(super) fn into_answer(self, limit: usize) -> Option<Result<Response<Bytes>, FetchError>> {
        match self.outcome {
            Outcome::Response(response) if response.body().len() > limit => {
                Some(Err(FetchError::TooLarge(limit)))
            }
            Outcome::Response(response) => Some(Ok(response)),
            Outcome::Failure(error) => Some(Err(error)),
            Outcome::Silence => None,
        }
    }
}

impl From<Response<Bytes>> for Reply {
    fn from(response: Response<Bytes>) -> Self {
        Self {
            outcome: Outcome::Response(response),
            delay: Duration::ZERO,
        }
    }
}

/// A request from the server under test.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct UpstreamRequest {
    /// When it arrived.
    pub time: Timestamp,
    /// Its method.
    pub method: Method,
    /// Its URL.
    pub uri: Uri,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl UpstreamRequest {
    /// The value of a header; `None` if it is absent or no text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as text.
    ///
    /// Panics if it is not UTF-8.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body)
            .unwrap_or_else(|error| panic!("the body of {} is no text: {error}", self.uri))
    }

    /// The body as JSON.
    ///
    /// Panics if it is not the JSON of a `T`.
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("the body of {}: {error}", self.uri))
    }
}

type Answering = Rc<dyn Fn(&UpstreamRequest) -> Reply>;

/// The replies of a test, and the requests so far.
#[derive(Default)]
pub(super) struct Upstreams {
    once: RefCell<BTreeMap<String, VecDeque<Reply>>>,
    always: RefCell<BTreeMap<String, Reply>>,
    otherwise: RefCell<Option<Answering>>,
    pub(super) requests: RefCell<Vec<UpstreamRequest>>,
}

impl Upstreams {
    pub(super) fn once(&self, url: &str, reply: Reply) {
        let mut once = self.once.borrow_mut();
        once.entry(normal(url)).or_default().push_back(reply);
    }

    pub(super) fn always(&self, url: &str, reply: Reply) {
        self.always.borrow_mut().insert(normal(url), reply);
    }

    pub(super) fn otherwise(&self, answer: Answering) {
        self.otherwise.replace(Some(answer));
    }

    /// Records a request, and gives the reply to it.
    pub(super) fn reply(&self, request: Request<Bytes>, time: Timestamp) -> Reply {
        let (head, body) = request.into_parts();
        let request = UpstreamRequest {
            time,
            method: head.method,
            uri: head.uri,
            headers: head.headers,
            body,
        };
        self.requests.borrow_mut().push(request.clone());
        let whole = request.uri.to_string();
        let without_query = whole.split('?').next().unwrap_or_default();
        for url in [whole.as_str(), without_query] {
            let next = self
                .once
                .borrow_mut()
                .get_mut(url)
                .and_then(VecDeque::pop_front);
            if let Some(reply) = next.or_else(|| self.always.borrow().get(url).cloned()) {
                return reply;
            }
        }
        // Called without a borrow, since it may script more.
        let otherwise = self.otherwise.borrow().clone();
        match otherwise {
            Some(answer) => answer(&request),
            None => Reply::error(FetchError::Failed(format!(
                "the test has no reply to {} {}; add one with TestHost::reply",
                request.method, request.uri
            ))),
        }
    }
}

/// `url` as requests have it.
fn normal(url: &str) -> String {
    let uri: Uri = url
        .parse()
        .unwrap_or_else(|error| panic!("{url:?} is not a URL ({error}); use https://host/path"));
    assert!(
        uri.scheme().is_some(),
        "{url:?} has no scheme; use https://host/path"
    );
    uri.to_string()
}
