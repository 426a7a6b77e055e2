//! From calls to one HTTP response: plain JSON if they end soon and say nothing on the way, a stream of
//! server-sent events otherwise (2026-07-28, basic/transports).

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use futures_util::future::LocalBoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use super::running::{Answered, Running, Said};
use crate::config::Streams;
use crate::host::{Permit, SharedHost};
use crate::http::{Body, Response};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const EVENTS: HeaderValue = HeaderValue::from_static("text/event-stream");
/// Asks proxies not to hold events back.
const UNBUFFERED: (HeaderName, HeaderValue) = (
    HeaderName::from_static("x-accel-buffering"),
    HeaderValue::from_static("no"),
);
/// A comment, which keeps a quiet stream open and finds out whether anybody still reads it.
const HEARTBEAT: Bytes = Bytes::from_static(b":\n\n");

/// Answers one call.
pub(crate) async fn one(
    call: Running,
    place: Permit,
    streams: &Streams,
    host: SharedHost,
) -> Response {
    let mut calls = Calls::new(vec![call], place);
    match calls.next_within(streams.patience, &host).await {
        Some(Some(Said::Answer(answered))) => json(answered),
        said => stream(calls, said.flatten(), Vec::new(), streams.heartbeat, host),
    }
}

/// Answers a batch; `refused` are answers that are known already.
pub(crate) async fn many(
    calls: Vec<Running>,
    refused: Vec<Bytes>,
    place: Permit,
    streams: &Streams,
    host: SharedHost,
) -> Response {
    let mut calls = Calls::new(calls, place);
    let mut answers = refused;
    let mut patience = host.sleep(streams.patience);
    loop {
        let said = std::future::poll_fn(|task| match calls.poll_next(task) {
            Poll::Ready(said) => Poll::Ready(Some(said)),
            Poll::Pending => patience.as_mut().poll(task).map(|()| None),
        });
        match said.await {
            Some(Some(Said::Answer(answered))) => answers.push(answered.bytes),
            Some(None) => return json(Answered::batch(&answers)),
            said => return stream(calls, said.flatten(), answers, streams.heartbeat, host),
        }
    }
}

impl Answered {
    fn batch(answers: &[Bytes]) -> Self {
        let mut bytes = vec![b'['];
        for (position, answer) in answers.iter().enumerate() {
            if position > 0 {
                bytes.push(b',');
            }
            bytes.extend_from_slice(answer);
        }
        bytes.push(b']');
        Self {
            bytes: bytes.into(),
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            is_refusal: false,
        }
    }
}

fn json(answered: Answered) -> Response {
    let mut response = Response::new(Body::Whole(answered.bytes));
    *response.status_mut() = answered.status;
    let headers = response.headers_mut();
    *headers = answered.headers;
    headers.insert(header::CONTENT_TYPE, JSON);
    response
}

fn stream(
    calls: Calls,
    said: Option<Said>,
    answers: Vec<Bytes>,
    heartbeat: Duration,
    host: SharedHost,
) -> Response {
    let mut ready: VecDeque<Bytes> = answers.iter().map(event).collect();
    match said {
        Some(said) => ready.push_back(said.event()),
        // Nothing to say yet, but the head of the response should leave now.
        None => ready.push_back(HEARTBEAT),
    }
    let events = Events {
        ready,
        calls,
        heartbeat,
        next_heartbeat: host.sleep(heartbeat),
        quiet: true,
        host,
    };
    let mut response = Response::new(Body::Stream(Box::pin(events)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, EVENTS);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(UNBUFFERED.0, UNBUFFERED.1);
    response
}

impl Said {
    fn event(self) -> Bytes {
        match self {
            Self::Notification(bytes) | Self::Answer(Answered { bytes, .. }) => event(&bytes),
        }
    }
}

/// One server-sent event. JSON as this crate writes it has no line breaks.
fn event(message: &Bytes) -> Bytes {
    let mut event = Vec::with_capacity(message.len().saturating_add(8));
    event.extend_from_slice(b"data: ");
    event.extend_from_slice(message);
    event.extend_from_slice(b"\n\n");
    event.into()
}

/// Calls that run at once.
struct Calls {
    running: Vec<Running>,
    /// The place of their request among those that are served at once.
    _place: Permit,
}

impl Calls {
    fn new(running: Vec<Running>, place: Permit) -> Self {
        Self {
            running,
            _place: place,
        }
    }

    /// What the first of them says that has something to say; `None` when all have ended.
    fn poll_next(&mut self, task: &mut TaskContext<'_>) -> Poll<Option<Said>> {
        let mut said = None;
        for (place, call) in self.running.iter_mut().enumerate() {
            if let Poll::Ready(news) = call.poll(task) {
                said = Some((place, news));
                break;
            }
        }
        match said {
            Some((place, news)) => {
                if matches!(news, Said::Answer(_)) {
                    drop(self.running.remove(place));
                }
                Poll::Ready(Some(news))
            }
            None if self.running.is_empty() => Poll::Ready(None),
            None => Poll::Pending,
        }
    }

    /// `None` if nothing is said within `patience`. A timer is asked for only when something has to be
    /// waited for, since on some hosts a timer costs more than a call.
    async fn next_within(&mut self, patience: Duration, host: &SharedHost) -> Option<Option<Said>> {
        let mut timer: Option<LocalBoxFuture<'static, ()>> = None;
        std::future::poll_fn(|task| {
            if let Poll::Ready(said) = self.poll_next(task) {
                return Poll::Ready(Some(said));
            }
            let timer = timer.get_or_insert_with(|| host.sleep(patience));
            timer.as_mut().poll(task).map(|()| None)
        })
        .await
    }
}

/// The body of a streamed response.
struct Events {
    ready: VecDeque<Bytes>,
    calls: Calls,
    heartbeat: Duration,
    next_heartbeat: LocalBoxFuture<'static, ()>,
    quiet: bool,
    host: SharedHost,
}

impl Stream for Events {
    type Item = Bytes;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut TaskContext<'_>) -> Poll<Option<Bytes>> {
        let events = self.as_mut().get_mut();
        if let Some(event) = events.ready.pop_front() {
            return Poll::Ready(Some(event));
        }
        match events.calls.poll_next(task) {
            Poll::Ready(Some(said)) => {
                events.quiet = false;
                return Poll::Ready(Some(said.event()));
            }
            Poll::Ready(None) => return Poll::Ready(None),
            Poll::Pending => {}
        }
        while events.next_heartbeat.as_mut().poll(task).is_ready() {
            events.next_heartbeat = events.host.sleep(events.heartbeat);
            if std::mem::replace(&mut events.quiet, true) {
                // Registered with the new timer on the next poll, which follows this item.
                return Poll::Ready(Some(HEARTBEAT));
            }
        }
        Poll::Pending
    }
}
