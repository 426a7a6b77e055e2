//! Lines that a receiver cut, and events that no chain holds.

use mcp_edge_audit::chain::ChainedEvent;
use mcp_edge_audit::event::{Event, EventPrincipal, EventType, Outcome};
use mcp_edge_envelope::Envelope;
use mcp_edge_verify::{ChainVerdict, LogVerdict};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::json;

use super::made::{Made, before_start, event, lines, other_keys, verify};

/// Splunk cuts an event after `TRUNCATE` bytes.
#[test]
fn a_cut_line_is_damage() {
    let made = Made::new(1, 3, 3);
    let linked = &made.chains[0][1];
    let line = made.all().remove(1);
    let raw = |text: &str| json!({ "preview": false, "result": { "_raw": text } }).to_string();
    let cut = |text: &str| text[..text.len() - 100].to_owned();
    for damaged in [
        cut(&line),
        line[..40].to_owned(),
        line[100..].to_owned(),
        raw(&cut(&line)),
        raw(&line[..40]),
        cut(&Envelope::Ocsf.render(linked, &line).to_string()),
        raw(&cut(&Envelope::Ocsf.render(linked, &line).to_string())),
        cut(&Envelope::CloudEvent.render(linked, &line).to_string()),
        json!({ "ddsource": "mcp-edge", "message": cut(&line) }).to_string(),
    ] {
        let mut lines = made.all();
        // The event itself is there as well, so that nothing but the damage contradicts.
        lines.push(damaged.clone());
        let report = verify(&lines);
        assert_eq!(
            (report.verdict, report.damaged_lines),
            (LogVerdict::Contradicted, 1),
            "{damaged}"
        );
        assert_eq!(report.line_findings[0].finding, ChainVerdict::Damaged);
        assert!(
            report.summary.contains("1 damaged line"),
            "{}",
            report.summary
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn cut_anywhere_a_line_is_damage(at in any::<Index>()) {
        let made = Made::new(1, 3, 3);
        let mut lines = made.all();
        let mut line = lines[1].clone();
        let ends: Vec<_> = line.char_indices().map(|(at, _)| at).skip(2).collect();
        line.truncate(ends[at.index(ends.len())]);
        lines.push(line);
        let report = verify(&lines);
        prop_assert_eq!((report.verdict, report.damaged_lines), (LogVerdict::Contradicted, 1));
    }
}

/// An instance that cannot start writes events in no chain; nothing signs them.
#[test]
fn an_event_before_the_start_is_not_signed() {
    let mut lines = Made::new(1, 3, 3).all();
    let cancelled = Event {
        detail: None,
        outcome: Outcome::Cancelled,
        reason: None,
        status: 0,
        ..before_start()
    };
    for event in [before_start(), cancelled] {
        let line = ChainedEvent::new(event).json;
        lines.extend([line.clone(), line]);
    }
    let report = verify(&lines);
    assert_eq!(report.verdict, LogVerdict::Consistent);
    assert_eq!((report.unchained, report.duplicates), (2, 2));
    assert!(
        report.summary.contains("2 events not signed"),
        "{}",
        report.summary
    );
}

/// The hash does not matter: anyone who can write the log can compute one.
#[test]
fn an_event_outside_a_chain_that_no_server_writes_is_forged() {
    let of = |subject: &str| EventPrincipal {
        subject: Some(subject.to_owned()),
        ..EventPrincipal::default()
    };
    let start = before_start;
    let forged = [
        event(0, 0),
        Event {
            principal: Some(of("bob")),
            ..start()
        },
        Event {
            principal: Some(EventPrincipal {
                anonymous: true,
                ..EventPrincipal::default()
            }),
            ..start()
        },
        Event {
            method: Some("tools/call".into()),
            ..start()
        },
        Event {
            name: Some("transfer".to_owned()),
            ..start()
        },
        Event {
            server: Some("fraud-rules".to_owned()),
            ..start()
        },
        Event {
            client_info: Some("desk".to_owned()),
            ..start()
        },
        Event {
            decision: Some("allow".into()),
            ..start()
        },
        Event {
            outcome: Outcome::Ok,
            status: 200,
            reason: None,
            ..start()
        },
        Event {
            outcome: Outcome::Refused,
            ..start()
        },
        Event {
            status: 403,
            ..start()
        },
        Event {
            reason: Some("rate_limited".into()),
            ..start()
        },
        Event {
            event: EventType::Withheld,
            ..start()
        },
        Event {
            event: EventType::End,
            ..start()
        },
        Event {
            outcome: Outcome::Cancelled,
            reason: None,
            status: 0,
            ..start()
        },
    ];
    for event in forged {
        let line = ChainedEvent::new(event).json;
        let mut lines = Made::new(1, 3, 3).all();
        lines.push(line.clone());
        let report = verify(&lines);
        assert_eq!(report.verdict, LogVerdict::Contradicted, "{line}");
        assert_eq!(
            report.line_findings[0].finding,
            ChainVerdict::Forged,
            "{line}"
        );
    }
    // A member that the type does not have, and one twice.
    let line = ChainedEvent::new(start()).json;
    let (content, _) = line.split_once(",\"hash\"").unwrap();
    for content in [
        format!("{content},\"zone\":\"bob\"}}"),
        content.replacen('{', "{\"detail\":\"bob\",", 1) + "}",
    ] {
        let hash = mcp_edge_audit::digest::sha256(content.as_bytes());
        let open = content.strip_suffix('}').unwrap();
        let report = verify(&[format!("{open},\"hash\":\"{hash}\"}}")]);
        assert_eq!(report.verdict, LogVerdict::Contradicted, "{content}");
    }
}

/// What a reader takes for an event, without one that could be verified.
#[test]
fn an_envelope_without_its_event_is_damage() {
    let made = Made::new(1, 3, 3);
    let linked = &made.chains[0][1];
    let line = made.all().remove(1);
    let without = |envelope: Envelope, member: &str| {
        let mut value = envelope.render(linked, &line);
        value.as_object_mut().unwrap().remove(member);
        value
    };
    let mut record = Envelope::OtlpLogs.render(linked, &line);
    record["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0]["body"] =
        json!({ "stringValue": "ok" });
    for forged in [
        without(Envelope::Ocsf, "raw_data"),
        without(Envelope::CloudEvent, "data"),
        without(Envelope::Splunk, "event"),
        without(Envelope::Datadog, "message"),
        record,
        json!({ "result": { "_raw": "transfer ok", "sourcetype": "mcp-edge" } }),
        json!([line, { "sourcetype": "mcp-edge", "event": "transfer ok" }]),
    ] {
        let mut lines = made.all();
        lines.push(forged.to_string());
        let report = verify(&lines);
        assert_eq!(
            (report.verdict, report.damaged_lines),
            (LogVerdict::Contradicted, 1),
            "{forged}"
        );
    }
    // One without hash and chain.
    let mut lines = made.all();
    lines.push(json!({ "event": "mcp.request", "principal": { "subject": "bob" } }).to_string());
    let report = verify(&lines);
    assert_eq!(report.verdict, LogVerdict::Contradicted);
    assert_eq!(report.line_findings[0].finding, ChainVerdict::Altered);
}

/// However the damaged JSON is written: readers pass over blanks, and some over more.
#[test]
fn blanks_do_not_hide_damage() {
    let twice = r#"{ "event": "mcp.request", "event": "mcp.request", "principal": {"subject": "mallory"}, "name":"score"}"#;
    let cut = r#""event": "mcp.request", "principal": {"subject": "mall"#;
    let without_mark = r#""id": "x", "principal": {"subject": "mall"#;
    let head_cut = r#"ces", "event" : "mcp.request", "principal": {"subject": "mallory"}}"#;
    let hec = r#"{"sourcetype":"mcp-edge","event":"transfer ok"}"#;
    let mut damaged: Vec<String> = [twice, head_cut].map(str::to_owned).into();
    for begin in [
        "{\t",
        "{ ",
        "[{ ",
        "[ {\t",
        "\u{feff}{",
        "\u{a0}{",
        ",{",
        ", [{",
        "{,",
        "\u{feff}, { ",
    ] {
        damaged.push(format!("{begin}{cut}"));
        damaged.push(format!("{begin}{without_mark}"));
    }
    damaged.push(format!("alice: {{{cut}"));
    damaged.push(format!(",{hec}"));
    damaged.push(format!("alice: {hec}"));
    let line = Made::new(1, 3, 3).all().remove(1);
    damaged.push(format!("{cut}: {line}"));
    damaged.push(json!({ "message": cut, "log": line }).to_string());
    for inner in damaged.clone() {
        damaged.push(json!({ "preview": false, "result": { "_raw": inner } }).to_string());
    }
    for damaged in damaged {
        let mut lines = Made::new(1, 3, 3).all();
        lines.push(damaged.clone());
        let report = verify(&lines);
        assert_eq!(
            (report.verdict, report.damaged_lines),
            (LogVerdict::Contradicted, 1),
            "{damaged}"
        );
    }
}

/// The line of a request that never was, with whatever of an event changed or taken out.
#[test]
fn an_event_that_is_not_quite_one_is_damage() {
    let whole: serde_json::Value =
        serde_json::from_str(&ChainedEvent::new(event(0, 0)).json).unwrap();
    let mut bare = whole.clone();
    for member in ["chain", "hash", "seal"] {
        bare.as_object_mut().unwrap().remove(member);
    }
    let with = |member: &str, value: serde_json::Value| {
        let mut line = bare.clone();
        line[member] = value;
        line
    };
    let mut without_kind = bare.clone();
    without_kind.as_object_mut().unwrap().remove("event");
    let mut lines = vec![
        json!([bare.clone()]),
        json!({ "_index": "mcp", "_id": "1", "_source": bare.clone() }),
        with(
            "seal",
            json!({ "key": "e1", "signature": "c2lnbmVk", "time": "now" }),
        ),
        with("event", json!(["mcp.request"])),
        without_kind,
    ];
    for kind in [
        "mcp.requests",
        "mcp.request ",
        "mcp.request\u{200b}",
        "MCP.REQUEST",
        " mcp.intent",
    ] {
        lines.push(with("event", json!(kind)));
        lines.push(
            json!({ "event": kind, "principal": { "issuer": "https://idp", "subject": "ceo" } }),
        );
    }
    for line in lines {
        let mut all = Made::new(1, 3, 3).all();
        all.push(line.to_string());
        let report = verify(&all);
        assert_eq!(report.verdict, LogVerdict::Contradicted, "{line}");
    }
}

/// Lines of other programs are not.
#[test]
fn other_lines_are_no_damage() {
    for line in [
        "the sink `siem` cannot be reached: it answered {\"text\": \"busy",
        "listening on {\"address\": 127.0.0.1}",
        r#"{"event":"mcp.connected","level":"info"}"#,
        r#"{"event":"login","principal":{"subject":"bob"}}"#,
        "{}",
        "[]",
        "{ not JSON }",
        "[INFO] listening",
        "{name} joined",
        "[",
        "event mcp.request: 3",
        r#"{"level":"info","message":"{name} joined","detail":"[x]"}"#,
    ] {
        let mut lines = Made::new(1, 3, 3).all();
        lines.push(line.to_owned());
        let report = verify(&lines);
        assert_eq!(
            (report.verdict, report.other_lines, report.damaged_lines),
            (LogVerdict::Proven, 1, 0),
            "{line}"
        );
    }
}

/// A seal outside a chain signs nothing.
#[test]
fn an_event_outside_a_chain_has_no_seal() {
    let sealed = lines(&Made::new(1, 1, 1).chains[0], 1, &other_keys()).remove(0);
    let seal = &sealed[sealed.find(",\"seal\"").unwrap()..];
    let line = ChainedEvent::new(before_start()).json;
    let line = format!("{}{seal}", line.strip_suffix('}').unwrap());
    assert_eq!(verify(&[line]).verdict, LogVerdict::Contradicted);
}
