//! A whole log: every chain in it, and what is to be said of all of them.

use std::collections::{HashMap, HashSet};

use mcp_edge_audit::Timestamp;
use mcp_edge_audit::evidence::{Purpose, Receipt, SignedStatement};

use super::chain::{Altered, Chain, ChainExpectation, DeclaredElsewhere, count};
use super::digest::Digest;
use super::ends::{ChainEnd, ChainEnds};
use super::envelope::{self, Content};
use super::logged_event::{FORGED, LoggedEvent, Place};
use super::misplaced;
use super::options::Options;
use super::public_keys::{Checked, PublicKeys};
use super::report::{
    ChainVerdict, Finding, LogVerdict, MAX_FINDINGS, ReceiptReport, ReceiptVerdict, Report,
};
use super::summary;

/// How many bytes of events that were altered are kept, to find out which of them are only misplaced.
const MAX_ALTERED_BYTES: usize = 64 << 20;

/// A log that is being read. Of each event its hashes, its id, its time and its seals are kept, some 200 bytes.
#[derive(Debug)]
pub struct Log {
    keys: Option<PublicKeys>,
    options: Options,
    chains: HashMap<String, Chain>,
    unchained: HashSet<Digest>,
    line_findings: Vec<Finding>,
    altered_bytes: usize,
    newest: Option<Timestamp>,
    events: u64,
    duplicates: u64,
    other_lines: u64,
    damaged_lines: u64,
}

/// Events of lines that were read apart from the log, perhaps by another thread, and what the caller reads from each of them.
#[derive(Debug)]
pub struct Lines<T = ()> {
    found: Vec<(LoggedEvent, Option<T>)>,
    other: u64,
    damaged: u64,
    /// The lengths of the first that are damaged.
    damaged_bytes: Vec<usize>,
}

impl Lines {
    /// Reads whole lines; empty ones count for nothing.
    pub fn read(text: &str) -> Self {
        Self::read_with(text, &|_| ())
    }
}

impl<T> Lines<T> {
    /// Reads whole lines, and calls `of` with the canonical JSON of each event that is what its hash was made of and that a
    /// server writes at its place.
    pub fn read_with(text: &str, of: &impl Fn(&str) -> T) -> Self {
        let mut lines = Self {
            found: Vec::new(),
            other: 0,
            damaged: 0,
            damaged_bytes: Vec::new(),
        };
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let found = &mut lines.found;
            let content = envelope::unwrap(line, &mut |opened| {
                let event = opened.found.is_intact().then(|| of(&opened.line));
                found.push((opened.found, event));
            });
            match content {
                Content::Events => {}
                Content::Nothing => lines.other = lines.other.saturating_add(1),
                Content::Damaged => {
                    lines.damaged = lines.damaged.saturating_add(1);
                    if lines.damaged_bytes.len() < MAX_FINDINGS {
                        lines.damaged_bytes.push(line.len());
                    }
                }
            }
        }
        lines
    }
}

impl Log {
    /// An empty log. Without keys no signature is looked at.
    pub fn new(keys: Option<PublicKeys>, options: Options) -> Self {
        Self {
            keys,
            options,
            chains: HashMap::new(),
            unchained: HashSet::new(),
            line_findings: Vec::new(),
            altered_bytes: 0,
            newest: None,
            events: 0,
            duplicates: 0,
            other_lines: 0,
            damaged_lines: 0,
        }
    }

    /// Takes lines in, in whatever order.
    pub fn add(&mut self, lines: Lines) {
        self.add_with(lines, |()| ());
    }

    /// Takes lines in, in whatever order, and calls `take` with what was read from each event that the log did not have before.
    pub fn add_with<T>(&mut self, lines: Lines<T>, mut take: impl FnMut(T)) {
        self.other_lines = self.other_lines.saturating_add(lines.other);
        self.damaged_lines = self.damaged_lines.saturating_add(lines.damaged);
        for bytes in lines.damaged_bytes {
            let why = format!(
                "a line of {bytes} bytes holds an event that was cut off or damaged, or an envelope without its event"
            );
            self.find_in_line(ChainVerdict::Damaged, "", why);
        }
        for (found, event) in lines.found {
            if self.add_one(found) {
                self.duplicates = self.duplicates.saturating_add(1);
                continue;
            }
            self.events = self.events.saturating_add(1);
            if let Some(event) = event {
                take(event);
            }
        }
    }

    fn add_one(&mut self, mut found: LoggedEvent) -> bool {
        found.entry.foreign = match (&self.options.tenant, &found.tenant) {
            (Some(asked), Some(tenant)) => tenant.as_ref() != Some(asked),
            _ => false,
        };
        for seal in &found.entry.seals {
            self.newest = self.newest.max(Timestamp::from_rfc3339(&seal.time));
        }
        let Some(Place { chain, sequence }) = found.place.take() else {
            return self.add_unchained(found);
        };
        let chain = self.chains.entry(chain).or_default();
        for (finding, why) in found.notes {
            chain.note(Finding {
                finding,
                from: sequence,
                to: sequence,
                event: found.entry.id.to_string(),
                why,
            });
        }
        match found.altered {
            None => chain.add(sequence, found.entry, found.delivery),
            Some(words) => {
                let (before, after) = &words.around_chain;
                let bytes = before.len().saturating_add(after.len());
                let bytes = self.altered_bytes.saturating_add(bytes);
                let has_room = bytes <= MAX_ALTERED_BYTES;
                if has_room {
                    self.altered_bytes = bytes;
                }
                let altered = Altered {
                    sequence,
                    entry: found.entry,
                    around_chain: has_room.then_some(words.around_chain),
                };
                chain.add_altered(altered, words.digest)
            }
        }
    }

    /// Notes what is wrong with an event that is in no chain, or with a line.
    fn find_in_line(&mut self, finding: ChainVerdict, event: &str, why: String) {
        if self.line_findings.len() < MAX_FINDINGS {
            self.line_findings.push(Finding {
                finding,
                from: 0,
                to: 0,
                event: event.to_owned(),
                why,
            });
        }
    }

    fn add_unchained(&mut self, found: LoggedEvent) -> bool {
        let id = &*found.entry.id;
        let is_forged = found.is_forged();
        for (finding, why) in found.notes {
            self.find_in_line(finding, id, why);
        }
        if found.altered.is_some() {
            let why = "its hash is not that of what is in it, and it is in no chain".to_owned();
            self.find_in_line(ChainVerdict::Altered, id, why);
            return false;
        }
        if !self.unchained.insert(found.entry.hash) {
            return true;
        }
        if is_forged {
            self.find_in_line(ChainVerdict::Forged, id, FORGED.to_owned());
        } else if !found.entry.seals.is_empty() || found.entry.misshapen_seal {
            let why = "an event outside a chain is not sealed".to_owned();
            self.find_in_line(ChainVerdict::BadSignature, id, why);
        }
        if found.entry.foreign {
            let tenant = self.options.tenant.as_deref().unwrap_or_default();
            let why = format!("its principal is not of the tenant `{tenant}`");
            self.find_in_line(ChainVerdict::ForeignTenant, id, why);
        }
        false
    }

    /// Whether the log of which `expected` is reached far enough to end the chains that have no event since `until`.
    fn is_settled(&self) -> bool {
        let Some(until) = self.options.until else {
            return true;
        };
        let due = until.after(self.options.settled);
        let expected = self.options.expected.as_ref();
        expected
            .and_then(ChainEnds::newest)
            .is_some_and(|newest| newest >= due)
    }

    /// Everything that is to be said.
    pub fn judge(mut self, receipts: &[Receipt]) -> Report {
        misplaced::resolve(&mut self.chains);
        let receipts: Vec<_> = receipts
            .iter()
            .map(|receipt| self.receipt(receipt))
            .collect();
        let is_settled = self.is_settled();
        let (expected, before) = (&self.options.expected, &self.options.before);
        let absent =
            |ends: &Option<ChainEnds>, is_due: &dyn Fn(&ChainEnd) -> bool| -> Vec<String> {
                let ends = ends.iter().flat_map(ChainEnds::chains);
                ends.filter(|end| is_due(end) && !self.chains.contains_key(&end.chain))
                    .map(|end| end.chain.clone())
                    .collect()
            };
        // A chain that ended before this log is not in it.
        let missing_chains = absent(expected, &|end| {
            let has_ended = find(before, end).is_some_and(|before| end.ends_as(before));
            end.signed.is_some() && !has_ended
        });
        let unfinished_chains = absent(before, &|end| {
            let has_ended = find(expected, end).is_some_and(|expected| expected.ends_as(end));
            let is_ended = end.closed || (is_settled && has_ended);
            !is_ended
        });
        let mut chains: Vec<_> = std::mem::take(&mut self.chains).into_iter().collect();
        chains.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        let mut elsewhere = DeclaredElsewhere::new();
        for (name, chain) in &chains {
            chain.declare_elsewhere(name, self.keys.as_ref(), &self.options, &mut elsewhere);
        }
        let judge = |(name, chain): (String, Chain)| {
            let Options {
                expected, before, ..
            } = &self.options;
            let earlier = ChainExpectation {
                expected: expected.as_ref().and_then(|ends| ends.find(&name)),
                before: before.as_ref().and_then(|ends| ends.find(&name)),
                is_settled,
            };
            chain.judge(
                &name,
                self.keys.as_ref(),
                &self.options,
                self.newest,
                &earlier,
                elsewhere.get(&name).map_or(&[], Vec::as_slice),
            )
        };
        let chains = in_parallel(chains, judge);
        let is_unproven = self.keys.is_none()
            || chains.is_empty()
            || !self.unchained.is_empty()
            || !unfinished_chains.is_empty();
        let standings = chains
            .iter()
            .map(|chain| chain.verdict.standing())
            .chain(receipts.iter().map(|receipt| receipt.verdict.standing()))
            .chain(
                self.line_findings
                    .iter()
                    .map(|line| line.finding.standing()),
            )
            .chain((!missing_chains.is_empty()).then_some(LogVerdict::Contradicted))
            .chain(is_unproven.then_some(LogVerdict::Consistent));
        let mut report = Report {
            verdict: standings.max().unwrap_or_default(),
            summary: String::new(),
            events: self.events,
            duplicates: self.duplicates,
            unchained: count(self.unchained.len()),
            other_lines: self.other_lines,
            damaged_lines: self.damaged_lines,
            signatures: self.keys.is_some(),
            chains,
            line_findings: self.line_findings,
            missing_chains,
            unfinished_chains,
            receipts,
        };
        report.summary = summary::line(&report, &self.options);
        report
    }

    fn receipt(&self, receipt: &Receipt) -> ReceiptReport {
        let statement = SignedStatement {
            purpose: Purpose::Receipt,
            chain: &receipt.chain,
            sequence: receipt.sequence,
            hash: &receipt.hash,
            time: &receipt.time,
        };
        let checked = self
            .keys
            .as_ref()
            .map(|keys| keys.check(&statement, &receipt.key, &receipt.signature));
        let chain = self.chains.get(&receipt.chain);
        let hash = Digest::parse(&receipt.hash).unwrap_or_default();
        let is_there = chain.is_some_and(|chain| chain.has(receipt.sequence, &hash));
        let has_other = chain.is_some_and(|chain| chain.has_any(receipt.sequence));
        let verdict = match checked {
            Some(Checked::Bad) => ReceiptVerdict::BadSignature,
            Some(Checked::UnknownKey) => ReceiptVerdict::UnknownKey,
            Some(Checked::Good) if is_there => ReceiptVerdict::Present,
            None if is_there => ReceiptVerdict::PresentUnchecked,
            _ if has_other => ReceiptVerdict::Contradicted,
            Some(Checked::Good) => ReceiptVerdict::Missing,
            None => ReceiptVerdict::MissingUnchecked,
        };
        ReceiptReport {
            event: receipt.event.clone(),
            chain: receipt.chain.clone(),
            sequence: receipt.sequence,
            verdict,
        }
    }
}

/// What `work` makes of each item, in their order, with as many threads as the machine has cores.
fn in_parallel<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = items.len().div_ceil(threads.max(1)).max(1);
    let mut items = items.into_iter();
    let mut shares = Vec::new();
    loop {
        let share: Vec<T> = items.by_ref().take(share).collect();
        if share.is_empty() {
            break;
        }
        shares.push(share);
    }
    std::thread::scope(|scope| {
        let work = &work;
        let run = |share: Vec<T>| scope.spawn(move || share.into_iter().map(work).collect());
        let running: Vec<_> = shares.into_iter().map(run).collect();
        let join = |thread: std::thread::ScopedJoinHandle<'_, Vec<R>>| match thread.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        running.into_iter().flat_map(join).collect()
    })
}

/// The end of the same chain among others.
fn find<'a>(ends: &'a Option<ChainEnds>, end: &ChainEnd) -> Option<&'a ChainEnd> {
    ends.as_ref().and_then(|ends| ends.find(&end.chain))
}
