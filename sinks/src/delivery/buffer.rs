//! Events that have not arrived: those in the queue, and those on their way.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use mcp_edge_audit::chain::ChainedEvent;
use mcp_edge_audit::event::{Event, EventPrincipal, EventType};
use mcp_edge_audit::evidence::Seal;

use mcp_edge_runtime::host::Timestamp;

/// The part of a full queue that events of callers without identity keep: one in so many.
const ANONYMOUS_SHARE: usize = 4;

/// The events of this instance that a sink does not have yet.
pub(crate) struct EventBuffer {
    /// The most that may queue.
    most: usize,
    queue: Queue,
    /// Those on their way stay known here, because a host may stop the work without a word.
    away: BTreeMap<u64, InTransit>,
    departed: u64,
}

struct InTransit {
    until: Timestamp,
    events: Vec<Rc<ChainedEvent>>,
}

impl EventBuffer {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            queue: Queue::default(),
            away: BTreeMap::new(),
            departed: 0,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// How many more may queue.
    pub(crate) fn room(&self) -> usize {
        self.most.saturating_sub(self.queue.len())
    }

    /// Lets an event queue, and gives what had to go for it.
    #[must_use]
    pub(crate) fn push(&mut self, event: Rc<ChainedEvent>) -> Vec<Rc<ChainedEvent>> {
        self.queue.push_back(event);
        self.overflow()
    }

    /// Takes the oldest out: up to so many, and up to so many bytes with their seals unless the first alone has more.
    pub(crate) fn next(&mut self, events: usize, bytes: usize) -> Vec<Rc<ChainedEvent>> {
        let mut taken: Vec<Rc<ChainedEvent>> = Vec::new();
        let mut size = 0_usize;
        while let Some(next) = self.queue.front() {
            // The last one gets a seal, and those before it may.
            if let Some(last) = taken.last() {
                size = size.saturating_add(sealed_bytes(last, Some(next)));
                let all = size.saturating_add(sealed_bytes(next, None));
                if taken.len() >= events || all > bytes {
                    break;
                }
            }
            taken.extend(self.queue.pop_front());
        }
        taken
    }

    /// Remembers events that leave. The task that sends them has ended by `until`.
    pub(crate) fn checkout(&mut self, events: Vec<Rc<ChainedEvent>>, until: Timestamp) -> u64 {
        let number = self.departed;
        self.departed = number.saturating_add(1);
        self.away.insert(number, InTransit { until, events });
        number
    }

    /// Remembers which of them are still on their way.
    pub(crate) fn remain(&mut self, number: u64, events: &[Rc<ChainedEvent>]) {
        if let Some(away) = self.away.get_mut(&number) {
            away.events = events.to_vec();
        }
    }

    /// Lets events queue again, before all others, and gives what had to go for them.
    #[must_use]
    pub(crate) fn back(&mut self, number: u64) -> Vec<Rc<ChainedEvent>> {
        let away = self.away.remove(&number);
        for event in away.into_iter().flat_map(|away| away.events).rev() {
            self.queue.push_front(event);
        }
        self.overflow()
    }

    /// The same with everything whose delivery counts as stopped.
    #[must_use]
    pub(crate) fn overdue(&mut self, now: Timestamp) -> Vec<Rc<ChainedEvent>> {
        let overdue = self.away.iter().filter(|(_, away)| away.until < now);
        let overdue: Vec<_> = overdue.map(|(number, _)| *number).collect();
        let lost = overdue.into_iter().rev().map(|number| self.back(number));
        lost.flatten().collect()
    }

    /// Takes everything out, what is on its way included: the task that sends it is no longer waited for.
    pub(crate) fn drain(&mut self) -> Vec<Rc<ChainedEvent>> {
        let away = std::mem::take(&mut self.away).into_values();
        away.flat_map(|away| away.events)
            .chain(std::iter::from_fn(|| self.queue.pop_front()))
            .collect()
    }

    /// The oldest go first: what has happened lately is what an operator may still act on. Callers without identity can send
    /// any number of requests, so their events do not take the room of others: beyond their share they go first. Nor do
    /// reports of what was lost, which are told again, together.
    fn overflow(&mut self) -> Vec<Rc<ChainedEvent>> {
        let share = self.most / ANONYMOUS_SHARE;
        let mut gone = Vec::new();
        while self.queue.len() > self.most {
            let lane = if self.queue.anonymous.len() > share {
                Lane::Anonymous
            } else if self.queue.reports.len() > 1 || self.queue.identified.is_empty() {
                Lane::Reports
            } else {
                Lane::Identified
            };
            match self.queue.pop(lane) {
                Some(event) => gone.push(event),
                None => break,
            }
        }
        gone
    }
}

/// How long the line of an event is at most that leaves in front of `next`.
pub(crate) fn sealed_bytes(event: &ChainedEvent, next: Option<&ChainedEvent>) -> usize {
    let seal = match event.needs_seal(next) {
        true => Seal::MAX_BYTES,
        false => 0,
    };
    event.json.len().saturating_add(seal)
}

/// Events in the order in which they leave.
#[derive(Default)]
struct Queue {
    /// Each with its place in the order.
    identified: VecDeque<(i64, Rc<ChainedEvent>)>,
    anonymous: VecDeque<(i64, Rc<ChainedEvent>)>,
    reports: VecDeque<(i64, Rc<ChainedEvent>)>,
    /// The places of the first and of the one after the last.
    first: i64,
    end: i64,
}

/// Whose event it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lane {
    /// A caller's whom a verified token names.
    Identified,
    /// Any other caller's.
    Anonymous,
    /// No caller's: it tells of the delivery of other events.
    Reports,
}

impl Lane {
    const ALL: [Self; 3] = [Self::Identified, Self::Anonymous, Self::Reports];

    fn of(event: &Event) -> Self {
        let is_known = |who: &EventPrincipal| !who.anonymous && who.subject.is_some();
        if matches!(event.event, EventType::Loss | EventType::Late) {
            Self::Reports
        } else if event.principal.as_ref().is_some_and(is_known) {
            Self::Identified
        } else {
            Self::Anonymous
        }
    }
}

impl Queue {
    fn len(&self) -> usize {
        Lane::ALL.into_iter().fold(0, |sum: usize, lane| {
            sum.saturating_add(self.lane(lane).len())
        })
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lane(&self, lane: Lane) -> &VecDeque<(i64, Rc<ChainedEvent>)> {
        match lane {
            Lane::Identified => &self.identified,
            Lane::Anonymous => &self.anonymous,
            Lane::Reports => &self.reports,
        }
    }

    fn lane_mut(&mut self, lane: Lane) -> &mut VecDeque<(i64, Rc<ChainedEvent>)> {
        match lane {
            Lane::Identified => &mut self.identified,
            Lane::Anonymous => &mut self.anonymous,
            Lane::Reports => &mut self.reports,
        }
    }

    fn push_back(&mut self, event: Rc<ChainedEvent>) {
        let place = self.end;
        self.end = place.saturating_add(1);
        self.lane_mut(Lane::of(&event.event))
            .push_back((place, event));
    }

    fn push_front(&mut self, event: Rc<ChainedEvent>) {
        self.first = self.first.saturating_sub(1);
        let place = self.first;
        self.lane_mut(Lane::of(&event.event))
            .push_front((place, event));
    }

    /// The lane whose first is the first of all.
    fn next_lane(&self) -> Option<Lane> {
        let places = Lane::ALL
            .into_iter()
            .filter_map(|lane| Some((self.lane(lane).front()?.0, lane)));
        places.min_by_key(|(place, _)| *place).map(|(_, lane)| lane)
    }

    fn front(&self) -> Option<&Rc<ChainedEvent>> {
        let first = self.lane(self.next_lane()?).front();
        first.map(|(_, event)| event)
    }

    fn pop_front(&mut self) -> Option<Rc<ChainedEvent>> {
        self.pop(self.next_lane()?)
    }

    fn pop(&mut self, lane: Lane) -> Option<Rc<ChainedEvent>> {
        self.lane_mut(lane).pop_front().map(|(_, event)| event)
    }
}

#[cfg(test)]
mod tests {
    use mcp_edge_audit::chain::Chain;

    use super::*;
    use crate::testing::{NOW, events};

    #[test]
    fn what_comes_back_takes_no_more_room_than_there_is() {
        let mut waiting = EventBuffer::new(2);
        let events = events(5);
        let away = waiting.checkout(events[..3].to_vec(), NOW);
        for event in &events[3..] {
            assert!(waiting.push(Rc::clone(event)).is_empty());
        }
        assert_eq!(waiting.back(away), events[..3]);
        assert_eq!(waiting.next(9, usize::MAX), events[3..]);
    }

    /// Events of callers, in this order: `a` is without identity.
    fn of(callers: &str) -> Vec<Rc<ChainedEvent>> {
        let mut chain = Chain::new([0; 16]);
        let events = callers.chars().map(|caller| {
            chain.link(Event {
                principal: Some(EventPrincipal {
                    anonymous: caller == 'a',
                    subject: (caller != 'a').then(|| caller.to_string()),
                    ..EventPrincipal::default()
                }),
                ..Event::default()
            })
        });
        events.collect()
    }

    fn callers(events: &[Rc<ChainedEvent>]) -> String {
        let subjects = events.iter().map(|event| {
            let who = event.event.principal.as_ref().unwrap();
            who.subject.clone().unwrap_or_else(|| "a".to_owned())
        });
        subjects.collect()
    }

    #[test]
    fn callers_without_identity_have_a_share_and_no_more() {
        for (most, came, left) in [
            (5, "xaaaaaaaaa", "xaaaa"),
            (5, "xyaaaaaaaaz", "xyaaz"),
            (5, "aaaaaxyzuvw", "azuvw"),
            (5, "aaaaaaa", "aaaaa"),
            (5, "xyzuvw", "yzuvw"),
            (1, "xa", "x"),
            (1, "ax", "x"),
            (1, "aa", "a"),
            (8, "aaaaaaaaxyzuvwst", "aazuvwst"),
        ] {
            let mut waiting = EventBuffer::new(most);
            let mut gone = 0;
            for event in of(came) {
                gone += waiting.push(event).len();
            }
            let next = waiting.next(99, usize::MAX);
            assert_eq!(callers(&next), left, "{came}");
            assert_eq!(gone, came.len() - left.len(), "{came}");
            let sequences = next
                .iter()
                .map(|event| event.event.chain.as_ref().unwrap().sequence);
            assert!(sequences.is_sorted(), "{came}");
        }
    }

    #[test]
    fn reports_do_not_push_out_what_they_do_not_tell_of() {
        let mut waiting = EventBuffer::new(3);
        let mut chain = Chain::new([1; 16]);
        let reports = [EventType::Loss, EventType::Late, EventType::Loss].map(|event| {
            chain.link(Event {
                event,
                ..Event::default()
            })
        });
        let mut gone = Vec::new();
        for event in of("xy").into_iter().chain(reports.clone()) {
            gone.extend(waiting.push(event));
        }
        assert_eq!(gone, reports[..2]);
        let next = waiting.next(99, usize::MAX);
        assert_eq!(callers(&next[..2]), "xy");
        assert_eq!(next[2], reports[2]);
    }

    #[test]
    fn overdue_messages_come_back_in_order() {
        let mut waiting = EventBuffer::new(9);
        let events = events(4);
        waiting.checkout(events[..2].to_vec(), NOW);
        waiting.checkout(events[2..].to_vec(), NOW);
        assert!(waiting.overdue(NOW).is_empty());
        assert!(waiting.is_empty());
        let later = NOW.after(std::time::Duration::from_millis(1));
        assert!(waiting.overdue(later).is_empty());
        assert_eq!(waiting.next(9, usize::MAX), events);
    }
}
