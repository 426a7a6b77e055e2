//! A report as people read it.

use anstyle::Style;

use super::chain::{count, printable};
use super::report::{Chained, Finding, Report, Standing, Verdict};
use crate::style::{BAD, DOUBTFUL, GOOD, HEADING, Table, styled};

/// How many findings of one chain are shown.
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
    for chain in doubtful {
        text.push_str(&findings(chain));
    }
    for finding in report.unchained_findings.iter().take(SHOWN) {
        text.push_str(&line("in no chain", finding));
    }
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

fn findings(chain: &Chained) -> String {
    let mut text = String::new();
    let name = format!("chain {}", printable(&chain.chain));
    for finding in chain.findings.iter().take(SHOWN) {
        text.push_str(&line(&name, finding));
    }
    let listed = u64::try_from(chain.findings.len().saturating_sub(SHOWN)).unwrap_or(u64::MAX);
    let more = listed.saturating_add(chain.more_findings);
    if more > 0 {
        text.push_str(&format!("{name}: and {more} more, which --json lists\n"));
    }
    text
}

fn line(whose: &str, finding: &Finding) -> String {
    let verdict = styled(style(finding.finding.standing()), finding.finding.as_str());
    let range = if finding.from == finding.to {
        format!("event {}", finding.from)
    } else {
        format!("events {} to {}", finding.from, finding.to)
    };
    let id = match finding.event.as_str() {
        "" => String::new(),
        id => format!(" ({})", printable(id)),
    };
    format!("{whose}, {range}{id}: {verdict}: {}\n", finding.why)
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
