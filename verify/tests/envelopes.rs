//! Events as they come back from the systems that keep them.

use base64ct::{Base64, Encoding as _};
use mcp_edge_audit::Timestamp;
use mcp_edge_audit::chain::ChainedEvent;
use mcp_edge_envelope::Envelope;
use mcp_edge_verify::{ChainVerdict, Lines, Log, LogVerdict, Options, Report};
use serde_json::{Map, Value, json};

use super::made::{Made, said, verify};

type Wrap = fn(&ChainedEvent, &str) -> Value;

fn parsed(line: &str) -> Value {
    serde_json::from_str(line).unwrap()
}

/// Members in the order of their names backwards, as a system may write them that knows no order.
fn backwards(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members = members.iter().rev();
            let members =
                members.map(|(name, value)| format!("{}: {}", json!(name), backwards(value)));
            format!("{{{}}}", Vec::from_iter(members).join(", "))
        }
        Value::Array(items) => {
            format!(
                "[{}]",
                Vec::from_iter(items.iter().map(backwards)).join(", ")
            )
        }
        other => other.to_string(),
    }
}

fn with(mut value: Value, members: Value) -> Value {
    let members = members.as_object().unwrap().clone();
    value.as_object_mut().unwrap().extend(members);
    value
}

/// Every member that is no object by its path, as Splunk and Elasticsearch name what they read from an event.
fn fields(event: &Value, array: &str, write: fn(&Value) -> Value) -> Map<String, Value> {
    let mut fields = Map::new();
    let mut open = vec![(String::new(), event)];
    while let Some((path, value)) = open.pop() {
        match value {
            Value::Object(members) => open.extend(members.iter().map(|(name, value)| {
                let path = format!("{path}.{name}");
                (path, value)
            })),
            Value::Array(items) => {
                let name = format!("{}{array}", &path[1..]);
                fields.insert(name, Value::Array(items.iter().map(write).collect()));
            }
            value => drop(fields.insert(path[1..].to_owned(), write(value))),
        }
    }
    fields
}

fn splunk_result(linked: &ChainedEvent, line: &str) -> Value {
    let text = |value: &Value| match value {
        Value::String(text) => json!(text),
        other => json!(other.to_string()),
    };
    let mut result = fields(&parsed(line), "{}", text);
    let chain = &linked.event.chain.as_ref().unwrap().id;
    let time = &linked.event.time;
    for (name, value) in [
        ("_raw", json!(line)),
        ("_time", json!(time.replace('Z', "+00:00"))),
        ("_indextime", json!("1790000009")),
        ("host", json!([chain, linked.event.host])),
        ("source", json!(linked.event.server)),
        ("sourcetype", json!("mcp-edge")),
        ("index", json!("audit")),
        ("splunk_server", json!("idx-1")),
        ("linecount", json!("1")),
    ] {
        result.insert(name.to_owned(), value);
    }
    json!({ "preview": false, "offset": 3, "result": result })
}

fn elasticsearch_hit(linked: &ChainedEvent, line: &str) -> Value {
    let in_list = |value: &Value| json!([value]);
    let mut fields = fields(&parsed(line), "", Value::clone);
    fields
        .values_mut()
        .filter(|value| !value.is_array())
        .for_each(|value| *value = in_list(value));
    let subject = fields["id"].clone();
    fields.insert("id.keyword".to_owned(), subject);
    let hit = json!({
        "_index": "mcp-events", "_id": linked.event.id, "_score": 1.0, "_source": parsed(line),
        "fields": fields, "sort": [1],
    });
    json!({ "took": 3, "timed_out": false, "hits": { "total": { "value": 1 }, "max_score": 1.0, "hits": [hit] } })
}

fn datadog_log(linked: &ChainedEvent, line: &str) -> Value {
    let chain = &linked.event.chain.as_ref().unwrap().id;
    json!({ "data": [{ "id": "AgAAAY", "type": "log", "attributes": {
        "service": linked.event.server, "host": chain, "message": line, "status": "info",
        "timestamp": "2026-09-21T14:13:29.000Z", "tags": ["env:production", "source:mcp-edge"],
        "attributes": parsed(line),
    } }] })
}

/// As `protobuf` writes JSON, after a collector that adds attributes to the resource.
fn collected(linked: &ChainedEvent, line: &str) -> Value {
    let mut request = otlp(linked, line);
    let resource = &mut request["resourceLogs"][0];
    resource["schemaUrl"] = json!("");
    let record = &mut resource["scopeLogs"][0]["logRecords"][0];
    record["severityNumber"] = json!("SEVERITY_NUMBER_INFO");
    record["flags"] = json!(0);
    for id in ["traceId", "spanId"] {
        if let Some(text) = record[id].as_str() {
            let bytes: Vec<u8> = (0..text.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
                .collect();
            record[id] = json!(Base64::encode_string(&bytes));
        } else {
            record.as_object_mut().unwrap().remove(id);
        }
    }
    request
}

fn otlp(linked: &ChainedEvent, line: &str) -> Value {
    let mut request = Envelope::OtlpLogs.render(linked, line);
    request["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0]["body"]["stringValue"] =
        json!(line);
    request
}

/// What each is called, how it is made, and the paths at which a receiver writes what it likes.
const ENVELOPES: [(&str, Wrap, &[&str]); 18] = [
    ("our own", |_, line| json!(line), &[]),
    ("our own, parsed", |_, line| parsed(line), &[]),
    (
        "CloudEvents",
        |linked, line| Envelope::CloudEvent.render(linked, line),
        &[],
    ),
    (
        "CloudEvents, a batch",
        |linked, line| json!([Envelope::CloudEvent.render(linked, line)]),
        &[],
    ),
    (
        "OCSF",
        |linked, line| Envelope::Ocsf.render(linked, line),
        &[],
    ),
    (
        "Splunk, as sent",
        |linked, line| {
            with(
                Envelope::Splunk.render(linked, line),
                json!({ "index": "audit" }),
            )
        },
        &["/index"],
    ),
    (
        "Splunk, OCSF as sent",
        |linked, line| {
            let ocsf = Envelope::Ocsf.render(linked, line);
            Envelope::Splunk.render(linked, &ocsf.to_string())
        },
        &[],
    ),
    (
        "Splunk, exported",
        splunk_result,
        &[
            "/preview",
            "/offset",
            "/result/_indextime",
            "/result/index",
            "/result/splunk_server",
            "/result/linecount",
        ],
    ),
    (
        "Splunk, OCSF exported",
        |linked, line| {
            let ocsf = Envelope::Ocsf.render(linked, line);
            json!({ "result": {
                "_raw": ocsf.to_string(), "metadata.uid": ocsf["metadata"]["uid"],
                "status": ocsf["status"], "time": ocsf["time"].to_string(),
            } })
        },
        &[],
    ),
    (
        "Elasticsearch",
        |linked, line| json!({ "_index": "mcp-events", "_id": linked.event.id, "_source": parsed(line) }),
        &["/_index"],
    ),
    (
        "Elasticsearch, found",
        elasticsearch_hit,
        &[
            "/took",
            "/timed_out",
            "/hits/total",
            "/hits/max_score",
            "/hits/hits/0/_index",
            "/hits/hits/0/_score",
            "/hits/hits/0/sort",
        ],
    ),
    (
        "Datadog, as sent",
        |linked, line| Envelope::Datadog.render(linked, line),
        &[],
    ),
    (
        "Datadog, found",
        datadog_log,
        &[
            "/data/0/id",
            "/data/0/type",
            "/data/0/attributes/status",
            "/data/0/attributes/timestamp",
            "/data/0/attributes/tags/1",
        ],
    ),
    (
        "Kafka, as sent",
        |linked, line| json!({ "records": [Envelope::Kafka.render(linked, line)] }),
        &[],
    ),
    (
        "Kafka, consumed",
        |linked, line| {
            let record = Envelope::Kafka.render(linked, line);
            json!([with(
                record,
                json!({ "topic": "mcp", "partition": 1, "offset": 7 })
            )])
        },
        &["/0/topic", "/0/partition", "/0/offset"],
    ),
    ("OTLP", otlp, &[]),
    ("OTLP, collected", collected, &["/resourceLogs/0/schemaUrl"]),
    ("a line of several", |_, line| json!([line]), &[]),
];

fn wrapped(wrap: Wrap, linked: &ChainedEvent, line: &str) -> String {
    match wrap(linked, line) {
        Value::String(line) => line,
        other => other.to_string(),
    }
}

fn all(made: &Made, wrap: Wrap) -> Vec<String> {
    let events = made.chains.concat();
    let lines = events.iter().zip(made.all());
    lines
        .map(|(linked, line)| wrapped(wrap, linked, &line))
        .collect()
}

#[test]
fn each_envelope_is_opened() {
    let made = Made::new(2, 20, 5);
    for (name, wrap, _) in ENVELOPES {
        let report = verify(&all(&made, wrap));
        assert_eq!(
            (report.verdict, report.events, report.duplicates),
            (LogVerdict::Proven, 40, 0),
            "{name}: {report:#?}"
        );
        assert_eq!((report.other_lines, report.damaged_lines), (0, 0), "{name}");
    }
}

#[test]
fn the_order_of_members_is_ignored() {
    let made = Made::new(1, 5, 5);
    for (name, wrap, _) in ENVELOPES {
        let lines = all(&made, wrap);
        let written = |line: &String| match serde_json::from_str(line) {
            Ok(value) => backwards(&value),
            Err(_) => line.clone(),
        };
        let report = verify(&lines.iter().map(written).collect::<Vec<_>>());
        assert_eq!(report.verdict, LogVerdict::Proven, "{name}: {report:#?}");
    }
}

#[test]
fn what_was_changed_in_an_envelope_is_seen() {
    let made = Made::new(1, 20, 5);
    for (name, wrap, _) in ENVELOPES {
        let mut lines = all(&made, wrap);
        let line = made.all()[7].replace("\"score\"", "\"store\"");
        lines[7] = wrapped(wrap, &made.chains[0][7], &line);
        let report = verify(&lines);
        assert_eq!(report.verdict, LogVerdict::Contradicted, "{name}");
    }
}

/// Every member changed, left out, and one more in every object, with the path of each.
fn forgeries(value: &Value) -> Vec<(String, Value)> {
    let mut forged = Vec::new();
    let mut paths = vec![String::new()];
    while let Some(path) = paths.pop() {
        let mut change = |path: &str, other: Value| {
            let mut changed = value.clone();
            *changed.pointer_mut(path).unwrap() = other;
            forged.push((path.to_owned(), changed));
        };
        match value.pointer(&path).unwrap() {
            Value::Object(members) => {
                for name in members.keys() {
                    let pointer = format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"));
                    let mut fewer = members.clone();
                    fewer.remove(name);
                    let mut changed = value.clone();
                    *changed.pointer_mut(&path).unwrap() = Value::Object(fewer);
                    forged.push((pointer.clone(), changed));
                    paths.push(pointer);
                }
                for (name, other) in [
                    ("forged", json!("bob")),
                    ("result", json!({ "principal": { "subject": "bob" } })),
                    ("key", json!("mcp_edge.rule")),
                ] {
                    if !members.contains_key(name) {
                        let mut more = members.clone();
                        more.insert(name.to_owned(), other);
                        let mut changed = value.clone();
                        *changed.pointer_mut(&path).unwrap() = Value::Object(more);
                        forged.push((format!("{path}/{name}"), changed));
                    }
                }
            }
            Value::Array(items) => {
                paths.extend((0..items.len()).map(|place| format!("{path}/{place}")));
                let mut more = items.clone();
                more.push(json!({ "key": "mcp_edge.rule", "value": { "stringValue": "bob" } }));
                change(&path, Value::Array(more));
            }
            Value::String(text) => change(&path, json!(format!("{text}x"))),
            Value::Number(number) => change(&path, json!(number.as_f64().unwrap() + 1.0)),
            Value::Bool(is) => change(&path, json!(!is)),
            Value::Null => {}
        }
    }
    forged
}

/// Whatever is changed around or in an event, the log is not said to be proven, unless no reader takes it for the event's.
#[test]
fn nothing_around_an_event_can_be_changed() {
    let made = Made::new(1, 3, 3);
    let mut unseen = Vec::new();
    for (name, wrap, free) in ENVELOPES.into_iter().skip(1) {
        let lines = all(&made, wrap);
        let forgeries = forgeries(&parsed(&lines[1]));
        assert!(!forgeries.is_empty(), "{name}");
        for (path, forged) in forgeries {
            let is_free = free.iter().any(|free| path.starts_with(free));
            if is_free || may_be_missing(name, &path) {
                continue;
            }
            let mut lines = lines.clone();
            lines[1] = forged.to_string();
            // Signatures are slow where nothing is optimised, and say nothing of anything but seals.
            let report = match path.contains("seal") {
                true => verify(&lines),
                false => {
                    let mut log = Log::new(None, Options::default());
                    log.add(Lines::read(&lines.join("\n")));
                    log.judge(&[])
                }
            };
            let findings = report.chains.iter().flat_map(|chain| &chain.findings);
            let is_expected =
                |verdict| [ChainVerdict::Unsigned, ChainVerdict::OpenEnd].contains(&verdict);
            if report.line_findings.is_empty()
                && findings.clone().all(|one| is_expected(one.finding))
            {
                unseen.push(format!("{name}: {path}: {}", lines[1]));
            }
        }
    }
    assert!(unseen.is_empty(), "{}", unseen.join("\n"));
}

/// What a receiver may leave out, and lists that may have other things than events in them.
fn may_be_missing(name: &str, path: &str) -> bool {
    const LISTS: [&str; 7] = [
        "",
        "/data",
        "/hits/hits",
        "/records",
        "/resourceLogs",
        "/resourceLogs/0/scopeLogs",
        "/resourceLogs/0/scopeLogs/0/logRecords",
    ];
    match name {
        _ if LISTS.contains(&path) => true,
        "Splunk, exported" | "Splunk, OCSF exported" => {
            path.starts_with("/result/") && !path.contains("_raw")
        }
        "Elasticsearch" | "Elasticsearch, found" => path.contains("_id") || path.contains("fields"),
        "Datadog, found" => path.contains("/attributes/"),
        "OTLP" => path.contains("schemaUrl"),
        "OTLP, collected" => path.contains("schemaUrl") || path.contains("flags"),
        "Kafka, consumed" | "Kafka, as sent" => path.ends_with("/key"),
        _ => false,
    }
}

fn forged(envelope: Wrap, forge: impl FnOnce(&mut Value)) -> Report {
    let made = Made::new(1, 3, 3);
    let mut lines = all(&made, envelope);
    let mut value = parsed(&lines[1]);
    forge(&mut value);
    lines[1] = value.to_string();
    verify(&lines)
}

#[track_caller]
fn is_contradicted(report: &Report) {
    assert_eq!(
        (report.verdict, said(report, 0)),
        (
            LogVerdict::Contradicted,
            vec![(ChainVerdict::Envelope, 1, 1)]
        ),
        "{report:#?}"
    );
}

#[test]
fn a_field_that_people_read_is_the_events_own() {
    is_contradicted(&forged(
        |linked, line| Envelope::Ocsf.render(linked, line),
        |ocsf| ocsf["actor"]["user"]["uid"] = json!("bob"),
    ));
    is_contradicted(&forged(
        |linked, line| Envelope::Ocsf.render(linked, line),
        |ocsf| ocsf["actor"]["user"]["email_addr"] = json!("bob@example.com"),
    ));
    is_contradicted(&forged(
        |linked, line| Envelope::CloudEvent.render(linked, line),
        |event| event["subject"] = json!("delete_rule"),
    ));
    is_contradicted(&forged(otlp, |request| {
        let record = &mut request["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0];
        let attributes = record["attributes"].as_array_mut().unwrap();
        let mut attributes = attributes.iter_mut();
        let subject = attributes.find(|one| one["key"] == "enduser.id").unwrap();
        subject["value"]["stringValue"] = json!("bob");
    }));
    is_contradicted(&forged(otlp, |request| {
        let resource = &mut request["resourceLogs"][0]["resource"]["attributes"];
        resource[0]["value"]["stringValue"] = json!("another-server");
    }));
    for (name, value) in [
        ("principal.subject", json!("bob")),
        ("principal.actors{}", json!(["agent", "bob"])),
        ("result", json!({ "content": "nothing" })),
        ("delivery.sink", json!("siem")),
        ("principal.subject{}{}{}", json!("alice")),
        ("principal.subject.keyword.keyword", json!("alice")),
        ("_time", json!("2026-09-21T14:13:22.000+00:00")),
        ("host", json!("bob")),
        ("source", json!("another-server")),
    ] {
        is_contradicted(&forged(splunk_result, |export| {
            export["result"][name] = value;
        }));
    }
    is_contradicted(&forged(elasticsearch_hit, |found| {
        found["hits"]["hits"][0]["fields"]["principal.subject"] = json!(["bob"]);
    }));
    is_contradicted(&forged(datadog_log, |found| {
        found["data"][0]["attributes"]["attributes"]["principal"]["subject"] = json!("bob");
    }));
    is_contradicted(&forged(
        |linked, line| Envelope::Kafka.render(linked, line),
        |record| record["key"] = json!("02".repeat(16)),
    ));
}

/// Members that a receiver may have added, and that nothing proves.
#[test]
fn a_member_outside_the_event_is_not_proven() {
    for report in [
        forged(splunk_result, |export| {
            export["result"]["user"] = json!("bob");
        }),
        forged(splunk_result, |export| {
            export["result"]["sourcetype"] = json!("_json");
        }),
        forged(elasticsearch_hit, |found| {
            found["hits"]["hits"][0]["highlight"] = json!({});
        }),
        forged(otlp, |request| {
            let resource = &mut request["resourceLogs"][0]["resource"]["attributes"];
            let added = json!({ "key": "k8s.pod.name", "value": { "stringValue": "pod" } });
            resource.as_array_mut().unwrap().push(added);
        }),
        forged(
            |_, line| json!({ "level": "info", "message": line }),
            |_| {},
        ),
    ] {
        assert_eq!(report.verdict, LogVerdict::Consistent, "{report:#?}");
        let findings = said(&report, 0);
        assert!(
            findings
                .iter()
                .any(|(finding, ..)| *finding == ChainVerdict::UnprovenEnvelope),
            "{findings:?}"
        );
    }
}

/// What another event looks like in an envelope beside one that verifies.
#[test]
fn a_second_event_in_an_envelope_is_not_passed_over() {
    let made = Made::new(1, 3, 3);
    let mut other = parsed(&made.all()[1]);
    other["principal"]["subject"] = json!("bob");
    for (member, beside) in [
        ("_raw", "result"),
        ("_raw", "event"),
        ("_source", "fields"),
        ("_source", "message"),
        ("event", "message"),
        ("message", "attributes"),
        ("data", "event"),
        ("raw_data", "message"),
        ("value", "event"),
        ("body", "attributes"),
    ] {
        let mut lines = made.all();
        let line = lines[1].clone();
        let embedded = match member {
            "data" | "event" | "value" | "_source" => parsed(&line),
            "body" => json!({ "stringValue": line }),
            _ => json!(line),
        };
        lines[1] = json!({ member: embedded, beside: other }).to_string();
        let report = verify(&lines);
        assert_ne!(
            report.verdict,
            LogVerdict::Proven,
            "{member} beside {beside}"
        );
    }
}

/// OTLP's file exporter writes a whole request in one line.
#[test]
fn several_events_in_one_line_are_several() {
    let made = Made::new(1, 20, 20);
    let mut request = otlp(&made.chains[0][0], &made.all()[0]);
    let records: Vec<_> = made.chains[0]
        .iter()
        .zip(made.all())
        .map(|(linked, line)| {
            otlp(linked, &line)["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0].clone()
        })
        .collect();
    request["resourceLogs"][0]["scopeLogs"][0]["logRecords"] = json!(records);
    let report = verify(&[request.to_string()]);
    assert_eq!((report.verdict, report.events), (LogVerdict::Proven, 20));

    let events: Vec<_> = made.all().iter().map(|line| parsed(line)).collect();
    let mut cloud_event = Envelope::CloudEvent.render(&made.chains[0][0], &made.all()[0]);
    cloud_event["data"] = json!(events);
    let report = verify(&[cloud_event.to_string()]);
    assert_eq!(report.verdict, LogVerdict::Contradicted, "one is for one");
}

/// Duplicates may come by different ways.
#[test]
fn an_event_that_two_systems_kept_is_one() {
    let made = Made::new(1, 20, 5);
    let mut both = made.all();
    both.extend(all(&made, ENVELOPES[4].1));
    let report = verify(&both);
    assert_eq!(
        (report.verdict, report.events, report.duplicates),
        (LogVerdict::Proven, 20, 20)
    );
}

#[test]
fn an_event_in_too_many_envelopes_is_damage() {
    let line = Made::new(1, 1, 1).all().remove(0);
    for name in ["data", "elsewhere"] {
        let deep = (0..40).fold(parsed(&line), |inner, _| json!({ name: inner }));
        let report = verify(&[deep.to_string()]);
        assert_eq!(
            (report.verdict, report.events, report.damaged_lines),
            (LogVerdict::Contradicted, 0, 1)
        );
    }
}

/// Logs of containers, of Workers and of anything else.
#[test]
fn an_envelope_that_is_not_known_is_not_proven() {
    let made = Made::new(1, 3, 3);
    let line = made.all().remove(1);
    for unknown in [
        json!({ "log": format!("{line}\n"), "stream": "stdout", "time": "2026-09-21T14:13:21Z" }),
        json!({ "logs": [{ "message": [line], "level": "log" }], "outcome": "ok", "event": {} }),
        json!({ "elsewhere": { "further": parsed(&line) }, "user": "bob" }),
    ] {
        let mut lines = made.all();
        lines[1] = unknown.to_string();
        let report = verify(&lines);
        assert_eq!(
            (report.verdict, report.events, report.damaged_lines),
            (LogVerdict::Consistent, 3, 0),
            "{report:#?}"
        );
    }
    // Each event in it is judged.
    let other = line.replace("\"status\":200", "\"status\":500");
    let mut lines = made.all();
    lines[1] = json!({ "one": line, "other": other }).to_string();
    assert_eq!(verify(&lines).verdict, LogVerdict::Contradicted);
}

#[test]
fn words_around_an_event_on_its_line_are_not_proven() {
    let made = Made::new(1, 3, 3);
    for around in ["2026-09-21T14:13:21Z stdout F {}", "alice: {} ok"] {
        let mut lines = made.all();
        lines[1] = around.replace("{}", &lines[1]);
        let report = verify(&lines);
        assert_eq!(
            (report.verdict, said(&report, 0)),
            (
                LogVerdict::Consistent,
                vec![(ChainVerdict::UnprovenEnvelope, 1, 1)]
            )
        );
    }
}

#[test]
fn a_time_is_compared_in_any_format() {
    let made = Made::new(1, 3, 3);
    let millis = Timestamp::from_rfc3339(&made.chains[0][1].event.time).unwrap();
    let seconds = millis.as_millis() / 1000;
    for (time, expected) in [
        (json!(format!("{seconds}.000")), LogVerdict::Proven),
        (json!(seconds), LogVerdict::Proven),
        (json!(format!("{seconds}.001")), LogVerdict::Contradicted),
        (json!("yesterday"), LogVerdict::Contradicted),
    ] {
        let report = forged(splunk_result, |export| {
            export["result"]["_time"] = time.clone();
        });
        assert_eq!(report.verdict, expected, "{time}");
    }
}
