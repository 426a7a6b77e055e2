//! The events of one instance, from their chain to the sinks.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::join_all;
use mcp_edge_audit::chain::{Chain, ChainedEvent};
use mcp_edge_audit::event::{Event, EventType, Outcome, VERSION};
use mcp_edge_audit::evidence::Receipt;

use super::bound::fit;
use super::content::CapturePolicy;
use super::record::{Recorded, unique};
use crate::config::{
    DeliveryError, Destination, Report, Settings, Sign, SinkContext, SinkSettings,
};
use crate::host::{Host, SharedHost, Timestamp};
use crate::secrets::{Purpose, Secrets};
use crate::start::StartError;

/// How long a host is kept waiting that hands out what it kept.
const MAX_DELIVERY: Duration = Duration::from_secs(25);
/// The part of the time of the last delivery, one in so many, that is for the reports of lost events and for the end of the
/// chain: without them nothing explains what is missing.
const REPORTS_SHARE: u32 = 4;

/// Everything that an instance needs to say what happened.
pub(crate) struct AuditTrail {
    server: String,
    environment: Option<String>,
    chain: RefCell<Chain>,
    /// The digest of the live policy that an event of the chain has told of last.
    live_policy: RefCell<Option<String>>,
    evidence: Option<Rc<dyn Sign>>,
    receipts: bool,
    max_event_bytes: usize,
    pub(crate) words: CapturePolicy,
    sinks: Vec<Rc<dyn Destination>>,
}

impl AuditTrail {
    pub(crate) async fn start(
        settings: &'static Settings,
        server: &str,
        environment: Option<&str>,
        secrets: &mut Secrets,
        host: &dyn Host,
    ) -> Result<Self, StartError> {
        let mut id = [0; 16];
        host.random(&mut id)?;
        let chain = Chain::new(id);
        let evidence = match settings.audit.signing_keys {
            None => None,
            Some(evidence) => {
                let secret = evidence.secret();
                let text = host
                    .variable(secret)
                    .await?
                    .filter(|text| !text.trim().is_empty())
                    .ok_or(StartError::NoEvidenceKeys(secret))?;
                let keys = evidence.read(&text);
                let keys = keys.map_err(|error| StartError::Keyring(secret, error))?;
                secrets.note(secret, Purpose::Evidence, &text)?;
                for half in keys.public_halves() {
                    secrets.note(secret, Purpose::Evidence, &half)?;
                }
                Some(keys)
            }
        };
        let ties = SinkContext {
            evidence: evidence.clone(),
            late: settings.audit.late_after,
        };
        let mut sinks = Vec::new();
        for sink in settings.sinks {
            let mistake = |why| StartError::Setting {
                key: format!("sinks.{}", sink.name),
                why,
            };
            let setup = SinkSettings::resolve(sink, server, host).await?;
            if let (Some(secret), Some(token)) = (sink.token, setup.token()) {
                secrets.note(secret, setup.purpose(), token)?;
            }
            let opened = sink.protocol.open(setup, ties.clone()).map_err(mistake)?;
            opened.check(host).await.map_err(mistake)?;
            sinks.push(opened);
        }
        Ok(Self {
            server: server.to_owned(),
            environment: environment.map(str::to_owned),
            chain: RefCell::new(chain),
            live_policy: RefCell::default(),
            evidence,
            receipts: settings.audit.receipts,
            max_event_bytes: settings.audit.max_event_bytes,
            words: CapturePolicy::start(settings)?,
            sinks,
        })
    }

    /// The public halves of the audit signing keys.
    pub(crate) fn evidence(&self) -> Option<&dyn Sign> {
        self.evidence.as_deref()
    }

    /// Puts an event at the end of the chain and into the hands of every sink but those that its request waits for.
    pub(super) fn add(self: &Rc<Self>, event: Event, host: &SharedHost) -> Recorded {
        let mut required = Vec::new();
        let linked = self.link(event);
        for sink in self.sinks_for(&linked.event) {
            if sink.requires(&linked.event) {
                required.push(Rc::clone(sink));
            } else {
                self.dispatch(sink, &linked, host);
            }
        }
        Recorded::new(Rc::clone(self), linked, required, SharedHost::clone(host))
    }

    /// Puts an event at the end of the chain. Every sink gets it as it is then.
    fn link(&self, mut event: Event) -> Rc<ChainedEvent> {
        self.shorten_live_policy(&mut event);
        fit(&mut event, self.max_event_bytes);
        self.chain.borrow_mut().link(event)
    }

    /// Leaves the version alone of a live policy that the event before this one with a live policy told of.
    fn shorten_live_policy(&self, event: &mut Event) {
        let Some(policy) = &mut event.live_policy else {
            return;
        };
        let mut told = self.live_policy.borrow_mut();
        if *told == policy.digest {
            (policy.digest, policy.key) = (None, None);
        } else {
            told.clone_from(&policy.digest);
        }
    }

    fn sinks_for<'a>(&'a self, event: &'a Event) -> impl Iterator<Item = &'a Rc<dyn Destination>> {
        self.sinks.iter().filter(|sink| sink.admits(event))
    }

    /// Gives a sink an event, and schedules its delivery.
    pub(super) fn dispatch(
        self: &Rc<Self>,
        sink: &Rc<dyn Destination>,
        linked: &Rc<ChainedEvent>,
        host: &SharedHost,
    ) {
        sink.enqueue(Rc::clone(linked), host.as_ref());
        self.schedule_flush(sink, host);
    }

    /// Schedules the delivery of what waits for a sink after the response, unless it is scheduled already.
    pub(super) fn schedule_flush(self: &Rc<Self>, sink: &Rc<dyn Destination>, host: &SharedHost) {
        let (trail, own) = (Rc::clone(self), SharedHost::clone(host));
        Rc::clone(sink).schedule_flush(host, Rc::new(move |report| trail.report(report, &own)));
    }

    /// Has the log told of itself. It waits with the next events: a sink that refuses everything would otherwise be told so
    /// permanently.
    fn report(self: &Rc<Self>, report: Report, host: &SharedHost) {
        let mut delivery = report.delivery;
        if delivery.chain.as_deref() == Some(self.chain.borrow().id()) {
            delivery.chain = None;
        }
        let event = Event {
            delivery: Some(delivery),
            detail: Some(report.why).filter(|why| !why.is_empty()),
            ..self.about_the_log(report.kind, Outcome::Failed, host)
        };
        let linked = self.link(event);
        self.enqueue(&linked, host);
    }

    /// Gives an event to every sink that is for it; it waits for the next delivery.
    fn enqueue(&self, linked: &Rc<ChainedEvent>, host: &SharedHost) {
        for sink in self.sinks_for(&linked.event) {
            sink.enqueue(Rc::clone(linked), host.as_ref());
        }
    }

    /// Says that an answer was withheld, since its event was not recorded.
    pub(super) fn withheld(self: &Rc<Self>, event: &Event, why: &DeliveryError, host: &SharedHost) {
        let event = Event {
            request_id: Some(event.id.clone()),
            detail: Some(why.to_string()),
            method: event.method.clone(),
            name: event.name.clone(),
            principal: event.principal.clone(),
            trace_id: event.trace_id.clone(),
            ..self.about_the_log(EventType::Withheld, Outcome::Failed, host)
        };
        let linked = self.link(event);
        for sink in self.sinks_for(&linked.event) {
            self.dispatch(sink, &linked, host);
        }
    }

    fn about_the_log(&self, kind: EventType, outcome: Outcome, host: &SharedHost) -> Event {
        Event {
            event: kind,
            version: VERSION,
            id: unique(host),
            time: host.now().to_rfc3339(),
            host: host.name().into(),
            server: Some(self.server.clone()),
            environment: self.environment.clone(),
            outcome,
            ..Event::default()
        }
    }

    /// Whether the call of this tool waits for a sink.
    pub(super) fn requires_tool(&self, name: &str) -> bool {
        self.sinks.iter().any(|sink| sink.requires_tool(name))
    }

    /// What the caller of a request can prove its event with.
    pub(super) fn receipt(&self, linked: &ChainedEvent, host: &dyn Host) -> Option<Receipt> {
        let evidence = self.evidence.as_ref().filter(|_| self.receipts)?;
        evidence.receipt(linked, &host.now().to_rfc3339())
    }

    /// Whether every sink takes the events that requests wait for, as far as is known. The error says why not.
    pub(crate) fn check(&self) -> Result<(), String> {
        let trouble = self.sinks.iter().find_map(|sink| sink.trouble());
        trouble.map_or(Ok(()), Err)
    }

    /// Hands over what instances before this one could not.
    pub(crate) fn resume(self: &Rc<Self>, host: &SharedHost) {
        for sink in &self.sinks {
            self.schedule_flush(sink, host);
        }
    }

    /// Delivers what waits, for the last time. Then closes the chain, after what the log has to be told of that delivery, and
    /// delivers these events to the sinks that can still be reached. Gives the number of events that each sink has lost.
    pub(crate) async fn finish(
        self: &Rc<Self>,
        within: Duration,
        host: &SharedHost,
    ) -> BTreeMap<String, u64> {
        let began = host.now();
        let deadline = began.after(within);
        let for_reports = within.checked_div(REPORTS_SHARE).unwrap_or_default();
        let first = began.after(within.saturating_sub(for_reports));
        self.finish_all(first, host).await;
        let reports: Vec<_> = self.sinks.iter().flat_map(|sink| sink.reports()).collect();
        let mut lost = BTreeMap::new();
        for report in reports
            .iter()
            .filter(|report| report.kind == EventType::Loss)
        {
            let events = lost
                .entry(report.delivery.sink.to_string())
                .or_insert(0_u64);
            *events = events.saturating_add(report.delivery.events);
        }
        for report in reports {
            self.report(report, host);
            // One after the other: where few events may wait, several would push each other out, and nothing tells of it.
            self.finish_all(deadline, host).await;
        }
        let mut closing = self.about_the_log(EventType::End, Outcome::Ok, host);
        fit(&mut closing, self.max_event_bytes);
        let closing = self.chain.borrow_mut().close(closing);
        if let Some(closing) = closing {
            self.enqueue(&closing, host);
            self.finish_all(deadline, host).await;
        }
        lost
    }

    async fn finish_all(&self, deadline: Timestamp, host: &SharedHost) {
        let sinks = self.sinks.iter().map(Rc::clone);
        join_all(sinks.map(|sink| sink.finish(deadline, SharedHost::clone(host)))).await;
    }

    /// Hands over what the host kept and hands out by itself; whether it need not hand it out again.
    pub(crate) async fn deliver(self: &Rc<Self>, parcel: &str, host: &SharedHost) -> bool {
        let deadline = host.now().after(MAX_DELIVERY);
        for sink in &self.sinks {
            let own = (parcel.to_owned(), deadline, SharedHost::clone(host));
            if let Some(delivered) = Rc::clone(sink).deliver_payload(own.0, own.1, own.2).await {
                self.schedule_flush(sink, host);
                return delivered;
            }
        }
        host.warn(
            "events that were kept are for no sink of this server, or were changed since; they stay where they are",
        );
        false
    }
}

/// A call that must be on record is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct AuditError(pub(crate) DeliveryError);

/// Waits until every one of `required` has the event.
pub(super) async fn deliver_all(
    required: &[Rc<dyn Destination>],
    linked: &Rc<ChainedEvent>,
    host: &SharedHost,
) -> Result<(), DeliveryError> {
    let deliveries = required
        .iter()
        .map(|sink| Rc::clone(sink).deliver(Rc::clone(linked), SharedHost::clone(host)));
    join_all(deliveries).await.into_iter().collect()
}
