//! From calls to one HTTP response: plain JSON if they end soon and say nothing on the way, a stream of
//! server-sent events otherwise (2026-07-28, basic/transports).

mod events;

use std::collections::VecDeque;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use self::events::Events;
use super::call_task::{CallMessage, CallTask, EncodedResponse};
use crate::config::Streams;
use crate::host::{ConcurrencyPermit, SharedHost};
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
    call: CallTask,
    place: ConcurrencyPermit,
    streams: &Streams,
    host: SharedHost,
) -> Response {
    let mut calls = Calls::new(vec![call], place);
    match calls.next_within(streams.stream_after, &host).await {
        Some(Some(CallMessage::Answer(answered))) => json(answered),
        said => stream(
            calls,
            said.flatten(),
            Vec::new(),
            streams.heartbeat_interval,
            host,
        ),
    }
}

/// Answers a batch; `refused` are answers that are known already.
pub(crate) async fn many(
    calls: Vec<CallTask>,
    refused: Vec<Bytes>,
    place: ConcurrencyPermit,
    streams: &Streams,
    host: SharedHost,
) -> Response {
    let mut calls = Calls::new(calls, place);
    let mut answers = refused;
    let mut timeout = host.sleep(streams.stream_after);
    loop {
        let said = std::future::poll_fn(|task| match calls.poll_next(task, true) {
            Poll::Ready(said) => Poll::Ready(Some(said)),
            Poll::Pending => timeout.as_mut().poll(task).map(|()| None),
        });
        match said.await {
            Some(Some(CallMessage::Answer(answered))) => answers.push(answered.bytes),
            Some(None) => return json(EncodedResponse::batch(&answers)),
            said => {
                return stream(
                    calls,
                    said.flatten(),
                    answers,
                    streams.heartbeat_interval,
                    host,
                );
            }
        }
    }
}

impl EncodedResponse {
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

fn json(answered: EncodedResponse) -> Response {
    let mut response = Response::new(Body::Whole(answered.bytes));
    *response.status_mut() = answered.status;
    let headers = response.headers_mut();
    *headers = answered.headers;
    headers.insert(header::CONTENT_TYPE, JSON);
    response
}

fn stream(
    calls: Calls,
    said: Option<CallMessage>,
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
    let events = Events::start(ready, calls, heartbeat, host);
    let mut response = Response::new(Body::Stream(Box::pin(events)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, EVENTS);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(UNBUFFERED.0, UNBUFFERED.1);
    response
}

impl CallMessage {
    fn event(self) -> Bytes {
        match self {
            Self::Notification(bytes) | Self::Answer(EncodedResponse { bytes, .. }) => {
                event(&bytes)
            }
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
    running: Vec<CallTask>,
    /// When the caller's token ends. All calls of a request have the same caller.
    token_end: TokenEnd,
    /// The place of their request among those that are served at once.
    _place: ConcurrencyPermit,
}

/// The end of the token that calls run with.
enum TokenEnd {
    /// A timer is asked for only when something has to be waited for, since on some hosts a timer costs more than a call.
    Unset,
    At(LocalBoxFuture<'static, ()>),
    /// There is none, or it has passed.
    Done,
}

impl Calls {
    fn new(running: Vec<CallTask>, place: ConcurrencyPermit) -> Self {
        Self {
            running,
            token_end: TokenEnd::Unset,
            _place: place,
        }
    }

    /// What the first of them has to send that has anything; `None` when all have ended. Without `has_room` a call that runs
    /// keeps its notifications, and its token ends all the same.
    fn poll_next(
        &mut self,
        task: &mut TaskContext<'_>,
        has_room: bool,
    ) -> Poll<Option<CallMessage>> {
        loop {
            let mut said = None;
            for (place, call) in self.running.iter_mut().enumerate() {
                if let Poll::Ready(news) = call.poll(task, has_room) {
                    said = Some((place, news));
                    break;
                }
            }
            if let Some((place, news)) = said {
                if matches!(news, CallMessage::Answer(_)) {
                    drop(self.running.remove(place));
                }
                return Poll::Ready(Some(news));
            }
            if self.running.is_empty() {
                return Poll::Ready(None);
            }
            if self.poll_token_end(task).is_pending() {
                return Poll::Pending;
            }
            self.running.iter_mut().for_each(CallTask::expire);
        }
    }

    fn poll_token_end(&mut self, task: &mut TaskContext<'_>) -> Poll<()> {
        if let TokenEnd::Unset = self.token_end
            && let Some(call) = self.running.iter().find(|call| call.is_working())
        {
            self.token_end = call.token_end().map_or(TokenEnd::Done, TokenEnd::At);
        }
        let TokenEnd::At(timer) = &mut self.token_end else {
            return Poll::Pending;
        };
        let ended = timer.as_mut().poll(task);
        if ended.is_ready() {
            self.token_end = TokenEnd::Done;
        }
        ended
    }

    /// `None` if nothing is said within `timeout`.
    async fn next_within(
        &mut self,
        timeout: Duration,
        host: &SharedHost,
    ) -> Option<Option<CallMessage>> {
        let mut timer: Option<LocalBoxFuture<'static, ()>> = None;
        std::future::poll_fn(|task| {
            if let Poll::Ready(said) = self.poll_next(task, true) {
                return Poll::Ready(Some(said));
            }
            let timer = timer.get_or_insert_with(|| host.sleep(timeout));
            timer.as_mut().poll(task).map(|()| None)
        })
        .await
    }
}
