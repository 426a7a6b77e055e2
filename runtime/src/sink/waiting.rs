//! Events that have not arrived: those in the queue, and those on their way.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use crate::audit::chain::Linked;
use crate::host::Timestamp;

/// The events of this instance that a sink does not have yet.
pub(super) struct Waiting {
    /// The most that may queue.
    most: usize,
    queue: VecDeque<Rc<Linked>>,
    /// Those on their way stay known here, because a host may stop the work without a word.
    away: BTreeMap<u64, Away>,
    departed: u64,
}

struct Away {
    until: Timestamp,
    events: Vec<Rc<Linked>>,
}

impl Waiting {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            queue: VecDeque::new(),
            away: BTreeMap::new(),
            departed: 0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Lets an event queue, and gives what had to go for it.
    #[must_use]
    pub(super) fn push(&mut self, event: Rc<Linked>) -> Vec<Rc<Linked>> {
        self.queue.push_back(event);
        self.overflow()
    }

    /// Takes the oldest out: up to so many, and up to so many bytes unless the first alone has more.
    pub(super) fn next(&mut self, events: usize, bytes: usize) -> Vec<Rc<Linked>> {
        let mut taken = Vec::new();
        let mut size = 0_usize;
        while let Some(next) = self.queue.front() {
            size = size.saturating_add(next.json.len());
            if !taken.is_empty() && (taken.len() >= events || size > bytes) {
                break;
            }
            taken.extend(self.queue.pop_front());
        }
        taken
    }

    /// Remembers events that leave. Whoever carries them is not heard of any more after `until`.
    pub(super) fn depart(&mut self, events: Vec<Rc<Linked>>, until: Timestamp) -> u64 {
        let number = self.departed;
        self.departed = number.saturating_add(1);
        self.away.insert(number, Away { until, events });
        number
    }

    /// Remembers which of them are still on their way.
    pub(super) fn remain(&mut self, number: u64, events: &[Rc<Linked>]) {
        if let Some(away) = self.away.get_mut(&number) {
            away.events = events.to_vec();
        }
    }

    /// Lets events queue again, before all others, and gives what had to go for them.
    #[must_use]
    pub(super) fn back(&mut self, number: u64) -> Vec<Rc<Linked>> {
        let away = self.away.remove(&number);
        for event in away.into_iter().flat_map(|away| away.events).rev() {
            self.queue.push_front(event);
        }
        self.overflow()
    }

    /// The same with everything that nobody is heard of any more.
    #[must_use]
    pub(super) fn overdue(&mut self, now: Timestamp) -> Vec<Rc<Linked>> {
        let overdue = self.away.iter().filter(|(_, away)| away.until < now);
        let overdue: Vec<_> = overdue.map(|(number, _)| *number).collect();
        let lost = overdue.into_iter().rev().map(|number| self.back(number));
        lost.flatten().collect()
    }

    /// Takes everything out, what is on its way included: whoever carries it is not waited for any more.
    pub(super) fn drain(&mut self) -> Vec<Rc<Linked>> {
        let away = std::mem::take(&mut self.away).into_values();
        away.flat_map(|away| away.events)
            .chain(self.queue.drain(..))
            .collect()
    }

    /// The oldest go first: what has happened lately is what somebody may still act on.
    fn overflow(&mut self) -> Vec<Rc<Linked>> {
        let beyond = self.queue.len().saturating_sub(self.most);
        self.queue.drain(..beyond).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::testing::{NOW, events};

    #[test]
    fn what_comes_back_takes_no_more_room_than_there_is() {
        let mut waiting = Waiting::new(2);
        let events = events(5);
        let away = waiting.depart(events[..3].to_vec(), NOW);
        for event in &events[3..] {
            assert!(waiting.push(Rc::clone(event)).is_empty());
        }
        assert_eq!(waiting.back(away), events[..3]);
        assert_eq!(waiting.next(9, usize::MAX), events[3..]);
    }

    #[test]
    fn what_is_overdue_comes_back_in_order() {
        let mut waiting = Waiting::new(9);
        let events = events(4);
        waiting.depart(events[..2].to_vec(), NOW);
        waiting.depart(events[2..].to_vec(), NOW);
        assert!(waiting.overdue(NOW).is_empty());
        assert!(waiting.is_empty());
        let later = NOW.after(std::time::Duration::from_millis(1));
        assert!(waiting.overdue(later).is_empty());
        assert_eq!(waiting.next(9, usize::MAX), events);
    }
}
