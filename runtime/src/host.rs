//! The outside world, as the runtime sees it.

mod data;

use std::io;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{LocalBoxFuture, ready};
pub use mcp_edge_audit::Timestamp;
use mcp_edge_clients::visible::visible;
pub use mcp_edge_settings::RateLimitKey;

pub use self::data::{Data, DataFile, DataName};
use crate::signature::{
    PrivateKey, PublicKey, SignatureAlgorithm, SignatureError, SigningAlgorithm, VerifyKey,
};

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

    /// Sends one HTTP request and reads the whole answer, up to `limit` bytes of body.
    fn fetch(
        &self,
        request: http::Request<Bytes>,
        limit: usize,
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

    /// The signature that the host's platform makes of `message`, in the form of JWS; `None` where it makes none with this
    /// algorithm and key, so that the program's own code signs. The algorithm works with the key; whether the key's numbers fit
    /// together shows when it signs.
    fn sign(
        &self,
        algorithm: SigningAlgorithm,
        key: &PrivateKey,
        message: &[u8],
    ) -> Option<LocalBoxFuture<'static, Result<Vec<u8>, SignatureError>>> {
        let _ = (algorithm, key, message);
        None
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

/// Sends `request` through `host` and reads the answer, up to `limit` bytes of body. Every outbound request goes through here, so
/// that every error names where it went.
pub async fn fetch(
    host: &dyn Host,
    request: http::Request<Bytes>,
    limit: usize,
) -> Result<http::Response<Bytes>, UpstreamError> {
    let uri = request.uri().clone();
    host.fetch(request, limit).await.map_err(|cause| {
        let origin = origin(&uri);
        let cause = match cause {
            FetchError::Failed(text) => FetchError::Failed(without(&uri, &origin, &text)),
            cause => cause,
        };
        UpstreamError { origin, cause }
    })
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
    /// Anything else: no route, no TLS, no HTTP.
    #[error("the request failed: {0}")]
    Failed(String),
}

#[cfg(test)]
mod tests {
    use super::*;

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
