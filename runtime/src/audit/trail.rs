//! The events of one instance, from their chain to the sinks.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::join_all;

use super::chain::{Chain, Linked};
use super::content::Words;
use super::event::{Event, Kind, Outcome, VERSION};
use super::evidence::{EvidenceKeys, Receipt};
use super::record::{Recorded, unique};
use crate::config::Settings;
use crate::host::{Host, SharedHost, Timestamp};
use crate::instance::StartError;
use crate::sink::{Outlet, Report, Undelivered, setup};

/// How long a host is kept waiting that hands out what it kept.
const LONGEST_DELIVERY: Duration = Duration::from_secs(25);

/// Everything that an instance needs to say what happened.
pub(crate) struct Trail {
    server: String,
    environment: Option<String>,
    chain: RefCell<Chain>,
    evidence: Option<Rc<EvidenceKeys>>,
    receipts: bool,
    pub(crate) words: Words,
    outlets: Vec<Rc<Outlet>>,
}

impl Trail {
    pub(crate) async fn start(
        settings: &'static Settings,
        server: &str,
        environment: Option<&str>,
        host: &dyn Host,
    ) -> Result<Self, StartError> {
        let mut id = [0; 16];
        host.random(&mut id)?;
        let chain = Chain::new(id);
        let evidence = match settings.audit.keys {
            None => None,
            Some(secret) => {
                let text = host
                    .variable(secret)
                    .await?
                    .filter(|text| !text.trim().is_empty())
                    .ok_or(StartError::NoEvidenceKeys(secret))?;
                let keys = EvidenceKeys::parse(&text)
                    .map_err(|error| StartError::Keyring(secret, error))?;
                Some(Rc::new(keys))
            }
        };
        let mut outlets = Vec::new();
        for sink in settings.sinks {
            let mistake = |why| StartError::Setting {
                key: format!("sinks.{}", sink.name),
                why,
            };
            let setup = setup(sink, server, host).await?;
            let outlet = Outlet::start(setup, evidence.clone(), chain.id(), settings.audit.late)
                .map_err(mistake)?;
            outlet.check(host).await.map_err(mistake)?;
            outlets.push(Rc::new(outlet));
        }
        Ok(Self {
            server: server.to_owned(),
            environment: environment.map(str::to_owned),
            chain: RefCell::new(chain),
            evidence,
            receipts: settings.audit.receipts,
            words: Words::start(settings)?,
            outlets,
        })
    }

    /// The public halves of the keys of evidence.
    pub(crate) fn evidence(&self) -> Option<&EvidenceKeys> {
        self.evidence.as_deref()
    }

    /// Puts an event at the end of the chain and into the hands of every sink but those that its request waits for.
    pub(super) fn add(self: &Rc<Self>, event: Event, host: &SharedHost) -> Recorded {
        let mut required = Vec::new();
        let linked = self.chain.borrow_mut().link(event);
        for outlet in self.outlets_for(&linked.event) {
            if outlet.is_immediate() {
                outlet.write(&linked, host.as_ref());
            } else if outlet.requires(&linked.event) {
                required.push(Rc::clone(outlet));
            } else {
                self.hand(outlet, &linked, host);
            }
        }
        Recorded::new(Rc::clone(self), linked, required, SharedHost::clone(host))
    }

    fn outlets_for<'a>(&'a self, event: &'a Event) -> impl Iterator<Item = &'a Rc<Outlet>> {
        self.outlets.iter().filter(|outlet| outlet.admits(event))
    }

    /// Lets an event wait for a sink, and sees to it that somebody flushes.
    pub(super) fn hand(
        self: &Rc<Self>,
        outlet: &Rc<Outlet>,
        linked: &Rc<Linked>,
        host: &SharedHost,
    ) {
        outlet.take(Rc::clone(linked), host.as_ref());
        self.see_to(outlet, host);
    }

    /// Flushes what waits for a sink after the response, unless somebody does already.
    pub(super) fn see_to(self: &Rc<Self>, outlet: &Rc<Outlet>, host: &SharedHost) {
        if !outlet.wants_flush(host.as_ref()) {
            return;
        }
        let (trail, own) = (Rc::clone(self), SharedHost::clone(host));
        let flushed = Rc::clone(outlet);
        let work = outlet.until_finished(async move {
            let outlet = flushed;
            let tell = |report| trail.tell(report, &own);
            while let Some(rest) = outlet.flush(&own, tell).await {
                // Elsewhere the next event brings somebody who goes on.
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

    /// Has the log told of itself. It waits with the next events: a sink that refuses everything would otherwise be told so
    /// for ever.
    fn tell(self: &Rc<Self>, report: Report, host: &SharedHost) {
        let event = Event {
            delivery: Some(report.delivery),
            detail: Some(report.why).filter(|why| !why.is_empty()),
            ..self.about_the_log(report.kind, Outcome::Failed, host)
        };
        let linked = self.chain.borrow_mut().link(event);
        for outlet in self.outlets_for(&linked.event) {
            if outlet.is_immediate() {
                outlet.write(&linked, host.as_ref());
            } else {
                outlet.take(Rc::clone(&linked), host.as_ref());
            }
        }
    }

    /// Says that an answer was withheld, since its event was not recorded.
    pub(super) fn withheld(self: &Rc<Self>, event: &Event, why: &Undelivered, host: &SharedHost) {
        let event = Event {
            request: Some(event.id.clone()),
            detail: Some(why.to_string()),
            method: event.method.clone(),
            name: event.name.clone(),
            principal: event.principal.clone(),
            trace_id: event.trace_id.clone(),
            ..self.about_the_log(Kind::Withheld, Outcome::Failed, host)
        };
        let linked = self.chain.borrow_mut().link(event);
        for outlet in self.outlets_for(&linked.event) {
            if outlet.is_immediate() {
                outlet.write(&linked, host.as_ref());
            } else {
                self.hand(outlet, &linked, host);
            }
        }
    }

    fn about_the_log(&self, kind: Kind, outcome: Outcome, host: &SharedHost) -> Event {
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
        self.outlets.iter().any(|outlet| outlet.requires_tool(name))
    }

    /// What the caller of a request can prove its event with.
    pub(super) fn receipt(&self, linked: &Linked, host: &dyn Host) -> Option<Receipt> {
        let evidence = self.evidence.as_ref().filter(|_| self.receipts)?;
        evidence.receipt(linked, &host.now().to_rfc3339())
    }

    /// Hands over what instances before this one could not.
    pub(crate) fn resume(self: &Rc<Self>, host: &SharedHost) {
        for outlet in &self.outlets {
            self.see_to(outlet, host);
        }
    }

    /// Hands over what waits, for the last time, and tells those sinks of it that can still be told.
    pub(crate) async fn finish(self: &Rc<Self>, within: Duration, host: &SharedHost) {
        let deadline = host.now().after(within);
        self.finish_all(deadline, host).await;
        let reports: Vec<_> = self
            .outlets
            .iter()
            .flat_map(|outlet| outlet.reports())
            .collect();
        if !reports.is_empty() {
            reports
                .into_iter()
                .for_each(|report| self.tell(report, host));
            self.finish_all(deadline, host).await;
        }
    }

    async fn finish_all(&self, deadline: Timestamp, host: &SharedHost) {
        join_all(
            self.outlets
                .iter()
                .map(|outlet| outlet.finish(deadline, host)),
        )
        .await;
    }

    /// Hands over what the host kept and hands out by itself; whether it need not hand it out again.
    pub(crate) async fn deliver(self: &Rc<Self>, parcel: &str, host: &SharedHost) -> bool {
        let deadline = host.now().after(LONGEST_DELIVERY);
        for outlet in &self.outlets {
            if let Some(delivered) = outlet.deliver_parcel(parcel, deadline, host).await {
                self.see_to(outlet, host);
                return delivered;
            }
        }
        host.log(
            "events that were kept are for no sink of this server, or were changed since; they stay where they are",
        );
        false
    }
}

/// A call that must be on record is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unrecorded(pub(crate) Undelivered);

/// Waits until every one of `required` has the event.
pub(super) async fn deliver_all(
    required: &[Rc<Outlet>],
    linked: &Rc<Linked>,
    host: &SharedHost,
) -> Result<(), Undelivered> {
    let deliveries = required
        .iter()
        .map(|outlet| outlet.deliver(Rc::clone(linked), host));
    join_all(deliveries).await.into_iter().collect()
}
