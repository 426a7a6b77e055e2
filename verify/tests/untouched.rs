//! A log that was not touched is never said to be.

use mcp_edge_verify::{Lines, Log, LogVerdict, Options};
use proptest::prelude::*;
use proptest::sample::Index;

use super::made::{Made, public, verify};

#[test]
fn a_thousand_events_are_whole() {
    let report = verify(&Made::new(4, 250, 25).all());
    assert_eq!(report.verdict, LogVerdict::Proven, "{report:#?}");
    assert_eq!((report.events, report.chains.len()), (1000, 4));
}

#[test]
fn lines_that_are_no_events_are_counted_and_harmless() {
    let mut lines = Made::new(1, 10, 5).all();
    lines.insert(
        3,
        "the sink `siem` cannot be reached: it refused".to_owned(),
    );
    lines.insert(4, r#"{"level":"info","message":"started"}"#.to_owned());
    lines.insert(5, "  ".to_owned());
    let report = verify(&lines);
    assert_eq!(
        (report.verdict, report.other_lines),
        (LogVerdict::Proven, 2)
    );
}

/// How an untouched log may arrive.
#[derive(Debug, Clone)]
struct Arrival {
    chains: usize,
    events: usize,
    batch: usize,
    /// Each line's turn.
    order: Vec<u16>,
    again: Vec<Index>,
    files: Vec<Index>,
}

fn arrivals() -> impl Strategy<Value = Arrival> {
    (1_usize..4, 1_usize..16, 1_usize..8).prop_flat_map(|(chains, events, batch)| {
        (
            prop::collection::vec(any::<u16>(), chains * events),
            prop::collection::vec(any::<Index>(), 0..20),
            prop::collection::vec(any::<Index>(), 0..6),
        )
            .prop_map(move |(order, again, files)| Arrival {
                chains,
                events,
                batch,
                order,
                again,
                files,
            })
    })
}

proptest! {
    // A case costs dozens of signatures, made without optimisation.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn in_any_order_with_duplicates_and_cut_into_files(arrival in arrivals()) {
        let Arrival { chains, events, batch, order, again, files } = arrival;
        let mut lines = Made::new(chains, events, batch).all();
        let mut turns = order.into_iter();
        lines.sort_by_cached_key(|_| turns.next());
        for index in &again {
            let line = index.get(&lines).clone();
            lines.insert(index.index(lines.len() + 1), line);
        }
        let mut cuts: Vec<_> = files.iter().map(|cut| cut.index(lines.len())).collect();
        cuts.extend([0, lines.len()]);
        cuts.sort_unstable();
        let mut log = Log::new(Some(public()), Options::default());
        for cut in cuts.windows(2) {
            log.add(Lines::read(&lines[cut[0]..cut[1]].join("\n")));
        }
        let report = log.judge(&[]);
        prop_assert_eq!(report.verdict, LogVerdict::Proven, "{:#?}", report);
        prop_assert_eq!(report.events as usize, chains * events);
        prop_assert_eq!(report.duplicates as usize, again.len());
    }

    /// An instance ends without notice, and what it had not sent is not there.
    #[test]
    fn cut_off_anywhere_it_is_whole_up_to_there(events in 1_usize..16, batch in 2_usize..6, cut in any::<Index>()) {
        let lines = Made::new(1, events, batch).all();
        let left = cut.index(events) + 1;
        let report = verify(&lines[..left]);
        let expected = match left {
            left if left == events => LogVerdict::Proven,
            _ => LogVerdict::Consistent,
        };
        prop_assert_eq!(report.verdict, expected, "{:#?}", report);
    }
}

#[test]
fn a_file_is_read_by_several_threads_to_the_same_end() {
    let lines = Made::new(3, 1000, 50).all().join("\r\n");
    let mut log = Log::new(Some(public()), Options::default());
    mcp_edge_verify::read(lines.as_bytes(), &mut log).unwrap();
    let report = log.judge(&[]);
    assert_eq!((report.verdict, report.events), (LogVerdict::Proven, 3000));
}
