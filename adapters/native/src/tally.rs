//! Counts of what ends a connection and is no request, so that no event tells of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use mcp_edge_runtime::host::Host;
use tokio::sync::Notify;

/// How long the first count of a kind waits for others to be written with it.
const FIRST: Duration = Duration::from_secs(1);
/// The minimum time between two lines.
const INTERVAL: Duration = Duration::from_secs(60);

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RateDecision {
    /// Refused: `connections.max` is reached, and every connection serves a request.
    OverMax,
    /// Refused: `connections.max_per_address` is reached, and every connection of the address serves a request.
    OverMaxPerAddress,
    /// Closed while it waited for its client, to make room for a new connection.
    Displaced,
    /// Closed after `connections.header_timeout`.
    HeaderTimeout,
    /// Closed after `connections.write_timeout`.
    WriteTimeout,
    /// Closed by the HTTP/2 library, for the client did not keep to the protocol.
    ProtocolError,
}

const KINDS: [(RateDecision, &str); 6] = [
    (RateDecision::OverMax, "refused at connections.max"),
    (
        RateDecision::OverMaxPerAddress,
        "refused at connections.max_per_address",
    ),
    (RateDecision::Displaced, "closed to make room"),
    (
        RateDecision::HeaderTimeout,
        "closed after connections.header_timeout",
    ),
    (
        RateDecision::WriteTimeout,
        "closed after connections.write_timeout",
    ),
    (
        RateDecision::ProtocolError,
        "closed because of an error in HTTP/2",
    ),
];

/// The counts of a process; its copies are the same counts.
#[derive(Clone, Default)]
pub(crate) struct Tally(Arc<Counts>);

#[derive(Default)]
struct Counts {
    counts: [AtomicU64; KINDS.len()],
    added: Notify,
}

impl Tally {
    pub(crate) fn add(&self, kind: RateDecision) {
        for ((known, _), count) in KINDS.iter().zip(&self.0.counts) {
            if *known == kind {
                count.fetch_add(1, Ordering::Relaxed);
            }
        }
        self.0.added.notify_one();
    }

    /// Writes lines to the log, a minute apart at least, as long as it is polled.
    pub(crate) async fn report(&self, host: &dyn Host) {
        loop {
            self.0.added.notified().await;
            tokio::time::sleep(FIRST).await;
            self.flush(host);
            tokio::time::sleep(INTERVAL).await;
        }
    }

    /// Writes what no line has told of, if there is anything.
    pub(crate) fn flush(&self, host: &dyn Host) {
        if let Some(line) = self.take() {
            host.warn(&line);
        }
    }

    fn take(&self) -> Option<String> {
        let mut told = Vec::new();
        for ((_, words), count) in KINDS.iter().zip(&self.0.counts) {
            let count = count.swap(0, Ordering::Relaxed);
            if count > 0 {
                told.push(format!("{count} {words}"));
            }
        }
        (!told.is_empty()).then(|| format!("connections: {}", told.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_each_count_once() {
        let tally = Tally::default();
        assert_eq!(tally.take(), None);
        let other_thread = tally.clone();
        tally.add(RateDecision::OverMax);
        tally.add(RateDecision::HeaderTimeout);
        other_thread.add(RateDecision::HeaderTimeout);
        let line =
            "connections: 1 refused at connections.max, 2 closed after connections.header_timeout";
        assert_eq!(tally.take().as_deref(), Some(line));
        assert_eq!(tally.take(), None);
    }
}
