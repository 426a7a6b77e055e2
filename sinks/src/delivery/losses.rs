//! Events that the log has to be told of.

use std::cell::RefCell;
use std::rc::Rc;

use mcp_edge_audit::chain::ChainedEvent;
use mcp_edge_audit::event::{DeliveryReport, EventType};

use mcp_edge_runtime::config::Report;
use mcp_edge_runtime::host::Timestamp;

/// How many are remembered until they are told. Events of callers without identity are lost from between those of others, which
/// leaves many ranges.
const REMEMBERED: usize = 16 * Report::MAX_RANGES;

/// Events of one sink that the log is told of together.
#[derive(Debug, Default)]
pub(crate) struct LossCounter(RefCell<Counted>);

#[derive(Debug, Default)]
struct Counted {
    events: u64,
    oldest: Option<Timestamp>,
    sequences: Vec<(u64, u64)>,
    why: String,
}

impl LossCounter {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.borrow().events == 0
    }

    /// Counts `events`; sequence numbers are those of the instance's own `chain`.
    pub(crate) fn add(&self, events: &[Rc<ChainedEvent>], why: &str, chain: &str) {
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
            if let (EventType::Loss, Some(told)) = (event.event.event, &event.event.delivery) {
                let oldest = Timestamp::from_rfc3339(&told.oldest);
                counted.count(told.events, oldest.unwrap_or(at));
                for range in told.sequences.iter().filter(|_| own.is_some()) {
                    counted.list(*range);
                }
            }
        }
    }

    /// Counts so many of `events`; it is unknown which.
    pub(crate) fn add_some(&self, number: usize, events: &[Rc<ChainedEvent>], why: &str) {
        let oldest = events.iter().map(|event| event.at()).min();
        if let (Some(oldest), true) = (oldest, number > 0) {
            let mut counted = self.0.borrow_mut();
            why.clone_into(&mut counted.why);
            counted.count(u64::try_from(number).unwrap_or(u64::MAX), oldest);
        }
    }

    /// What there is to tell, in as many events as its ranges take. It is told once.
    pub(crate) fn report(&self, kind: EventType, sink: &'static str) -> Vec<Report> {
        if self.is_empty() {
            return Vec::new();
        }
        let mut counted = self.0.take();
        counted.merge();
        let mut left = counted.events;
        let mut reports = Vec::new();
        let mut rest = counted.sequences.as_slice();
        loop {
            let (told, after) = rest.split_at(rest.len().min(Report::MAX_RANGES));
            rest = after;
            // The last one has those besides that are in no range.
            let events = match rest {
                [] => left,
                _ => told.iter().fold(0, |sum: u64, (first, last)| {
                    let number = last.saturating_sub(*first).saturating_add(1);
                    sum.saturating_add(number)
                }),
            };
            left = left.saturating_sub(events);
            reports.push(Report {
                kind,
                delivery: DeliveryReport {
                    events,
                    oldest: counted
                        .oldest
                        .map_or_else(String::new, Timestamp::to_rfc3339),
                    sequences: told.to_vec(),
                    sink: sink.into(),
                },
                why: counted.why.clone(),
            });
            if rest.is_empty() {
                return reports;
            }
        }
    }
}

impl Counted {
    fn count(&mut self, events: u64, at: Timestamp) {
        self.events = self.events.saturating_add(events);
        self.oldest = Some(self.oldest.map_or(at, |oldest| oldest.min(at)));
    }

    fn list(&mut self, (first, last): (u64, u64)) {
        if self.sequences.len() >= REMEMBERED {
            self.merge();
        }
        let room = self.sequences.len() < REMEMBERED;
        match self.sequences.last_mut() {
            Some((_, end)) if end.checked_add(1) == Some(first) => *end = last,
            _ if room => self.sequences.push((first, last)),
            _ => {}
        }
    }

    /// Makes one range of those that follow each other.
    fn merge(&mut self) {
        self.sequences.sort_unstable();
        self.sequences.dedup_by(|next, range| {
            let follows = range.1.saturating_add(1) >= next.0;
            if follows {
                range.1 = range.1.max(next.1);
            }
            follows
        });
    }
}

#[cfg(test)]
mod tests {
    use mcp_edge_audit::chain::Chain;
    use mcp_edge_audit::event::Event;

    use super::*;

    #[test]
    fn every_range_is_told_in_as_many_events_as_it_takes() {
        let mut chain = Chain::new([0; 16]);
        let name = chain.id().to_owned();
        let events: Vec<_> = (0..401)
            .map(|_| {
                chain.link(Event {
                    time: "2026-09-21T14:13:20Z".to_owned(),
                    ..Event::default()
                })
            })
            .collect();
        let tally = LossCounter::default();
        // Every second one, and then two that close gaps.
        let (even, odd): (Vec<_>, Vec<_>) = events
            .into_iter()
            .enumerate()
            .partition(|(place, _)| place % 2 == 0);
        let of = |events: &[(usize, Rc<ChainedEvent>)]| -> Vec<_> {
            events.iter().map(|(_, event)| Rc::clone(event)).collect()
        };
        tally.add(&of(&even), "why", &name);
        tally.add(&of(&odd[..2]), "why", &name);
        tally.add_some(5, &of(&odd[2..3]), "why");
        let reports = tally.report(EventType::Loss, "sink");
        assert!(tally.is_empty());
        let told: Vec<_> = reports
            .iter()
            .map(|report| (report.delivery.sequences.len(), report.delivery.events))
            .collect();
        // 201 and 2 events in 199 ranges, the first of which has 5, and 5 in none.
        assert_eq!(told, [(64, 68), (64, 64), (64, 64), (7, 12)]);
        assert_eq!(reports[0].delivery.sequences[0], (0, 4));
    }
}
