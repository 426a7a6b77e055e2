//! A request and its response, until the last byte of either.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use bytes::{Buf, Bytes};
use hyper::body::{Body as _, Incoming as HyperIncoming};
use tokio::time::Instant;

use crate::ledger::{Ledger, Protocol};

/// One request in flight. Whatever still has to do with it shares it; the request has ended when the last is dropped.
pub(crate) struct Exchange {
    pub(crate) ledger: Rc<Ledger>,
    /// The request's body, while nothing reads it.
    pub(crate) unread: Cell<Option<HyperIncoming>>,
    /// Whether the body is waited for.
    is_receiving: Cell<bool>,
    /// Whether the body did not arrive in time, so that the rest of it is not waited for.
    pub(crate) is_late: Cell<bool>,
    /// The bytes of the response that the HTTP library has and has not sent.
    unsent: Cell<usize>,
    /// When it last sent any of them. Over HTTP/1.1 the socket tells that.
    moved: Cell<Instant>,
    is_abandoned: Cell<bool>,
}

impl Exchange {
    pub(crate) fn begin(ledger: &Rc<Ledger>, body: HyperIncoming) -> Rc<Self> {
        let has_body = !body.is_end_stream();
        ledger.begin(has_body);
        Rc::new(Self {
            ledger: Rc::clone(ledger),
            unread: Cell::new(Some(body)),
            is_receiving: Cell::new(has_body),
            is_late: Cell::new(false),
            unsent: Cell::new(0),
            moved: Cell::new(ledger.past()),
            is_abandoned: Cell::new(false),
        })
    }

    /// The body is no longer waited for.
    pub(crate) fn has_body(&self) {
        if self.is_receiving.replace(false) {
            self.ledger.has_body();
        }
    }

    /// Until when the client has to accept a part of the response; `None` while there is nothing to accept.
    pub(crate) fn deadline(&self, timeout: Duration) -> Option<Instant> {
        if self.unsent.get() == 0 {
            return None;
        }
        self.moved.get().checked_add(timeout)
    }

    /// The client does not read the response, and the connection holds the rest of it.
    pub(crate) fn abandon(&self) {
        if !self.is_abandoned.replace(true) {
            self.ledger.abandon();
        }
    }

    fn moved(&self, bytes: usize) {
        self.unsent.set(self.unsent.get().saturating_sub(bytes));
        self.touch();
    }

    fn touch(&self) {
        if self.ledger.protocol() == Protocol::Http2 {
            self.moved.set(Instant::now());
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.has_body();
        self.ledger.end(self.is_abandoned.get());
    }
}

/// A part of a response, which tells how much of it has been sent.
pub(crate) struct Chunk {
    bytes: Bytes,
    exchange: Rc<Exchange>,
}

impl Chunk {
    pub(crate) fn new(bytes: Bytes, exchange: &Rc<Exchange>) -> Self {
        if exchange.unsent.get() == 0 {
            exchange.touch();
        }
        let unsent = exchange.unsent.get().saturating_add(bytes.len());
        exchange.unsent.set(unsent);
        Self {
            bytes,
            exchange: Rc::clone(exchange),
        }
    }
}

impl Buf for Chunk {
    fn remaining(&self) -> usize {
        self.bytes.len()
    }

    fn chunk(&self) -> &[u8] {
        &self.bytes
    }

    fn advance(&mut self, bytes: usize) {
        self.bytes.advance(bytes);
        self.exchange.moved(bytes);
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        if !self.bytes.is_empty() {
            self.exchange.moved(self.bytes.len());
        }
    }
}
