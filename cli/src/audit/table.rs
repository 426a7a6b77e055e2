//! A report as people read it.

use anstyle::Style;

use super::chain::{count, printable};
use super::report::{Chained, Finding, Report, Standing, Verdict};
use crate::style::{BAD, DOUBTFUL, GOOD, HEADING, Table, styled};

/// How many findings are shown, and of each how many chains and, in each chain, how many places.
const SHOWN: usize = 10;

pub(super) fn text(report: &Report) -> String {
    let mut text = String::new();
    let (doubtful, whole): (Vec<_>, Vec<_>) = report
        .chains
        .iter()
        .partition(|chain| chain.verdict != Verdict::Complete);
    if !doubtful.is_empty() {
        let mut table = Table::new(["chain", "events", "first", "last", "signed to", "verdict"]);
        for chain in &doubtful {
            let plain = |text: String| (text, Style::new());
            table.row(vec![
                plain(printable(&chain.chain)),
                plain(chain.events.to_string()),
                plain(chain.first.to_string()),
                plain(chain.last.to_string()),
                plain(
                    chain
                        .sealed
                        .map_or("-".to_owned(), |sealed| sealed.to_string()),
                ),
                (
                    chain.verdict.as_str().to_owned(),
                    style(chain.verdict.standing()),
                ),
            ]);
        }
        text.push_str(&table.text());
        text.push('\n');
    }
    text.push_str(&findings(report, &doubtful));
    for chain in &report.missing_chains {
        let missing = styled(BAD, "missing chain");
        text.push_str(&format!(
            "{missing}: {}, which an earlier report has\n",
            printable(chain)
        ));
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
    text.push_str(&summary(report, whole.len()));
    text
}

/// One finding, and where it is: in each chain, at these places.
struct Group<'a> {
    verdict: Verdict,
    why: &'a str,
    chains: Vec<(String, Vec<&'a Finding>)>,
}

/// Every finding once, with the places that it is about.
fn findings(report: &Report, doubtful: &[&Chained]) -> String {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut unlisted = 0_u64;
    for chain in doubtful {
        let name = format!("chain {}", printable(&chain.chain));
        chain
            .findings
            .iter()
            .for_each(|finding| add(&mut groups, &name, finding));
        unlisted = unlisted.saturating_add(chain.more_findings);
    }
    for finding in &report.unchained_findings {
        add(&mut groups, "in no chain", finding);
    }
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

fn add<'a>(groups: &mut Vec<Group<'a>>, chain: &str, finding: &'a Finding) {
    let known = groups
        .iter_mut()
        .find(|group| group.verdict == finding.finding && group.why == finding.why);
    let Some(group) = known else {
        groups.push(Group {
            verdict: finding.finding,
            why: &finding.why,
            chains: vec![(chain.to_owned(), vec![finding])],
        });
        return;
    };
    match group.chains.last_mut().filter(|(name, _)| name == chain) {
        Some((_, places)) => places.push(finding),
        None => group.chains.push((chain.to_owned(), vec![finding])),
    }
}

impl Group<'_> {
    fn line(&self) -> String {
        let verdict = styled(style(self.verdict.standing()), self.verdict.as_str());
        let chains = self.chains.iter().take(SHOWN);
        let chains: Vec<_> = chains
            .map(|(name, places)| format!("{name}, {}", place(places)))
            .collect();
        let more = self.chains.len().saturating_sub(SHOWN);
        let more = match more {
            0 => String::new(),
            more => format!(", and in {}", number(count(more), "more chain")),
        };
        format!("{}{more}: {verdict}: {}\n", chains.join("; "), self.why)
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

fn summary(report: &Report, whole: usize) -> String {
    let mut text = format!(
        "{} in {}, of which {whole} complete",
        number(report.events, "event"),
        number(count(report.chains.len()), "chain")
    );
    for (found, what) in [
        (report.duplicates, ["duplicate", ""]),
        (report.unchained, ["event", " in no chain"]),
        (report.other_lines, ["line", " without an event"]),
    ] {
        if found > 0 {
            let [what, which] = what;
            text.push_str(&format!("; {}{which}", number(found, what)));
        }
    }
    text.push_str(".\n");
    if !report.signatures {
        let unsigned = styled(DOUBTFUL, "No signature was looked at");
        text.push_str(&format!(
            "{unsigned}: whoever can write this log can have written all of it.\n"
        ));
    }
    let (style, sentence) = match report.verdict {
        Standing::Complete => (GOOD, "The log is whole."),
        Standing::Explained => (GOOD, "The log is whole but for what it explains itself."),
        Standing::Unproven => (
            DOUBTFUL,
            "Nothing contradicts the log, and nothing proves it.",
        ),
        Standing::Tampered => (BAD, "The log is not what the server wrote."),
    };
    text.push_str(&format!(
        "{} {sentence}\n",
        styled(HEADING, &styled(style, "Verdict:"))
    ));
    text
}

fn number(number: u64, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}

fn style(standing: Standing) -> Style {
    match standing {
        Standing::Complete => GOOD,
        Standing::Explained | Standing::Unproven => DOUBTFUL,
        Standing::Tampered => BAD,
    }
}
