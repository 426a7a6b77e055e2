//! The outside world, as the runtime sees it.

use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::LocalBoxFuture;

use crate::config::Rate;

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

    /// Runs `work` after the response has been sent, as long as the host lets it (Workers: 30 s).
    fn after_response(&self, work: LocalBoxFuture<'static, ()>);

    /// Reads a variable or secret by its name in `SCREAMING_SNAKE_CASE`; `None` where it is not set.
    fn variable(&self, name: &str) -> LocalBoxFuture<'static, Result<Option<String>, HostError>>;

    /// Writes one line to the host's log.
    fn log(&self, line: &str);

    /// Whether the server can be reached from this machine only.
    ///
    /// A page in a browser could then use a DNS name of its own to reach the server, so the runtime
    /// checks the `Host` header more strictly.
    fn loopback_only(&self) -> bool {
        false
    }

    /// A place outside the instance for what can be had again, where the host has one.
    fn cache(&self) -> Option<Rc<dyn Cache>> {
        None
    }

    /// What counts calls, where the host has something that does.
    fn limiter(&self) -> Option<Rc<dyn Limiter>> {
        None
    }
}

/// A cache that instances share. It may lose anything at any time, and whoever else can write to it may put
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

/// Counts calls. How exactly is the host's; its documentation says so.
pub trait Limiter {
    /// Whether this host can hold `rate` at all; asked when an instance starts.
    fn check(&self, rate: &'static Rate) -> LocalBoxFuture<'static, Result<(), HostError>>;

    /// Counts one call under `key`, which already says what of the rate is counted.
    fn count(
        &self,
        rate: &'static Rate,
        key: &str,
        now: Timestamp,
    ) -> LocalBoxFuture<'static, Result<Counted, HostError>>;
}

/// Whether a call is within a rate.
pub enum Counted {
    /// It is; the call holds on to the permit until it ends.
    Within(Permit),
    /// It is not.
    Beyond {
        /// When trying again makes sense.
        retry_after: Duration,
    },
}

/// A place among the calls that may run at once, given back when it is dropped.
#[derive(Default)]
pub struct Permit(Option<Box<dyn FnOnce()>>);

impl Permit {
    /// A permit that calls `release` when it is dropped.
    pub fn new(release: impl FnOnce() + 'static) -> Self {
        Self(Some(Box::new(release)))
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(release) = self.0.take() {
            release();
        }
    }
}

/// The host that serves one request.
pub type SharedHost = Rc<dyn Host>;

/// Milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// A point in time, from milliseconds since the Unix epoch.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// A point in time, from whole seconds since the Unix epoch.
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// Milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, rounded down.
    pub const fn as_secs(self) -> u64 {
        self.0 / 1000
    }

    /// The time that has passed since `earlier`; zero if it lies ahead.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// The point in time `duration` later.
    pub fn after(self, duration: Duration) -> Self {
        let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(millis))
    }
}

/// The host could not give what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the host could not {operation}: {reason}")]
pub struct HostError {
    /// What was asked of it, as a verb: `read the variable MCP_EDGE_KEYS`.
    pub operation: String,
    /// What the host said.
    pub reason: String,
}

/// An outbound HTTP request that got no usable answer.
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
