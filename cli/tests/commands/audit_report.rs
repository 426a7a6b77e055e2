//! `mcp-edge audit report`

use mcp_edge_audit::Event;
use mcp_edge_audit::chain::Chain;
use mcp_edge_audit::event::{EventPrincipal, EventType, Outcome, VERSION};

use crate::commands::run::Folder;

/// A folder with the published log and the keys that signed it.
fn published() -> Folder {
    let folder = Folder::new();
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/audit/logs.json");
    let text = std::fs::read_to_string(path).expect("the vectors");
    let vectors: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    folder.write("jwks.json", &vectors["keys"]["jwks"].to_string());
    let lines = vectors["log"].as_array().expect("lines").iter();
    let lines: Vec<_> = lines
        .map(|event| event["line"].as_str().expect("a line"))
        .collect();
    folder.write("events.ndjson", &lines.join("\n"));
    folder
}

fn event(id: u32, time: &str, subject: Option<&str>, name: &'static str) -> Event {
    Event {
        event: EventType::Request,
        host: "native".into(),
        id: format!("{id:032x}"),
        method: Some("tools/call".into()),
        name: Some(name.to_owned()),
        outcome: Outcome::Ok,
        principal: Some(match subject {
            None => EventPrincipal {
                anonymous: true,
                ..EventPrincipal::default()
            },
            Some(subject) => EventPrincipal {
                issuer: Some("https://id.example.com".to_owned()),
                subject: Some(subject.to_owned()),
                tenant: Some("red".to_owned()),
                client: Some("desk".to_owned()),
                ..EventPrincipal::default()
            },
        }),
        status: 200,
        time: time.to_owned(),
        version: VERSION,
        ..Event::default()
    }
}

fn refused(id: u32, time: &str, subject: Option<&str>, name: &'static str) -> Event {
    Event {
        outcome: Outcome::Refused,
        reason: Some("access_denied".into()),
        status: 403,
        ..event(id, time, subject, name)
    }
}

fn about(kind: EventType, id: u32, request: u32, name: &'static str) -> Event {
    Event {
        event: kind,
        request_id: Some(format!("{request:032x}")),
        outcome: match kind {
            EventType::Intent => Outcome::Intended,
            _ => Outcome::Failed,
        },
        ..event(id, "2026-11-03T10:00:00.000Z", Some("alice"), name)
    }
}

/// The lines of one chain.
fn log(events: Vec<Event>) -> String {
    let mut chain = Chain::new([7; 16]);
    let lines = events.into_iter().map(|event| chain.link(event));
    let lines: Vec<_> = lines.map(|event| event.json.clone()).collect();
    lines.join("\n")
}

/// Two callers with a name, and one without.
fn two_days() -> String {
    log(vec![
        event(1, "2026-11-02T09:00:00.000Z", Some("alice"), "score"),
        refused(2, "2026-11-02T09:00:01.000Z", None, "score"),
        event(3, "2026-11-02T23:59:59.999Z", Some("alice"), "score"),
        event(4, "2026-11-03T00:00:00.000Z", Some("bob"), "score"),
        refused(5, "2026-11-03T08:00:00.000Z", Some("bob"), "delete"),
    ])
}

#[test]
fn states_the_verdict_before_the_table() {
    let folder = published();
    let report = ["audit", "report", "--keys", "jwks.json", "events.ndjson"];
    let proven = folder.run(&report);
    assert_eq!(proven.status, 0, "{proven:?}");
    assert!(
        proven
            .stdout
            .starts_with("proven; signed up to the closing event of 2 chains"),
        "{proven:?}"
    );
    proven.says(
        0,
        &[
            "caller         subject  tenant  issuer                  method      name   requests  ok  first                     last\n\
             authenticated  alice    red     https://id.example.com  tools/call  score  10        10  2026-09-21T14:13:20.000Z  2026-09-21T14:13:24.000Z\n",
            "\n10 requests in 1 row.\n",
        ],
    );

    let unsigned = folder.run(&["audit", "report", "--no-keys", "events.ndjson"]);
    assert!(
        unsigned
            .stdout
            .starts_with("consistent; no signature was checked")
    );
    unsigned.says(3, &["not all of it is proven", "10 requests in 1 row."]);
}

#[test]
fn contradicted_log_proves_no_number() {
    let folder = published();
    let lines = folder.read("events.ndjson").replacen("alice", "bob", 1);
    let report = ["audit", "report", "--keys", "jwks.json"];
    let contradicted = folder.run_with_input(&report, &lines);
    assert!(
        contradicted
            .stdout
            .starts_with("contradicted; altered in 1 chain")
    );
    contradicted.says(
        1,
        &[
            "these numbers prove nothing",
            "9 requests in 1 row.",
            "Not counted: 1 event altered or forged.",
        ],
    );
    assert!(!contradicted.stdout.contains("bob"), "{contradicted:?}");
    // Every record of the spreadsheet has the verdict as well.
    let csv = folder.run_with_input(&[&report[..], &["--csv"]].concat(), &lines);
    csv.says(1, &["contradicted; altered in 1 chain"]);
    let records: Vec<_> = csv.stdout.lines().collect();
    assert!(
        records[0].ends_with(",log") && records[1].ends_with(",contradicted"),
        "{csv:?}"
    );
    assert_eq!(records.len(), 2);
}

#[test]
fn counts_each_event_once_by_what_is_asked_for() {
    let folder = Folder::new();
    let twice = format!("{0}\n{0}", two_days());
    let report = |by: &str| {
        let arguments = ["audit", "report", "--no-keys", "--json", "--by", by];
        let ended = folder.run_with_input(&arguments, &twice);
        assert_eq!(ended.status, 3, "{ended:?}");
        let json: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON");
        assert_eq!(json["requests"], 5);
        assert_eq!(json["log"]["duplicates"], 5);
        let rows = json["rows"].as_array().expect("rows").clone();
        rows.into_iter()
            .map(|row| {
                let text = |name: &str| row[name].as_str().map(str::to_owned);
                let key = ["subject", "name", "client", "day", "reason"].map(text);
                let key: Vec<_> = key.into_iter().flatten().collect();
                let count = |name: &str| row[name].as_u64().expect("a number");
                (key.join(" "), count("requests"), count("refused"))
            })
            .collect::<Vec<_>>()
    };
    let row = |key: &str, requests, refused| (key.to_owned(), requests, refused);
    assert_eq!(
        report("principal"),
        [row("", 1, 1), row("alice", 2, 0), row("bob", 2, 1)]
    );
    assert_eq!(report("tool"), [row("delete", 1, 1), row("score", 4, 1)]);
    assert_eq!(report("client"), [row("", 1, 1), row("desk", 4, 1)]);
    assert_eq!(
        report("day"),
        [row("2026-11-02", 3, 1), row("2026-11-03", 2, 1)]
    );
    assert_eq!(
        report("reason"),
        [row("", 3, 0), row("access_denied", 2, 2)]
    );
    assert_eq!(
        report("day,principal"),
        [
            row("2026-11-02", 1, 1),
            row("alice 2026-11-02", 2, 0),
            row("bob 2026-11-03", 2, 1)
        ]
    );
}

#[test]
fn period_has_its_beginning_and_not_its_end() {
    let folder = Folder::new();
    let report = |since: &str, until: &str| {
        let arguments = [
            "audit",
            "report",
            "--no-keys",
            "--by",
            "principal",
            "--since",
            since,
            "--until",
            until,
        ];
        folder.run_with_input(&arguments, &two_days())
    };
    report("2026-11-02T23:59:59.999Z", "2026-11-03T08:00:00Z").says(
        3,
        &[
            "2 requests in 2 rows, since 2026-11-02T23:59:59.999Z, until 2026-11-03T08:00:00.000Z.",
            "Not counted: 3 events outside this period.",
        ],
    );
    report("2027-01-01T00:00:00Z", "2027-02-01T00:00:00Z").says(3, &["No requests."]);
    report("2027-01-01T00:00:00Z", "2026-02-01T00:00:00Z")
        .says(2, &["--since must be earlier than --until"]);
}

/// The time up to which the report counts is the end that the log is verified up to.
#[test]
fn until_is_the_end_that_must_be_proven() {
    let folder = published();
    let lines = folder.read("events.ndjson");
    // The chain is cut off behind its first signature.
    let cut: Vec<_> = lines.lines().take(3).collect();
    let report = ["audit", "report", "--keys", "jwks.json"];
    let until = |time: &str| {
        let arguments = [&report[..], &["--until", time]].concat();
        folder.run_with_input(&arguments, &cut.join("\n"))
    };
    until("2026-09-21T14:13:22Z").says(0, &["proven; ", "2 requests in 1 row"]);
    until("2026-09-21T14:13:23Z").says(3, &["consistent; ", "3 requests in 1 row"]);
}

#[test]
fn calls_without_an_end_and_withheld_answers_are_shown() {
    let folder = Folder::new();
    let events = log(vec![
        about(EventType::Intent, 1, 2, "delete"),
        event(2, "2026-11-03T10:00:01.000Z", Some("alice"), "delete"),
        about(EventType::Withheld, 3, 2, "delete"),
        about(EventType::Intent, 4, 5, "erase"),
    ]);
    let arguments = ["audit", "report", "--no-keys", "--by", "tool"];
    folder.run_with_input(&arguments, &events).says(
        3,
        &[
            "name    requests  ok  withheld  unfinished",
            "delete  1         1   1         0 ",
            "erase   0         0   0         1 ",
        ],
    );
}

#[test]
fn text_from_outside_is_escaped_in_a_table_and_in_csv() {
    let folder = Folder::new();
    let hostile = "=HYPERLINK(\"https://evil.example\";\"\u{202e}me\")\u{1b}[2J";
    let events = log(vec![event(
        1,
        "2026-11-03T10:00:01.000Z",
        Some(hostile),
        "score",
    )]);
    let arguments = ["audit", "report", "--no-keys", "--by", "principal"];
    let table = folder.run_with_input(&arguments, &events);
    assert!(!table.stdout.contains(['\u{1b}', '\u{202e}']), "{table:?}");
    table.says(3, &["\\u{202e}me\")\\u{1b}[2J"]);

    let csv = folder.run_with_input(&[&arguments[..], &["--csv"]].concat(), &events);
    assert_eq!(csv.status, 3, "{csv:?}");
    assert_eq!(
        csv.stdout,
        "caller,subject,tenant,issuer,requests,ok,tool_error,protocol_error,input_required,accepted,refused,cancelled,failed,withheld,unfinished,first,last,log\r\n\
         authenticated,\"'=HYPERLINK(\"\"https://evil.example\"\";\"\"\\u{202e}me\"\")\\u{1b}[2J\",red,https://id.example.com,1,1,0,0,0,0,0,0,0,0,0,2026-11-03T10:00:01.000Z,2026-11-03T10:00:01.000Z,consistent\r\n"
    );
}

#[test]
fn events_of_another_version_are_not_interpreted() {
    let folder = Folder::new();
    let other = Event {
        version: VERSION + 1,
        ..event(1, "2026-11-03T10:00:01.000Z", Some("alice"), "score")
    };
    folder
        .run_with_input(&["audit", "report", "--no-keys"], &log(vec![other]))
        .says(
            3,
            &[
                "No requests.",
                "Not counted: 1 event of a version or kind that this program does not know.",
            ],
        );
}

#[test]
fn refuses_what_is_no_report() {
    let folder = published();
    let report = ["audit", "report", "--keys", "jwks.json"];
    for more in [
        &["--by", "colour", "events.ndjson"][..],
        &["--by", "tool,tool", "events.ndjson"],
        &["--csv", "--json", "events.ndjson"],
        &["mcp.toml"],
        &["absent.ndjson"],
    ] {
        let ended = folder.run(&[&report[..], more].concat());
        assert_eq!(ended.status, 2, "{more:?}: {ended:?}");
    }
}
