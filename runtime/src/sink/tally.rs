//! Events that the log has to be told of.

use std::cell::RefCell;
use std::rc::Rc;

use crate::audit::chain::Linked;
use crate::audit::event::{Delivery, Kind};
use crate::host::Timestamp;

/// How many ranges of sequence numbers one event names.
const RANGES: usize = 32;

/// What the log has to be told of a sink.
pub(crate) struct Report {
    pub(crate) kind: Kind,
    pub(crate) delivery: Delivery,
    pub(crate) why: String,
}

/// Events of one sink that the log is told of together.
#[derive(Debug, Default)]
pub(super) struct Tally(RefCell<Counted>);

#[derive(Debug, Default)]
struct Counted {
    events: u64,
    oldest: Option<Timestamp>,
    sequences: Vec<(u64, u64)>,
    why: String,
}

impl Tally {
    pub(super) fn is_empty(&self) -> bool {
        self.0.borrow().events == 0
    }

    /// Counts `events`; sequence numbers are those of the instance's own `chain`.
    pub(super) fn add(&self, events: &[Rc<Linked>], why: &str, chain: &str) {
        let mut counted = self.0.borrow_mut();
        why.clone_into(&mut counted.why);
        for event in events {
            let at = event.at();
            counted.count(1, at);
            let link = event.event.chain.as_ref();
            let own = link.filter(|link| link.id == chain);
            if let Some(link) = own {
                counted.list((link.sequence, link.sequence));
            }
            // An event that tells of others stands for them: they must not be forgotten with it.
            if let (Kind::Loss, Some(told)) = (event.event.event, &event.event.delivery) {
                let oldest = Timestamp::from_rfc3339(&told.oldest);
                counted.count(told.events, oldest.unwrap_or(at));
                for range in told.sequences.iter().filter(|_| own.is_some()) {
                    counted.list(*range);
                }
            }
        }
    }

    /// Counts so many of `events`, nobody knows which.
    pub(super) fn add_some(&self, number: usize, events: &[Rc<Linked>], why: &str) {
        let oldest = events.iter().map(|event| event.at()).min();
        if let (Some(oldest), true) = (oldest, number > 0) {
            let mut counted = self.0.borrow_mut();
            why.clone_into(&mut counted.why);
            counted.count(u64::try_from(number).unwrap_or(u64::MAX), oldest);
        }
    }

    /// What there is to tell, if anything. It is told once.
    pub(super) fn report(&self, kind: Kind, sink: &'static str) -> Option<Report> {
        if self.is_empty() {
            return None;
        }
        let counted = self.0.take();
        Some(Report {
            kind,
            delivery: Delivery {
                events: counted.events,
                oldest: counted
                    .oldest
                    .map_or_else(String::new, Timestamp::to_rfc3339),
                sequences: counted.sequences,
                sink: sink.into(),
            },
            why: counted.why,
        })
    }
}

impl Counted {
    fn count(&mut self, events: u64, at: Timestamp) {
        self.events = self.events.saturating_add(events);
        self.oldest = Some(self.oldest.map_or(at, |oldest| oldest.min(at)));
    }

    fn list(&mut self, (first, last): (u64, u64)) {
        let room = self.sequences.len() < RANGES;
        match self.sequences.last_mut() {
            Some((_, end)) if end.checked_add(1) == Some(first) => *end = last,
            _ if room => self.sequences.push((first, last)),
            _ => {}
        }
    }
}
