//! A report as people read it.

use anstyle::Style;

use super::chain::{count, printable};
use super::report::{Chained, Finding, Report, Standing, Verdict};
use super::summary::number;
use crate::style::{BAD, DOUBTFUL, GOOD, Table, styled};

/// How many findings of one chain are shown.
const SHOWN: usize = 10;
/// How many chains are shown.
const MAX_CHAINS: usize = 100;

pub(super) fn text(report: &Report) -> String {
    let (word, rest) = report
        .summary
        .split_once(';')
        .unwrap_or((&report.summary, ""));
    let mut text = format!("{};{rest}\n", styled(style(report.verdict), word));
    let (doubtful, complete): (Vec<_>, Vec<_>) = report
        .chains
        .iter()
        .partition(|chain| chain.verdict != Verdict::Complete);
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
    for chain in doubtful.iter().take(MAX_CHAINS) {
        text.push_str(&findings(chain));
    }
    let more = count(doubtful.len().saturating_sub(MAX_CHAINS));
    if more > 0 {
        text.push_str(&format!(
            "and {}, which --json lists\n",
            number(more, "more chain")
        ));
    }
    for finding in report.line_findings.iter().take(SHOWN) {
        let verdict = styled(style(finding.finding.standing()), finding.finding.as_str());
        let whose = match finding.event.as_str() {
            "" => String::new(),
            id => format!("event {}, in no chain: ", printable(id)),
        };
        text.push_str(&format!("{whose}{verdict}: {}\n", finding.why));
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
            DOUBTFUL,
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

fn findings(chain: &Chained) -> String {
    let mut text = String::new();
    let name = format!("chain {}", printable(&chain.chain));
    // The table says it.
    let findings = chain.findings.iter();
    let findings = findings.filter(|finding| finding.finding != Verdict::OpenEnd);
    for finding in findings.clone().take(SHOWN) {
        text.push_str(&line(&name, finding));
    }
    let listed = count(findings.count().saturating_sub(SHOWN));
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

fn style(standing: Standing) -> Style {
    match standing {
        Standing::Proven => GOOD,
        Standing::Consistent => DOUBTFUL,
        Standing::Contradicted => BAD,
    }
}
