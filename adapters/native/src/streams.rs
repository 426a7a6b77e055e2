//! The tasks of requests over HTTP/2, each with a timer for the client's reading.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::{Rc, Weak};
use std::task::{Poll, ready};
use std::time::Duration;

use tokio::task::{spawn_local, yield_now};
use tokio::time::{Instant, sleep_until};

use crate::exchange::Exchange;
use crate::ledger::Ledger;
use crate::tally::{RateDecision, Tally};

/// Spawns the streams of one connection on its thread.
#[derive(Clone)]
pub(crate) struct Streams {
    called: Called,
    write_timeout: Duration,
    tally: Tally,
}

/// The request that the service of a connection was called with last, until it has a task.
#[derive(Clone, Default)]
pub(crate) struct Called(Rc<RefCell<Weak<Exchange>>>);

impl Called {
    pub(crate) fn set(&self, exchange: &Rc<Exchange>) {
        *self.0.borrow_mut() = Rc::downgrade(exchange);
    }

    fn take(&self) -> Weak<Exchange> {
        std::mem::take(&mut *self.0.borrow_mut())
    }
}

impl Streams {
    pub(crate) fn new(called: &Called, ledger: &Ledger, tally: &Tally) -> Self {
        Self {
            called: called.clone(),
            write_timeout: ledger.timeouts.write_timeout,
            tally: tally.clone(),
        }
    }
}

impl<F: Future + 'static> hyper::rt::Executor<F> for Streams {
    fn execute(&self, stream: F) {
        let called = self.called.take();
        let timeout = self.write_timeout;
        let tally = self.tally.clone();
        spawn_local(async move {
            if serve(stream, &called, timeout).await == Read::Stalled {
                tally.add(RateDecision::WriteTimeout);
            }
        });
    }
}

/// Whether the client reads a response.
#[derive(Debug, PartialEq, Eq)]
enum Read {
    Whole,
    Stalled,
}

/// Serves a stream. It is reset when its client accepts nothing of the response for `timeout`, whatever other streams do.
async fn serve<F: Future>(stream: F, exchange: &Weak<Exchange>, timeout: Duration) -> Read {
    let deadline = || exchange.upgrade()?.deadline(timeout);
    {
        let mut stream = pin!(stream);
        let mut timer = pin!(None);
        let read = poll_fn(|task| {
            if stream.as_mut().poll(task).is_ready() {
                return Poll::Ready(Read::Whole);
            }
            while let Some(until) = deadline() {
                if timer.is_none() {
                    timer.set(Some(sleep_until(until)));
                }
                let Some(mut timer) = timer.as_mut().as_pin_mut() else {
                    break;
                };
                ready!(timer.as_mut().poll(task));
                // What the client accepts does not move the timer.
                if until <= Instant::now() {
                    return Poll::Ready(Read::Stalled);
                }
                timer.reset(until);
            }
            Poll::Pending
        })
        .await;
        if read == Read::Stalled {
            return read;
        }
    }
    // Usually the connection sends the rest at once.
    yield_now().await;
    while let Some(until) = deadline() {
        if until <= Instant::now() {
            if let Some(exchange) = exchange.upgrade() {
                exchange.abandon();
            }
            return Read::Stalled;
        }
        sleep_until(until).await;
    }
    Read::Whole
}
