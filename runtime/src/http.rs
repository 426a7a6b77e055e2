//! HTTP as hosts hand it over: a head that is whole, a body that may not be.

use std::net::IpAddr;

use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::LocalBoxStream;

/// Where a request came from, as the host itself vouches for it; an adapter puts it among the request's
/// extensions. What the client or a proxy says in a header of its own is never one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAddress {
    /// The other end of the connection. It may be a proxy's, and `access.trusted_proxies` says whether that is believed.
    Connection(IpAddr),
    /// The client's, by the word of the platform in front of the host.
    Platform(IpAddr),
}

/// A request whose body has not been read.
pub type Request = http::Request<Incoming>;

/// A response whose body may still be produced while it is sent.
pub type Response = http::Response<Body>;

type Collect = Box<dyn FnOnce(usize) -> LocalBoxFuture<'static, Result<Bytes, BodyError>>>;

/// A request body that is still with the host.
pub struct Incoming(Collect);

impl Incoming {
    /// A body that `collect` reads when it is asked to, given the greatest acceptable length in bytes.
    ///
    /// `collect` must stop reading once more than that has arrived.
    pub fn new<F, R>(collect: F) -> Self
    where
        F: FnOnce(usize) -> R + 'static,
        R: Future<Output = Result<Bytes, BodyError>> + 'static,
    {
        Self(Box::new(move |limit| Box::pin(collect(limit))))
    }

    /// Reads the whole body, unless it is longer than `limit` bytes.
    pub async fn collect(self, limit: usize) -> Result<Bytes, BodyError> {
        let bytes = (self.0)(limit).await?;
        if bytes.len() > limit {
            return Err(BodyError::TooLarge);
        }
        Ok(bytes)
    }
}

impl From<Bytes> for Incoming {
    fn from(bytes: Bytes) -> Self {
        Self::new(move |_| std::future::ready(Ok(bytes)))
    }
}

impl std::fmt::Debug for Incoming {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Incoming")
    }
}

/// Why a request body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It is longer than the limit.
    #[error("the body is longer than the limit")]
    TooLarge,
    /// The connection ended before the body did.
    #[error("the body ended early")]
    Interrupted,
    /// The client did not send it within the time that the host allows.
    #[error("the body did not arrive in time")]
    TimedOut,
}

/// A response body.
pub enum Body {
    /// No body at all.
    Empty,
    /// A body that is known before the first byte is sent.
    Whole(Bytes),
    /// A body that is produced while it is sent. Dropping the stream cancels the work behind it. A body that ends with an
    /// error is not whole: the adapter must not end the response as if it were.
    Stream(LocalBoxStream<'static, Result<Bytes, BodyCut>>),
}

/// The work behind a streamed body has stopped before the body was whole. It panicked, or the host stopped it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the work behind the response stopped before its end")]
pub struct BodyCut;

impl Body {
    /// The bytes that are known before the first is sent.
    pub(crate) fn known_bytes(&self) -> usize {
        match self {
            Self::Whole(bytes) => bytes.len(),
            Self::Empty | Self::Stream(_) => 0,
        }
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => f.write_str("Empty"),
            Self::Whole(bytes) => write!(f, "Whole({} bytes)", bytes.len()),
            Self::Stream(_) => f.write_str("Stream"),
        }
    }
}
