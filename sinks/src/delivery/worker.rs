//! One sink of one instance: what waits for it, and when that leaves.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::{AbortHandle, LocalBoxFuture};
use mcp_edge_audit::chain::ChainedEvent;
use mcp_edge_audit::event::{Event, EventType};
use mcp_edge_glob::fits_any;
use mcp_edge_runtime::config::{
    self, DeliveryError, Destination, Report, ReportFn, Sink, SinkContext, is_one_of,
};
use mcp_edge_runtime::host::{Host, HostError, SharedHost, Timestamp};

use super::attempt::DeliveryAttempt;
use super::buffer::EventBuffer;
use super::losses::LossCounter;
use crate::ReceiverApi;

/// How long a flush may take, the time that events wait for others included. Workers stops work 30 s after the response;
/// the rest is for what must be kept when nothing else is left.
const MAX_FLUSH: Duration = Duration::from_secs(25);
/// After this much longer, a flush counts as stopped.
const GRACE: Duration = Duration::from_secs(5);
/// How long a receiver is left alone after a flush that failed. Each time it is twice as long, and what the receiver asks for
/// itself counts as well; some ask for hours by mistake.
const FIRST_REST: Duration = Duration::from_secs(1);
const MAX_REST: Duration = Duration::from_secs(60);

/// One sink.
pub(crate) struct SinkWorker {
    settings: &'static Sink,
    receiver: Box<dyn ReceiverApi>,
    ties: SinkContext,
    pub(crate) waiting: RefCell<EventBuffer>,
    /// Until when a task delivers what waits. Not a lock: work that a host stopped never gives it back.
    leased: Cell<Option<Timestamp>>,
    /// How long the receiver asked to be left alone.
    asked: Cell<Option<Duration>>,
    /// How long it was left alone the last time, if it could not be reached since.
    rested: Cell<Duration>,
    /// Whether something may be in the outbox that no flush delivers.
    pub(crate) is_kept: Cell<bool>,
    /// Whether the server ends and what is in the outbox stays there.
    pub(crate) leaves_kept: Cell<bool>,
    /// Why required events cannot be delivered, as the last attempt showed.
    trouble: RefCell<Option<String>>,
    /// Ends the task that delivers what waits.
    pub(crate) flushing: RefCell<Option<AbortHandle>>,
    lost: LossCounter,
    delayed: LossCounter,
}

impl SinkWorker {
    pub(crate) fn new(
        receiver: Box<dyn ReceiverApi>,
        settings: &'static Sink,
        ties: SinkContext,
    ) -> Self {
        Self {
            settings,
            receiver,
            ties,
            waiting: RefCell::new(EventBuffer::new(settings.buffer_events)),
            leased: Cell::default(),
            asked: Cell::default(),
            rested: Cell::default(),
            // Instances before this one may have left something.
            is_kept: Cell::new(settings.outbox),
            leaves_kept: Cell::default(),
            trouble: RefCell::default(),
            flushing: RefCell::default(),
            lost: LossCounter::new(settings.name, settings.buffer_events),
            delayed: LossCounter::new(settings.name, settings.buffer_events),
        }
    }

    /// Remembers whether the place that required events go to took events: the outbox where there is one, or else the sink.
    pub(crate) fn took(&self, took: Result<(), &dyn fmt::Display>) {
        self.trouble.replace(
            took.err()
                .map(|why| format!("the sink `{}`: {why}", self.settings.name)),
        );
    }

    pub(crate) fn settings(&self) -> &'static Sink {
        self.settings
    }

    pub(crate) fn driver(&self) -> &dyn ReceiverApi {
        self.receiver.as_ref()
    }

    /// The seal of each of these events that gets one, as JSON.
    pub(crate) fn seals(&self, events: &[Rc<ChainedEvent>], now: Timestamp) -> Vec<Option<String>> {
        self.ties.seals(events, now)
    }

    /// Remembers events that leave, to be back before `deadline`.
    pub(crate) fn checkout(&self, events: Vec<Rc<ChainedEvent>>, deadline: Timestamp) -> u64 {
        let until = deadline.after(GRACE);
        self.waiting.borrow_mut().checkout(events, until)
    }

    /// Remembers which of them are still on their way.
    pub(crate) fn remain(&self, number: u64, events: &[Rc<ChainedEvent>]) {
        self.waiting.borrow_mut().remain(number, events);
    }

    /// Lets those wait again that are still on their way.
    pub(crate) fn requeue(&self, number: u64, host: &dyn Host) {
        let lost = self.waiting.borrow_mut().back(number);
        self.overflow(&lost, host);
    }

    fn overflow(&self, lost: &[Rc<ChainedEvent>], host: &dyn Host) {
        self.drop_events(lost, "more events waited than `buffer_events` allows", host);
    }

    /// Notes events that the sink will never get.
    pub(crate) fn drop_events(&self, events: &[Rc<ChainedEvent>], why: &str, host: &dyn Host) {
        if events.is_empty() {
            return;
        }
        // How many they are is told with the next flush; a line for each would drown the log.
        if self.lost.is_empty() {
            host.warn(&format!(
                "the sink `{}` loses events: {why}",
                self.settings.name
            ));
        }
        self.lost.add(events, why);
    }

    /// Notes that the sink will never get so many of these events; it is unknown which.
    pub(crate) fn drop_oldest(
        &self,
        refused: usize,
        of: &[Rc<ChainedEvent>],
        why: &str,
        host: &dyn Host,
    ) {
        host.warn(&format!(
            "the sink `{}` will not get {refused} of {} events: {why}",
            self.settings.name,
            of.len()
        ));
        self.lost.add_some(refused, of, why);
    }

    /// Notes events that the sink has got. The time that a request took does not make its event late.
    pub(crate) fn arrived(&self, events: &[Rc<ChainedEvent>], now: Timestamp) {
        let late = events.iter().filter(|event| {
            let ended = event
                .at()
                .after(Duration::from_millis(event.event.duration_ms));
            now.since(ended) > self.ties.late
        });
        let late: Vec<_> = late.cloned().collect();
        if !late.is_empty() {
            self.delayed.add(&late, "");
        }
    }

    /// Notes for how long the receiver asked to be left alone.
    pub(crate) fn asked(&self, after: Option<Duration>) {
        self.asked.set(after);
    }

    /// Notes that something is in the outbox.
    pub(crate) fn expect_kept(&self) {
        self.is_kept.set(true);
    }

    /// Whether to flush: events wait, and no flush is in progress. A caller that gets `true` must flush.
    fn wants_flush(&self, host: &dyn Host) -> bool {
        let now = host.now();
        if self.leased.get().is_some_and(|until| now < until) {
            return false;
        }
        let lost = self.waiting.borrow_mut().overdue(now);
        self.overflow(&lost, host);
        if !self.has_work() {
            return false;
        }
        self.leased.set(Some(now.after(MAX_FLUSH).after(GRACE)));
        true
    }

    fn has_work(&self) -> bool {
        !self.waiting.borrow().is_empty()
            || self.is_kept.get()
            || !self.lost.is_empty()
            || !self.delayed.is_empty()
    }

    /// Hands over what waits, after it has waited for more. What the log has to be told then is `told`, and goes along if
    /// the sink takes events. Gives how long to wait before another flush, where this one has left something.
    pub(crate) async fn flush(
        self: &Rc<Self>,
        host: &SharedHost,
        tell: &dyn Fn(Report),
    ) -> Option<Duration> {
        let lease = Lease {
            outlet: self,
            until: self.leased.get(),
        };
        let deadline = host.now().after(MAX_FLUSH);
        host.sleep(self.settings.linger).await;
        let mut has_told = false;
        let end = loop {
            let mut end = self.send_all(deadline, self.attempt_time(), host).await;
            if end == End::Empty && self.settings.outbox {
                // Before it is emptied: what is kept meanwhile is not seen to otherwise.
                self.is_kept.set(false);
                let needed = self.attempt_time();
                end = self.empty_outbox(deadline, needed, host).await;
                if end == End::Empty {
                    self.took(Ok(()));
                } else {
                    self.expect_kept();
                }
            }
            // Once: a sink that refuses everything refuses this as well. What there is no room for is told after the next flush.
            if !has_told {
                self.reports_that_fit().into_iter().for_each(tell);
                has_told = true;
            }
            if end != End::Empty || (self.waiting.borrow().is_empty() && !self.is_kept.get()) {
                break end;
            }
        };
        if end == End::Unreachable && self.settings.outbox {
            self.store_all(host).await;
        }
        drop(lease);
        match end {
            End::Unreachable => {
                // The next caller tries again, but not at once.
                let rest = self.rest();
                self.leased.set(Some(host.now().after(rest)));
                Some(rest)
            }
            End::Empty | End::OutOfTime => {
                self.rested.take();
                (end == End::OutOfTime).then_some(Duration::ZERO)
            }
        }
    }

    /// As much as may wait of what the log has to be told: several reports must not push each other out again and again.
    fn reports_that_fit(&self) -> Vec<Report> {
        let room = self.waiting.borrow().room();
        self.reports_within(room.max(1))
    }

    fn reports_within(&self, most: usize) -> Vec<Report> {
        let mut reports = self.lost.report(EventType::Loss, most);
        let room = most.saturating_sub(reports.len());
        reports.extend(self.delayed.report(EventType::Late, room));
        reports
    }

    fn rest(&self) -> Duration {
        let twice = self.rested.get().saturating_mul(2).max(FIRST_REST);
        self.rested.set(twice.min(MAX_REST));
        let asked = self.asked.take().unwrap_or_default().min(MAX_REST);
        self.rested.get().max(asked).max(self.settings.linger)
    }

    /// How much time an attempt gets while others follow.
    pub(crate) fn attempt_time(&self) -> Duration {
        let Sink {
            timeout, linger, ..
        } = *self.settings;
        timeout.min(MAX_FLUSH.saturating_sub(linger))
    }

    /// Whether an attempt that needs so much time has it before `deadline`.
    pub(crate) fn has_time(needed: Duration, deadline: Timestamp, host: &dyn Host) -> bool {
        let now = host.now();
        now < deadline && now.after(needed) <= deadline
    }

    /// Delivers the waiting events, as long as an attempt has `needed` until `deadline`.
    pub(crate) async fn send_all(
        self: &Rc<Self>,
        deadline: Timestamp,
        needed: Duration,
        host: &SharedHost,
    ) -> End {
        while !self.waiting.borrow().is_empty() {
            if !Self::has_time(needed, deadline, host.as_ref()) {
                return End::OutOfTime;
            }
            let Some(mut flight) = self.next_attempt(deadline, host) else {
                break;
            };
            let flown = flight.run().await;
            if let (Err(why), false) = (flown, flight.events().is_empty()) {
                self.reached(Err(&why));
                // The flight gives its events back to wait for the next flush.
                host.warn(&format!(
                    "the sink `{}` does not take events: {why}",
                    self.settings.name
                ));
                return End::Unreachable;
            }
            self.reached(Ok(()));
        }
        End::Empty
    }

    /// Remembers whether the sink took events, where required events go to itself.
    fn reached(&self, reached: Result<(), &dyn fmt::Display>) {
        if !self.settings.outbox {
            self.took(reached);
        }
    }

    /// Puts what waits into the outbox.
    pub(crate) async fn store_all(self: &Rc<Self>, host: &SharedHost) {
        while let Some(flight) = self.next_attempt(host.now(), host) {
            if let Err(error) = self.keep(flight.events(), host).await {
                host.warn(&format!("the sink `{}`: {error}", self.settings.name));
                return;
            }
            flight.complete();
        }
    }

    fn next_attempt(
        self: &Rc<Self>,
        deadline: Timestamp,
        host: &SharedHost,
    ) -> Option<DeliveryAttempt> {
        let limits = self.receiver.limits();
        let events = self.settings.batch_events.min(limits.events);
        let bytes = self.settings.batch_bytes.min(limits.bytes);
        let events = self.waiting.borrow_mut().next(events, bytes);
        (!events.is_empty()).then(|| DeliveryAttempt::own(self, events, deadline, host))
    }
}

impl Destination for SinkWorker {
    fn admits(&self, event: &Event) -> bool {
        self.receiver.takes(event) && config::admits(self.settings, event)
    }

    fn requires(&self, event: &Event) -> bool {
        let required = self.settings.delivery == config::DeliveryMode::Required
            || is_one_of(self.settings.required_tools, event);
        required && self.admits(event)
    }

    fn requires_tool(&self, name: &str) -> bool {
        let Sink {
            delivery,
            required_tools,
            tools,
            ..
        } = self.settings;
        (*delivery == config::DeliveryMode::Required || fits_any(required_tools, name))
            && (tools.is_empty() || fits_any(tools, name))
    }

    fn enqueue(&self, event: Rc<ChainedEvent>, host: &dyn Host) {
        let lost = self.waiting.borrow_mut().push(event);
        self.overflow(&lost, host);
    }

    fn schedule_flush(self: Rc<Self>, host: &SharedHost, tell: ReportFn) {
        if !self.wants_flush(host.as_ref()) {
            return;
        }
        let (outlet, own) = (Rc::clone(&self), SharedHost::clone(host));
        let work = self.until_finished(async move {
            while let Some(rest) = outlet.flush(&own, tell.as_ref()).await {
                // Elsewhere the next event starts a flush.
                if !own.works_on() {
                    return;
                }
                own.sleep(rest).await;
                if !outlet.wants_flush(own.as_ref()) {
                    return;
                }
            }
        });
        host.after_response(Box::pin(work));
    }

    /// Into the outbox where there is one, or else to the sink itself, for `timeout` at most. An event that does not get there
    /// goes on as if it were not required.
    fn deliver(
        self: Rc<Self>,
        event: Rc<ChainedEvent>,
        host: SharedHost,
    ) -> LocalBoxFuture<'static, Result<(), DeliveryError>> {
        Box::pin(async move {
            let undelivered = |why: String| DeliveryError {
                sink: self.settings.name,
                why,
            };
            let deadline = host.now().after(self.settings.timeout);
            let mut flight = DeliveryAttempt::own(&self, vec![event], deadline, &host);
            if !self.settings.outbox {
                let flown = flight.run().await;
                // An event that the sink refuses shows nothing of others.
                self.reached(match &flown {
                    Err(why) if !flight.events().is_empty() => Err(why),
                    _ => Ok(()),
                });
                return flown.map_err(undelivered);
            }
            let kept = self.keep(flight.events(), &host).await;
            kept.map_err(|error: HostError| undelivered(error.to_string()))?;
            flight.complete();
            Ok(())
        })
    }

    fn trouble(&self) -> Option<String> {
        let is_required = self.settings.delivery == config::DeliveryMode::Required;
        self.trouble.borrow().clone().filter(|_| is_required)
    }

    fn reports(&self) -> Vec<Report> {
        self.reports_within(usize::MAX)
    }

    fn finish(
        self: Rc<Self>,
        deadline: Timestamp,
        host: SharedHost,
    ) -> LocalBoxFuture<'static, ()> {
        Box::pin(async move { self.send_last(deadline, &host).await })
    }

    fn deliver_payload(
        self: Rc<Self>,
        parcel: String,
        deadline: Timestamp,
        host: SharedHost,
    ) -> LocalBoxFuture<'static, Option<bool>> {
        Box::pin(async move { self.send_payload(&parcel, deadline, &host).await })
    }

    fn check<'a>(&'a self, host: &'a dyn Host) -> LocalBoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let lacks = |what: &str| format!("the host `{}` has no {what}", host.name());
            if self.settings.outbox {
                let outbox = host.outbox().ok_or_else(|| lacks("store for an outbox"))?;
                outbox.check().await.map_err(|error| error.to_string())?;
            }
            self.receiver.check(host).await
        })
    }
}

/// How a flush ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Nothing is left.
    Empty,
    /// There was no time for what is left.
    OutOfTime,
    /// The sink, or what keeps events for it, cannot be reached.
    Unreachable,
}

/// The right to flush, given back when it is dropped.
struct Lease<'a> {
    outlet: &'a SinkWorker,
    until: Option<Timestamp>,
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        // Unless it was taken over since.
        if self.outlet.leased.get() == self.until {
            self.outlet.leased.set(None);
        }
    }
}
