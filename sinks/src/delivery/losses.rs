//! Events that the log has to be told of.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use mcp_edge_audit::chain::ChainedEvent;
use mcp_edge_audit::event::{DeliveryReport, EventType};

use mcp_edge_runtime::config::Report;
use mcp_edge_runtime::host::Timestamp;

/// How many ranges are remembered at least until they are told.
const MIN_REMEMBERED: usize = 16 * Report::MAX_RANGES;

/// How many parts of batches are remembered of which a receiver refused some events and did not say which.
const MAX_UNIDENTIFIED: usize = 1024;

/// Events of one sink that the log is told of together.
#[derive(Debug)]
pub(crate) struct LossCounter {
    /// The sink, as `mcp.toml` names it.
    sink: &'static str,
    counted: RefCell<Counted>,
    /// How many ranges are remembered until they are told.
    remembered: usize,
}

#[derive(Debug, Default)]
struct Counted {
    events: u64,
    oldest: Option<Timestamp>,
    /// Sequence numbers by their chain. Events that come out of the outbox are of other chains than the instance's own.
    sequences: BTreeMap<String, Vec<(u64, u64)>>,
    /// Events of which some were lost, and it is unknown which. Their number is not in `events`.
    unidentified: Vec<DeliveryReport>,
    why: String,
}

impl LossCounter {
    /// For a sink that so many events may wait for. Events of callers without identity are lost from between those of others,
    /// which wait or are on their way, so that there are about as many ranges.
    pub(crate) fn new(sink: &'static str, buffer: usize) -> Self {
        Self {
            sink,
            counted: RefCell::default(),
            remembered: buffer.saturating_mul(2).max(MIN_REMEMBERED),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.counted.borrow().is_empty()
    }

    /// Counts `events`.
    pub(crate) fn add(&self, events: &[Rc<ChainedEvent>], why: &str) {
        let mut counted = self.counted.borrow_mut();
        why.clone_into(&mut counted.why);
        for event in events {
            let at = event.at();
            counted.count(1, at);
            let (chain, sequence) = place(event);
            counted.list(chain, (sequence, sequence), self.remembered);
            counted.count_told(event, self.sink, self.remembered);
        }
    }

    /// Counts so many of `events`; it is unknown which.
    pub(crate) fn add_some(&self, number: usize, events: &[Rc<ChainedEvent>], why: &str) {
        if number == 0 {
            return;
        }
        let mut counted = self.counted.borrow_mut();
        why.clone_into(&mut counted.why);
        let mut of = Counted::default();
        for event in events {
            let (chain, sequence) = place(event);
            of.count(1, event.at());
            of.list(chain, (sequence, sequence), usize::MAX);
            // A report may be among those that are lost. To tell the same twice does no harm.
            counted.count_told(event, self.sink, self.remembered);
        }
        of.merge();
        // In one report, or else the number of each part would be unknown.
        let mut all = of.next_part(self.sink);
        all.events = u64::try_from(number).unwrap_or(u64::MAX);
        if !of.sequences.is_empty() {
            all.sequences.clear();
            all.chain = None;
        }
        counted.add_unidentified(all);
    }

    /// What there is to tell, in as many reports as its ranges take, but in no more than `most`. It is told once.
    pub(crate) fn report(&self, kind: EventType, most: usize) -> Vec<Report> {
        let mut counted = self.counted.borrow_mut();
        counted.merge();
        let mut reports = Vec::new();
        while !counted.is_empty() && reports.len() < most {
            let delivery = match counted.unidentified.pop() {
                Some(unidentified) => unidentified,
                None => counted.next_part(self.sink),
            };
            let why = counted.why.clone();
            reports.push(Report {
                kind,
                delivery,
                why,
            });
        }
        if counted.is_empty() {
            *counted = Counted::default();
        }
        reports
    }
}

impl Counted {
    fn is_empty(&self) -> bool {
        self.events == 0 && self.unidentified.is_empty()
    }

    /// Counts what `event` tells of, if it is a report of lost events of `sink`. Such an event stands for others, which must not
    /// be forgotten with it.
    fn count_told(&mut self, event: &ChainedEvent, sink: &str, remembered: usize) {
        let told = event.event.delivery.as_ref();
        let told = told.filter(|told| told.sink == sink && event.event.event == EventType::Loss);
        let Some(told) = told else {
            return;
        };
        let (own, _) = place(event);
        let chain = told.chain.as_deref().unwrap_or(own);
        if told.events < size(&told.sequences) {
            self.add_unidentified(DeliveryReport {
                chain: Some(chain.to_owned()),
                ..told.clone()
            });
            return;
        }
        let oldest = Timestamp::from_rfc3339(&told.oldest);
        self.count(told.events, oldest.unwrap_or_else(|| event.at()));
        for range in &told.sequences {
            self.list(chain, *range, remembered);
        }
    }

    fn add_unidentified(&mut self, some: DeliveryReport) {
        if self.unidentified.contains(&some) {
            return;
        }
        if self.unidentified.len() < MAX_UNIDENTIFIED {
            self.unidentified.push(some);
        } else {
            self.events = self.events.saturating_add(some.events);
        }
    }

    fn count(&mut self, events: u64, at: Timestamp) {
        self.events = self.events.saturating_add(events);
        self.oldest = Some(self.oldest.map_or(at, |oldest| oldest.min(at)));
    }

    fn list(&mut self, chain: &str, (first, last): (u64, u64), remembered: usize) {
        if self.ranges() >= remembered {
            self.merge();
        }
        let has_room = self.ranges() < remembered;
        if let Some(ranges) = self.sequences.get_mut(chain) {
            match ranges.last_mut() {
                Some((_, end)) if end.checked_add(1) == Some(first) => *end = last,
                _ if has_room => ranges.push((first, last)),
                _ => {}
            }
        } else if has_room {
            self.sequences.insert(chain.to_owned(), vec![(first, last)]);
        }
    }

    /// Takes out what one report has room for. The last one has those besides that are in no range.
    fn next_part(&mut self, sink: &'static str) -> DeliveryReport {
        let mut chain = None;
        let mut told = Vec::new();
        if let Some(mut entry) = self.sequences.first_entry() {
            chain = Some(entry.key().clone());
            let ranges = entry.get_mut();
            told.extend(ranges.drain(..ranges.len().min(Report::MAX_RANGES)));
            if ranges.is_empty() {
                entry.remove();
            }
        }
        let events = match self.sequences.is_empty() {
            true => self.events,
            false => size(&told),
        };
        self.events = self.events.saturating_sub(events);
        let oldest = self.oldest.map(Timestamp::to_rfc3339);
        DeliveryReport {
            chain,
            events,
            oldest: oldest.unwrap_or_default(),
            sequences: told,
            sink: sink.into(),
        }
    }

    fn ranges(&self) -> usize {
        let lengths = self.sequences.values().map(Vec::len);
        lengths.fold(0, usize::saturating_add)
    }

    /// Makes one range of those that follow each other.
    fn merge(&mut self) {
        for ranges in self.sequences.values_mut() {
            ranges.sort_unstable();
            ranges.dedup_by(|next, range| {
                let follows = range.1.saturating_add(1) >= next.0;
                if follows {
                    range.1 = range.1.max(next.1);
                }
                follows
            });
        }
    }
}

/// The chain of an event and its number there.
fn place(event: &ChainedEvent) -> (&str, u64) {
    let link = event.event.chain.as_ref();
    link.map_or(("", 0), |link| (&link.id, link.sequence))
}

/// How many sequence numbers are in these ranges.
fn size(ranges: &[(u64, u64)]) -> u64 {
    ranges.iter().fold(0, |sum, (first, last)| {
        let number = last.saturating_sub(*first).saturating_add(1);
        sum.saturating_add(number)
    })
}

#[cfg(test)]
mod tests {
    use mcp_edge_audit::chain::Chain;
    use mcp_edge_audit::event::Event;

    use super::*;

    #[test]
    fn every_range_is_told_in_as_many_events_as_it_takes() {
        let mut chain = Chain::new([0; 16]);
        let events: Vec<_> = (0..401)
            .map(|_| {
                chain.link(Event {
                    time: "2026-09-21T14:13:20Z".to_owned(),
                    ..Event::default()
                })
            })
            .collect();
        let tally = LossCounter::new("sink", 1);
        // Every second one, and then two that close gaps.
        let (even, odd): (Vec<_>, Vec<_>) = events
            .into_iter()
            .enumerate()
            .partition(|(place, _)| place % 2 == 0);
        let of = |events: &[(usize, Rc<ChainedEvent>)]| -> Vec<_> {
            events.iter().map(|(_, event)| Rc::clone(event)).collect()
        };
        tally.add(&of(&even), "why");
        tally.add(&of(&odd[..2]), "why");
        tally.add_some(1, &of(&odd[2..4]), "why");
        let reports = tally.report(EventType::Loss, usize::MAX);
        assert!(tally.is_empty());
        let told: Vec<_> = reports
            .iter()
            .map(|report| (report.delivery.sequences.len(), report.delivery.events))
            .collect();
        // One of two, and 201 and 2 events in 199 ranges, the first of which has 5.
        assert_eq!(told, [(2, 1), (64, 68), (64, 64), (64, 64), (7, 7)]);
        assert_eq!(reports[0].delivery.sequences, [(5, 5), (7, 7)]);
        assert_eq!(reports[1].delivery.sequences[0], (0, 4));
    }
}
