//! Ranges of sequence numbers.

/// Ranges that neither touch nor overlap, in order.
#[derive(Debug, Default)]
pub(super) struct Ranges(Vec<(u64, u64)>);

impl Ranges {
    /// Joins ranges, both ends of each included, in any order. Those that end before they begin hold nothing.
    pub(super) fn new(mut ranges: Vec<(u64, u64)>) -> Self {
        ranges.retain(|(from, to)| from <= to);
        ranges.sort_unstable();
        let mut joined: Vec<(u64, u64)> = Vec::new();
        for (from, to) in ranges {
            match joined.last_mut() {
                Some((_, end)) if from <= end.saturating_add(1) => *end = to.max(*end),
                _ => joined.push((from, to)),
            }
        }
        Self(joined)
    }

    /// How many numbers of a range, both ends included, are in them.
    pub(super) fn count(&self, from: u64, to: u64) -> u64 {
        let first = self.0.partition_point(|(_, end)| *end < from);
        let ranges = self.0.iter().skip(first);
        let within = ranges.take_while(|(begin, _)| *begin <= to);
        within.fold(0, |sum: u64, (begin, end)| {
            let (begin, end) = (from.max(*begin), to.min(*end));
            sum.saturating_add(end.saturating_sub(begin).saturating_add(1))
        })
    }

    /// Whether all of a range is in them.
    pub(super) fn holds(&self, from: u64, to: u64) -> bool {
        let before = self.0.partition_point(|(begin, _)| *begin <= from);
        let holder = before.checked_sub(1).and_then(|place| self.0.get(place));
        holder.is_some_and(|(_, end)| *end >= to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_ranges_and_finds_what_they_hold() {
        let ranges = Ranges::new(vec![
            (10, 12),
            (3, 4),
            (5, 7),
            (6, 6),
            (9, 8),
            (20, u64::MAX),
        ]);
        for (from, to) in [(3, 7), (4, 5), (10, 12), (11, 11), (20, 30), (30, u64::MAX)] {
            assert!(ranges.holds(from, to), "{from} to {to}");
        }
        for (from, to) in [(2, 3), (3, 8), (7, 10), (8, 8), (12, 13), (19, 20)] {
            assert!(!ranges.holds(from, to), "{from} to {to}");
        }
        assert!(!Ranges::default().holds(0, 0));
    }

    #[test]
    fn counts_what_ranges_have_in_common_with_another() {
        let ranges = Ranges::new(vec![(3, 7), (10, 12)]);
        for ((from, to), count) in [
            ((0, 2), 0),
            ((0, 3), 1),
            ((4, 5), 2),
            ((7, 10), 2),
            ((8, 9), 0),
            ((0, u64::MAX), 8),
            ((13, 20), 0),
        ] {
            assert_eq!(ranges.count(from, to), count, "{from} to {to}");
        }
    }
}
