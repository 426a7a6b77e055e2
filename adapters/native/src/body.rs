//! Bodies, to and from hyper.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Frame, Incoming as HyperIncoming, SizeHint};
use mcp_edge_runtime::http::{Body, BodyCut, BodyError, Incoming};

/// How long a client may take to send a body.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A request body that is read when the runtime asks for it.
pub(crate) fn incoming(body: HyperIncoming) -> Incoming {
    Incoming::new(move |limit| async move {
        tokio::time::timeout(TIMEOUT, collect(body, limit))
            .await
            .unwrap_or(Err(BodyError::Interrupted))
    })
}

async fn collect(mut body: HyperIncoming, limit: usize) -> Result<Bytes, BodyError> {
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > limit {
        return Err(BodyError::TooLarge);
    }
    let mut first = Bytes::new();
    let mut whole: Option<BytesMut> = None;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| BodyError::Interrupted)?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        let read = whole.as_ref().map_or(first.len(), BytesMut::len);
        if read.saturating_add(data.len()) > limit {
            return Err(BodyError::TooLarge);
        }
        // Most bodies arrive in one piece and need no copy.
        match &mut whole {
            Some(whole) => whole.extend_from_slice(&data),
            None if first.is_empty() => first = data,
            None => {
                let mut joined = BytesMut::with_capacity(announced.max(first.len()));
                joined.extend_from_slice(&first);
                joined.extend_from_slice(&data);
                whole = Some(joined);
            }
        }
    }
    Ok(whole.map_or(first, BytesMut::freeze))
}

/// A response body as hyper sends it.
pub(crate) struct Outgoing(Body);

impl From<Body> for Outgoing {
    fn from(body: Body) -> Self {
        Self(body)
    }
}

impl hyper::body::Body for Outgoing {
    type Data = Bytes;
    /// hyper then closes the connection without the end of the body, or resets the stream of an HTTP/2 connection.
    type Error = BodyCut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyCut>>> {
        match &mut self.0 {
            Body::Empty => Poll::Ready(None),
            Body::Whole(bytes) => {
                let bytes = std::mem::take(bytes);
                self.0 = Body::Empty;
                Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
            }
            Body::Stream(stream) => stream
                .as_mut()
                .poll_next(task)
                .map(|item| item.map(|chunk| chunk.map(Frame::data))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.0, Body::Empty)
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Body::Empty => SizeHint::with_exact(0),
            Body::Whole(bytes) => {
                SizeHint::with_exact(u64::try_from(bytes.len()).unwrap_or(u64::MAX))
            }
            Body::Stream(_) => SizeHint::default(),
        }
    }
}
