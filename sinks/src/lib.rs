//! Sinks: receivers of the audit events of mcp-edge, and the delivery to them.
//!
//! Each [`Protocol`] of this crate turns a batch of events into one HTTP request or one call of the host, and reads the result of
//! each event from the response. Batches, retries, the outbox and the accounting of lost events are the same for all of them.
//!
//! To use a sink, name its `type` in `mcp.toml`: `config!` writes the constant. To add one, add a file to `receivers` and its
//! constant here; what a receiver wants around an event is in `mcp_edge_envelope`.
//!
//! A protocol is a constant that a setting names. A server whose `mcp.toml` does not name it does not carry its code.
#![cfg_attr(test, allow(clippy::string_slice, clippy::arithmetic_side_effects))]

mod answer;
#[cfg(test)]
#[path = "../../runtime/src/audit_trail/arbitrary.rs"]
mod any;
mod delivery;
mod format;
#[cfg(test)]
mod golden;
mod http_request;
mod object_key;
mod receivers;
#[cfg(test)]
#[path = "../../runtime/src/audit_trail/samples.rs"]
mod samples;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use std::rc::Rc;

use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use mcp_edge_audit::Event;
use mcp_edge_audit::chain::ChainedEvent;
use mcp_edge_runtime::config::{
    Algorithm, Destination, Drivers, Format, Protocol, SinkContext, SinkDriver, SinkSettings,
};
use mcp_edge_runtime::host::{Host, Timestamp};

use self::delivery::SinkWorker;
use self::receivers::{datadog, elasticsearch, kafka, otlp, queue, r2, s3, splunk, webhook};

pub(crate) use self::answer::BatchStatus;
pub use self::format::{CLOUD_EVENTS, OCSF};

/// Opens a receiver.
type Start = fn(SinkSettings) -> Result<Box<dyn ReceiverApi>, String>;

/// A receiver that events wait for.
struct Receiver {
    name: &'static str,
    start: Start,
    /// Whether its secret signs what is sent, and is not itself sent.
    signs: bool,
}

impl Receiver {
    const fn new(name: &'static str, start: Start) -> Self {
        let signs = false;
        Self { name, start, signs }
    }

    const fn signing(self) -> Self {
        Self {
            signs: true,
            ..self
        }
    }
}

impl SinkDriver for Receiver {
    fn name(&self) -> &'static str {
        self.name
    }

    fn signs(&self) -> bool {
        self.signs
    }

    fn open(&self, setup: SinkSettings, ties: SinkContext) -> Result<Rc<dyn Destination>, String> {
        let settings = setup.settings;
        let receiver = (self.start)(setup)?;
        Ok(Rc::new(SinkWorker::new(receiver, settings, ties)))
    }
}

/// Splunk's HTTP Event Collector.
pub const SPLUNK: Protocol = Protocol::new(&const { Receiver::new("splunk", splunk::start) });

/// The bulk interface of Elasticsearch and OpenSearch, with an event's id as its document's.
pub const ELASTICSEARCH: Protocol =
    Protocol::new(&const { Receiver::new("elasticsearch", elasticsearch::start) });

/// Kafka by the Confluent REST Proxy (API v2), with an event's chain as its record's key.
pub const KAFKA: Protocol = Protocol::new(&const { Receiver::new("kafka", kafka::start) });

/// Datadog's logs intake (API v2).
pub const DATADOG: Protocol = Protocol::new(&const { Receiver::new("datadog", datadog::start) });

/// A webhook that gets CloudEvents in batches, signed as Standard Webhooks has it. Any 2xx acknowledges a batch: the
/// specification has no other acknowledgement.
pub const WEBHOOK: Protocol =
    Protocol::new(&const { Receiver::new("webhook", webhook::start).signing() });

/// An S3-compatible store that gets each batch as an object of lines.
pub const S3: Protocol = Protocol::new(&const { Receiver::new("s3", s3::start).signing() });

/// A queue of the host's that gets each event as a message.
pub const QUEUE: Protocol = Protocol::new(&const { Receiver::new("queue", queue::start) });

/// A store of the host's that gets each batch as an object of lines.
pub const R2: Protocol = Protocol::new(&const { Receiver::new("r2", r2::start) });

/// OpenTelemetry logs over OTLP/HTTP: a record for each event, with the event's line as its body.
pub const OTLP_LOGS: Protocol =
    Protocol::new(&const { Receiver::new("otlp", otlp::start::<otlp::Logs>) });

/// OpenTelemetry traces over OTLP/HTTP: a span for each request. Events that tell of no ended request have none.
pub const OTLP_TRACES: Protocol =
    Protocol::new(&const { Receiver::new("otlp-traces", otlp::start::<otlp::Traces>) });

/// OpenTelemetry metrics over OTLP/HTTP: the histogram `mcp.server.operation.duration` of the requests in a batch.
pub const OTLP_METRICS: Protocol =
    Protocol::new(&const { Receiver::new("otlp-metrics", otlp::start::<otlp::Metrics>) });

/// Every driver: what a program that reads settings while it runs can use.
pub const DRIVERS: Drivers = Drivers {
    protocols: &[
        Protocol::LOG,
        OTLP_LOGS,
        OTLP_TRACES,
        OTLP_METRICS,
        SPLUNK,
        ELASTICSEARCH,
        KAFKA,
        DATADOG,
        WEBHOOK,
        S3,
        QUEUE,
        R2,
    ],
    formats: &[Format::EVENT, OCSF, CLOUD_EVENTS],
    algorithms: &Algorithm::ALL,
};

/// The API of one receiver: how a batch is sent, and what an answer says of it.
pub(crate) trait ReceiverApi {
    /// Whether the receiver has any use for such an event.
    fn takes(&self, _event: &Event) -> bool {
        true
    }

    /// What hands a batch over. The same batch makes the same parcel but for the time in it, so that a receiver can tell
    /// a repetition. An error says what is wrong with an event of it.
    fn parcel(&self, batch: &Batch<'_>) -> Result<SinkPayload, String>;

    /// What an answer says of the batch that it answers, which had so many events.
    fn verdict(&self, answer: &http::Response<Bytes>, _events: usize) -> BatchStatus {
        BatchStatus::by_status(answer)
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
    pub(crate) events: &'a [Rc<ChainedEvent>],
    /// The seal of each that has one, as JSON. Those behind the end of the list have none.
    pub(crate) seals: Vec<Option<String>>,
    /// When it is sent.
    pub(crate) now: Timestamp,
}

/// What hands a batch over.
#[derive(Debug)]
pub(crate) enum SinkPayload {
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
    /// Each event as the log has it: its canonical JSON with its hash and, if it has one, its seal.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (&'a ChainedEvent, String)> {
        let seals = self.seals.iter().map(Option::as_deref);
        let seals = seals.chain(std::iter::repeat(None));
        self.events.iter().zip(seals).map(|(event, seal)| {
            let line = seal.map_or_else(|| event.json.clone(), |seal| event.sealed(seal));
            (event.as_ref(), line)
        })
    }

    /// Each event in a format.
    pub(crate) fn bodies(
        &self,
        format: Format,
    ) -> impl Iterator<Item = (&'a ChainedEvent, String)> {
        self.lines()
            .map(move |(event, line)| (event, format.body(event, line)))
    }

    /// A name for it that a repetition has as well: of its first and last event, and how many they are.
    pub(crate) fn name(&self) -> String {
        let id =
            |event: Option<&Rc<ChainedEvent>>| event.map_or("", |event| &event.event.id).to_owned();
        format!(
            "{}-{}-{}",
            id(self.events.first()),
            id(self.events.last()),
            self.events.len()
        )
    }
}
