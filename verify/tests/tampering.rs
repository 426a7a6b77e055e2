//! Every kind of edit of a log of 1,000 events, and what is said of it.

use mcp_edge_verify::{
    ChainEnds, ChainVerdict, Lines, Log, LogVerdict, Options, ReceiptVerdict, Report,
};
use serde_json::{Map, Value, json};

use super::made::{Made, lines, name, other_keys, public, rehashed, said, verify, verify_with};

const EVENTS: usize = 250;
const BATCH: usize = 25;

fn made() -> Made {
    Made::new(4, EVENTS, BATCH)
}

/// Verifies a log with one chain of it edited.
#[track_caller]
fn edited(edit: impl FnOnce(&mut Vec<String>)) -> Report {
    let mut made = made();
    edit(&mut made.lines[1]);
    let report = verify(&made.all());
    for chain in [0, 2, 3] {
        assert_eq!(said(&report, chain), [], "the others are as they were");
    }
    report
}

/// The log must still have what this one had.
fn expecting(before: &Report) -> Options {
    Options {
        expected: Some(ChainEnds::of(before, None)),
        ..Options::default()
    }
}

#[track_caller]
fn is_tampered(report: &Report, findings: &[(ChainVerdict, u64, u64)]) {
    assert_eq!(
        said(report, 1),
        findings,
        "{:#?}",
        report.chains[1].findings
    );
    assert_eq!(report.verdict, LogVerdict::Contradicted);
}

#[test]
fn delete_the_first() {
    let report = edited(|lines| drop(lines.remove(0)));
    is_tampered(&report, &[(ChainVerdict::HeadMissing, 0, 0)]);
}

#[test]
fn delete_from_the_middle() {
    let report = edited(|lines| drop(lines.drain(100..103)));
    // The batch that they were in had its seal after them.
    is_tampered(&report, &[(ChainVerdict::Gap, 100, 102)]);
    let report = edited(|lines| drop(lines.drain(120..125)));
    is_tampered(
        &report,
        &[
            (ChainVerdict::Gap, 120, 124),
            (ChainVerdict::UnsignedPart, 100, 119),
        ],
    );
}

/// The chain is not closed then; a caller's receipt or an earlier verification proves what is missing.
#[test]
fn delete_the_last() {
    let made = made();
    let before = verify(&made.all());
    let mut cut = made.clone();
    cut.lines[1].pop();
    let report = verify(&cut.all());
    let open = [
        (ChainVerdict::UnsignedTail, 225, 248),
        (ChainVerdict::OpenEnd, 248, 248),
    ];
    assert_eq!(said(&report, 1), open);
    assert_eq!(report.verdict, LogVerdict::Consistent);

    let receipts = [made.receipt(1, 249), made.receipt(1, 248)];
    let report = verify_with(&cut.all(), expecting(&before), &receipts);
    is_tampered(
        &report,
        &[[(ChainVerdict::LostSince, 249, 249)].as_slice(), &open].concat(),
    );
    let verdicts: Vec<_> = report
        .receipts
        .iter()
        .map(|receipt| receipt.verdict)
        .collect();
    assert_eq!(verdicts, [ReceiptVerdict::Missing, ReceiptVerdict::Present]);
}

#[test]
fn truncate_to_a_seal() {
    let made = made();
    let mut cut = made.clone();
    cut.lines[1].truncate(BATCH);
    let report = verify(&cut.all());
    assert_eq!(said(&report, 1), [(ChainVerdict::OpenEnd, 24, 24)]);
    assert_eq!(report.verdict, LogVerdict::Consistent);
    let report = verify_with(&cut.all(), Options::default(), &[made.receipt(1, BATCH)]);
    assert_eq!(report.receipts[0].verdict, ReceiptVerdict::Missing);
    assert_eq!(report.verdict, LogVerdict::Contradicted);
}

#[test]
fn delete_a_whole_chain() {
    let made = made();
    let before = verify(&made.all());
    let mut cut = made.clone();
    cut.lines[1].clear();
    let report = verify(&cut.all());
    assert!(
        report.summary.contains("a missing chain is not provable"),
        "{}",
        report.summary
    );
    let report = verify_with(&cut.all(), expecting(&before), &[made.receipt(1, 7)]);
    assert_eq!(report.missing_chains, [name(1)]);
    assert_eq!(report.receipts[0].verdict, ReceiptVerdict::Missing);
    assert_eq!(report.verdict, LogVerdict::Contradicted);
}

/// Every value of an event, with one that is not the same, and every member left out.
fn alterations(line: &Value) -> Vec<(String, Value)> {
    let mut altered = Vec::new();
    let mut paths = vec![String::new()];
    while let Some(path) = paths.pop() {
        let value = line.pointer(&path).unwrap();
        match value {
            Value::Object(members) => {
                paths.extend(members.keys().map(|name| format!("{path}/{name}")));
                for name in members.keys() {
                    let mut changed = line.clone();
                    let members = changed.pointer_mut(&path).unwrap();
                    members.as_object_mut().unwrap().remove(name);
                    altered.push((format!("{path}/{name} removed"), changed));
                }
                let mut changed = line.clone();
                let members = changed.pointer_mut(&path).unwrap();
                members
                    .as_object_mut()
                    .unwrap()
                    .insert("added".to_owned(), json!(1));
                altered.push((format!("{path}/added"), changed));
            }
            Value::Array(items) => {
                paths.extend((0..items.len()).map(|place| format!("{path}/{place}")));
                let mut changed = line.clone();
                *changed.pointer_mut(&path).unwrap() = json!([]);
                altered.push((format!("{path} emptied"), changed));
            }
            value => {
                let others = match value {
                    Value::String(text) => vec![json!(format!("{text}x")), json!(""), json!(7)],
                    Value::Number(number) => vec![
                        json!(number.as_u64().unwrap() + 1),
                        json!(number.to_string()),
                    ],
                    Value::Bool(bool) => vec![json!(!bool)],
                    _ => vec![json!(1)],
                };
                for other in others {
                    let mut changed = line.clone();
                    *changed.pointer_mut(&path).unwrap() = other.clone();
                    altered.push((format!("{path} = {other}"), changed));
                }
            }
        }
    }
    altered
}

#[test]
fn alter_any_field() {
    let made = Made::new(1, 3, 2);
    // The last of a batch, which has a seal too.
    let line: Value = serde_json::from_str(&made.lines[0][1]).unwrap();
    let alterations = alterations(&line);
    let untouched: Vec<_> = alterations
        .iter()
        .filter(|(path, changed)| {
            let mut lines = made.all();
            lines[1] = changed.to_string();
            // Signatures are slow where nothing is optimised, and say nothing of anything but seals.
            let keys = path.starts_with("/seal").then(public);
            let mut log = Log::new(keys, Options::default());
            log.add(Lines::read(&lines.join("\n")));
            log.judge(&[]).verdict != LogVerdict::Contradicted
        })
        .map(|(path, _)| path.as_str())
        .collect();
    // A later seal covers the event as well, so this one is not missed.
    assert_eq!(untouched, ["/seal removed"]);
    let every_member = serde_json::to_value(super::made::event(0, 0)).unwrap();
    let every_member = every_member.as_object().unwrap().len();
    assert!(
        alterations.len() > 2 * every_member,
        "every member is there"
    );
}

/// Of two members of one name another reader may take the other one.
#[test]
fn name_a_member_twice() {
    let report = edited(|lines| {
        lines[110] = lines[110].replacen('{', "{\"status\":403,", 1);
    });
    is_tampered(
        &report,
        &[
            (ChainVerdict::Gap, 110, 110),
            (ChainVerdict::UnsignedPart, 100, 109),
        ],
    );
    assert_eq!(report.damaged_lines, 1);
}

/// The same, with a new hash: the event after it, which is signed, names the old one.
#[test]
fn alter_and_hash_again() {
    let report = edited(|lines| {
        let event = serde_json::from_str::<Map<String, Value>>(&lines[100]).unwrap();
        let mut event: mcp_edge_audit::Event =
            serde_json::from_value(Value::Object(event)).unwrap();
        event.status = 403;
        lines[100] = mcp_edge_audit::chain::ChainedEvent::new(event).json;
    });
    is_tampered(
        &report,
        &[
            (ChainVerdict::Altered, 100, 100),
            (ChainVerdict::UnsignedPart, 100, 100),
        ],
    );
}

#[test]
fn swap_two_places() {
    let report = edited(|lines| {
        let place = |line: &str| -> Value {
            let line: Value = serde_json::from_str(line).unwrap();
            line["chain"].clone()
        };
        let put = |line: &str, chain: Value| {
            let mut line: Value = serde_json::from_str(line).unwrap();
            line["chain"] = chain;
            line.to_string()
        };
        let (one, other) = (place(&lines[30]), place(&lines[31]));
        lines[30] = put(&lines[30], other);
        lines[31] = put(&lines[31], one);
    });
    is_tampered(
        &report,
        &[
            (ChainVerdict::Misplaced, 30, 30),
            (ChainVerdict::Misplaced, 31, 31),
        ],
    );
}

#[test]
fn swap_two_sequence_numbers() {
    let report = edited(|lines| {
        lines[30] = lines[30].replace("\"sequence\":30", "\"sequence\":31");
        lines[31] = lines[31].replace("\"sequence\":31", "\"sequence\":30");
    });
    is_tampered(
        &report,
        &[
            (ChainVerdict::Misplaced, 30, 30),
            (ChainVerdict::Misplaced, 31, 31),
        ],
    );
}

/// The order of lines says nothing.
#[test]
fn swap_two_lines() {
    let report = edited(|lines| lines.swap(30, 31));
    assert_eq!(report.verdict, LogVerdict::Proven);
}

#[test]
fn insert_an_event() {
    let report = edited(|lines| {
        let made = made();
        let chain = &made.chains[1];
        let forged = rehashed(&chain[9].event, 1, 50, Some(&chain[49].hash));
        lines.insert(50, forged.json);
    });
    is_tampered(&report, &[(ChainVerdict::Fork, 50, 50)]);
}

/// Nothing follows the event that closes a chain.
#[test]
fn insert_behind_the_end() {
    let report = edited(|lines| {
        let made = made();
        let chain = &made.chains[1];
        let forged = rehashed(&chain[9].event, 1, 250, Some(&chain[249].hash));
        lines.push(forged.json);
    });
    is_tampered(
        &report,
        &[
            (ChainVerdict::AfterEnd, 250, 250),
            (ChainVerdict::UnsignedTail, 250, 250),
            (ChainVerdict::OpenEnd, 250, 250),
        ],
    );
}

/// Behind the last seal of a chain that is not closed, anyone can add an event; it is never said to be signed.
#[test]
fn insert_behind_the_last_seal() {
    let mut made = Made::open(1, 50, 25);
    let chain = &made.chains[0];
    let forged = rehashed(&chain[9].event, 0, 50, Some(&chain[49].hash));
    made.lines[0].push(forged.json);
    let report = verify(&made.all());
    let open = [
        (ChainVerdict::UnsignedTail, 50, 50),
        (ChainVerdict::OpenEnd, 50, 50),
    ];
    assert_eq!(said(&report, 0), open);
    assert_eq!(report.verdict, LogVerdict::Consistent);
    assert!(
        report.summary.contains("signed up to sequence 49")
            && report.summary.contains("1 event not signed"),
        "{}",
        report.summary
    );
}

/// An event that closes a chain proves nothing before it is signed.
#[test]
fn close_a_chain_that_was_cut() {
    let made = made();
    let mut cut = made.clone();
    cut.lines[1].truncate(BATCH);
    let closing = &made.chains[1][249].event;
    let previous = &made.chains[1][BATCH - 1].hash;
    cut.lines[1].push(rehashed(closing, 1, 25, Some(previous)).json);
    let report = verify(&cut.all());
    let open = [
        (ChainVerdict::UnsignedTail, 25, 25),
        (ChainVerdict::OpenEnd, 25, 25),
    ];
    assert_eq!(said(&report, 1), open);
    assert_eq!(report.verdict, LogVerdict::Consistent);
}

#[test]
fn replay_under_another_number() {
    let report = edited(|lines| {
        let copy = lines[40].replace("\"sequence\":40", "\"sequence\":260");
        lines.push(copy);
    });
    is_tampered(&report, &[(ChainVerdict::Misplaced, 260, 260)]);
}

#[test]
fn replay_in_another_chain() {
    let mut made = made();
    let copy = made.lines[0][40].replace(&name(0), &name(1));
    made.lines[1].push(copy);
    let report = verify(&made.all());
    is_tampered(&report, &[(ChainVerdict::Misplaced, 40, 40)]);
    assert!(report.chains[1].findings[0].why.contains(&name(0)));
    assert_eq!(said(&report, 0), []);
}

#[test]
fn sign_again_with_another_key() {
    let mut made = made();
    made.lines[1] = lines(&made.chains[1], BATCH, &other_keys());
    let report = verify(&made.all());
    let bad: Vec<_> = said(&report, 1)
        .into_iter()
        .map(|(finding, ..)| finding)
        .collect();
    assert_eq!(bad.len(), EVENTS / BATCH + 2);
    assert_eq!(bad.first(), Some(&ChainVerdict::BadSignature));
    assert_eq!(
        bad[EVENTS / BATCH..],
        [ChainVerdict::Unsigned, ChainVerdict::OpenEnd]
    );
    assert_eq!(report.verdict, LogVerdict::Contradicted);

    for line in &mut made.lines[1] {
        *line = line.replace("\"key\":\"e2\"", "\"key\":\"e9\"");
    }
    let report = verify(&made.all());
    assert_eq!(report.chains[1].verdict, ChainVerdict::UnknownKey);
}

/// Every seal is looked at, also those that a later one makes superfluous.
#[test]
fn one_wrong_seal_is_enough() {
    let report = edited(|lines| {
        let last = lines[24].rfind("\"signature\":\"").unwrap() + 13;
        let other = if lines[24][last..].starts_with('A') {
            "B"
        } else {
            "A"
        };
        lines[24].replace_range(last..=last, other);
    });
    is_tampered(&report, &[(ChainVerdict::BadSignature, 24, 24)]);
}

/// A receipt is no seal, although the same key made it over the same event.
#[test]
fn a_receipt_in_the_place_of_a_seal() {
    let made = Made::new(1, 5, 10);
    let receipt = made.receipt(0, 4);
    let seal = json!({ "key": receipt.key, "signature": receipt.signature, "time": receipt.time });
    let mut lines = made.all();
    lines[4] = made.chains[0][4].sealed(&seal.to_string());
    assert_eq!(verify(&lines).chains[0].verdict, ChainVerdict::BadSignature);
}

/// Without its seals a log can be written by anybody: it is not said to be whole.
#[test]
fn take_off_every_seal() {
    let report = edited(|lines| {
        *lines = made().chains[1]
            .iter()
            .map(|linked| linked.json.clone())
            .collect();
    });
    assert_eq!(
        said(&report, 1),
        [
            (ChainVerdict::Unsigned, 0, 249),
            (ChainVerdict::OpenEnd, 249, 249)
        ]
    );
    assert_eq!(report.verdict, LogVerdict::Consistent);
}

/// With only the first seal left, the rest would be a tail; but others were signed long since.
#[test]
fn take_off_every_seal_but_the_first() {
    let mut made = made();
    let bare: Vec<_> = made.chains[1]
        .iter()
        .map(|linked| linked.json.clone())
        .collect();
    made.lines[1].splice(25.., bare[25..].iter().cloned());
    let lines = made.all();
    assert_eq!(verify(&lines).verdict, LogVerdict::Consistent);
    let within = Options {
        within: Some(std::time::Duration::from_secs(60)),
        ..Options::default()
    };
    let report = verify_with(&lines, within, &[]);
    assert_eq!(report.chains[1].verdict, ChainVerdict::Late);
    assert_eq!(report.verdict, LogVerdict::Contradicted);
}

#[test]
fn a_receipt_for_an_altered_event_contradicts() {
    let made = made();
    let mut lines = made.all();
    lines[5] = lines[5].replace("\"status\":200", "\"status\":403");
    let report = verify_with(&lines, Options::default(), &[made.receipt(0, 5)]);
    assert_eq!(report.receipts[0].verdict, ReceiptVerdict::Contradicted);
}

#[test]
fn a_forged_receipt_proves_nothing() {
    let made = made();
    let forged = other_keys().receipt(&made.chains[0][5], "2026-09-21T00:00:00Z");
    let mut unknown = made.receipt(0, 6);
    unknown.key = "e9".to_owned();
    let receipts = [forged.unwrap(), unknown];
    let report = verify_with(&made.all(), Options::default(), &receipts);
    let verdicts: Vec<_> = report
        .receipts
        .iter()
        .map(|receipt| receipt.verdict)
        .collect();
    assert_eq!(
        verdicts,
        [ReceiptVerdict::BadSignature, ReceiptVerdict::UnknownKey]
    );
}

/// Keys in the log are not trusted.
#[test]
fn keys_in_the_log_are_not_trusted() {
    let mut made = made();
    made.lines[1] = lines(&made.chains[1], BATCH, &other_keys());
    let mut lines = made.all();
    lines.insert(0, other_keys().jwks().to_string());
    assert_eq!(verify(&lines).verdict, LogVerdict::Contradicted);
}
