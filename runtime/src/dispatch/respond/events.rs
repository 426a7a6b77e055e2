//! The body of a streamed response, and the calls that it is made of.
//!
//! The calls run in a task of their own and not in the stream that the host polls: a client that does not read stops the
//! stream from being polled. What calls hold, such as a place among calls at once, would then be held for as long as the client
//! likes, and no timer would end it. So only heartbeats depend on the reader.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context as TaskContext, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use futures_util::future::{AbortHandle, FutureExt as _, LocalBoxFuture, abortable};
use futures_util::task::AtomicWaker;

use super::{Calls, HEARTBEAT};
use crate::host::SharedHost;
use crate::http::BodyCut;

/// The body of a streamed response. Dropping it stops the calls.
pub(super) struct Events {
    /// What was to be sent before the stream began.
    first: VecDeque<Bytes>,
    feed: Rc<Feed>,
    calls: AbortHandle,
    heartbeat: Duration,
    next_heartbeat: LocalBoxFuture<'static, ()>,
    is_quiet: bool,
    host: SharedHost,
}

/// What lies between the calls and the reader. It has room for one notification, and for the answers.
#[derive(Default)]
struct Feed {
    events: RefCell<VecDeque<Bytes>>,
    end: Cell<Option<Result<(), BodyCut>>>,
    reader: AtomicWaker,
    calls: AtomicWaker,
}

impl Events {
    /// Sends `first`, and then what `calls` have to send.
    pub(super) fn start(
        first: VecDeque<Bytes>,
        calls: Calls,
        heartbeat: Duration,
        host: SharedHost,
    ) -> Self {
        let feed = Rc::new(Feed::default());
        let (running, handle) = abortable(run(calls, Rc::clone(&feed)));
        host.after_response(running.map(drop).boxed_local());
        Self {
            first,
            feed,
            calls: handle,
            heartbeat,
            next_heartbeat: host.sleep(heartbeat),
            is_quiet: true,
            host,
        }
    }
}

/// Runs calls to their end, or until nothing can be done before the client has read.
async fn run(mut calls: Calls, feed: Rc<Feed>) {
    let end = End(feed);
    let feed = &end.0;
    poll_fn(|task| {
        feed.calls.register(task.waker());
        loop {
            let has_room = feed.events.borrow().is_empty();
            match ready!(calls.poll_next(task, has_room)) {
                None => return Poll::Ready(()),
                Some(said) => {
                    feed.events.borrow_mut().push_back(said.event());
                    feed.reader.wake();
                }
            }
        }
    })
    .await;
    drop(calls);
    feed.end.set(Some(Ok(())));
}

/// Lets the reader know that nothing more will come. If the calls are dropped before their end, what was sent is not whole.
struct End(Rc<Feed>);

impl Drop for End {
    fn drop(&mut self) {
        let end = self.0.end.get().unwrap_or(Err(BodyCut));
        self.0.end.set(Some(end));
        self.0.reader.wake();
    }
}

impl Stream for Events {
    type Item = Result<Bytes, BodyCut>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut TaskContext<'_>) -> Poll<Option<Self::Item>> {
        let stream = self.as_mut().get_mut();
        if let Some(event) = stream.first.pop_front() {
            return Poll::Ready(Some(Ok(event)));
        }
        stream.feed.reader.register(task.waker());
        let event = stream.feed.events.borrow_mut().pop_front();
        if let Some(event) = event {
            stream.is_quiet = false;
            stream.feed.calls.wake();
            return Poll::Ready(Some(Ok(event)));
        }
        match stream.feed.end.get() {
            Some(Ok(())) => return Poll::Ready(None),
            Some(Err(cut)) => {
                stream.feed.end.set(Some(Ok(())));
                return Poll::Ready(Some(Err(cut)));
            }
            None => {}
        }
        while stream.next_heartbeat.as_mut().poll(task).is_ready() {
            stream.next_heartbeat = stream.host.sleep(stream.heartbeat);
            if std::mem::replace(&mut stream.is_quiet, true) {
                // Registered with the new timer on the next poll, which follows this item.
                return Poll::Ready(Some(Ok(HEARTBEAT)));
            }
        }
        Poll::Pending
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.calls.abort();
    }
}
