//! One chain: what is known of it while a log is read, and what is to be said of it in the end.

use std::collections::btree_map::Entry as Slot;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use mcp_edge_audit::Timestamp;
use mcp_edge_audit::event::DeliveryReport;
use mcp_edge_audit::evidence::{Purpose, SignedStatement};
use mcp_edge_clients::visible::visible;

use super::digest::Digest;
use super::ends::ChainEnd;
use super::logged_event::Entry;
use super::options::Options;
use super::public_keys::{Checked, PublicKeys};
use super::ranges::Ranges;
use super::report::{ChainReport, ChainVerdict, End, Finding, MAX_FINDINGS, Signed};

/// What is known of one chain.
#[derive(Debug, Default)]
pub(super) struct Chain {
    /// One event for each sequence number.
    events: BTreeMap<u64, Entry>,
    /// Others that claim a sequence number that has an event, by that number and their hash.
    rivals: BTreeMap<(u64, Digest), Entry>,
    /// Events that are not what their hash was made of, with what is in them.
    pub(super) altered: Vec<Altered>,
    /// The same by sequence number, content and hash, since the same line can come twice.
    seen: BTreeSet<(u64, Digest, Digest)>,
    /// What is known before the whole chain is: of events under another sequence number or chain than their own, and of
    /// envelopes that differ from their event.
    notes: Findings,
    losses: Vec<(u64, DeliveryReport)>,
}

/// What signed events of other chains declare as lost, by the chain that it is about.
pub(super) type DeclaredElsewhere = HashMap<String, Vec<DeliveryReport>>;

/// An event that is not what its hash was made of.
#[derive(Debug)]
pub(super) struct Altered {
    pub(super) sequence: u64,
    pub(super) entry: Entry,
    /// Its canonical JSON before the member `chain`, and after it; `None` if there was no room for it.
    pub(super) around_chain: Option<(Box<str>, Box<str>)>,
}

/// What an earlier verification says of a chain.
#[derive(Debug, Clone, Default)]
pub(super) struct ChainExpectation<'a> {
    /// It must hold all of this.
    pub(super) expected: Option<&'a ChainEnd>,
    /// It continues after this.
    pub(super) before: Option<&'a ChainEnd>,
    /// Whether a chain may end as it is expected to without an event since the time of `--until`.
    pub(super) is_settled: bool,
}

impl Chain {
    /// Takes an event in; whether it was there already.
    pub(super) fn add(
        &mut self,
        sequence: u64,
        entry: Entry,
        delivery: Option<DeliveryReport>,
    ) -> bool {
        match self.events.entry(sequence) {
            Slot::Vacant(slot) => {
                slot.insert(entry);
            }
            Slot::Occupied(mut slot) if slot.get().hash == entry.hash => {
                slot.get_mut().join(entry);
                return true;
            }
            Slot::Occupied(_) => match self.rivals.entry((sequence, entry.hash)) {
                Slot::Vacant(slot) => {
                    slot.insert(entry);
                }
                Slot::Occupied(mut slot) => {
                    slot.get_mut().join(entry);
                    return true;
                }
            },
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
            .map(|((sequence, _), entry)| (*sequence, entry));
        let events = self
            .events
            .iter()
            .map(|(sequence, entry)| (*sequence, entry));
        events.chain(rivals)
    }

    /// Whether there is an event with that sequence number and hash.
    pub(super) fn has(&self, sequence: u64, hash: &Digest) -> bool {
        let event = self.events.get(&sequence);
        event.is_some_and(|event| event.hash == *hash)
            || self.rivals.contains_key(&(sequence, *hash))
    }

    /// Whether there is an event with that sequence number, altered or not.
    pub(super) fn has_any(&self, sequence: u64) -> bool {
        let least = Digest([0; 32]);
        let most = Digest([0xff; 32]);
        let altered = (sequence, least, least)..=(sequence, most, most);
        self.events.contains_key(&sequence) || self.seen.range(altered).next().is_some()
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

    pub(super) fn note(&mut self, finding: Finding) {
        self.notes.add(finding);
    }

    /// Adds what it declares as lost of other chains: an instance delivers what another one kept in the outbox.
    pub(super) fn declare_elsewhere(
        &self,
        name: &str,
        keys: Option<&PublicKeys>,
        options: &Options,
        declared: &mut DeclaredElsewhere,
    ) {
        let is_elsewhere = |(_, loss): &(u64, DeliveryReport)| {
            loss.chain.as_ref().is_some_and(|chain| chain != name)
        };
        if !self.losses.iter().any(is_elsewhere) {
            return;
        }
        // What is wrong with the chain is said when it is judged.
        let mut findings = Findings::default();
        let links = self.links(&mut findings, None);
        let seals = self.seals(name, keys, &mut findings);
        let cover = Cover::of(&self.events, &links, &seals);
        for loss in self.believed(&cover, keys.is_some(), options) {
            if let Some(chain) = loss.chain.as_ref().filter(|chain| *chain != name) {
                let losses = declared.entry(chain.clone()).or_default();
                losses.push(loss.clone());
            }
        }
    }

    /// Losses that the chain declares and that count.
    fn believed<'a>(
        &'a self,
        cover: &Cover,
        with_keys: bool,
        options: &Options,
    ) -> impl Iterator<Item = &'a DeliveryReport> {
        self.losses
            .iter()
            // An attacker who takes events away could add that they were lost, at an end that nothing has signed.
            .filter(move |(sequence, _)| !with_keys || cover.has(*sequence))
            .map(|(_, loss)| loss)
            .filter(|loss| options.sink.as_ref().is_none_or(|sink| loss.sink == *sink))
    }

    /// Everything that is to be said of it. `elsewhere` is what other chains declare as lost of it.
    pub(super) fn judge(
        mut self,
        name: &str,
        keys: Option<&PublicKeys>,
        options: &Options,
        newest: Option<Timestamp>,
        earlier: &ChainExpectation<'_>,
        elsewhere: &[DeliveryReport],
    ) -> ChainReport {
        let mut findings = std::mem::take(&mut self.notes);
        for altered in std::mem::take(&mut self.altered) {
            findings.add(Finding {
                finding: ChainVerdict::Altered,
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
        self.after_end(&mut findings);
        let end = self.end(&cover, options, earlier);
        match keys {
            Some(_) => cover.report(&mut findings, &links.gaps, self.later(end, options)),
            None => self.unchecked(&mut findings),
        }
        let own = self.believed(&cover, keys.is_some(), options);
        let own = own.filter(|loss| loss.chain.as_ref().is_none_or(|chain| chain == name));
        gaps(&mut findings, &links, own.chain(elsewhere));
        self.foreign(&mut findings, options);
        if let (Some(within), Some(_)) = (options.within, keys) {
            self.late(&mut findings, &cover, within, newest);
        }
        if let Some(expected) = earlier.expected {
            self.lost_since(&mut findings, expected, &links.gaps);
        }
        let (first, last) = (self.events.first_key_value(), self.events.last_key_value());
        if let (End::Open | End::New, Some((&last, _))) = (end, last) {
            findings.add(Finding {
                finding: ChainVerdict::OpenEnd,
                from: last,
                to: last,
                event: String::new(),
                why: why_open(end, options, earlier),
            });
        }
        let (events, more_findings) = (count(self.events.len()), findings.more);
        let (verdict, findings) = findings.sorted();
        let signed = cover.last.and_then(|last| {
            let (hash, time) = (self.events.get(&last)?.hash, cover.times.get(&last)?);
            Some(Signed {
                sequence: last,
                hash,
                time: time.to_rfc3339(),
            })
        });
        ChainReport {
            chain: name.to_owned(),
            verdict,
            events,
            first: first.map_or(0, |(sequence, _)| *sequence),
            last: last.map_or(0, |(sequence, _)| *sequence),
            hash: last.map(|(_, entry)| entry.hash).unwrap_or_default(),
            signed,
            end,
            unsigned: cover.unsigned(),
            missing: links.gaps,
            findings,
            more_findings,
        }
    }

    /// Of several events with one sequence number, the one that the next event names keeps the place.
    fn settle_rivals(&mut self, findings: &mut Findings) {
        for ((sequence, _), rival) in std::mem::take(&mut self.rivals) {
            let next = sequence
                .checked_add(1)
                .and_then(|next| self.events.get(&next));
            let is_named = next.is_some_and(|next| next.previous == Some(rival.hash));
            let Some(holder) = self.events.get_mut(&sequence) else {
                continue;
            };
            findings.add(Finding {
                finding: ChainVerdict::Fork,
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
    fn links(&self, findings: &mut Findings, before: Option<&ChainEnd>) -> Links {
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
                        finding: ChainVerdict::Altered,
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
                    ChainVerdict::BadSignature,
                    "its seal has not the form of one".to_owned(),
                );
            }
            let hash = if entry.seals.is_empty() {
                String::new()
            } else {
                entry.hash.to_string()
            };
            for seal in &entry.seals {
                let statement = SignedStatement {
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
                        ChainVerdict::BadSignature,
                        format!("its seal is not by the key `{}`", printable(&seal.key)),
                    ),
                    Checked::UnknownKey => bad(
                        ChainVerdict::UnknownKey,
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

    fn foreign(&self, findings: &mut Findings, options: &Options) {
        let Some(tenant) = &options.tenant else {
            return;
        };
        for (&sequence, entry) in self.events.iter().filter(|(_, entry)| entry.foreign) {
            findings.add(Finding {
                finding: ChainVerdict::ForeignTenant,
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
                finding: ChainVerdict::Late,
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

    /// What an earlier verification had, and this log does not.
    fn lost_since(&self, findings: &mut Findings, expected: &ChainEnd, gaps: &[(u64, u64)]) {
        // What was not signed then is not expected: it may not have been the server's.
        let Some(signed) = &expected.signed else {
            return;
        };
        let mut lost = |from, to, why: &str| {
            findings.add(Finding {
                finding: ChainVerdict::LostSince,
                from,
                to,
                event: String::new(),
                why: why.to_owned(),
            });
        };
        let end = signed.sequence;
        match self.events.get(&end) {
            None => lost(end, end, "an earlier verification had an event here"),
            Some(entry) if entry.hash != signed.hash => {
                lost(end, end, "an earlier verification had another event here");
            }
            Some(_) => {}
        }
        let first = self.events.first_key_value().map(|(first, _)| *first);
        if let Some(first) = first.filter(|first| *first > expected.first) {
            lost(
                expected.first,
                first.saturating_sub(1).min(end),
                "an earlier verification had these events",
            );
        }
        let missing = Ranges::new(expected.missing.clone());
        for &(from, to) in gaps {
            if from >= expected.first && to <= end && !missing.holds(from, to) {
                lost(from, to, "an earlier verification had these events");
            }
        }
    }

    /// Events behind the one that closes the chain.
    fn after_end(&self, findings: &mut Findings) {
        let closing = self.events.iter().find(|(_, entry)| entry.closes);
        let Some((&closing, _)) = closing else {
            return;
        };
        let after = closing.saturating_add(1)..;
        let mut after = self.events.range(after);
        if let Some((&from, entry)) = after.next() {
            findings.add(Finding {
                finding: ChainVerdict::AfterEnd,
                from,
                to: after.next_back().map_or(from, |(&to, _)| to),
                event: entry.id.to_string(),
                why: format!("event {closing} closed the chain"),
            });
        }
    }

    /// Up to where nothing can be missing.
    fn end(&self, cover: &Cover, options: &Options, earlier: &ChainExpectation<'_>) -> End {
        let last = self.events.last_key_value();
        let is_closed = last.is_some_and(|(&last, entry)| entry.closes && cover.has(last));
        if is_closed {
            return End::Closed;
        }
        if self.first_since(cover, options.until).is_some() {
            return End::Until;
        }
        match (&options.expected, earlier.expected) {
            (None, _) => End::Open,
            (Some(_), None) => End::New,
            (Some(_), Some(expected)) => match &expected.signed {
                Some(signed) if cover.has(signed.sequence) => {
                    // What came since is not expected, and so its end is not.
                    let has_grown = last.is_some_and(|(&last, _)| last > signed.sequence);
                    let is_end = options.until.is_none() || (earlier.is_settled && !has_grown);
                    if is_end { End::Expected } else { End::Open }
                }
                _ => End::Open,
            },
        }
    }

    /// The first signed event from a time on. Whatever was recorded before that time is before it in the chain, since an event
    /// is recorded when its request has ended.
    fn first_since(&self, cover: &Cover, until: Option<Timestamp>) -> Option<u64> {
        let until = until?;
        let is_since = |sequence: &u64| {
            let entry = self.events.get(sequence)?;
            Timestamp::from_rfc3339(&entry.time).filter(|time| *time >= until)
        };
        cover
            .times
            .keys()
            .find(|sequence| is_since(sequence).is_some())
            .copied()
    }

    /// Unsigned events at the end of the chain that are later than the end which the caller states, also by their own time.
    fn later(&self, end: End, options: &Options) -> Option<u64> {
        let until = options.until.filter(|_| end == End::Until)?;
        let is_later =
            |entry: &Entry| Timestamp::from_rfc3339(&entry.time).is_some_and(|time| time >= until);
        let later = self.events.iter().rev();
        let later = later.take_while(|(_, entry)| is_later(entry)).last();
        later.map(|(&from, _)| from)
    }

    fn unchecked(&self, findings: &mut Findings) {
        let (first, last) = (self.events.first_key_value(), self.events.last_key_value());
        if let (Some((&from, _)), Some((&to, _))) = (first, last) {
            findings.add(Finding {
                finding: ChainVerdict::Unsigned,
                from,
                to,
                event: String::new(),
                why: "no signature was checked".to_owned(),
            });
        }
    }
}

/// Where events are missing, and whether they are declared as lost.
fn gaps<'a>(
    findings: &mut Findings,
    links: &Links,
    declared: impl Iterator<Item = &'a DeliveryReport>,
) {
    let missing = Ranges::new(links.head.iter().chain(&links.gaps).copied().collect());
    // A receiver may not say which events it refused. Then no more may be missing of those that it got.
    let explains = |loss: &&DeliveryReport| {
        let counts = loss
            .sequences
            .iter()
            .map(|&(from, to)| missing.count(from, to));
        counts.fold(0, u64::saturating_add) <= loss.events
    };
    let declared = declared.filter(explains).flat_map(|loss| &loss.sequences);
    let declared = Ranges::new(declared.copied().collect());
    let gaps = links.gaps.iter().map(|gap| (ChainVerdict::Gap, *gap));
    let head = links.head.map(|head| (ChainVerdict::HeadMissing, head));
    for (missing, (from, to)) in head.into_iter().chain(gaps) {
        let (finding, why) = match (declared.holds(from, to), missing) {
            (true, _) => (
                ChainVerdict::DeclaredGap,
                "a report of lost events says that the sink will never get them",
            ),
            (false, ChainVerdict::HeadMissing) => {
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

/// Why nothing shows that a chain ends where it does.
fn why_open(end: End, options: &Options, earlier: &ChainExpectation<'_>) -> String {
    let mut reasons = Vec::new();
    if options.until.is_some() {
        reasons.push("no signed event since --until");
    }
    match (end, earlier.expected, options.until) {
        (End::New, ..) => reasons.push("no end in --expect-chains"),
        (_, Some(_), Some(_)) if !earlier.is_settled => {
            reasons.push("no signature in --expect-chains that is later by --settled than --until");
        }
        (_, Some(_), Some(_)) => reasons.push("another end than in --expect-chains"),
        _ => {}
    }
    let before: String = reasons
        .iter()
        .map(|reason| format!("{reason}, and "))
        .collect();
    format!("{before}no closing event: later events could be missing")
}

impl Entry {
    /// The same event once more, perhaps with another seal.
    pub(super) fn join(&mut self, other: Self) {
        self.seals.extend(other.seals);
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

    /// How many events no signature covers.
    fn unsigned(&self) -> u64 {
        let ranges = self.open.iter();
        let lengths = ranges.map(|(from, to)| to.saturating_sub(*from).saturating_add(1));
        lengths.fold(0, u64::saturating_add)
    }

    /// `later` is the first of the last events that are later than the end which the caller states.
    fn report(&self, findings: &mut Findings, gaps: &[(u64, u64)], later: Option<u64>) {
        for &(from, to) in &self.open {
            let next = to.saturating_add(1);
            let is_before_gap = gaps.binary_search_by_key(&next, |(gap, _)| *gap).is_ok();
            let is_later = later.is_some_and(|later| later <= from);
            let (finding, why) = if to == self.end && is_later {
                (
                    ChainVerdict::Later,
                    "no signature covers them; they are later than the time of --until",
                )
            } else if self.last.is_none() {
                (
                    ChainVerdict::Unsigned,
                    "no signature covers any event of the chain",
                )
            } else if to == self.end {
                (
                    ChainVerdict::UnsignedTail,
                    "no signature covers them; later events could be missing",
                )
            } else if is_before_gap {
                (
                    ChainVerdict::UnsignedPart,
                    "no signature covers them, since what follows them is missing",
                )
            } else {
                (
                    ChainVerdict::UnsignedPart,
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
    worst: Option<ChainVerdict>,
    more: u64,
}

impl Findings {
    fn add(&mut self, finding: Finding) {
        self.worst = self.worst.max(Some(finding.finding));
        if self.list.len() < MAX_FINDINGS {
            self.list.push(finding);
        } else {
            self.more = self.more.saturating_add(1);
        }
    }

    fn sorted(mut self) -> (ChainVerdict, Vec<Finding>) {
        self.list
            .sort_by_key(|finding| (std::cmp::Reverse(finding.finding), finding.from));
        (self.worst.unwrap_or(ChainVerdict::Complete), self.list)
    }
}

/// A name out of a log as it may be shown.
/// A name from a log, cut off after 64 characters and fit for a terminal.
pub fn printable(text: &str) -> String {
    let text: String = text.chars().take(64).collect();
    visible(&text).into_owned()
}

pub(super) fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
