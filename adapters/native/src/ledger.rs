//! What a connection waits for, and since when.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use mcp_edge_runtime::config::Connections;
use tokio::time::Instant;

use crate::census::Place;
use crate::frames::{Frames, Unfinished};
use crate::tally::RateDecision;

/// How long a client may take to close a connection that the server closes: over HTTP/2, to acknowledge GOAWAY.
const CLOSING: Duration = Duration::from_secs(1);

/// One connection's waits for its client. The socket, the requests and the timer of the connection share it.
pub(crate) struct Ledger {
    pub(crate) place: Place,
    pub(crate) timeouts: &'static Connections,
    protocol: Cell<Protocol>,
    frames: RefCell<Frames>,
    in_flight: Cell<usize>,
    /// Of how many of those a body is waited for.
    receiving: Cell<usize>,
    /// How many of those are abandoned: the client does not read their responses.
    abandoned: Cell<usize>,
    /// Since when no request is in flight, while there is none.
    idle_since: Cell<Instant>,
    /// Since when the client has begun something, a head or a frame, and not finished it.
    unfinished_since: Cell<Option<Instant>>,
    /// Since when the socket takes nothing.
    blocked_since: Cell<Option<Instant>>,
    /// Since when the connection is being closed.
    closing_since: Cell<Option<Instant>>,
    /// Whether the client has sent its last byte, or the connection is broken.
    pub(crate) is_ended: Cell<bool>,
    /// Whether a response left before its request had been read.
    pub(crate) is_unread: Cell<bool>,
    /// The status of what the HTTP library answered by itself.
    pub(crate) own_answer: Cell<Option<u16>>,
}

/// What a connection speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// That is not known yet.
    Unknown,
    Http1,
    Http2,
}

/// What to do about a connection when a wait ends.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// Nothing; something has come of the wait.
    Nothing,
    /// Tell the client, and close once requests in flight are served.
    Close,
    /// Close now, and count why, if it is the client's doing.
    End(Option<RateDecision>),
}

impl Ledger {
    pub(crate) fn new(place: Place, timeouts: &'static Connections) -> Rc<Self> {
        let now = Instant::now();
        Rc::new(Self {
            place,
            timeouts,
            protocol: Cell::new(Protocol::Unknown),
            frames: RefCell::default(),
            in_flight: Cell::new(0),
            receiving: Cell::new(0),
            abandoned: Cell::new(0),
            idle_since: Cell::new(now),
            unfinished_since: Cell::new(Some(now)),
            blocked_since: Cell::new(None),
            closing_since: Cell::new(None),
            is_ended: Cell::new(false),
            is_unread: Cell::new(false),
            own_answer: Cell::new(None),
        })
    }

    /// A time in the past that costs no look at the clock.
    pub(crate) fn past(&self) -> Instant {
        self.idle_since.get()
    }

    pub(crate) fn protocol(&self) -> Protocol {
        self.protocol.get()
    }

    /// The client has shown what it speaks.
    pub(crate) fn speaks(&self, protocol: Protocol) {
        self.protocol.set(protocol);
        if protocol == Protocol::Http2 {
            // Its preface is whole; what follows is frames.
            self.unfinished_since.set(None);
        }
    }

    /// Bytes have arrived.
    pub(crate) fn received(&self, bytes: &[u8]) {
        match self.protocol.get() {
            // The bytes of a request in flight are its body's, which has a timeout of its own.
            Protocol::Http1 if self.in_flight.get() == 0 => {
                if self.unfinished_since.get().is_none() {
                    self.unfinished_since.set(Some(Instant::now()));
                }
            }
            Protocol::Http2 => self.received_frames(bytes),
            Protocol::Http1 | Protocol::Unknown => {}
        }
    }

    fn received_frames(&self, bytes: &[u8]) {
        let mut frames = self.frames.borrow_mut();
        let is_new = frames.read(bytes);
        match frames.unfinished() {
            Unfinished::Nothing => self.unfinished_since.set(None),
            // A body may take longer than a head, as long as more of it arrives.
            Unfinished::Data => self.unfinished_since.set(Some(Instant::now())),
            Unfinished::Frame if is_new || self.unfinished_since.get().is_none() => {
                self.unfinished_since.set(Some(Instant::now()));
            }
            Unfinished::Frame => {}
        }
    }

    /// The socket has taken bytes, or takes none.
    pub(crate) fn sent(&self, is_blocked: bool) {
        if !is_blocked {
            self.blocked_since.set(None);
        } else if self.blocked_since.get().is_none() {
            self.blocked_since.set(Some(Instant::now()));
        }
    }

    /// A response begins with `bytes`, or a part of one. Without a request in flight it may be the HTTP library's own.
    pub(crate) fn answers(&self, bytes: &[u8]) {
        if self.protocol.get() != Protocol::Http1 || self.in_flight.get() > 0 {
            return;
        }
        let status = bytes
            .strip_prefix(b"HTTP/1.1 ")
            .or_else(|| bytes.strip_prefix(b"HTTP/1.0 "))
            .and_then(|rest| std::str::from_utf8(rest.get(..3)?).ok()?.parse().ok());
        if status.is_some() {
            self.own_answer.set(status);
        }
    }

    /// A request begins. It may have a body to wait for.
    pub(crate) fn begin(&self, has_body: bool) {
        let since = match self.protocol.get() {
            Protocol::Http1 => self.unfinished_since.take(),
            Protocol::Http2 | Protocol::Unknown => None,
        };
        self.in_flight.set(self.in_flight.get().saturating_add(1));
        if has_body {
            self.receiving.set(self.receiving.get().saturating_add(1));
            if self.waits_for_client() {
                self.place.receiving(since.unwrap_or_else(Instant::now));
                return;
            }
        }
        self.place.busy();
    }

    /// The body of a request is no longer waited for.
    pub(crate) fn has_body(&self) {
        self.receiving.set(self.receiving.get().saturating_sub(1));
        self.place.busy();
    }

    /// A request ends: its response has been sent, and nothing of its body is awaited.
    pub(crate) fn end(&self, was_abandoned: bool) {
        self.in_flight.set(self.in_flight.get().saturating_sub(1));
        if was_abandoned {
            self.abandoned.set(self.abandoned.get().saturating_sub(1));
        }
        if self.is_idle() {
            let now = Instant::now();
            self.idle_since.set(now);
            self.place.idle(now);
        } else if self.waits_for_client() {
            self.place.receiving(Instant::now());
        }
    }

    /// The client does not read the response to a request, and the HTTP library holds the rest of it: the connection is closed
    /// without waiting for that.
    pub(crate) fn abandon(&self) {
        self.abandoned.set(self.abandoned.get().saturating_add(1));
        self.place.wake();
    }

    /// Whether no request is in flight.
    pub(crate) fn is_idle(&self) -> bool {
        self.in_flight.get() == 0
    }

    /// Whether no request is served: none is in flight, or their bodies are waited for.
    pub(crate) fn waits_for_client(&self) -> bool {
        self.in_flight.get() <= self.receiving.get()
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.closing_since.get().is_some()
    }

    /// The connection is being closed.
    pub(crate) fn close(&self) {
        self.closing_since.set(Some(Instant::now()));
    }

    /// When the next wait ends; `None` while the connection waits for nothing but the server.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.waits().into_iter().flatten().map(|(at, _)| at).min()
    }

    /// What to do at `now`.
    pub(crate) fn due(&self, now: Instant) -> Due {
        let waits = self.waits().into_iter().flatten();
        waits
            .filter(|(at, _)| *at <= now)
            .min_by_key(|(at, _)| *at)
            .map_or(Due::Nothing, |(_, due)| due)
    }

    /// When each wait ends, and what to do then.
    fn waits(&self) -> [Option<(Instant, Due)>; 3] {
        let unfinished = self.unfinished_since.get().map(|since| {
            let timeout = match self.frames.borrow().unfinished() {
                Unfinished::Data => self.timeouts.body_timeout,
                Unfinished::Frame | Unfinished::Nothing => self.timeouts.header_timeout,
            };
            (since, timeout, Due::End(Some(RateDecision::HeaderTimeout)))
        });
        let blocked = self.blocked_since.get().map(|since| {
            let timeout = self.timeouts.write_timeout;
            (since, timeout, Due::End(Some(RateDecision::WriteTimeout)))
        });
        let is_served = self.in_flight.get() <= self.abandoned.get();
        let idle_since = self.idle_since.get();
        let idle = match self.closing_since.get() {
            Some(since) => is_served.then(|| (since.max(idle_since), CLOSING, Due::End(None))),
            // The sooner the client learns of it, the fewer requests wait with what is abandoned.
            None if self.abandoned.get() > 0 => Some((idle_since, Duration::ZERO, Due::Close)),
            // Over HTTP/1.1, a head that has begun has a timeout of its own. Over HTTP/2 frames may be anything.
            None if unfinished.is_some() && self.protocol.get() != Protocol::Http2 => None,
            None => is_served.then_some((idle_since, self.timeouts.idle_timeout, Due::Close)),
        };
        [unfinished, blocked, idle].map(|wait| {
            let (since, timeout, due) = wait?;
            Some((since.checked_add(timeout)?, due))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use mcp_edge_runtime::config::Settings;

    use super::*;
    use crate::census::Census;
    use crate::tally::Tally;

    const SECOND: Duration = Duration::from_secs(1);

    /// Each timeout is of another length.
    const TIMEOUTS: &Connections = &Connections {
        header_timeout: Duration::from_secs(1),
        body_timeout: Duration::from_secs(2),
        write_timeout: Duration::from_secs(4),
        idle_timeout: Duration::from_secs(8),
        ..Settings::DEFAULT.connections
    };

    async fn ledger(protocol: Protocol) -> Rc<Ledger> {
        let census = Census::new(1, 0, Tally::default());
        let place = census.admit(IpAddr::V4(Ipv4Addr::LOCALHOST)).await;
        let ledger = Ledger::new(place.unwrap(), TIMEOUTS);
        ledger.speaks(protocol);
        ledger
    }

    /// In how many seconds the next wait ends.
    fn left(ledger: &Ledger) -> Option<u64> {
        let left = ledger.deadline()?.checked_duration_since(Instant::now());
        Some(left.unwrap().as_secs())
    }

    async fn pass(time: Duration) {
        tokio::time::advance(time).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_connection_has_the_time_of_a_head() {
        let ledger = ledger(Protocol::Http1).await;
        assert_eq!(left(&ledger), Some(1));
        ledger.received(b"POST");
        pass(SECOND / 2).await;
        ledger.received(b" /mcp");
        assert_eq!(ledger.due(Instant::now()), Due::Nothing);
        pass(SECOND / 2).await;
        let late = Due::End(Some(RateDecision::HeaderTimeout));
        assert_eq!(ledger.due(Instant::now()), late);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_in_flight_waits_for_the_server() {
        for protocol in [Protocol::Http1, Protocol::Http2] {
            let ledger = ledger(protocol).await;
            ledger.begin(true);
            assert_eq!(left(&ledger), None);
            if protocol == Protocol::Http1 {
                ledger.received(b"a part of its body");
                assert_eq!(left(&ledger), None);
            }
            ledger.has_body();
            pass(SECOND * 100).await;
            ledger.end(false);
            assert_eq!(left(&ledger), Some(8));
            pass(SECOND * 8).await;
            assert_eq!(ledger.due(Instant::now()), Due::Close);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_head_of_a_further_request_has_a_time_of_its_own() {
        let ledger = ledger(Protocol::Http1).await;
        ledger.begin(false);
        ledger.end(false);
        pass(SECOND * 7).await;
        ledger.received(b"P");
        assert_eq!(left(&ledger), Some(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_over_http2_may_take_longer_than_a_head() {
        let ledger = ledger(Protocol::Http2).await;
        ledger.begin(true);
        // A DATA frame of 100 bytes.
        ledger.received(&[0, 0, 100, 0, 0, 0, 0, 0, 1]);
        for _ in 0..10 {
            assert_eq!(left(&ledger), Some(2));
            pass(SECOND).await;
            ledger.received(b"more");
        }
        ledger.received(&[0; 60]);
        assert_eq!(left(&ledger), None);
        ledger.received(&[0, 0, 8, 6]);
        pass(SECOND / 2).await;
        ledger.received(&[0]);
        assert_eq!(ledger.due(Instant::now()), Due::Nothing);
        pass(SECOND / 2).await;
        assert_ne!(ledger.due(Instant::now()), Due::Nothing);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_reads_a_little_is_not_blocked() {
        let ledger = ledger(Protocol::Http1).await;
        ledger.begin(false);
        for _ in 0..10 {
            ledger.sent(true);
            assert_eq!(left(&ledger), Some(4));
            pass(SECOND * 3).await;
            ledger.sent(true);
            assert_eq!(left(&ledger), Some(1));
            ledger.sent(false);
            assert_eq!(left(&ledger), None);
        }
        ledger.sent(true);
        pass(SECOND * 4).await;
        let late = Due::End(Some(RateDecision::WriteTimeout));
        assert_eq!(ledger.due(Instant::now()), late);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_is_told_before_what_it_does_not_read_is_dropped() {
        let ledger = ledger(Protocol::Http2).await;
        ledger.begin(false);
        ledger.begin(false);
        ledger.abandon();
        assert_eq!(ledger.due(Instant::now()), Due::Close);
        ledger.close();
        // The other request goes on.
        assert_eq!(left(&ledger), None);
        ledger.end(false);
        assert_eq!(left(&ledger), Some(CLOSING.as_secs()));
        pass(CLOSING).await;
        assert_eq!(ledger.due(Instant::now()), Due::End(None));
    }
}
