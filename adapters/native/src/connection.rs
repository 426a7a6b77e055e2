//! One connection, from its first byte to its last.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::future::join;
use hyper::body::{Body as _, Incoming as HyperIncoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use mcp_edge_runtime::host::SharedHost;
use mcp_edge_runtime::http::ClientAddress;
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until, timeout};

use crate::body::{Outgoing, incoming};
use crate::census::{Order, Place};
use crate::exchange::Exchange;
use crate::ledger::{Due, Ledger, Protocol};
use crate::rest;
use crate::socket::Socket;
use crate::streams::{Called, Streams};
use crate::tally::RateDecision;
use crate::thread::Thread;

/// How many bytes a client may send after the response to them has been sent.
const MAX_DISCARDED: usize = 64 << 20;
/// How long it may pause between them.
const DISCARD_PAUSE: Duration = Duration::from_secs(5);
/// How many of them are read at once.
const DISCARD_BUFFER: usize = 16 << 10;

/// Serves a connection until it is closed.
pub(crate) async fn serve(
    thread: Rc<Thread>,
    stream: TcpStream,
    client: ClientAddress,
    place: Place,
) {
    let ledger = Ledger::new(place, &thread.settings.connections);
    let socket = Socket::new(stream, Rc::clone(&ledger));
    let mut watch = Watch::new(&ledger);
    let ended = match watch.protocol(&socket).await {
        Err(ended) => ended,
        Ok(protocol) => {
            ledger.speaks(protocol);
            let io = TokioIo::new(socket.clone());
            let called = Called::default();
            let begin = |request: http::Request<HyperIncoming>| {
                let (head, body) = request.into_parts();
                let exchange = Exchange::begin(&ledger, body);
                called.set(&exchange);
                answer(Rc::clone(&thread), client, head, exchange)
            };
            if protocol == Protocol::Http2 {
                let streams = Streams::new(&called, &ledger, &thread.tally);
                let served = thread
                    .http2(streams)
                    .serve_connection(io, service_fn(begin));
                watch
                    .drive(served, |served| served.graceful_shutdown())
                    .await
            } else {
                let served = thread.http1.serve_connection(io, service_fn(begin));
                watch
                    .drive(served, |served| served.graceful_shutdown())
                    .await
            }
        }
    };
    match ended {
        Ended::Dropped => {}
        Ended::Counted(counted) => {
            thread.tally.add(counted);
            if counted == RateDecision::WriteTimeout {
                socket.reset();
            }
        }
        Ended::Served(result) => {
            let is_http2 = ledger.protocol() == Protocol::Http2;
            let may_send = ledger.is_unread.get() || result.is_err() || is_http2;
            let close = async {
                if may_send {
                    close_in_stages(&socket, &ledger).await;
                }
            };
            // A sink that the event waits for does not hold up the client.
            join(failed(&thread, client, &ledger, result.err()), close).await;
        }
    }
}

/// How serving a connection ended.
enum Ended {
    /// By the HTTP library.
    Served(hyper::Result<()>),
    /// By a timeout that is counted.
    Counted(RateDecision),
    /// Otherwise.
    Dropped,
}

/// Answers one request.
async fn answer(
    thread: Rc<Thread>,
    client: ClientAddress,
    mut head: http::request::Parts,
    exchange: Rc<Exchange>,
) -> Result<http::Response<Outgoing>, Infallible> {
    let expects_continue = head.headers.contains_key(http::header::EXPECT);
    head.extensions.insert(client);
    let request = http::Request::from_parts(head, incoming(&exchange));
    let host = Rc::clone(&thread.host) as SharedHost;
    let mut response = thread.runtime.serve(request, host).await;
    // Taken in any case: h2 drops the last part of a response, and the exchange with it, under the lock that dropping a body
    // takes.
    let rest = exchange.unread.take().filter(|rest| !rest.is_end_stream());
    if let (Some(rest), Protocol::Http1) = (rest, exchange.ledger.protocol()) {
        rest::settle(rest, &exchange, expects_continue, response.headers_mut());
    }
    Ok(response.map(|body| Outgoing::new(body, exchange)))
}

/// Records why the HTTP library gave a connection up, if it did.
async fn failed(
    thread: &Thread,
    client: ClientAddress,
    ledger: &Ledger,
    error: Option<hyper::Error>,
) {
    let Some(error) = error else {
        return;
    };
    match ledger.protocol() {
        Protocol::Http1 if error.is_parse() => {
            let status = ledger
                .own_answer
                .get()
                .and_then(|status| http::StatusCode::from_u16(status).ok());
            if let Some(status) = status {
                let host = Rc::clone(&thread.host) as SharedHost;
                thread.runtime.unread(status, client, host).await;
            }
        }
        Protocol::Http2 if !ledger.is_ended.get() => thread.tally.add(RateDecision::ProtocolError),
        Protocol::Http1 | Protocol::Http2 | Protocol::Unknown => {}
    }
}

/// Closes a connection on which the client may still send: first for writing, then, once the client has closed it or sent enough,
/// for reading (RFC 9112, 9.6). Closed at once, the system would answer what arrives with a reset, and the client could lose the
/// response.
async fn close_in_stages(socket: &Socket, ledger: &Ledger) {
    if ledger.is_ended.get() || socket.shutdown().await.is_err() {
        return;
    }
    ledger.place.expendable();
    let limit = ledger.timeouts.body_timeout;
    let pause = match ledger.protocol() {
        // Its client has nothing left to send but acknowledgements.
        Protocol::Http2 => Duration::from_secs(1),
        Protocol::Http1 | Protocol::Unknown => DISCARD_PAUSE,
    };
    let mut buffer = vec![0; DISCARD_BUFFER];
    let mut discarded = 0_usize;
    let discard = async {
        while discarded < MAX_DISCARDED {
            let read = poll_fn(|task| {
                ledger.place.listen(task);
                match ledger.place.order() {
                    Order::Continue | Order::Stop => socket.poll_discard(task, &mut buffer),
                    Order::Displace | Order::Drop => Poll::Ready(Ok(0)),
                }
            });
            match timeout(pause.min(limit), read).await {
                Ok(Ok(read)) if read > 0 => discarded = discarded.saturating_add(read),
                _ => return,
            }
        }
    };
    // An error means that the time is over.
    let _ = timeout(limit, discard).await;
}

/// The timer of a connection, and the orders that it gets.
struct Watch<'a> {
    ledger: &'a Ledger,
    timer: Pin<Box<Sleep>>,
}

impl<'a> Watch<'a> {
    fn new(ledger: &'a Ledger) -> Self {
        let first = ledger.deadline().unwrap_or_else(Instant::now);
        Self {
            ledger,
            timer: Box::pin(sleep_until(first)),
        }
    }

    /// What the client speaks, or why it has not shown that.
    async fn protocol(&mut self, socket: &Socket) -> Result<Protocol, Ended> {
        poll_fn(|task| {
            self.ledger.place.listen(task);
            if let Poll::Ready(read) = socket.poll_protocol(task) {
                return Poll::Ready(read.map_err(|_| Ended::Dropped));
            }
            match self.ledger.place.order() {
                Order::Continue => {}
                Order::Displace => {
                    self.ledger.place.displaced();
                    return Poll::Ready(Err(Ended::Dropped));
                }
                Order::Stop | Order::Drop => return Poll::Ready(Err(Ended::Dropped)),
            }
            self.poll_due(task).map(|due| match due {
                Due::End(Some(counted)) => Err(Ended::Counted(counted)),
                Due::Nothing | Due::Close | Due::End(None) => Err(Ended::Dropped),
            })
        })
        .await
    }

    /// Serves the connection to its end. `close` tells it to close once the requests in flight are served.
    async fn drive<C: Future<Output = hyper::Result<()>>>(
        &mut self,
        connection: C,
        close: impl Fn(Pin<&mut C>),
    ) -> Ended {
        let mut connection = pin!(connection);
        let ledger = self.ledger;
        poll_fn(|task| {
            ledger.place.listen(task);
            loop {
                // First, so that a request that has arrived is served before the connection is closed.
                if let Poll::Ready(result) = connection.as_mut().poll(task) {
                    return Poll::Ready(Ended::Served(result));
                }
                match ledger.place.order() {
                    Order::Drop => return Poll::Ready(Ended::Dropped),
                    Order::Displace if !ledger.waits_for_client() => ledger.place.keep(),
                    // The client has been told.
                    Order::Displace if ledger.is_closing() => return Poll::Ready(Ended::Dropped),
                    // A client that waits with a body is told nothing.
                    Order::Displace if !ledger.is_idle() => {
                        ledger.place.displaced();
                        return Poll::Ready(Ended::Dropped);
                    }
                    order @ (Order::Displace | Order::Stop) if !ledger.is_closing() => {
                        if order == Order::Displace {
                            ledger.place.displaced();
                        }
                        ledger.close();
                        close(connection.as_mut());
                        continue;
                    }
                    Order::Displace | Order::Stop | Order::Continue => {}
                }
                match self.poll_due(task) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Due::Nothing) => {}
                    Poll::Ready(Due::Close) => {
                        ledger.close();
                        close(connection.as_mut());
                    }
                    Poll::Ready(Due::End(Some(counted))) => {
                        return Poll::Ready(Ended::Counted(counted));
                    }
                    Poll::Ready(Due::End(None)) => return Poll::Ready(Ended::Dropped),
                }
            }
        })
        .await
    }

    /// Completes when a wait has ended. The timer is moved only where it would be late: a request moves none.
    fn poll_due(&mut self, task: &mut Context<'_>) -> Poll<Due> {
        loop {
            let deadline = self.ledger.deadline();
            if let Some(earlier) = deadline.filter(|at| *at < self.timer.deadline()) {
                self.timer.as_mut().reset(earlier);
            }
            ready!(self.timer.as_mut().poll(task));
            let now = Instant::now();
            match self.ledger.due(now) {
                Due::Nothing => {
                    let recheck = now.checked_add(self.ledger.timeouts.idle_timeout);
                    if let Some(next) = deadline.or(recheck) {
                        self.timer.as_mut().reset(next);
                    }
                }
                due => return Poll::Ready(due),
            }
        }
    }
}

#[cfg(test)]
mod tests;
