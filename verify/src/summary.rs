//! The verdict in one line.

use std::collections::BTreeMap;

use mcp_edge_audit::Timestamp;

use super::chain::count;
use super::options::Options;
use super::report::{ChainReport, ChainVerdict, End, LogVerdict, Report};

pub(super) fn line(report: &Report, options: &Options) -> String {
    match report.verdict {
        LogVerdict::Proven => format!("proven; {}", proven(report, options).join("; ")),
        LogVerdict::Consistent => format!("consistent; {}", consistent(report).join("; ")),
        LogVerdict::Contradicted => format!("contradicted; {}", contradicted(report).join(", ")),
    }
}

/// How far the log is proven, and what it does not prove.
fn proven(report: &Report, options: &Options) -> Vec<String> {
    let ended = |end| count(report.chains.iter().filter(|one| one.end == end).count());
    let mut parts = Vec::new();
    let ends = [
        (
            options
                .until
                .map_or_else(String::new, Timestamp::to_rfc3339),
            End::Until,
        ),
        ("the expected end".to_owned(), End::Expected),
        ("the closing event".to_owned(), End::Closed),
    ];
    let chains: Vec<_> = ends
        .into_iter()
        .filter(|(_, end)| ended(*end) > 0)
        .map(|(what, end)| format!("{what} of {}", number(ended(end), "chain")))
        .collect();
    if !chains.is_empty() {
        parts.push(format!("signed up to {}", chains.join(" and ")));
    }
    let later: u64 = report.chains.iter().map(|chain| chain.unsigned).sum();
    if later > 0 {
        parts.push(format!("{} not signed", number(later, "later event")));
    }
    if options.expected.is_none() {
        parts.push("a missing chain is not provable without --expect-chains".to_owned());
    }
    parts
}

/// What is signed, and what is not.
fn consistent(report: &Report) -> Vec<String> {
    let signed = report.chains.iter().filter_map(|chain| {
        let signed = chain.signed.as_ref()?;
        Some((signed.sequence, &signed.time))
    });
    let signed: Vec<_> = signed.collect();
    let newest = signed.iter().map(|(_, time)| *time).max();
    let mut parts = vec![
        match (report.chains.as_slice(), signed.as_slice(), newest) {
            _ if !report.signatures => "no signature was checked".to_owned(),
            (_, [], _) | (_, _, None) => "nothing is signed".to_owned(),
            ([_], [(sequence, time)], _) => format!("signed up to sequence {sequence} at {time}"),
            (chains, signed, Some(newest)) => format!(
                "{} of {} signed, the newest at {newest}",
                signed.len(),
                number(count(chains.len()), "chain")
            ),
        },
    ];
    let is_open = |chain: &&ChainReport| matches!(chain.end, End::Open | End::New);
    let open = report.chains.iter().filter(is_open).count();
    let open = count(open.saturating_add(report.unfinished_chains.len()));
    let has_several = report
        .chains
        .len()
        .saturating_add(report.unfinished_chains.len())
        > 1;
    if open > 0 || report.chains.is_empty() {
        parts.push(match has_several {
            true => format!("end of {} not provable", number(open, "chain")),
            false => "end not provable".to_owned(),
        });
    }
    let is_new = |chain: &&ChainReport| chain.end == End::New;
    let new = count(report.chains.iter().filter(is_new).count());
    if new > 0 {
        parts.push(format!("{} not in --expect-chains", number(new, "chain")));
    }
    let unsigned = report.chains.iter().map(|chain| chain.unsigned);
    let unsigned = unsigned.fold(report.unchained, u64::saturating_add);
    if report.signatures && unsigned > 0 {
        parts.push(format!("{} not signed", number(unsigned, "event")));
    }
    let findings = report.chains.iter().flat_map(|chain| &chain.findings);
    let of = |verdict| findings.clone().filter(move |one| one.finding == verdict);
    let lost = of(ChainVerdict::DeclaredGap)
        .map(|gap| gap.to.saturating_sub(gap.from).saturating_add(1))
        .fold(0, u64::saturating_add);
    if lost > 0 {
        parts.push(format!(
            "{} lost as the log declares",
            number(lost, "event")
        ));
    }
    let envelopes = count(of(ChainVerdict::UnprovenEnvelope).count());
    if envelopes > 0 {
        parts.push(format!(
            "{} of which its event says nothing",
            number(envelopes, "envelope")
        ));
    }
    parts
}

/// What contradicts the log, the worst first.
fn contradicted(report: &Report) -> Vec<String> {
    let mut found: BTreeMap<ChainVerdict, u64> = BTreeMap::new();
    let in_chains = report.chains.iter().flat_map(|chain| {
        let mut verdicts: Vec<_> = chain.findings.iter().map(|one| one.finding).collect();
        verdicts.push(chain.verdict);
        verdicts.sort_unstable();
        verdicts.dedup();
        verdicts
    });
    let is_contradicting = |verdict: &ChainVerdict| verdict.standing() == LogVerdict::Contradicted;
    for verdict in in_chains.filter(is_contradicting) {
        let chains = found.entry(verdict).or_default();
        *chains = chains.saturating_add(1);
    }
    let mut parts: Vec<_> = found
        .into_iter()
        .rev()
        .map(|(verdict, chains)| format!("{} in {}", verdict.as_str(), number(chains, "chain")))
        .collect();
    let lines = report.line_findings.iter();
    let is_forged = |verdict| verdict != ChainVerdict::Damaged && is_contradicting(&verdict);
    let forged = count(lines.filter(|one| is_forged(one.finding)).count());
    let receipts = report
        .receipts
        .iter()
        .filter(|receipt| receipt.verdict.standing() == LogVerdict::Contradicted);
    for (number_of, what) in [
        (count(report.missing_chains.len()), "missing chain"),
        (report.damaged_lines, "damaged line"),
        (forged, "forged event outside a chain"),
        (count(receipts.count()), "contradicting receipt"),
    ] {
        match number_of {
            0 => {}
            1 => parts.push(format!("1 {what}")),
            more if what.contains(" event ") => {
                parts.push(format!("{more} {}", what.replacen("event", "events", 1)));
            }
            more => parts.push(format!("{more} {what}s")),
        }
    }
    parts
}

/// A number of things, with the plural where there is not one: `1 event`, `2 events`.
pub fn number(number: u64, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}
