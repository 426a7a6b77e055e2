//! Members that receivers add of their own, with other values than theirs.

use mcp_edge_envelope::Envelope;
use mcp_edge_verify::{ChainVerdict, LogVerdict};
use serde_json::{Value, json};

use super::made::{Made, said, verify};

fn parsed(line: &str) -> Value {
    serde_json::from_str(line).unwrap()
}

/// Events as receivers return them, and members of these envelopes that are the receiver's own.
fn envelopes(made: &Made) -> Vec<(Value, &'static str, Vec<&'static str>)> {
    let line = &made.all()[1];
    let id = made.chains[0][1].event.id.clone();
    let kafka = Envelope::Kafka.render(&made.chains[0][1], line);
    let splunk = Envelope::Splunk.render(&made.chains[0][1], line);
    vec![
        (
            json!({ "result": { "_raw": line } }),
            "/result",
            vec![
                "_anything",
                "_bkt",
                "_indextime",
                "_meta",
                "_si",
                "index",
                "linecount",
                "punct",
                "splunk_server",
                "splunk_server_group",
                "timeendpos",
                "user",
            ],
        ),
        (
            json!({ "result": { "_raw": line } }),
            "",
            vec!["lastrow", "offset", "preview", "further"],
        ),
        (
            json!({ "results": [{ "_raw": line }] }),
            "",
            vec!["highlighted", "init_offset", "messages", "preview"],
        ),
        (splunk, "", vec!["index"]),
        (
            json!({ "hits": { "hits": [{ "_id": id, "_source": parsed(line) }] } }),
            "/hits",
            vec!["_scroll_id", "max_score", "pit_id", "total"],
        ),
        (
            json!({ "hits": { "hits": [{ "_id": id, "_source": parsed(line) }] } }),
            "",
            vec!["_shards", "timed_out", "took"],
        ),
        (
            json!({ "_id": id, "_source": parsed(line) }),
            "",
            vec![
                "_ignored",
                "_index",
                "_node",
                "_routing",
                "_score",
                "_seq_no",
                "_shard",
                "_type",
                "_version",
                "found",
                "highlight",
                "sort",
            ],
        ),
        (
            json!({ "data": [{ "attributes": { "message": line } }] }),
            "",
            vec!["links", "meta"],
        ),
        (
            json!({ "data": [{ "attributes": { "message": line } }] }),
            "/data/0",
            vec!["id", "type"],
        ),
        (
            json!({ "data": [{ "attributes": { "message": line } }] }),
            "/data/0/attributes",
            vec!["status", "tags", "timestamp", "further"],
        ),
        (
            kafka,
            "",
            vec![
                "headers",
                "offset",
                "partition",
                "timestamp",
                "timestampType",
                "topic",
            ],
        ),
    ]
}

/// Verifies a log whose second line has one more member.
fn judged(
    envelope: &Value,
    place: &str,
    name: &str,
    value: &Value,
) -> (LogVerdict, Vec<ChainVerdict>) {
    let mut forged = envelope.clone();
    forged.pointer_mut(place).unwrap()[name] = value.clone();
    let mut lines = Made::new(1, 3, 3).all();
    lines[1] = forged.to_string();
    let report = verify(&lines);
    let findings = said(&report, 0);
    let verdicts = findings.into_iter().map(|(verdict, ..)| verdict).collect();
    (report.verdict, verdicts)
}

#[test]
fn a_second_event_is_found_under_any_name() {
    let made = Made::new(1, 3, 3);
    let mut forged = parsed(&made.all()[1]);
    forged["principal"]["subject"] = json!("mallory");
    let short = json!({ "event": "mcp.request", "principal": { "subject": "mallory" } });
    let values = [
        forged.clone(),
        json!(forged.to_string()),
        json!([{ "further": short.to_string() }]),
        json!(r#"x "event" : "mcp.request", "principal""#),
    ];
    for (envelope, place, names) in envelopes(&made) {
        for name in names {
            for value in &values {
                let found = judged(&envelope, place, name, value);
                assert_eq!(
                    found,
                    (LogVerdict::Contradicted, vec![ChainVerdict::Envelope]),
                    "{place}/{name} {value}"
                );
            }
        }
    }
}

#[test]
fn a_receivers_own_member_has_its_type() {
    let made = Made::new(1, 3, 3);
    for (envelope, place, names) in envelopes(&made) {
        for name in names {
            for value in [
                json!("mallory made this call"),
                json!({ "subject": "mallory" }),
                json!(["the subject is mallory"]),
                json!("x".repeat(10_000)),
            ] {
                let found = judged(&envelope, place, name, &value);
                assert_eq!(
                    found,
                    (LogVerdict::Consistent, vec![ChainVerdict::UnprovenEnvelope]),
                    "{place}/{name} {value}"
                );
            }
        }
    }
}

#[test]
fn members_added_by_receivers_are_ignored() {
    let made = Made::new(1, 3, 3);
    let own = [
        json!({
            "_bkt": "audit~12~0A", "_cd": "12:345", "_indextime": "1790000009", "_si": ["idx-1", "audit"],
            "_sourcetype": "mcp-edge", "sourcetype": "mcp-edge", "_subsecond": ".000", "punct": "{\"\":{\"\":\"",
            "splunk_server_group": ["dmc_group_indexer"], "timeendpos": "20",
        }),
        json!({ "lastrow": true, "offset": "0" }),
        json!({ "highlighted": {}, "init_offset": 0, "messages": [] }),
        json!({ "index": "audit" }),
        json!({ "_scroll_id": "FGluY2x1ZGU=", "max_score": null, "total": { "value": 1, "relation": "eq" } }),
        json!({ "_shards": { "total": 1, "successful": 1, "skipped": 0, "failed": 0 }, "took": 2 }),
        json!({
            "_ignored": ["result.content"], "_index": "mcp-1", "_score": null, "_shard": "[mcp-1][0]", "_version": 1,
            "found": true, "sort": [1_790_000_001, "4f", null],
        }),
        json!({
            "links": { "next": "https://api.datadoghq.eu/api/v2/logs?page%5Bcursor%5D=eyJ&page=1" },
            "meta": { "elapsed": 3, "page": { "after": "eyJ" }, "request_id": "pd-1", "status": "done", "warnings": [] },
        }),
        json!({ "id": "AgAAAY_-x", "type": "log" }),
        json!({ "status": "warn", "timestamp": "2026-09-21T14:13:29.000Z",
            "tags": ["env:production", "source:mcp-edge", "service:fraud-rules"] }),
        json!({ "headers": [], "offset": 7, "partition": 1, "timestamp": 1_790_000_001_000_u64,
            "timestampType": "CREATE_TIME", "topic": "mcp" }),
    ];
    for ((mut envelope, place, _), own) in envelopes(&made).into_iter().zip(own) {
        let object = envelope.pointer_mut(place).unwrap();
        object
            .as_object_mut()
            .unwrap()
            .extend(own.as_object().unwrap().clone());
        let mut lines = made.all();
        lines[1] = envelope.to_string();
        let report = verify(&lines);
        assert_eq!(report.verdict, LogVerdict::Proven, "{report:#?}");
    }
}

/// The line itself once more is the same event.
#[test]
fn a_copy_of_the_line_is_not_a_second_event() {
    let line = Made::new(1, 3, 3).all().remove(1);
    let beats = json!({ "event": { "original": line } });
    let found = judged(&beats, "", "copy", &json!(line));
    assert_eq!(found.0, LogVerdict::Consistent);
}

#[test]
fn a_tag_of_another_environment_contradicts() {
    let made = Made::new(1, 3, 3);
    let found = json!({ "message": made.all()[1] });
    for (tag, expected) in [
        ("env:test", ChainVerdict::Envelope),
        ("subject:mallory", ChainVerdict::UnprovenEnvelope),
    ] {
        let (_, verdicts) = judged(&found, "", "tags", &json!(["env:production", tag]));
        assert_eq!(verdicts, [expected], "{tag}");
    }
}
