//! The published vectors of audit logs, against the verifier; `tests/vectors/audit/README.md` explains their form.
//!
//! `MCP_EDGE_BLESS=1 cargo test -p mcp-edge-verify --test all the_file_is` rewrites them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use mcp_edge_audit::chain::ChainedEvent;
use mcp_edge_audit::evidence::{Purpose, Receipt, SignedStatement};
use mcp_edge_envelope::Envelope;
use mcp_edge_verify::{ChainVerdict, Lines, Log, LogVerdict, Options, PublicKeys, ReceiptVerdict};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::made::{Made, keys, lines, other_keys, rehashed, ring};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    format: u32,
    keys: Keys,
    log: Vec<Logged>,
    signed: Vec<Signed>,
    cases: Vec<Case>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    ring: String,
    jwks: Value,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Logged {
    canonical: String,
    hash: String,
    line: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signed {
    text: String,
    key: String,
    signature: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// A number is a line of `log`, a text is a line itself.
    lines: Vec<Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    receipts: Vec<Receipt>,
    verdict: LogVerdict,
    chains: BTreeMap<String, Vec<(ChainVerdict, u64, u64)>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    line_findings: Vec<ChainVerdict>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    receipt_verdicts: Vec<ReceiptVerdict>,
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/audit/logs.json")
}

fn read() -> Vectors {
    let text = std::fs::read_to_string(path()).expect("the vectors are in the repository");
    serde_json::from_str(&text).expect("the vectors have the form that their README gives")
}

/// Two chains of six events, sealed after each third.
fn made() -> Made {
    Made::new(2, 6, 3)
}

fn vectors() -> Vectors {
    let made = made();
    let events = made.chains.concat();
    let log = events.iter().zip(made.all()).map(|(event, line)| Logged {
        canonical: String::from_utf8(event.event.to_canonical()).unwrap(),
        hash: event.hash.clone(),
        line,
    });
    let receipt = made.receipt(1, 4);
    let seal = keys()
        .seal(&made.chains[0][2], "2026-09-21T14:13:24.000Z")
        .unwrap();
    let text = |purpose, chain: usize, sequence: usize, time: &str| {
        let link = made.chains[chain][sequence].event.chain.as_ref().unwrap();
        let statement = SignedStatement {
            purpose,
            chain: &link.id,
            sequence: link.sequence,
            hash: &made.chains[chain][sequence].hash,
            time,
        };
        statement.to_text()
    };
    let signed = vec![
        Signed {
            text: text(Purpose::Seal, 0, 2, &seal.time),
            key: seal.key,
            signature: seal.signature,
        },
        Signed {
            text: text(Purpose::Receipt, 1, 4, &receipt.time),
            key: receipt.key,
            signature: receipt.signature,
        },
    ];
    Vectors {
        format: 1,
        keys: Keys {
            ring: ring("e2"),
            jwks: keys().jwks(),
        },
        log: log.collect(),
        signed,
        cases: cases(&made),
    }
}

fn cases(made: &Made) -> Vec<Case> {
    let all = made.all();
    let receipt = |chain, sequence| made.receipt(chain, sequence);
    let mut cases = Vec::new();
    let mut case = |name: &str, edit: &dyn Fn(&mut Vec<String>), receipts: Vec<Receipt>| {
        let mut lines = all.clone();
        edit(&mut lines);
        let lines =
            lines
                .into_iter()
                .map(|line| match all.iter().position(|known| *known == line) {
                    Some(place) => json!(place),
                    None => json!(line),
                });
        let case = Case {
            name: name.to_owned(),
            lines: lines.collect(),
            receipts,
            verdict: LogVerdict::Proven,
            chains: BTreeMap::new(),
            line_findings: Vec::new(),
            receipt_verdicts: Vec::new(),
        };
        cases.push(judged(case, &all));
    };
    let replace = |place: usize, from: &'static str, to: &'static str| {
        move |lines: &mut Vec<String>| lines[place] = lines[place].replace(from, to)
    };
    case(
        "as it was written",
        &|_| {},
        vec![receipt(0, 0), receipt(1, 5)],
    );
    case("backwards", &|lines| lines.reverse(), Vec::new());
    case(
        "every line twice",
        &|lines| lines.extend(lines.clone()),
        Vec::new(),
    );
    case(
        "in CloudEvents",
        &|lines| {
            for (line, event) in lines.iter_mut().zip(made.chains.concat()) {
                *line = Envelope::CloudEvent.render(&event, line).to_string();
            }
        },
        Vec::new(),
    );
    case(
        "in CloudEvents, with another subject",
        &|lines| {
            let mut event = Envelope::CloudEvent.render(&made.chains[0][4], &lines[4]);
            event["subject"] = json!("store");
            lines[4] = event.to_string();
        },
        Vec::new(),
    );
    case(
        "in OCSF, with another user",
        &|lines| {
            let mut event = Envelope::Ocsf.render(&made.chains[0][4], &lines[4]);
            event["actor"]["user"]["uid"] = json!("bob");
            lines[4] = event.to_string();
        },
        Vec::new(),
    );
    case(
        "the first deleted",
        &|lines| drop(lines.remove(0)),
        Vec::new(),
    );
    case("one deleted", &|lines| drop(lines.remove(1)), Vec::new());
    case(
        "a sealed one deleted",
        &|lines| drop(lines.remove(2)),
        Vec::new(),
    );
    case(
        "the last deleted",
        &|lines| drop(lines.remove(5)),
        vec![receipt(0, 5)],
    );
    case(
        "a whole chain deleted",
        &|lines| drop(lines.drain(6..)),
        vec![receipt(1, 0)],
    );
    case(
        "cut off at a seal",
        &|lines| drop(lines.drain(9..)),
        vec![receipt(1, 4)],
    );
    case(
        "cut off at a seal, and no receipt",
        &|lines| drop(lines.drain(9..)),
        Vec::new(),
    );
    case(
        "a number altered",
        &replace(4, "\"status\":200", "\"status\":403"),
        vec![receipt(0, 4)],
    );
    case(
        "a text altered",
        &replace(4, "\"subject\":\"alice\"", "\"subject\":\"bob\""),
        Vec::new(),
    );
    case(
        "a member added",
        &replace(4, "{\"arguments\"", "{\"a\":1,\"arguments\""),
        Vec::new(),
    );
    case(
        "a member behind the hash",
        &|lines| {
            lines[4] = format!("{},\"note\":1}}", lines[4].strip_suffix('}').unwrap());
        },
        Vec::new(),
    );
    case(
        "the hash altered",
        &|lines| {
            let hash = &made.chains[0][4].hash;
            let other = if hash.starts_with('0') { "1" } else { "0" };
            lines[4] = lines[4].replace(hash, &format!("{other}{}", &hash[1..]));
        },
        Vec::new(),
    );
    case(
        "altered and hashed again",
        &|lines| {
            let mut event = made.chains[0][4].event.clone();
            event.status = 403;
            let link = event.chain.clone().unwrap();
            lines[4] = rehashed(&event, 0, 4, link.previous.as_deref()).json;
        },
        Vec::new(),
    );
    case(
        "two sequence numbers swapped",
        &|lines| {
            lines[3] = lines[3].replace("\"sequence\":3", "\"sequence\":4");
            lines[4] = lines[4].replace("\"sequence\":4", "\"sequence\":3");
        },
        Vec::new(),
    );
    case(
        "one inserted",
        &|lines| {
            let previous = Some(made.chains[0][3].hash.as_str());
            lines.push(rehashed(&made.chains[0][1].event, 0, 4, previous).json);
        },
        Vec::new(),
    );
    case(
        "one appended",
        &|lines| {
            let previous = Some(made.chains[0][5].hash.as_str());
            lines.push(rehashed(&made.chains[0][1].event, 0, 6, previous).json);
        },
        Vec::new(),
    );
    case(
        "one appended in no chain",
        &|lines| lines.push(ChainedEvent::new(super::made::event(0, 1)).json),
        Vec::new(),
    );
    case(
        "one appended as of an instance that did not start",
        &|lines| lines.push(ChainedEvent::new(super::made::before_start()).json),
        Vec::new(),
    );
    case(
        "the last cut in the middle",
        &|lines| {
            let line = lines.last_mut().unwrap();
            line.truncate(line.len() / 2);
        },
        Vec::new(),
    );
    case(
        "one replayed",
        &|lines| {
            lines.push(lines[1].replace("\"sequence\":1", "\"sequence\":9"));
        },
        Vec::new(),
    );
    case(
        "signed by another key of the name",
        &|edited| {
            edited.splice(..6, lines(&made.chains[0], 3, &other_keys()));
        },
        Vec::new(),
    );
    case(
        "signed by an unknown key",
        &|edited| {
            edited[2] = edited[2].replace("\"key\":\"e2\"", "\"key\":\"e9\"");
        },
        Vec::new(),
    );
    case(
        "without its seals",
        &|lines| {
            for (line, event) in lines.iter_mut().zip(&made.chains[0]) {
                *line = event.json.clone();
            }
        },
        Vec::new(),
    );
    cases
}

fn judged(mut case: Case, all: &[String]) -> Case {
    let lines = case.lines.iter().map(|line| match line {
        Value::Number(place) => all[usize::try_from(place.as_u64().unwrap()).unwrap()].as_str(),
        line => line.as_str().unwrap(),
    });
    let keys = PublicKeys::parse(&keys().jwks().to_string()).unwrap();
    let mut log = Log::new(Some(keys), Options::default());
    log.add(Lines::read(&Vec::from_iter(lines).join("\n")));
    let report = log.judge(&case.receipts);
    case.verdict = report.verdict;
    let findings = report.chains.into_iter().map(|chain| {
        let findings = chain.findings.into_iter();
        let findings = findings.map(|finding| (finding.finding, finding.from, finding.to));
        (chain.chain, findings.collect())
    });
    case.chains = findings.collect();
    let lines = report.line_findings.iter();
    case.line_findings = lines.map(|line| line.finding).collect();
    case.receipt_verdicts = report
        .receipts
        .iter()
        .map(|receipt| receipt.verdict)
        .collect();
    case
}

#[test]
fn the_file_is_what_the_cases_make() {
    let made = vectors();
    if std::env::var_os("MCP_EDGE_BLESS").is_some() {
        std::fs::create_dir_all(path().parent().unwrap()).unwrap();
        let text = serde_json::to_string_pretty(&made).unwrap() + "\n";
        std::fs::write(path(), text).unwrap();
    }
    assert!(
        read() == made,
        "the vectors are not what this code makes; see this file's first lines"
    );
}

#[test]
fn every_case_that_was_edited_unseen_is_named() {
    let unseen = [
        "as it was written",
        "backwards",
        "every line twice",
        "in CloudEvents",
        "cut off at a seal, and no receipt",
        "one appended as of an instance that did not start",
        "without its seals",
    ];
    for case in read().cases {
        let is_seen = case.verdict == LogVerdict::Contradicted;
        assert_eq!(
            is_seen,
            !unseen.contains(&case.name.as_str()),
            "{}",
            case.name
        );
    }
}
