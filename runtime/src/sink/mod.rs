//! Where events go.
//!
//! A sink is a receiver that the company already has. Each [`Protocol`] turns a batch of events into one HTTP request or
//! one call of the host, and reads from the answer whether they arrived; when that happens, and what happens if it fails, is
//! decided here once for all of them.

mod answer;
mod datadog;
mod deliver;
mod destination;
mod elasticsearch;
mod envelope;
mod finish;
mod format;
#[cfg(test)]
mod golden;
mod kafka;
mod log;
mod mapping;
mod object;
mod otlp;
mod outbox;
mod outlet;
mod post;
mod queue;
mod r2;
mod s3;
mod setup;
mod splunk;
mod tally;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod waiting;
mod webhook;

use std::fmt;
use std::rc::Rc;

use bytes::Bytes;
use futures_util::future::LocalBoxFuture;

use self::destination::Immediate;
use self::outlet::Outlet;
use crate::audit::Event;
use crate::audit::chain::Linked;
use crate::config::Sink;
use crate::host::{Host, Timestamp};

pub(crate) use self::answer::Verdict;
pub(crate) use self::destination::{Destination, Ties, Undelivered};
pub use self::envelope::Envelope;
pub use self::format::Format;
pub(crate) use self::setup::{Setup, setup};
#[cfg(test)]
pub(crate) use self::tally::RANGES;
pub(crate) use self::tally::Report;

/// How a receiver is spoken to.
///
/// It stands among a sink's settings, so that a server carries the code of those that it names and of no other.
#[derive(Clone, Copy)]
pub struct Protocol {
    name: &'static str,
    start: Start,
    open: Open,
}

type Start = fn(Setup) -> Result<Box<dyn Speak>, String>;
type Open = fn(Box<dyn Speak>, &'static Sink, Ties) -> Rc<dyn Destination>;

impl Protocol {
    /// The host's log: a process's standard output, Workers Logs, Spin's log. Each event is written as soon as its request
    /// ends.
    pub const LOG: Self = Self {
        name: "log",
        start: log::start,
        open: Immediate::open,
    };

    /// Splunk's HTTP Event Collector.
    pub const SPLUNK: Self = Self::waiting("splunk", splunk::start);

    /// The bulk interface of Elasticsearch and OpenSearch, with an event's id as its document's.
    pub const ELASTICSEARCH: Self = Self::waiting("elasticsearch", elasticsearch::start);

    /// Kafka by the Confluent REST Proxy (API v2), with an event's chain as its record's key.
    pub const KAFKA: Self = Self::waiting("kafka", kafka::start);

    /// Datadog's logs intake (API v2).
    pub const DATADOG: Self = Self::waiting("datadog", datadog::start);

    /// A webhook that gets CloudEvents in batches, signed as Standard Webhooks has it. Any 2xx acknowledges a batch: the
    /// specification has no other acknowledgement.
    pub const WEBHOOK: Self = Self::waiting("webhook", webhook::start);

    /// An S3-compatible store that gets each batch as an object of lines.
    pub const S3: Self = Self::waiting("s3", s3::start);

    /// A queue of the host's that gets each event as a message.
    pub const QUEUE: Self = Self::waiting("queue", queue::start);

    /// A store of the host's that gets each batch as an object of lines.
    pub const R2: Self = Self::waiting("r2", r2::start);

    /// OpenTelemetry logs over OTLP/HTTP: a record for each event, with the event's line as its body.
    pub const OTLP_LOGS: Self = Self::waiting("otlp", otlp::start::<otlp::Logs>);

    /// OpenTelemetry traces over OTLP/HTTP: a span for each request. Events that tell of no ended request have none.
    pub const OTLP_TRACES: Self = Self::waiting("otlp-traces", otlp::start::<otlp::Traces>);

    /// OpenTelemetry metrics over OTLP/HTTP: the histogram `mcp.server.operation.duration` of the requests in a batch.
    pub const OTLP_METRICS: Self = Self::waiting("otlp-metrics", otlp::start::<otlp::Metrics>);

    /// A receiver that events wait for.
    const fn waiting(name: &'static str, start: Start) -> Self {
        Self {
            name,
            start,
            open: Outlet::open,
        }
    }

    /// Starts to speak to a receiver.
    pub(crate) fn open(self, setup: Setup, ties: Ties) -> Result<Rc<dyn Destination>, String> {
        let settings = setup.settings;
        Ok((self.open)((self.start)(setup)?, settings, ties))
    }

    /// The word for it in `mcp.toml`.
    pub const fn name(self) -> &'static str {
        self.name
    }
}

impl PartialEq for Protocol {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl fmt::Debug for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Speaks to one receiver.
pub(crate) trait Speak {
    /// Whether the receiver has any use for such an event.
    fn takes(&self, _event: &Event) -> bool {
        true
    }

    /// What hands a batch over. The same batch makes the same parcel but for the time in it, so that a receiver can tell
    /// a repetition. An error says what is wrong with an event of it.
    fn parcel(&self, batch: &Batch<'_>) -> Result<Parcel, String>;

    /// What an answer says of the batch that it answers, which had so many events.
    fn verdict(&self, answer: &http::Response<Bytes>, _events: usize) -> Verdict {
        Verdict::by_status(answer)
    }

    /// The most that the receiver takes at once, whatever the settings say.
    fn limits(&self) -> Limits {
        Limits {
            events: usize::MAX,
            bytes: usize::MAX,
        }
    }

    /// Whether the host has what it takes; asked when an instance starts.
    fn check<'a>(&'a self, _host: &'a dyn Host) -> LocalBoxFuture<'a, Result<(), String>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// How much goes together at most.
pub(crate) struct Limits {
    pub(crate) events: usize,
    /// Of the log's lines, before the protocol puts anything around them.
    pub(crate) bytes: usize,
}

/// Events that go together.
pub(crate) struct Batch<'a> {
    /// Never none.
    pub(crate) events: &'a [Rc<Linked>],
    /// The seal of the last, as JSON.
    pub(crate) seal: Option<String>,
    /// When it is sent.
    pub(crate) now: Timestamp,
}

/// What hands a batch over.
#[derive(Debug)]
pub(crate) enum Parcel {
    /// Lines of the host's log.
    Lines(Vec<String>),
    /// An HTTP request.
    Http(http::Request<Bytes>),
    /// Messages of a queue of the host's.
    Messages {
        binding: &'static str,
        messages: Vec<String>,
    },
    /// An object in a store of the host's.
    Object {
        binding: &'static str,
        key: String,
        content_type: &'static str,
        bytes: Bytes,
    },
}

impl<'a> Batch<'a> {
    /// Each event as the log has it: its canonical JSON with its hash and, at the last one, the seal.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (&'a Linked, String)> {
        let last = self.events.len().saturating_sub(1);
        self.events.iter().enumerate().map(move |(place, event)| {
            let line = match &self.seal {
                Some(seal) if place == last => event.sealed(seal),
                _ => event.json.clone(),
            };
            (event.as_ref(), line)
        })
    }

    /// Each event in a format.
    pub(crate) fn bodies(&self, format: Format) -> impl Iterator<Item = (&'a Linked, String)> {
        self.lines()
            .map(move |(event, line)| (event, format.body(event, line)))
    }

    /// A name for it that a repetition has as well: of its first and last event, and how many they are.
    pub(crate) fn name(&self) -> String {
        let id = |event: Option<&Rc<Linked>>| event.map_or("", |event| &event.event.id).to_owned();
        format!(
            "{}-{}-{}",
            id(self.events.first()),
            id(self.events.last()),
            self.events.len()
        )
    }
}
