//! A sink as the trail of an instance sees it.

use std::rc::Rc;
use std::time::Duration;

use futures_util::future::{LocalBoxFuture, ready};

use super::{Batch, Parcel, Report, Speak};
use crate::audit::chain::Linked;
use crate::audit::event::{Event, Kind};
use crate::audit::evidence::Sign;
use crate::config::Sink;
use crate::host::{Host, SharedHost, Timestamp};
use crate::policy::fits;

/// What all sinks of an instance have in common.
#[derive(Clone)]
pub(crate) struct Ties {
    pub(crate) evidence: Option<Rc<dyn Sign>>,
    /// The instance's own chain.
    pub(crate) chain: String,
    /// From when on an event is late.
    pub(crate) late: Duration,
}

impl Ties {
    /// The seal of the last of these events, as JSON.
    pub(super) fn seal(&self, events: &[Rc<Linked>], now: Timestamp) -> Option<String> {
        let evidence = self.evidence.as_ref()?;
        let seal = evidence.seal(events.last()?, &now.to_rfc3339())?;
        serde_json::to_string(&seal).ok()
    }
}

/// A required event did not get to its sink.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the sink `{sink}` did not take the event: {why}")]
pub(crate) struct Undelivered {
    pub(crate) sink: &'static str,
    pub(crate) why: String,
}

/// Tells the log of itself.
pub(crate) type Tell = Rc<dyn Fn(Report)>;

/// Where events go. What is not said here otherwise holds for one that takes events as they happen.
///
/// Behind a trait, so that a server whose events go to the host's log carries nothing of what it takes to reach any other
/// place.
pub(crate) trait Destination {
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
    fn take(&self, event: Rc<Linked>, host: &dyn Host);

    /// Schedules the delivery of what waits after the response, unless it is scheduled already.
    fn see_to(self: Rc<Self>, _host: &SharedHost, _tell: Tell) {}

    /// Has a required event delivered, while its request waits.
    fn deliver(
        self: Rc<Self>,
        event: Rc<Linked>,
        host: SharedHost,
    ) -> LocalBoxFuture<'static, Result<(), Undelivered>> {
        self.take(event, host.as_ref());
        Box::pin(ready(Ok(())))
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
    fn deliver_parcel(
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

/// A sink that takes events as they happen.
pub(super) struct Immediate {
    settings: &'static Sink,
    speak: Box<dyn Speak>,
    ties: Ties,
}

impl Immediate {
    pub(super) fn open(
        speak: Box<dyn Speak>,
        settings: &'static Sink,
        ties: Ties,
    ) -> Rc<dyn Destination> {
        Rc::new(Self {
            settings,
            speak,
            ties,
        })
    }
}

impl Destination for Immediate {
    fn admits(&self, event: &Event) -> bool {
        admits(self.settings, event)
    }

    fn take(&self, event: Rc<Linked>, host: &dyn Host) {
        let (events, now) = ([event], host.now());
        let batch = Batch {
            events: &events,
            seal: self.ties.seal(&events, now),
            now,
        };
        if let Ok(Parcel::Lines(lines)) = self.speak.parcel(&batch) {
            for line in lines {
                host.log(&line);
            }
        }
    }
}

/// Whether a sink's filters let an event through. What is said of the log itself is for every sink.
pub(super) fn admits(settings: &Sink, event: &Event) -> bool {
    let Sink {
        tools, outcomes, ..
    } = settings;
    let is_chosen = (tools.is_empty() || is_one_of(tools, event))
        && (outcomes.is_empty()
            || event.event != Kind::Request
            || outcomes.contains(&event.outcome));
    is_chosen || matches!(event.event, Kind::Loss | Kind::Late | Kind::End)
}

/// Whether an event is about one of these tools.
pub(super) fn is_one_of(tools: &[&str], event: &Event) -> bool {
    let name = event
        .name
        .as_deref()
        .filter(|_| event.method.as_deref() == Some("tools/call"));
    name.is_some_and(|name| tools.iter().any(|pattern| fits(pattern, name)))
}
