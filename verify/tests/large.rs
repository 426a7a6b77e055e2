//! Lines that are made to cost a verifier as much as can be. Work that grows with their square would take these tests hours.

use mcp_edge_audit::digest::sha256;
use mcp_edge_verify::{ChainVerdict, Lines, Log, LogVerdict, Options, Report};
use serde_json::{Value, json};

use super::made::{Made, event as whole, keys, name, public, rehashed, verify_with};

const LINES: usize = 5_000;

fn event(chain: usize, sequence: usize, previous: &str, hash: &str) -> String {
    let link = json!({ "id": format!("{chain:032x}"), "previous": previous, "sequence": sequence });
    json!({ "chain": link, "event": "mcp.request", "hash": hash, "id": format!("{sequence:032x}") })
        .to_string()
}

/// The same with the hash that it has.
fn hashed(chain: usize, members: Value) -> String {
    let mut event = json!({ "id": "0", "event": "mcp.request", "version": 3 });
    let members = members.as_object().unwrap().clone();
    event.as_object_mut().unwrap().extend(members);
    event["chain"]["id"] = json!(format!("{chain:032x}"));
    let hash = sha256(event.to_string().as_bytes());
    event["hash"] = json!(hash);
    event.to_string()
}

#[track_caller]
fn judged(lines: &[String]) -> Report {
    let mut log = Log::new(None, Options::default());
    log.add(Lines::read(&lines.join("\n")));
    log.judge(&[])
}

fn hash(number: usize) -> String {
    format!("{number:064x}")
}

/// Each claims a hash that all others name as that of the event before them.
#[test]
fn events_that_could_be_in_any_place() {
    let lines = (0..LINES).map(|number| event(number % 7, number * 3 + 2, &hash(1), &hash(1)));
    let report = judged(&Vec::from_iter(lines));
    assert_eq!(
        (report.verdict, report.events),
        (LogVerdict::Contradicted, LINES as u64)
    );
}

/// Each could have been swapped with each other of its chain.
#[test]
fn events_that_could_have_been_swapped() {
    for chains in [1, LINES / 32] {
        let lines = (0..LINES).map(|at| event(at % chains, at, &hash(at), &hash(LINES + at)));
        let report = judged(&Vec::from_iter(lines));
        assert_eq!(report.chains.len(), chains);
        assert_eq!(report.verdict, LogVerdict::Contradicted);
    }
}

#[test]
fn events_with_one_sequence_number() {
    let lines = (0..LINES).map(|number| {
        hashed(
            0,
            json!({ "chain": { "sequence": 0 }, "id": number.to_string() }),
        )
    });
    let report = judged(&Vec::from_iter(lines));
    assert_eq!(report.chains[0].verdict, ChainVerdict::Fork);
    let listed = report.chains[0].findings.len() as u64;
    // All but the one that has the place, that no signature was checked, and that the chain is not closed.
    assert_eq!(listed + report.chains[0].more_findings, LINES as u64 + 1);
}

/// Every second is missing, and a loss names each of them.
#[test]
fn gaps_that_are_all_declared() {
    let lost: Vec<_> = (0..LINES)
        .map(|number| [2 * number + 1, 2 * number + 1])
        .collect();
    let mut lines: Vec<_> = (0..LINES)
        .map(|number| hashed(0, json!({ "chain": { "sequence": 2 * number } })))
        .collect();
    lines.push(hashed(
        0,
        json!({
            "chain": { "sequence": 2 * LINES },
            "delivery": { "events": LINES, "oldest": "", "sequences": lost, "sink": "siem" },
            "event": "mcp.loss",
        }),
    ));
    let report = judged(&lines);
    assert_eq!(report.chains[0].missing.len(), LINES);
    assert_eq!(
        report.chains[0].verdict,
        ChainVerdict::Unsigned,
        "{:?}",
        report.summary
    );
}

#[test]
fn events_that_are_each_a_chain() {
    let lines = (0..LINES).map(|chain| hashed(chain, json!({ "chain": { "sequence": chain } })));
    let report = judged(&Vec::from_iter(lines));
    assert_eq!(report.chains.len(), LINES);
}

/// An event with as many seals as lines, of which one is good.
#[test]
fn seals_of_one_event() {
    let made = Made::new(1, 1, 1);
    let linked = &made.chains[0][0];
    let mut lines = made.all();
    for number in 0..LINES {
        let seal = json!({ "key": format!("k{number}"), "signature": "", "time": "" });
        lines.push(linked.sealed(&seal.to_string()));
    }
    let mut log = Log::new(Some(public()), Options::default());
    log.add(Lines::read(&lines.join("\n")));
    let report = log.judge(&[]);
    assert_eq!(report.chains[0].verdict, ChainVerdict::UnknownKey);
    assert_eq!(report.duplicates, LINES as u64);
}

#[test]
fn receipts_for_events_with_one_sequence_number() {
    let made = Made::new(1, 2, 2);
    let mut receipt = keys()
        .receipt(&made.chains[0][0], "2026-09-21T00:00:00Z")
        .unwrap();
    receipt.key = "unknown".to_owned();
    let lines: Vec<_> = (0..LINES)
        .map(|number| {
            let members = json!({ "chain": { "sequence": 0 }, "id": number.to_string() });
            hashed(1, members)
        })
        .collect();
    receipt.chain = format!("{:032x}", 1);
    let receipts = vec![receipt; LINES];
    let report = verify_with(&lines, Options::default(), &receipts);
    assert_eq!(report.receipts.len(), LINES);
}

/// A line of one envelope with many members around many events.
#[test]
fn members_around_many_events_of_a_line() {
    let made = Made::new(1, 1, 1);
    let line = made.all().remove(0);
    let mut members = serde_json::Map::new();
    for number in 0..LINES {
        members.insert(format!("m{number}"), json!(number));
    }
    members.insert("hits".to_owned(), json!(vec![line.clone(); 2000]));
    let report = judged(&[Value::Object(members).to_string()]);
    assert_eq!((report.events, report.duplicates), (1, 1999));

    let attributes: Vec<_> = (0..LINES)
        .map(|number| json!({ "key": number.to_string(), "value": { "intValue": 1 } }))
        .collect();
    let records = vec![json!({ "body": { "stringValue": line } }); 500];
    let request = json!({ "resourceLogs": [{
        "resource": { "attributes": attributes },
        "scopeLogs": [{ "logRecords": records }],
    }] });
    let report = judged(&[request.to_string()]);
    assert_eq!(report.chains[0].chain, name(0));
    assert_eq!(report.chains[0].verdict, ChainVerdict::Envelope);
}

/// Fields that all mean one long list, or that are looked for in it.
#[test]
fn fields_with_many_names() {
    let mut event = whole(0, 0);
    if let Some(who) = &mut event.principal {
        who.actors = (0..20_000)
            .map(|number| format!("actor {number}"))
            .collect();
    }
    let line = rehashed(&event, 0, 0, None).json;
    let braces = |number: usize| "{}".repeat(number);
    let names = (0..LINES).map(|at| match at % 2 {
        0 => format!("principal{}.actors{}", braces(at % 70), braces(at / 70)),
        _ => format!("principal.actors{{}}.x{at}"),
    });
    let mut members: serde_json::Map<_, _> = names.map(|name| (name, json!("bob"))).collect();
    members.insert("_raw".to_owned(), json!(line));
    let report = judged(&[json!({ "result": members }).to_string()]);
    assert_eq!(report.chains[0].verdict, ChainVerdict::Envelope);
}

/// Names as long as the list is.
#[test]
fn values_below_a_long_name() {
    let line = Made::new(1, 1, 1).all().remove(0);
    let below = json!({ "x".repeat(200_000): vec![1; 20_000] });
    let report = judged(&[json!({ "result": { "_raw": line, "result": below } }).to_string()]);
    assert_eq!(report.chains[0].verdict, ChainVerdict::Envelope);
}
