//! A whole log: every chain in it, and what is to be said of all of them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use mcp_edge_runtime::audit::evidence::{Purpose, Receipt, Statement};
use mcp_edge_runtime::host::Timestamp;

use super::chain::{Altered, Chain, Earlier, count};
use super::digest::Digest;
use super::envelope;
use super::found::{Found, Place};
use super::misplaced;
use super::public_keys::{Checked, PublicKeys};
use super::report::{Chained, Finding, MOST, ReceiptVerdict, Receipted, Report, Standing, Verdict};

/// What is asked of a log beyond that it is whole.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Every event is of this tenant, or of nobody in particular.
    pub tenant: Option<String>,
    /// The only sink whose losses count, as `mcp.toml` names it: the one that the log comes from.
    pub sink: Option<String>,
    /// How long after it happened an event is signed at the latest.
    pub within: Option<Duration>,
    /// The log must still have all that this one had.
    pub known: Option<Report>,
    /// The log goes on where this one ended.
    pub before: Option<Report>,
}

/// A log that is being read. Of each event its hashes, its id, its time and its seals are kept, some 200 bytes.
#[derive(Debug)]
pub struct Log {
    keys: Option<PublicKeys>,
    options: Options,
    chains: HashMap<String, Chain>,
    unchained: HashSet<Digest>,
    unchained_findings: Vec<Finding>,
    newest: Option<Timestamp>,
    events: u64,
    duplicates: u64,
    other_lines: u64,
}

/// Events of lines that were read apart from the log, perhaps by another thread.
#[derive(Debug, Default)]
pub struct Lines {
    found: Vec<Found>,
    other: u64,
}

impl Lines {
    /// Reads whole lines; empty ones count for nothing.
    pub fn read(text: &str) -> Self {
        let mut lines = Self::default();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let found = &mut lines.found;
            if !envelope::unwrap(line, &mut |event| found.push(event)) {
                lines.other = lines.other.saturating_add(1);
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
            unchained_findings: Vec::new(),
            newest: None,
            events: 0,
            duplicates: 0,
            other_lines: 0,
        }
    }

    /// Takes lines in, in whatever order.
    pub fn add(&mut self, lines: Lines) {
        self.other_lines = self.other_lines.saturating_add(lines.other);
        for found in lines.found {
            let known = self.add_one(found);
            let counter = if known {
                &mut self.duplicates
            } else {
                &mut self.events
            };
            *counter = counter.saturating_add(1);
        }
    }

    fn add_one(&mut self, mut found: Found) -> bool {
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
        match found.altered {
            None => chain.add(sequence, found.entry, found.delivery),
            Some((members, content)) => {
                let altered = Altered {
                    sequence,
                    entry: found.entry,
                    members,
                };
                chain.add_altered(altered, content)
            }
        }
    }

    fn add_unchained(&mut self, found: Found) -> bool {
        let mut add = |finding, why: String| {
            if self.unchained_findings.len() < MOST {
                self.unchained_findings.push(Finding {
                    finding,
                    from: 0,
                    to: 0,
                    event: found.entry.id.to_string(),
                    why,
                });
            }
        };
        if found.altered.is_some() {
            add(
                Verdict::Altered,
                "its hash is not that of what is in it, and it says no chain".to_owned(),
            );
            return false;
        }
        if !self.unchained.insert(found.entry.hash) {
            return true;
        }
        if let (true, Some(tenant)) = (found.entry.foreign, &self.options.tenant) {
            add(
                Verdict::ForeignTenant,
                format!("its principal is not of the tenant `{tenant}`"),
            );
        }
        false
    }

    /// Everything that is to be said.
    pub fn judge(mut self, receipts: &[Receipt]) -> Report {
        misplaced::resolve(&mut self.chains);
        let receipts: Vec<_> = receipts
            .iter()
            .map(|receipt| self.receipt(receipt))
            .collect();
        let by_name = |report: &Option<Report>| -> BTreeMap<String, Chained> {
            let chains = report.iter().flat_map(|report| report.chains.clone());
            chains.map(|chain| (chain.chain.clone(), chain)).collect()
        };
        let (known, before) = (by_name(&self.options.known), by_name(&self.options.before));
        let missing_chains: Vec<String> = known
            .keys()
            .filter(|name| !self.chains.contains_key(*name))
            .cloned()
            .collect();
        let mut chains: Vec<_> = std::mem::take(&mut self.chains).into_iter().collect();
        chains.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        let judge = |(name, chain): (String, Chain)| {
            let earlier = Earlier {
                known: known.get(&name),
                before: before.get(&name),
            };
            chain.judge(
                &name,
                self.keys.as_ref(),
                &self.options,
                self.newest,
                &earlier,
            )
        };
        let chains = in_parallel(chains, judge);
        let standings = chains
            .iter()
            .map(|chain| chain.verdict.standing())
            .chain(receipts.iter().map(|receipt| receipt.verdict.standing()))
            .chain((!missing_chains.is_empty()).then_some(Standing::Tampered))
            .chain((!self.unchained_findings.is_empty()).then_some(Standing::Tampered))
            .chain((!self.unchained.is_empty()).then_some(Standing::Explained));
        Report {
            verdict: standings.max().unwrap_or_default(),
            events: self.events,
            duplicates: self.duplicates,
            unchained: count(self.unchained.len()),
            other_lines: self.other_lines,
            signatures: self.keys.is_some(),
            chains,
            unchained_findings: self.unchained_findings,
            missing_chains,
            receipts,
        }
    }

    fn receipt(&self, receipt: &Receipt) -> Receipted {
        let statement = Statement {
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
        let is_there = chain.is_some_and(|chain| chain.find(receipt.sequence, &hash).is_some());
        let has_other = chain.is_some_and(|chain| {
            chain.at(receipt.sequence).is_some()
                || chain
                    .altered
                    .iter()
                    .any(|altered| altered.sequence == receipt.sequence)
        });
        let verdict = match checked {
            Some(Checked::Bad) => ReceiptVerdict::BadSignature,
            Some(Checked::UnknownKey) => ReceiptVerdict::UnknownKey,
            Some(Checked::Good) if is_there => ReceiptVerdict::Present,
            None if is_there => ReceiptVerdict::PresentUnchecked,
            _ if has_other => ReceiptVerdict::Contradicted,
            Some(Checked::Good) => ReceiptVerdict::Missing,
            None => ReceiptVerdict::MissingUnchecked,
        };
        Receipted {
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
