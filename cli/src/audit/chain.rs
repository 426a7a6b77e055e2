//! One chain: what is known of it while a log is read, and what is to be said of it in the end.

use std::collections::btree_map::Entry as Slot;
use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use mcp_edge_clients::visible::visible;
use mcp_edge_runtime::audit::event::Delivery;
use mcp_edge_runtime::audit::evidence::{Purpose, Statement};
use mcp_edge_runtime::host::Timestamp;
use serde_json::{Map, Value};

use super::digest::Digest;
use super::found::Entry;
use super::log::Options;
use super::public_keys::{Checked, PublicKeys};
use super::report::{Chained, Finding, MOST, Verdict};

/// What is known of one chain.
#[derive(Debug, Default)]
pub(super) struct Chain {
    /// One event for each sequence number.
    events: BTreeMap<u64, Entry>,
    /// Others that claim a sequence number that has an event.
    rivals: Vec<(u64, Entry)>,
    /// Events that are not what their hash was made of, with what is in them.
    pub(super) altered: Vec<Altered>,
    /// The same by sequence number, content and hash, since the same line can come twice.
    seen: HashSet<(u64, Digest, Digest)>,
    /// Events that stand under another sequence number or chain than their own.
    misplaced: Vec<Finding>,
    losses: Vec<(u64, Delivery)>,
}

/// An event that is not what its hash was made of.
#[derive(Debug)]
pub(super) struct Altered {
    pub(super) sequence: u64,
    pub(super) entry: Entry,
    pub(super) members: Map<String, Value>,
}

/// What an earlier report says of a chain.
#[derive(Debug, Clone, Default)]
pub(super) struct Earlier<'a> {
    /// It must hold all of this.
    pub(super) known: Option<&'a Chained>,
    /// It goes on after this.
    pub(super) before: Option<&'a Chained>,
}

impl Chain {
    /// Takes an event in; whether it was there already.
    pub(super) fn add(&mut self, sequence: u64, entry: Entry, delivery: Option<Delivery>) -> bool {
        match self.events.entry(sequence) {
            Slot::Vacant(slot) => {
                slot.insert(entry);
            }
            Slot::Occupied(mut slot) if slot.get().hash == entry.hash => {
                slot.get_mut().join(entry);
                return true;
            }
            Slot::Occupied(_) => {
                let mut rivals = self.rivals.iter_mut();
                let known = rivals.find(|(at, rival)| *at == sequence && rival.hash == entry.hash);
                if let Some((_, rival)) = known {
                    rival.join(entry);
                    return true;
                }
                self.rivals.push((sequence, entry));
            }
        }
        self.losses
            .extend(delivery.map(|delivery| (sequence, delivery)));
        false
    }

    /// Takes in an event that is not what its hash was made of; whether it was there already.
    pub(super) fn add_altered(&mut self, altered: Altered, content: Digest) -> bool {
        let is_new = self
            .seen
            .insert((altered.sequence, content, altered.entry.hash));
        if is_new {
            self.altered.push(altered);
        }
        !is_new
    }

    /// Every event that is what its hash was made of.
    pub(super) fn intact(&self) -> impl Iterator<Item = (u64, &Entry)> {
        let rivals = self
            .rivals
            .iter()
            .map(|(sequence, entry)| (*sequence, entry));
        let events = self
            .events
            .iter()
            .map(|(sequence, entry)| (*sequence, entry));
        events.chain(rivals)
    }

    /// The event with that sequence number and hash, however changed.
    pub(super) fn find(&self, sequence: u64, hash: &Digest) -> Option<&Entry> {
        let mut at = self.intact().filter(|(at, _)| *at == sequence);
        let intact = at.find(|(_, entry)| entry.hash == *hash);
        intact.map(|(_, entry)| entry)
    }

    /// The event with that sequence number.
    pub(super) fn at(&self, sequence: u64) -> Option<&Entry> {
        self.events.get(&sequence)
    }

    /// An event that was found elsewhere belongs here, with all of its words.
    pub(super) fn restore(&mut self, sequence: u64, previous: Option<Digest>, entry: &Entry) {
        self.events.entry(sequence).or_insert_with(|| Entry {
            previous,
            altered: false,
            ..entry.clone()
        });
    }

    pub(super) fn misplace(&mut self, finding: Finding) {
        self.misplaced.push(finding);
    }

    /// Everything that is to be said of it.
    pub(super) fn judge(
        mut self,
        name: &str,
        keys: Option<&PublicKeys>,
        options: &Options,
        newest: Option<Timestamp>,
        earlier: &Earlier<'_>,
    ) -> Chained {
        let mut findings = Findings::default();
        for finding in std::mem::take(&mut self.misplaced) {
            findings.add(finding);
        }
        for altered in std::mem::take(&mut self.altered) {
            findings.add(Finding {
                finding: Verdict::Altered,
                from: altered.sequence,
                to: altered.sequence,
                event: altered.entry.id.to_string(),
                why: "its hash is not that of what is in it".to_owned(),
            });
            // It keeps its place, so that what comes before it is still held by what comes after.
            self.events.entry(altered.sequence).or_insert(altered.entry);
        }
        self.settle_rivals(&mut findings);
        let links = self.links(&mut findings, earlier.before);
        let seals = self.seals(name, keys, &mut findings);
        let cover = Cover::of(&self.events, &links, &seals);
        if keys.is_some() {
            cover.report(&mut findings, &links.gaps);
        }
        self.gaps(&mut findings, &links, &cover, keys.is_some(), options);
        self.foreign(&mut findings, options);
        if let (Some(within), Some(_)) = (options.within, keys) {
            self.late(&mut findings, &cover, within, newest);
        }
        if let Some(known) = earlier.known {
            self.lost_since(&mut findings, known, &links.gaps);
        }
        let (first, last) = (self.events.first_key_value(), self.events.last_key_value());
        let (events, more_findings) = (count(self.events.len()), findings.more);
        let (verdict, findings) = findings.sorted();
        Chained {
            chain: name.to_owned(),
            verdict,
            events,
            first: first.map_or(0, |(sequence, _)| *sequence),
            last: last.map_or(0, |(sequence, _)| *sequence),
            hash: last.map(|(_, entry)| entry.hash).unwrap_or_default(),
            sealed: cover.last,
            missing: links.gaps,
            findings,
            more_findings,
        }
    }

    /// Of several events with one sequence number, the one that the next event names keeps the place.
    fn settle_rivals(&mut self, findings: &mut Findings) {
        for (sequence, rival) in std::mem::take(&mut self.rivals) {
            let next = sequence
                .checked_add(1)
                .and_then(|next| self.events.get(&next));
            let is_named = next.is_some_and(|next| next.previous == Some(rival.hash));
            let Some(holder) = self.events.get_mut(&sequence) else {
                continue;
            };
            findings.add(Finding {
                finding: Verdict::Fork,
                from: sequence,
                to: sequence,
                event: rival.id.to_string(),
                why: format!(
                    "event {} has the same sequence number",
                    printable(&holder.id)
                ),
            });
            if is_named {
                *holder = rival;
            }
        }
    }

    /// Where events are missing, and where one does not name the one before it.
    fn links(&self, findings: &mut Findings, before: Option<&Chained>) -> Links {
        let mut links = Links::default();
        let mut last: Option<(u64, &Entry)> = None;
        for (&sequence, entry) in &self.events {
            let expected = match last {
                Some((at, _)) => at.saturating_add(1),
                None => before.map_or(0, |before| before.last.saturating_add(1)),
            };
            if last.is_none() && sequence < expected {
                // It reaches back into what came before, and is judged by itself.
                links.head = (sequence > 0).then(|| (0, sequence.saturating_sub(1)));
            } else if sequence != expected {
                let gap = (expected, sequence.saturating_sub(1));
                if last.is_some() {
                    links.gaps.push(gap);
                } else {
                    links.head = Some(gap);
                }
            } else if !entry.altered {
                let (hash, id) = match (last, before) {
                    (Some((_, last)), _) => (Some(last.hash), last.id.to_string()),
                    (None, Some(before)) => (Some(before.hash), String::new()),
                    (None, None) => (None, String::new()),
                };
                if entry.previous != hash {
                    links.broken.push(sequence);
                    let at = sequence.saturating_sub(1);
                    findings.add(Finding {
                        finding: Verdict::Altered,
                        from: at,
                        to: at,
                        event: id,
                        why: format!("event {sequence} of the chain names another one before it"),
                    });
                }
            }
            last = Some((sequence, entry));
        }
        links
    }

    /// The sequence numbers with a good seal, each with the time of its first.
    fn seals(
        &self,
        name: &str,
        keys: Option<&PublicKeys>,
        findings: &mut Findings,
    ) -> BTreeMap<u64, Timestamp> {
        let mut good = BTreeMap::new();
        let Some(keys) = keys else {
            return good;
        };
        for (&sequence, entry) in &self.events {
            let mut bad = |finding, why: String| {
                findings.add(Finding {
                    finding,
                    from: sequence,
                    to: sequence,
                    event: entry.id.to_string(),
                    why,
                });
            };
            if entry.misshapen_seal {
                bad(
                    Verdict::BadSignature,
                    "its seal has not the form of one".to_owned(),
                );
            }
            let hash = if entry.seals.is_empty() {
                String::new()
            } else {
                entry.hash.to_string()
            };
            for seal in &entry.seals {
                let statement = Statement {
                    purpose: Purpose::Seal,
                    chain: name,
                    sequence,
                    hash: &hash,
                    time: &seal.time,
                };
                match keys.check(&statement, &seal.key, &seal.signature) {
                    Checked::Good => {
                        let time = Timestamp::from_rfc3339(&seal.time)
                            .unwrap_or(Timestamp::from_millis(0));
                        let first = good.entry(sequence).or_insert(time);
                        *first = time.min(*first);
                    }
                    Checked::Bad => bad(
                        Verdict::BadSignature,
                        format!("its seal is not by the key `{}`", printable(&seal.key)),
                    ),
                    Checked::UnknownKey => bad(
                        Verdict::UnknownKey,
                        format!(
                            "its seal's key `{}` is not among those given",
                            printable(&seal.key)
                        ),
                    ),
                }
            }
        }
        good
    }

    fn gaps(
        &self,
        findings: &mut Findings,
        links: &Links,
        cover: &Cover,
        with_keys: bool,
        options: &Options,
    ) {
        let mut declared: Vec<(u64, u64)> = self
            .losses
            .iter()
            // Whoever takes events away could add that they were lost, at an end that nothing has signed.
            .filter(|(sequence, _)| !with_keys || cover.has(*sequence))
            .filter(|(_, loss)| options.sink.as_ref().is_none_or(|sink| loss.sink == *sink))
            .flat_map(|(_, loss)| loss.sequences.iter().copied())
            .collect();
        declared.sort_unstable();
        let gaps = links.gaps.iter().map(|gap| (Verdict::Gap, *gap));
        let head = links.head.map(|head| (Verdict::HeadMissing, head));
        for (missing, (from, to)) in head.into_iter().chain(gaps) {
            let is_declared = is_within(&declared, from, to);
            let (finding, why) = match (is_declared, missing) {
                (true, _) => (
                    Verdict::DeclaredGap,
                    "an event of the chain says that the sink will never get them",
                ),
                (false, Verdict::HeadMissing) => {
                    (missing, "the chain does not begin where it should")
                }
                (false, _) => (missing, "events are missing"),
            };
            findings.add(Finding {
                finding,
                from,
                to,
                event: String::new(),
                why: why.to_owned(),
            });
        }
    }

    fn foreign(&self, findings: &mut Findings, options: &Options) {
        let Some(tenant) = &options.tenant else {
            return;
        };
        for (&sequence, entry) in self.events.iter().filter(|(_, entry)| entry.foreign) {
            findings.add(Finding {
                finding: Verdict::ForeignTenant,
                from: sequence,
                to: sequence,
                event: entry.id.to_string(),
                why: format!("its principal is not of the tenant `{tenant}`"),
            });
        }
    }

    /// Events that were signed too late, or not at all although it is high time.
    fn late(
        &self,
        findings: &mut Findings,
        cover: &Cover,
        within: Duration,
        newest: Option<Timestamp>,
    ) {
        for (sequence, entry) in &self.events {
            let Some(happened) = Timestamp::from_rfc3339(&entry.time) else {
                continue;
            };
            let sealed = cover.times.get(sequence);
            let Some(until) = sealed.copied().or(newest) else {
                continue;
            };
            let took = until.since(happened);
            if took <= within {
                continue;
            }
            let seconds = took.as_secs();
            findings.add(Finding {
                finding: Verdict::Late,
                from: *sequence,
                to: *sequence,
                event: entry.id.to_string(),
                why: match sealed {
                    Some(_) => format!("it was signed {seconds} s after it happened"),
                    None => {
                        format!("it is not signed {seconds} s after it happened, when others were")
                    }
                },
            });
        }
    }

    /// What an earlier report had, and this log does not.
    fn lost_since(&self, findings: &mut Findings, known: &Chained, gaps: &[(u64, u64)]) {
        let mut lost = |from, to, why: &str| {
            findings.add(Finding {
                finding: Verdict::LostSince,
                from,
                to,
                event: String::new(),
                why: why.to_owned(),
            });
        };
        match self.events.get(&known.last) {
            None => lost(
                known.last,
                known.last,
                "an earlier report has an event here",
            ),
            Some(entry) if entry.hash != known.hash => lost(
                known.last,
                known.last,
                "an earlier report has another event here",
            ),
            Some(_) => {}
        }
        let first = self.events.first_key_value().map(|(first, _)| *first);
        if let Some(first) = first.filter(|first| *first > known.first) {
            lost(
                known.first,
                first.saturating_sub(1),
                "an earlier report has these events",
            );
        }
        for &(from, to) in gaps {
            if from >= known.first && to <= known.last && !is_within(&known.missing, from, to) {
                lost(from, to, "an earlier report has these events");
            }
        }
    }
}

impl Entry {
    /// The same event once more, perhaps with another seal.
    pub(super) fn join(&mut self, other: Self) {
        for seal in other.seals {
            if !self.seals.contains(&seal) {
                self.seals.push(seal);
            }
        }
        self.misshapen_seal |= other.misshapen_seal;
    }
}

/// How the events of a chain hold each other.
#[derive(Debug, Default)]
struct Links {
    /// What is missing before the first.
    head: Option<(u64, u64)>,
    gaps: Vec<(u64, u64)>,
    /// Events that name another one before them than the one that is there.
    broken: Vec<u64>,
}

/// Which events signatures cover: those with a good seal, and all before them that they name, one through the other.
#[derive(Debug, Default)]
struct Cover {
    /// When each was signed first.
    times: BTreeMap<u64, Timestamp>,
    /// The last that is covered.
    last: Option<u64>,
    /// Ranges that are not.
    open: Vec<(u64, u64)>,
    end: u64,
}

impl Cover {
    fn of(events: &BTreeMap<u64, Entry>, links: &Links, seals: &BTreeMap<u64, Timestamp>) -> Self {
        let mut cover = Self {
            end: events.last_key_value().map_or(0, |(last, _)| *last),
            ..Self::default()
        };
        let mut signed: Option<Timestamp> = None;
        let mut after: Option<u64> = None;
        for &sequence in events.keys().rev() {
            let is_held = after.is_some_and(|after| {
                after == sequence.saturating_add(1) && links.broken.binary_search(&after).is_err()
            });
            if !is_held {
                signed = None;
            }
            signed = match (signed, seals.get(&sequence)) {
                (Some(later), Some(own)) => Some(later.min(*own)),
                (later, own) => later.or(own.copied()),
            };
            match signed {
                Some(time) => {
                    cover.times.insert(sequence, time);
                    cover.last = cover.last.or(Some(sequence));
                }
                None => cover.leave_open(sequence),
            }
            after = Some(sequence);
        }
        cover
    }

    fn leave_open(&mut self, sequence: u64) {
        match self.open.last_mut() {
            Some((from, _)) if *from == sequence.saturating_add(1) => *from = sequence,
            _ => self.open.push((sequence, sequence)),
        }
    }

    fn has(&self, sequence: u64) -> bool {
        self.times.contains_key(&sequence)
    }

    fn report(&self, findings: &mut Findings, gaps: &[(u64, u64)]) {
        for &(from, to) in &self.open {
            let is_before_gap = gaps.iter().any(|(gap, _)| *gap == to.saturating_add(1));
            let (finding, why) = if self.last.is_none() {
                (
                    Verdict::Unsigned,
                    "no signature covers any event of the chain",
                )
            } else if to == self.end {
                (
                    Verdict::UnsignedTail,
                    "no signature covers them; whether more came after them, nobody can tell",
                )
            } else if is_before_gap {
                (
                    Verdict::UnsignedPart,
                    "no signature covers them, since what follows them is missing",
                )
            } else {
                (
                    Verdict::UnsignedPart,
                    "no signature covers them, since what follows them names other events",
                )
            };
            findings.add(Finding {
                finding,
                from,
                to,
                event: String::new(),
                why: why.to_owned(),
            });
        }
    }
}

/// What is to be said of a chain, as far as anybody reads it.
#[derive(Debug, Default)]
struct Findings {
    list: Vec<Finding>,
    worst: Option<Verdict>,
    more: u64,
}

impl Findings {
    fn add(&mut self, finding: Finding) {
        self.worst = self.worst.max(Some(finding.finding));
        if self.list.len() < MOST {
            self.list.push(finding);
        } else {
            self.more = self.more.saturating_add(1);
        }
    }

    fn sorted(mut self) -> (Verdict, Vec<Finding>) {
        self.list
            .sort_by_key(|finding| (std::cmp::Reverse(finding.finding), finding.from));
        (self.worst.unwrap_or(Verdict::Complete), self.list)
    }
}

/// Whether ranges, in order, hold all of another.
fn is_within(ranges: &[(u64, u64)], from: u64, to: u64) -> bool {
    let mut next = from;
    for &(low, high) in ranges {
        if low <= next && high >= next {
            if high >= to {
                return true;
            }
            next = high.saturating_add(1);
        }
    }
    false
}

/// A name out of a log as it may be shown.
pub(super) fn printable(text: &str) -> String {
    let text: String = text.chars().take(64).collect();
    visible(&text).into_owned()
}

pub(super) fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
