//! Up to where a log is proven: its closing events, the time that the caller states, or what an earlier run had.

use std::time::Duration;

use mcp_edge_audit::Timestamp;
use mcp_edge_verify::{ChainEnds, ChainVerdict, End, Lines, Log, LogVerdict, Options, Report};

use super::made::{Made, name, rehashed, said, time, verify, verify_with};

fn until(seconds: u64) -> Options {
    Options {
        until: Timestamp::from_rfc3339(&time(seconds)),
        ..Options::default()
    }
}

/// What one run writes for the next.
fn ends(report: &Report) -> ChainEnds {
    ChainEnds::parse(&ChainEnds::of(report, None).to_text()).unwrap()
}

fn expecting(ends: &ChainEnds) -> Options {
    Options {
        expected: Some(ends.clone()),
        ..Options::default()
    }
}

#[track_caller]
fn says(report: &Report, verdict: LogVerdict, summary: &str) {
    assert_eq!((report.verdict, &*report.summary), (verdict, summary));
}

#[test]
fn closing_events_end_a_log() {
    says(
        &verify(&Made::new(2, 10, 5).all()),
        LogVerdict::Proven,
        "proven; signed up to the closing event of 2 chains; a missing chain is not provable without --expect-chains",
    );
    says(
        &verify(&Made::open(1, 10, 5).all()),
        LogVerdict::Consistent,
        "consistent; signed up to sequence 9 at 2026-09-21T14:13:31.000Z; end not provable",
    );
    says(
        &verify(
            &[
                Made::new(2, 10, 5).lines.remove(1),
                Made::open(1, 10, 5).all(),
            ]
            .concat(),
        ),
        LogVerdict::Consistent,
        "consistent; 2 of 2 chains signed, the newest at 2026-09-21T14:13:31.000Z; end of 1 chain not provable",
    );
}

/// A signed event from the time on is behind everything that was recorded before it.
#[test]
fn a_log_is_proven_up_to_a_time() {
    let lines = Made::open(1, 30, 10).all();
    let judged = |lines: &[String], seconds| verify_with(lines, until(seconds), &[]);
    for (seconds, expected) in [
        (0, LogVerdict::Proven),
        (20, LogVerdict::Proven),
        (29, LogVerdict::Proven),
        (30, LogVerdict::Consistent),
    ] {
        assert_eq!(judged(&lines, seconds).verdict, expected, "{seconds}");
    }
    says(
        &judged(&lines, 20),
        LogVerdict::Proven,
        "proven; signed up to 2026-09-21T14:13:40.000Z of 1 chain; a missing chain is not provable without --expect-chains",
    );
    // Events 20 to 24 have lost their signature.
    let cut = &lines[..25];
    let report = judged(cut, 19);
    assert_eq!(said(&report, 0), [(ChainVerdict::Later, 20, 24)]);
    says(
        &report,
        LogVerdict::Proven,
        "proven; signed up to 2026-09-21T14:13:39.000Z of 1 chain; 5 later events not signed; a missing chain is not provable without --expect-chains",
    );
    assert_eq!(judged(cut, 20).verdict, LogVerdict::Consistent);
    // What is missing before the time is missing.
    let report = judged(&[&lines[..5], &lines[6..]].concat(), 20);
    assert_eq!(report.verdict, LogVerdict::Contradicted);
}

/// An event that says it is of an earlier time is not passed over as a later one.
#[test]
fn an_unsigned_event_of_an_earlier_time_is_not_proven() {
    let made = Made::open(1, 30, 10);
    let chain = &made.chains[0];
    let mut lines = made.all();
    lines.push(rehashed(&chain[3].event, 0, 30, Some(&chain[29].hash)).json);
    let report = verify_with(&lines, until(20), &[]);
    assert_eq!(said(&report, 0), [(ChainVerdict::UnsignedTail, 30, 30)]);
    assert_eq!(report.verdict, LogVerdict::Consistent);
}

#[test]
fn a_chain_that_is_closed_needs_no_later_event() {
    let made = [
        Made::new(2, 10, 5).lines.remove(1),
        Made::open(1, 60, 10).all(),
    ]
    .concat();
    let report = verify_with(&made, until(40), &[]);
    let ended: Vec<_> = report.chains.iter().map(|chain| chain.end).collect();
    assert_eq!(ended, [End::Until, End::Closed]);
    assert_eq!(report.verdict, LogVerdict::Proven);
}

/// No chain has vanished, and none was cut before its earlier end.
#[test]
fn consecutive_runs_prove_that_nothing_is_gone() {
    let made = Made::open(3, 40, 10);
    let monday: Vec<_> = made.lines[..2]
        .iter()
        .flat_map(|lines| lines[..20].to_vec())
        .collect();
    let report = verify(&monday);
    assert_eq!(report.verdict, LogVerdict::Consistent);
    let monday_ends = ends(&report);
    says(
        &verify_with(&monday, expecting(&monday_ends), &[]),
        LogVerdict::Proven,
        "proven; signed up to the expected end of 2 chains",
    );
    // The chains have grown, and there is another, of which nothing shows that it was not cut.
    let report = verify_with(&made.all(), expecting(&monday_ends), &[]);
    says(
        &report,
        LogVerdict::Consistent,
        "consistent; 3 of 3 chains signed, the newest at 2026-09-21T14:14:01.000Z; end of 1 chain not provable; 1 chain not in --expect-chains",
    );
    assert_eq!(said(&report, 2), [(ChainVerdict::OpenEnd, 39, 39)]);
    let tuesday_ends = ends(&report);

    let without = |edit: &dyn Fn(&mut Made)| {
        let mut made = made.clone();
        edit(&mut made);
        verify_with(&made.all(), expecting(&tuesday_ends), &[])
    };
    // Cut at a seal, so that nothing in the log shows it.
    let report = without(&|made| made.lines[1].truncate(30));
    assert_eq!(
        said(&report, 1),
        [
            (ChainVerdict::LostSince, 39, 39),
            (ChainVerdict::OpenEnd, 29, 29)
        ]
    );
    says(
        &report,
        LogVerdict::Contradicted,
        "contradicted; lost since in 1 chain",
    );
    let report = without(&|made| made.lines[1].clear());
    assert_eq!(report.missing_chains, [name(1)]);
    says(
        &report,
        LogVerdict::Contradicted,
        "contradicted; 1 missing chain",
    );
    let report = without(&|made| drop(made.lines[1].drain(..10)));
    assert_eq!(said(&report, 1)[0], (ChainVerdict::LostSince, 0, 9));
}

/// An instance that ends without notice has a chain that no earlier run knows, and that may have been cut at any seal.
#[test]
fn a_new_chain_is_proven_by_a_time_or_a_closing_event() {
    let made = Made::open(2, 40, 10);
    let expected = ends(&verify(&made.lines[0]));
    let with = |seconds| Options {
        until: Timestamp::from_rfc3339(&time(seconds)),
        ..expecting(&expected)
    };
    let judged = |new: &[String], options| {
        let lines = [&made.lines[0], new].concat();
        verify_with(&lines, options, &[])
    };
    for length in [10, 40] {
        let report = judged(&made.lines[1][..length], expecting(&expected));
        assert_eq!(report.verdict, LogVerdict::Consistent, "{length}");
        assert_eq!(report.chains[1].end, End::New);
    }
    says(
        &judged(&made.lines[1], with(39)),
        LogVerdict::Proven,
        "proven; signed up to 2026-09-21T14:13:59.000Z of 2 chains",
    );
    let report = judged(&made.lines[1][..30], with(39));
    assert_eq!(report.verdict, LogVerdict::Consistent);
    let closed = Made::new(2, 10, 5).lines.remove(1);
    says(
        &judged(&closed, expecting(&expected)),
        LogVerdict::Proven,
        "proven; signed up to the expected end of 1 chain and the closing event of 1 chain",
    );
    // Every chain is closed, and so none ends where it is expected to.
    let made = Made::new(1, 10, 5);
    let expected = ends(&verify(&made.all()));
    says(
        &verify_with(&made.all(), expecting(&expected), &[]),
        LogVerdict::Proven,
        "proven; signed up to the closing event of 1 chain",
    );
}

/// An instance that ended before the time has no event since. What a run had that read the log after that time is its end.
#[test]
fn a_chain_that_ended_before_a_time_ends_where_a_later_run_had_it() {
    let made = Made::open(2, 60, 10);
    let ended = &made.lines[1][..30];
    let until_40 = |ends: &ChainEnds| Options {
        until: Timestamp::from_rfc3339(&time(40)),
        settled: Duration::from_secs(10),
        ..expecting(ends)
    };
    let log = |first: usize, second: &[String]| [&made.lines[0][..first], second].concat();
    let ends_of = |lines: &[String]| ends(&verify(lines));

    // Its newest signature is 21 s after the time.
    let settled = ends_of(&log(60, ended));
    assert_eq!(settled.newest(), Timestamp::from_rfc3339(&time(61)));
    let report = verify_with(&log(60, ended), until_40(&settled), &[]);
    assert_eq!(report.chains[1].end, End::Expected);
    says(
        &report,
        LogVerdict::Proven,
        "proven; signed up to 2026-09-21T14:14:00.000Z of 1 chain and the expected end of 1 chain",
    );
    // A chain that is not expected has no end.
    let open = |lines: &[String], options, why: &str| {
        let report = verify_with(lines, options, &[]);
        assert_eq!(report.verdict, LogVerdict::Consistent, "{why}");
        let finding = report.chains[1].findings.last().unwrap();
        assert_eq!(finding.finding, ChainVerdict::OpenEnd);
        assert!(finding.why.starts_with(why), "{}", finding.why);
    };
    let lines = log(60, ended);
    open(
        &lines,
        until(40),
        "no signed event since --until, and no closing event",
    );
    // The run before had read the log too early: its newest signature is 1 s after the time.
    let early = ends_of(&log(40, ended));
    open(
        &lines,
        until_40(&early),
        "no signed event since --until, and no signature in --expect-chains that is later by --settled than --until",
    );
    // It did not have the chain.
    let without = ends_of(&made.lines[0]);
    open(
        &lines,
        until_40(&without),
        "no signed event since --until, and no end in --expect-chains",
    );
    // Events have arrived since, and more could have.
    let shorter = ends_of(&log(60, &ended[..20]));
    open(
        &lines,
        until_40(&shorter),
        "no signed event since --until, and another end than in --expect-chains",
    );
    // Events that are not signed have.
    let more = &made.lines[1][..35];
    let report = verify_with(&log(60, more), until_40(&settled), &[]);
    assert_eq!(report.verdict, LogVerdict::Consistent);
    // Events are gone since.
    let report = verify_with(&log(60, &ended[..20]), until_40(&settled), &[]);
    assert_eq!(report.verdict, LogVerdict::Contradicted);
}

/// In a log that has one day only, what ended the day before is absent.
#[test]
fn a_chain_that_ended_before_the_log_is_not_in_it() {
    let made = Made::open(2, 60, 10);
    let before = ends(&verify(
        &[&made.lines[0][..20], &made.lines[1][..30]].concat(),
    ));
    let today = &made.lines[0][20..];
    let after = |expected: Option<&ChainEnds>, seconds| Options {
        before: Some(before.clone()),
        expected: expected.cloned(),
        until: Timestamp::from_rfc3339(&time(seconds)),
        ..Options::default()
    };
    let report = verify_with(today, after(None, 40), &[]);
    assert_eq!(report.unfinished_chains, [name(1)]);
    assert_eq!(report.verdict, LogVerdict::Consistent);

    let expected = ChainEnds::parse(&ChainEnds::of(&report, Some(&before)).to_text()).unwrap();
    let report = verify_with(today, after(Some(&expected), 40), &[]);
    assert_eq!(
        (report.unfinished_chains.len(), report.missing_chains.len()),
        (0, 0)
    );
    assert_eq!(report.verdict, LogVerdict::Proven);
    // The log of that file does not reach the time.
    let report = verify_with(today, after(Some(&expected), 62), &[]);
    assert_eq!(report.verdict, LogVerdict::Consistent);
    // The chain had more when the file was written.
    let grown = ends(&verify(
        &[&made.lines[0][..], &made.lines[1][..40]].concat(),
    ));
    let report = verify_with(today, after(Some(&grown), 40), &[]);
    assert_eq!(report.missing_chains, [name(1)]);
    assert_eq!(report.verdict, LogVerdict::Contradicted);
}

/// A tail that was not signed is expected of no later run, and a forged one proves nothing.
#[test]
fn only_what_was_signed_is_expected() {
    let made = Made::open(1, 20, 10);
    let mut lines = made.all();
    let chain = &made.chains[0];
    lines.push(rehashed(&chain[3].event, 0, 20, Some(&chain[19].hash)).json);
    let with_forged = verify(&lines);
    assert_eq!(with_forged.verdict, LogVerdict::Consistent);
    let expected = ends(&with_forged);
    let report = verify_with(&made.all(), expecting(&expected), &[]);
    assert_eq!(report.verdict, LogVerdict::Proven);
    let report = verify_with(&lines, expecting(&expected), &[]);
    assert_eq!(report.verdict, LogVerdict::Consistent, "it is not signed");
}

#[test]
fn without_keys_nothing_is_proven() {
    let made = Made::new(2, 10, 5);
    let expected = ends(&verify(&made.all()));
    for options in [Options::default(), until(2), expecting(&expected)] {
        let mut log = Log::new(None, options);
        log.add(Lines::read(&made.all().join("\n")));
        let report = log.judge(&[]);
        says(
            &report,
            LogVerdict::Consistent,
            "consistent; no signature was checked; end of 2 chains not provable",
        );
    }
}

#[test]
fn a_file_of_ends_is_read_as_it_was_written() {
    let ends = ends(&verify(&Made::open(2, 10, 5).all()));
    let text = ends.to_text();
    assert_eq!(ChainEnds::parse(&text).as_ref(), Ok(&ends));
    for (other, why) in [
        (
            text.replace("\"version\": 1", "\"version\": 2"),
            "`version` must be 1, got 2",
        ),
        (text.replace(&name(1), &name(0)), "a chain is there twice"),
        (
            text.replace("\"closed\"", "\"open\""),
            "unknown field `open`",
        ),
        ("[]".to_owned(), "invalid length 0"),
    ] {
        let error = ChainEnds::parse(&other).unwrap_err();
        assert!(error.contains(why), "{error}");
    }
}
