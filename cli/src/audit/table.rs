//! A report as people read it.

use std::cmp::Reverse;
use std::collections::HashMap;

use anstyle::Style;

use mcp_edge_verify::{ChainReport, ChainVerdict, Finding, LogVerdict, Report, number, printable};

use crate::style::{BAD, CAUTION, GOOD, Table, styled};

/// How many findings are shown, and of each how many chains and, in each chain, how many places.
const SHOWN: usize = 10;
/// How many chains are shown.
const MAX_CHAINS: usize = 100;

/// The verdict in one line, its first word with a style.
pub(super) fn verdict(report: &Report) -> String {
    let (word, rest) = report
        .summary
        .split_once(';')
        .unwrap_or((&report.summary, ""));
    format!("{};{rest}", styled(style(report.verdict), word))
}

pub(super) fn text(report: &Report) -> String {
    let mut text = format!("{}\n", verdict(report));
    let (doubtful, complete): (Vec<_>, Vec<_>) = report
        .chains
        .iter()
        .partition(|chain| chain.verdict != ChainVerdict::Complete);
    if !doubtful.is_empty() {
        let mut table = Table::new(["chain", "events", "first", "last", "signed to", "verdict"]);
        for chain in doubtful.iter().take(MAX_CHAINS) {
            let plain = |text: String| (text, Style::new());
            let signed = chain.signed.as_ref();
            table.row(vec![
                plain(printable(&chain.chain)),
                plain(chain.events.to_string()),
                plain(chain.first.to_string()),
                plain(chain.last.to_string()),
                plain(signed.map_or("-".to_owned(), |signed| signed.sequence.to_string())),
                (
                    chain.verdict.as_str().to_owned(),
                    style(chain.verdict.standing()),
                ),
            ]);
        }
        text.push('\n');
        text.push_str(&table.text());
        text.push('\n');
    }
    text.push_str(&findings(report, doubtful.iter().take(MAX_CHAINS)));
    let more = count(doubtful.len().saturating_sub(MAX_CHAINS));
    if more > 0 {
        text.push_str(&format!(
            "and {}, which --json lists\n",
            number(more, "more chain")
        ));
    }
    for (chains, style, what, why) in [
        (
            &report.missing_chains,
            BAD,
            "missing chain",
            "which --expect-chains has",
        ),
        (
            &report.unfinished_chains,
            CAUTION,
            "unfinished chain",
            "which was not closed in the log before this one",
        ),
    ] {
        for chain in chains.iter().take(MAX_CHAINS) {
            let what = styled(style, what);
            text.push_str(&format!("{what}: {}, {why}\n", printable(chain)));
        }
        let more = count(chains.len().saturating_sub(MAX_CHAINS));
        if more > 0 {
            text.push_str(&format!("and {}, which --json lists\n", number(more, what)));
        }
    }
    for receipt in &report.receipts {
        let verdict = styled(style(receipt.verdict.standing()), receipt.verdict.as_str());
        text.push_str(&format!(
            "receipt for event {}, {} of the chain {}: {verdict}\n",
            printable(&receipt.event),
            receipt.sequence,
            printable(&receipt.chain)
        ));
    }
    text.push_str(&summary(report, complete.len()));
    text
}

/// One finding, and where it is: in each chain, or in none, at these places.
struct Group<'a> {
    verdict: ChainVerdict,
    why: &'a str,
    chains: Vec<(Option<&'a str>, Vec<&'a Finding>)>,
}

/// Every finding once, the worst first, with the places that it is about.
fn findings<'a>(report: &'a Report, doubtful: impl Iterator<Item = &'a &'a ChainReport>) -> String {
    let mut groups = Groups::default();
    let mut unlisted = 0_u64;
    for chain in doubtful {
        // The table says it.
        let findings = chain.findings.iter();
        findings
            .filter(|finding| finding.finding != ChainVerdict::OpenEnd)
            .for_each(|finding| groups.add(Some(&chain.chain), finding));
        unlisted = unlisted.saturating_add(chain.more_findings);
    }
    for finding in &report.line_findings {
        groups.add(None, finding);
    }
    let mut groups = groups.groups;
    groups.sort_by_key(|group| Reverse(group.verdict));
    let mut text: String = groups.iter().take(SHOWN).map(Group::line).collect();
    for group in groups.iter().skip(SHOWN) {
        let places = group.chains.iter().map(|(_, places)| count(places.len()));
        unlisted = unlisted.saturating_add(places.sum());
    }
    if unlisted > 0 {
        text.push_str(&format!("and {unlisted} more, which --json lists\n"));
    }
    text
}

/// Findings that say the same are in one group.
#[derive(Default)]
struct Groups<'a> {
    groups: Vec<Group<'a>>,
    places: HashMap<(ChainVerdict, &'a str), usize>,
}

impl<'a> Groups<'a> {
    fn add(&mut self, chain: Option<&'a str>, finding: &'a Finding) {
        let (verdict, why) = (finding.finding, finding.why.as_str());
        let place = *self
            .places
            .entry((verdict, why))
            .or_insert(self.groups.len());
        let Some(group) = self.groups.get_mut(place) else {
            let chains = vec![(chain, vec![finding])];
            self.groups.push(Group {
                verdict,
                why,
                chains,
            });
            return;
        };
        match group.chains.last_mut().filter(|(name, _)| *name == chain) {
            Some((_, places)) => places.push(finding),
            None => group.chains.push((chain, vec![finding])),
        }
    }
}

impl Group<'_> {
    fn line(&self) -> String {
        let verdict = styled(style(self.verdict.standing()), self.verdict.as_str());
        let chains = self.chains.iter().take(SHOWN);
        let chains: Vec<_> = chains
            .map(|(chain, findings)| match chain {
                Some(chain) => format!("chain {}, {}", printable(chain), place(findings)),
                None => outside(findings),
            })
            .filter(|place| !place.is_empty())
            .collect();
        let more = self.chains.len().saturating_sub(SHOWN);
        let more = match more {
            0 => String::new(),
            more => format!(", and in {}", number(count(more), "more chain")),
        };
        let places = match chains.as_slice() {
            [] => String::new(),
            chains => format!("{}{more}: ", chains.join("; ")),
        };
        format!("{places}{verdict}: {}\n", self.why)
    }
}

/// The events in no chain that a finding is about. One about a damaged line says itself which.
fn outside(findings: &[&Finding]) -> String {
    let ids = findings.iter().filter(|finding| !finding.event.is_empty());
    let mut shown: Vec<_> = ids
        .clone()
        .take(SHOWN)
        .map(|finding| printable(&finding.event))
        .collect();
    let more = ids.count().saturating_sub(SHOWN);
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    match shown.as_slice() {
        [] => String::new(),
        [id] => format!("event {id}, in no chain"),
        ids => format!("events {}, in no chain", ids.join(", ")),
    }
}

/// The events of one chain that a finding is about.
fn place(findings: &[&Finding]) -> String {
    if let [finding] = findings
        && finding.from == finding.to
    {
        return match finding.event.as_str() {
            "" => format!("event {}", finding.from),
            id => format!("event {} ({})", finding.from, printable(id)),
        };
    }
    let mut ranges: Vec<(u64, u64)> = findings
        .iter()
        .map(|finding| (finding.from, finding.to))
        .collect();
    ranges.sort_unstable();
    ranges.dedup_by(|next, range| {
        let adjoins = next.0 <= range.1.saturating_add(1);
        if adjoins {
            range.1 = range.1.max(next.1);
        }
        adjoins
    });
    let shown = ranges.iter().take(SHOWN);
    let mut shown: Vec<_> = shown
        .map(|(from, to)| match from == to {
            true => from.to_string(),
            false => format!("{from} to {to}"),
        })
        .collect();
    let more = ranges.len().saturating_sub(SHOWN);
    if more > 0 {
        shown.push(format!("{more} more places"));
    }
    format!("events {}", shown.join(", "))
}

fn summary(report: &Report, complete: usize) -> String {
    let mut text = format!(
        "{} in {}, of which {complete} complete",
        number(report.events, "event"),
        number(count(report.chains.len()), "chain")
    );
    for (found, what) in [
        (report.duplicates, ["duplicate", ""]),
        (report.unchained, ["event", " in no chain"]),
        (report.damaged_lines, ["line", " damaged"]),
        (report.other_lines, ["line", " without an event"]),
    ] {
        if found > 0 {
            let [what, which] = what;
            text.push_str(&format!("; {}{which}", number(found, what)));
        }
    }
    text.push_str(".\n");
    text
}

fn style(standing: LogVerdict) -> Style {
    match standing {
        LogVerdict::Proven => GOOD,
        LogVerdict::Consistent => CAUTION,
        LogVerdict::Contradicted => BAD,
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
