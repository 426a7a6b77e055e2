//! What a sink is to the audit log of an instance, and to those who write one.

use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::{LocalBoxFuture, ready};
use mcp_edge_audit::chain::ChainedEvent;
use mcp_edge_audit::event::{DeliveryReport, Event, EventType};
use mcp_edge_glob::fits_any;

use super::{Sign, SinkSettings};
use crate::config::Sink;
use crate::host::{Host, SharedHost, Timestamp};

/// Where events go, and how they are delivered there. A driver is a constant, so that a server carries the code of those that
/// its settings name and of no other.
pub trait SinkDriver: Sync {
    /// The word for it in `mcp.toml`.
    fn name(&self) -> &'static str;

    /// Whether the secret of `token` signs what is sent, and is not itself sent.
    fn signs(&self) -> bool {
        false
    }

    /// Starts a sink. The error says what is wrong with its settings.
    fn open(&self, setup: SinkSettings, ties: SinkContext) -> Result<Rc<dyn Destination>, String>;
}

/// How a sink's receiver is spoken to: the driver that its settings name.
#[derive(Clone, Copy)]
pub struct Protocol(&'static dyn SinkDriver);

impl Protocol {
    /// What `driver` speaks.
    pub const fn new(driver: &'static dyn SinkDriver) -> Self {
        Self(driver)
    }

    /// The word for it in `mcp.toml`.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// Whether the secret of `token` signs what is sent, and is not itself sent.
    pub(crate) fn signs(self) -> bool {
        self.0.signs()
    }

    /// Starts a sink.
    pub(crate) fn open(
        self,
        setup: SinkSettings,
        ties: SinkContext,
    ) -> Result<Rc<dyn Destination>, String> {
        self.0.open(setup, ties)
    }
}

impl PartialEq for Protocol {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl fmt::Debug for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What all sinks of an instance have in common.
#[derive(Clone)]
pub struct SinkContext {
    /// What signs the events of a batch.
    pub evidence: Option<Rc<dyn Sign>>,
    /// From when on an event is late.
    pub late: Duration,
}

impl SinkContext {
    /// The seal of each of these events that gets one when they leave together, as JSON. Without keys there is none.
    pub fn seals(&self, events: &[Rc<ChainedEvent>], now: Timestamp) -> Vec<Option<String>> {
        let Some(evidence) = &self.evidence else {
            return Vec::new();
        };
        let time = now.to_rfc3339();
        let next = events.iter().skip(1).map(|next| Some(next.as_ref()));
        let pairs = events.iter().zip(next.chain([None]));
        let seals = pairs.map(|(event, next)| {
            let is_due = event.needs_seal(next);
            let seal = is_due.then(|| evidence.seal(event, &time)).flatten()?;
            serde_json::to_string(&seal).ok()
        });
        seals.collect()
    }
}

/// A required event did not get to its sink.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the sink `{sink}` did not take the event: {why}")]
pub struct DeliveryError {
    /// The sink, as `mcp.toml` names it.
    pub sink: &'static str,
    /// Why not.
    pub why: String,
}

/// What the log has to be told of a sink.
pub struct Report {
    /// [`EventType::Loss`] or [`EventType::Late`].
    pub kind: EventType,
    /// Which events, and of which sink. `chain` is that of `sequences`.
    pub delivery: DeliveryReport,
    /// Why; may be empty.
    pub why: String,
}

impl Report {
    /// The maximum number of ranges in [`DeliveryReport::sequences`].
    pub const MAX_RANGES: usize = 64;
}

/// Tells the log of itself.
pub type ReportFn = Rc<dyn Fn(Report)>;

/// Where events go. What is not said here otherwise holds for one that takes events as they happen.
///
/// Behind a trait, so that a server whose events go to the host's log carries nothing of what it takes to reach any other
/// place.
pub trait Destination {
    /// Whether the sink is for this event.
    fn admits(&self, event: &Event) -> bool;

    /// Whether a request waits until the sink has this event.
    fn requires(&self, _event: &Event) -> bool {
        false
    }

    /// Whether it could require the event of a call of this tool.
    fn requires_tool(&self, _name: &str) -> bool {
        false
    }

    /// Takes an event, at once or to hand it over later.
    fn enqueue(&self, event: Rc<ChainedEvent>, host: &dyn Host);

    /// Schedules the delivery of what waits after the response, unless it is scheduled already.
    fn schedule_flush(self: Rc<Self>, _host: &SharedHost, _tell: ReportFn) {}

    /// Has a required event delivered, while its request waits.
    fn deliver(
        self: Rc<Self>,
        event: Rc<ChainedEvent>,
        host: SharedHost,
    ) -> LocalBoxFuture<'static, Result<(), DeliveryError>> {
        self.enqueue(event, host.as_ref());
        Box::pin(ready(Ok(())))
    }

    /// Why the last event that a request had to wait for was not delivered, if every request has to wait and none was delivered
    /// since.
    fn trouble(&self) -> Option<String> {
        None
    }

    /// What the log has to be told since it was last told.
    fn reports(&self) -> Vec<Report> {
        Vec::new()
    }

    /// Hands over what waits, for the last time.
    fn finish(
        self: Rc<Self>,
        _deadline: Timestamp,
        _host: SharedHost,
    ) -> LocalBoxFuture<'static, ()> {
        Box::pin(ready(()))
    }

    /// Hands over what the host kept and hands out by itself, and says whether it need not be kept any longer; `None` if it is
    /// not for this sink.
    fn deliver_payload(
        self: Rc<Self>,
        _parcel: String,
        _deadline: Timestamp,
        _host: SharedHost,
    ) -> LocalBoxFuture<'static, Option<bool>> {
        Box::pin(ready(None))
    }

    /// Whether the host has what the sink needs of it.
    fn check<'a>(&'a self, _host: &'a dyn Host) -> LocalBoxFuture<'a, Result<(), String>> {
        Box::pin(ready(Ok(())))
    }
}

/// Whether a sink's filters let an event through. What is said of the log itself is for every sink.
pub fn admits(settings: &Sink, event: &Event) -> bool {
    let Sink {
        tools, outcomes, ..
    } = settings;
    let is_chosen = (tools.is_empty() || is_one_of(tools, event))
        && (outcomes.is_empty()
            || event.event != EventType::Request
            || outcomes.contains(&event.outcome));
    is_chosen
        || matches!(
            event.event,
            EventType::Loss | EventType::Late | EventType::End
        )
}

/// Whether an event is about one of these tools.
pub fn is_one_of(tools: &[&str], event: &Event) -> bool {
    let name = event
        .name
        .as_deref()
        .filter(|_| event.method.as_deref() == Some("tools/call"));
    name.is_some_and(|name| fits_any(tools, name))
}
