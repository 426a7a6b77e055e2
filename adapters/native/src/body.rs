//! Bodies, to and from hyper.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use hyper::body::{Body as _, Frame, Incoming as HyperIncoming, SizeHint};
use mcp_edge_runtime::config::Connections;
use mcp_edge_runtime::http::{Body, BodyCut, BodyError, Incoming};
use tokio::time::{Instant, sleep_until};

use crate::exchange::{Chunk, Exchange};
use crate::ledger::Protocol;

/// The longest part of a body that HTTP/2 is given at once, in bytes. What it has been given it keeps until the client accepts
/// it.
const MAX_PART: usize = 64 << 10;

/// The body of `exchange`, which is read when the runtime asks for it. What is not read stays with the exchange.
pub(crate) fn incoming(exchange: &Rc<Exchange>) -> Incoming {
    let exchange = Rc::clone(exchange);
    Incoming::new(move |limit| async move {
        let Some(mut body) = exchange.unread.take() else {
            return Err(BodyError::Interrupted);
        };
        let read = collect(&mut body, limit, Wait::begin(exchange.ledger.timeouts)).await;
        if read.is_ok() {
            exchange.has_body();
        } else {
            exchange.is_late.set(read == Err(BodyError::TimedOut));
            exchange.unread.set(Some(body));
        }
        read
    })
}

async fn collect(
    body: &mut HyperIncoming,
    limit: usize,
    mut wait: Wait,
) -> Result<Bytes, BodyError> {
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > limit {
        return Err(BodyError::TooLarge);
    }
    let mut timer = pin!(sleep_until(wait.deadline()));
    let mut first = Bytes::new();
    let mut whole: Option<BytesMut> = None;
    loop {
        let frame = poll_fn(|task| {
            if let Poll::Ready(frame) = Pin::new(&mut *body).poll_frame(task) {
                return Poll::Ready(Ok(frame));
            }
            loop {
                ready!(timer.as_mut().poll(task));
                // Parts that arrive do not move the timer.
                if wait.deadline() <= Instant::now() {
                    return Poll::Ready(Err(BodyError::TimedOut));
                }
                timer.as_mut().reset(wait.deadline());
            }
        });
        let frame = frame.await?;
        wait.moved = Instant::now();
        let Some(frame) = frame else {
            return Ok(whole.map_or(first, BytesMut::freeze));
        };
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
}

/// The wait for a body.
struct Wait {
    /// When the last part of it arrived.
    moved: Instant,
    pause: Duration,
    /// When the whole body must have arrived.
    end: Instant,
}

impl Wait {
    fn begin(timeouts: &Connections) -> Self {
        let now = Instant::now();
        let pause = timeouts.body_timeout;
        let whole = pause.saturating_mul(Connections::BODY_TIMEOUTS);
        Self {
            moved: now,
            pause,
            end: now.checked_add(whole).unwrap_or(now),
        }
    }

    fn deadline(&self) -> Instant {
        let next = self.moved.checked_add(self.pause);
        next.map_or(self.end, |next| next.min(self.end))
    }
}

/// A response body as hyper sends it.
pub(crate) struct Outgoing {
    body: Body,
    exchange: Rc<Exchange>,
}

impl Outgoing {
    pub(crate) fn new(body: Body, exchange: Rc<Exchange>) -> Self {
        Self { body, exchange }
    }

    fn part(&mut self) -> Option<Bytes> {
        let Body::Whole(whole) = &mut self.body else {
            return None;
        };
        if whole.len() > MAX_PART && self.exchange.ledger.protocol() == Protocol::Http2 {
            return Some(whole.split_to(MAX_PART));
        }
        let whole = std::mem::take(whole);
        self.body = Body::Empty;
        Some(whole).filter(|whole| !whole.is_empty())
    }
}

impl hyper::body::Body for Outgoing {
    type Data = Chunk;
    /// hyper then closes the connection without the end of the body, or resets the stream of an HTTP/2 connection.
    type Error = BodyCut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Chunk>, BodyCut>>> {
        let part = match &mut self.body {
            Body::Stream(stream) => ready!(stream.as_mut().poll_next(task)),
            Body::Empty | Body::Whole(_) => self.part().map(Ok),
        };
        Poll::Ready(part.map(|part| part.map(|part| Frame::data(Chunk::new(part, &self.exchange)))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.body, Body::Empty)
    }

    fn size_hint(&self) -> SizeHint {
        match &self.body {
            Body::Empty => SizeHint::with_exact(0),
            Body::Whole(bytes) => {
                SizeHint::with_exact(u64::try_from(bytes.len()).unwrap_or(u64::MAX))
            }
            Body::Stream(_) => SizeHint::default(),
        }
    }
}
