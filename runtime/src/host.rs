//! The outside world, as the runtime sees it.

mod data;
mod document;

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, LocalBoxFuture, ready, select};
pub use mcp_edge_audit::Timestamp;
use mcp_edge_clients::visible::visible;
pub use mcp_edge_settings::RateLimitKey;

pub use self::data::{Data, DataFile, DataName};
pub use self::document::DocumentPlace;
pub use crate::private_network::{is_private_address, is_private_host};
use crate::signature::{
    PrivateKey, PublicKey, SignKey, SignatureAlgorithm, SignatureError, SigningAlgorithm, VerifyKey,
};
pub use crate::url::check_destination;

/// Everything that is not computation: time, randomness, the network, settings and the log.
///
/// An adapter implements it once for its host; a test implements it with a clock and a random source of
/// its own. A value lives as long as one request, because on some hosts (Workers) the right to do I/O
/// belongs to the request and not to the instance.
pub trait Host {
    /// The host's name in logs and audit events: `workers`, `spin`, `native`.
    fn name(&self) -> &'static str;

    /// The wall clock.
    fn now(&self) -> Timestamp;

    /// Fills `buffer` from the host's cryptographically secure source.
    fn random(&self, buffer: &mut [u8]) -> Result<(), HostError>;

    /// Completes after `duration`, and not before.
    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()>;

    /// Sends one HTTP request and reads the whole answer. A redirect is an answer like any other. A body in a content encoding
    /// that the host does not decode is an error. [`fetch`] calls it, and keeps the time.
    fn fetch(
        &self,
        request: http::Request<Bytes>,
        options: FetchOptions,
    ) -> LocalBoxFuture<'static, Result<http::Response<Bytes>, FetchError>>;

    /// Runs `work` alongside the request, from now on. It may continue after the response has been sent, as long as the host
    /// lets it (Workers: 30 s). Whether the client reads the response has no influence on it.
    fn after_response(&self, work: LocalBoxFuture<'static, ()>);

    /// Whether such work may go on for as long as the process lives.
    fn works_on(&self) -> bool {
        false
    }

    /// Reads a variable or secret by its name in `SCREAMING_SNAKE_CASE`; `None` where it is not set.
    fn variable(&self, name: &str) -> LocalBoxFuture<'static, Result<Option<String>, HostError>>;

    /// Finds a file among the read-only data of the deployment; `None` if there is none of that name. [`DataFile::open`] calls
    /// it, and names the file in the error.
    fn data(
        &self,
        name: DataName<'_>,
    ) -> LocalBoxFuture<'static, io::Result<Option<Rc<dyn Data>>>> {
        let _ = name;
        Box::pin(ready(Ok(None)))
    }

    /// Reads a document that operators may replace while the server runs, of at most `max_bytes`; `None` if there is none.
    fn document(
        &self,
        place: DocumentPlace<'_>,
        max_bytes: usize,
    ) -> LocalBoxFuture<'static, Result<Option<Bytes>, HostError>> {
        let _ = max_bytes;
        Box::pin(ready(Err(place.unsupported(self.name()))))
    }

    /// Writes one line to the host's log.
    fn log(&self, line: &str);

    /// Writes to the host's log what its operators should know of the server itself: one line of JSON like the events there,
    /// with `level`, `message` and `time`.
    fn warn(&self, message: &str) {
        let line = serde_json::json!({
            "level": "warn",
            "message": visible(message),
            "time": self.now().to_rfc3339(),
        });
        self.log(&line.to_string());
    }

    /// Whether the server can be reached from this machine only.
    ///
    /// A page in a browser could then use a DNS name of its own to reach the server, so the runtime
    /// checks the `Host` header more strictly. An open server serves elsewhere only with `access.public = true`, so a host that
    /// cannot tell answers `false`, as every edge host does.
    fn loopback_only(&self) -> bool {
        false
    }

    /// Whether the host has been told to stop. Requests that arrive all the same are served, and a readiness probe is answered
    /// with 503.
    fn is_stopping(&self) -> bool {
        false
    }

    /// Takes a place among the `limit` requests that the process serves at once; `None` if there is none left. A host whose
    /// platform bounds what an instance serves at once does not count.
    fn acquire_permit(&self, limit: usize) -> Option<ConcurrencyPermit> {
        let _ = limit;
        Some(ConcurrencyPermit::default())
    }

    /// `key` in the form in which the host's platform verifies signatures of `algorithm`; `None` where it has none, so that the
    /// program's own code verifies. The numbers are in range; whether they are a key shows when it verifies.
    fn verify_key(
        &self,
        algorithm: SignatureAlgorithm,
        key: &PublicKey,
    ) -> Option<Rc<dyn VerifyKey>> {
        let _ = (algorithm, key);
        None
    }

    /// `key` in the form in which the host's platform signs with `algorithm`; `None` where it has none, so that the program's own
    /// code signs. The algorithm works with the key.
    ///
    /// # Errors
    ///
    /// If the key's numbers do not fit together. A host may find that when it signs instead.
    fn sign_key(
        &self,
        algorithm: SigningAlgorithm,
        key: &PrivateKey,
    ) -> Result<Option<Rc<dyn SignKey>>, SignatureError> {
        let _ = (algorithm, key);
        Ok(None)
    }

    /// A place outside the instance for what can be had again, where the host has one.
    fn cache(&self) -> Option<Rc<dyn Cache>> {
        None
    }

    /// What counts calls, where the host has something that does.
    fn limiter(&self) -> Option<Rc<dyn Limiter>> {
        None
    }

    /// What keeps events that have not arrived yet, where the host has something that outlives an instance.
    fn outbox(&self) -> Option<Rc<dyn Outbox>> {
        None
    }

    /// Queues that the host delivers from, where it has any.
    fn queues(&self) -> Option<Rc<dyn Queues>> {
        None
    }

    /// A store of objects, where the host has one.
    fn objects(&self) -> Option<Rc<dyn ObjectStore>> {
        None
    }
}

/// Keeps parcels of events until a sink has them. What was put is there for whichever instance comes next.
pub trait Outbox {
    /// Whether there is one; asked when an instance starts with a sink that wants it.
    fn check(&self) -> LocalBoxFuture<'static, Result<(), HostError>>;

    /// The maximum size of a parcel, in bytes; a caller with more to store makes several.
    fn longest(&self) -> usize {
        usize::MAX
    }

    /// Keeps `parcel` under `key`; it is safe once this completes.
    fn put(&self, key: &str, parcel: String) -> LocalBoxFuture<'static, Result<(), HostError>>;

    /// Up to `most` keys that begin with `prefix`, the smallest first. A host that hands out what it keeps by
    /// itself, to [`Runtime::deliver`](crate::Runtime::deliver), has none.
    fn keys(
        &self,
        prefix: &str,
        most: usize,
    ) -> LocalBoxFuture<'static, Result<Vec<String>, HostError>>;

    /// What is kept under `key`, if it is still there.
    fn get(&self, key: &str) -> LocalBoxFuture<'static, Result<Option<String>, HostError>>;

    /// Forgets what is kept under `key`.
    fn remove(&self, key: &str) -> LocalBoxFuture<'static, Result<(), HostError>>;
}

/// Queues by the names of their bindings.
pub trait Queues {
    /// Whether `binding` is a queue; asked when an instance starts.
    fn check(&self, binding: &'static str) -> LocalBoxFuture<'static, Result<(), HostError>>;

    /// Puts messages into a queue; it has them once this completes.
    fn send(
        &self,
        binding: &'static str,
        messages: Vec<String>,
    ) -> LocalBoxFuture<'static, Result<(), HostError>>;
}

/// Stores of objects by the names of their bindings.
pub trait ObjectStore {
    /// Whether `binding` is a store; asked when an instance starts.
    fn check(&self, binding: &'static str) -> LocalBoxFuture<'static, Result<(), HostError>>;

    /// Stores an object; it is there once this completes.
    fn put(
        &self,
        binding: &'static str,
        key: &str,
        content_type: &'static str,
        bytes: Bytes,
    ) -> LocalBoxFuture<'static, Result<(), HostError>>;
}

/// A cache that instances share. It may lose anything at any time, and another writer may put
/// anything there: what comes out is as hostile as what a client sends.
pub trait Cache {
    /// What was kept under `key`, if it is still there.
    fn get(&self, key: &str) -> LocalBoxFuture<'static, Result<Option<String>, HostError>>;

    /// Keeps `value` under `key`, for about `lifetime` where the host can forget.
    fn put(
        &self,
        key: &str,
        value: String,
        lifetime: Duration,
    ) -> LocalBoxFuture<'static, Result<(), HostError>>;
}

mcp_edge_settings::rate_limit!(structure);

/// Counts calls. How exactly is the host's; its documentation says so.
pub trait Limiter {
    /// Whether this host can hold `rate` at all; asked when an instance starts.
    fn check(&self, rate: &'static RateLimit) -> LocalBoxFuture<'static, Result<(), HostError>>;

    /// Counts one call under `key`, which already says what of the rate is counted.
    fn count(
        &self,
        rate: &'static RateLimit,
        key: &str,
        now: Timestamp,
    ) -> LocalBoxFuture<'static, Result<RateDecision, HostError>>;
}

/// Whether a call is within a rate.
pub enum RateDecision {
    /// It is; the call holds on to the permit until it ends.
    Within(ConcurrencyPermit),
    /// It is not.
    Beyond {
        /// When trying again makes sense.
        retry_after: Duration,
    },
}

/// A place among the calls that may run at once, given back when it is dropped.
#[derive(Default)]
pub struct ConcurrencyPermit(Option<Box<dyn FnOnce()>>);

impl ConcurrencyPermit {
    /// A permit that calls `release` when it is dropped.
    pub fn new(release: impl FnOnce() + 'static) -> Self {
        Self(Some(Box::new(release)))
    }
}

impl Drop for ConcurrencyPermit {
    fn drop(&mut self) {
        if let Some(release) = self.0.take() {
            release();
        }
    }
}

/// The host that serves one request.
pub type SharedHost = Rc<dyn Host>;

/// The host could not give what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the host could not {operation}: {reason}")]
pub struct HostError {
    /// What was asked of it, as a verb: `read the variable MCP_EDGE_KEYS`.
    pub operation: String,
    /// What the host said.
    pub reason: String,
}

/// An outbound HTTP request that got no usable answer, with where it went.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{origin}: {cause}")]
#[non_exhaustive]
pub struct UpstreamError {
    /// Scheme, host and port. A path, a query, a user name and a password may be secrets and are left out.
    pub origin: String,
    /// What the host says.
    pub cause: FetchError,
}

/// How an outbound HTTP request is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FetchOptions {
    /// The maximum size of the response's body, in bytes, also once the host has decompressed it.
    pub max_bytes: usize,
    /// The maximum time until the whole response has arrived.
    pub timeout: Option<Duration>,
    /// Whether the request may go to this machine or a private network ([`is_private_address`]). A host that resolves names
    /// checks the address that it connects to; any other knows the address of the URL only, if it has one.
    pub private: bool,
    /// The service binding that the request goes to in place of the network. Only Workers have them.
    pub binding: Option<&'static str>,
}

impl FetchOptions {
    /// A request over the network to any address, without a timeout.
    pub const fn new(max_bytes: usize) -> Self {
        Self {
            max_bytes,
            timeout: None,
            private: true,
            binding: None,
        }
    }

    /// For hosts without service bindings: an error if the request is for one.
    ///
    /// # Errors
    ///
    /// There is a `binding`.
    pub fn check_network(&self) -> Result<(), FetchError> {
        match self.binding {
            None => Ok(()),
            Some(binding) => Err(FetchError::Failed(format!(
                "the service binding {binding} is for Workers, and this is another host"
            ))),
        }
    }

    /// An error if `uri` has a private address or name, and the request may not go there.
    ///
    /// # Errors
    ///
    /// It does.
    pub fn check_address(&self, uri: &http::Uri) -> Result<(), FetchError> {
        match self.private || !is_private_host(uri.host().unwrap_or_default()) {
            true => Ok(()),
            false => Err(FetchError::Private),
        }
    }
}

/// An error if a response has a body in a content encoding (RFC 9110, 8.4) that is not among `decoded`: its bytes would be taken
/// for what they encode.
///
/// # Errors
///
/// It has.
pub fn check_encoding(headers: &http::HeaderMap, decoded: &[&str]) -> Result<(), FetchError> {
    for value in headers.get_all(http::header::CONTENT_ENCODING) {
        let text = value.to_str().unwrap_or("unreadable");
        for encoding in text.split(',').map(str::trim) {
            let is_known = encoding.eq_ignore_ascii_case("identity")
                || decoded
                    .iter()
                    .any(|known| encoding.eq_ignore_ascii_case(known));
            if !is_known && !encoding.is_empty() {
                let encoding: String = encoding.chars().take(20).collect();
                return Err(FetchError::Failed(format!(
                    "the response has the content encoding {encoding:?}, which was not asked for"
                )));
            }
        }
    }
    Ok(())
}

/// Sends `request` through `host` and reads the answer. Every outbound request goes through here, so that every error names where
/// it went. Dropped before it ends, the request is aborted.
///
/// # Errors
///
/// There is no usable answer, or none in time.
pub async fn fetch(
    host: &dyn Host,
    request: http::Request<Bytes>,
    options: FetchOptions,
) -> Result<http::Response<Bytes>, UpstreamError> {
    let uri = request.uri().clone();
    let fetching = async {
        options.check_address(&uri)?;
        host.fetch(request, options).await
    };
    let fetched = match options.timeout {
        None => fetching.await,
        Some(timeout) => match select(pin!(fetching), host.sleep(timeout)).await {
            Either::Left((fetched, _)) => fetched,
            Either::Right(_) => Err(FetchError::TimedOut(timeout)),
        },
    };
    fetched.map_err(|cause| {
        let origin = origin(&uri);
        let cause = match cause {
            FetchError::Failed(text) => FetchError::Failed(without(&uri, &origin, &text)),
            cause => cause,
        };
        UpstreamError { origin, cause }
    })
}

/// Lets every other task have a turn.
pub(crate) async fn yield_now() {
    let mut is_polled = false;
    poll_fn(|context| {
        if is_polled {
            return Poll::Ready(());
        }
        is_polled = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Where a request to `uri` goes: scheme, host and port, without the parts that may hold a secret.
pub fn origin(uri: &http::Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or_default();
    let host = uri.host().unwrap_or_default();
    let port = uri.port().map(|port| format!(":{port}"));
    format!("{scheme}://{host}{}", port.unwrap_or_default())
}

/// The longest cause that an error repeats, in characters.
const MAX_CAUSE: usize = 300;

/// A host's `text` without the URL, which some hosts repeat, in one line.
fn without(uri: &http::Uri, origin: &str, text: &str) -> String {
    let mut text = text.replace(&uri.to_string(), origin);
    let target = uri.path_and_query().map_or("", |target| target.as_str());
    if target.len() > 1 {
        text = text.replace(target, "");
    }
    let line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    line.take(MAX_CAUSE).collect()
}

/// What a host says of an outbound HTTP request that got no usable answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The host's configuration does not allow this destination (Spin: `allowed_outbound_hosts`).
    #[error("the host does not allow requests to {0}; allow it in the host's manifest")]
    NotAllowed(String),
    /// The answer's body was longer than the limit that the caller set.
    #[error("the answer was longer than {0} bytes")]
    TooLarge(usize),
    /// The response has not arrived in the time that the caller set.
    #[error("no answer arrived within {}", mcp_edge_settings::span::format(*.0))]
    TimedOut(Duration),
    /// The destination is on this machine or in a private network, and the caller does not allow that.
    #[error("the host name resolves to this machine or a private network, which is not allowed")]
    Private,
    /// Anything else: no route, no TLS, no HTTP.
    #[error("the request failed: {0}")]
    Failed(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_does_not_come_in_time_is_an_error() {
        let test = crate::testing::TestHost::new();
        test.set_latency(Duration::from_secs(10));
        let options = FetchOptions {
            timeout: Some(Duration::from_secs(2)),
            ..FetchOptions::new(8)
        };
        let request = http::Request::get("https://slow.example/?key=planted").body(Bytes::new());
        let shared = test.shared();
        let error = test
            .run(fetch(shared.as_ref(), request.unwrap(), options))
            .unwrap_err();
        assert_eq!(error.cause, FetchError::TimedOut(Duration::from_secs(2)));
        assert_eq!(
            error.to_string(),
            "https://slow.example: no answer arrived within 2s"
        );
    }

    #[test]
    fn a_private_destination_is_refused_before_anything_is_sent() {
        let test = crate::testing::TestHost::new();
        let options = FetchOptions {
            private: false,
            ..FetchOptions::new(8)
        };
        let shared = test.shared();
        for url in [
            "http://127.0.0.1/",
            "http://[::1]/",
            "http://orders.internal/",
        ] {
            let request = http::Request::get(url).body(Bytes::new()).unwrap();
            let fetched = test.run(fetch(shared.as_ref(), request, options));
            assert_eq!(fetched.unwrap_err().cause, FetchError::Private, "{url}");
        }
    }

    #[test]
    fn a_content_encoding_that_is_not_decoded_is_an_error() {
        let check = |value: &'static str| {
            let mut headers = http::HeaderMap::new();
            let value = http::HeaderValue::from_static(value);
            headers.insert(http::header::CONTENT_ENCODING, value);
            check_encoding(&headers, &["gzip"])
        };
        assert_eq!(check("identity"), Ok(()));
        assert_eq!(check("GZIP"), Ok(()));
        for refused in ["br", "gzip, br", "zstd"] {
            assert!(
                matches!(check(refused), Err(FetchError::Failed(_))),
                "{refused}"
            );
        }
        assert_eq!(check_encoding(&http::HeaderMap::new(), &[]), Ok(()));
    }

    #[test]
    fn an_error_names_the_host_and_nothing_that_may_be_secret() {
        let uri: http::Uri = "https://user:pass@h.example:8443/hooks/planted?key=planted"
            .parse()
            .unwrap();
        let origin = origin(&uri);
        assert_eq!(origin, "https://h.example:8443");
        for (text, expected) in [
            ("connection refused", "connection refused"),
            (
                &format!("cannot load {uri}"),
                "cannot load https://h.example:8443",
            ),
            (
                "GET /hooks/planted?key=planted failed\nat once",
                "GET  failed at once",
            ),
        ] {
            assert_eq!(without(&uri, &origin, text), expected);
        }
        let long = without(&uri, &origin, &"a".repeat(1000));
        assert_eq!(long.len(), MAX_CAUSE);
        let error = UpstreamError {
            origin,
            cause: FetchError::TooLarge(7),
        };
        assert_eq!(
            error.to_string(),
            "https://h.example:8443: the answer was longer than 7 bytes"
        );
    }

    #[test]
    fn an_origin_holds_no_secret() {
        let origin = |uri: &'static str| origin(&http::Uri::from_static(uri));
        assert_eq!(
            origin("https://user:password@example.com/path?token=x"),
            "https://example.com"
        );
        assert_eq!(origin("http://[::1]:8080/"), "http://[::1]:8080");
    }
}
