//! `mcp-edge audit`

use crate::commands::run::Folder;

/// A folder with the published log, the keys that signed it, and the log's lines.
fn folder() -> (Folder, Vec<String>) {
    let folder = Folder::new();
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/audit/logs.json");
    let text = std::fs::read_to_string(path).expect("the vectors");
    let vectors: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    folder.write("jwks.json", &vectors["keys"]["jwks"].to_string());
    folder.write("ring", vectors["keys"]["ring"].as_str().expect("a ring"));
    let receipts = &vectors["cases"][0]["receipts"];
    folder.write("receipts.json", &receipts.to_string());
    let lines = vectors["log"].as_array().expect("lines").iter();
    let lines: Vec<_> = lines
        .map(|event| event["line"].as_str().expect("a line").to_owned())
        .collect();
    folder.write("events.ndjson", &lines.join("\n"));
    (folder, lines)
}

#[test]
fn a_whole_log_is_verified() {
    let (folder, _) = folder();
    let arguments = [
        "audit",
        "verify",
        "--keys",
        "jwks.json",
        "--receipt",
        "receipts.json",
        "--within",
        "5m",
        "events.ndjson",
    ];
    folder.run(&arguments).is_golden("audit-verify");
    folder
        .run(&[&arguments[..], &["--json"]].concat())
        .is_golden("audit-verify-json");
}

#[test]
fn what_is_wrong_has_a_sentence_and_a_status() {
    let (folder, mut lines) = folder();
    lines.remove(10);
    lines[4] = lines[4].replace("alice", "bob");
    lines.push("no event".to_owned());
    let input = lines.join("\n");
    folder
        .run_with_input(&["audit", "verify", "--keys", "jwks.json"], &input)
        .is_golden("audit-verify-tampered");
    // The last of the second chain, so that its end is not signed.
    let input = folder.read("events.ndjson");
    let input = input.rsplit_once('\n').expect("lines").0;
    let verify = ["audit", "verify", "--keys", "jwks.json"];
    assert_eq!(folder.run_with_input(&verify, input).status, 0);
    folder
        .run_with_input(&[&verify[..], &["--strict"]].concat(), input)
        .is_golden("audit-verify-strict");
}

#[test]
fn an_earlier_report_says_what_must_be_there() {
    let (folder, lines) = folder();
    let verify = [
        "audit",
        "verify",
        "--keys",
        "jwks.json",
        "--json",
        "events.ndjson",
    ];
    folder.write("known.json", &folder.run(&verify).stdout);
    let input = lines.get(..6).expect("a chain").join("\n");
    folder
        .run_with_input(
            &[
                "audit",
                "verify",
                "--keys",
                "jwks.json",
                "--known",
                "known.json",
            ],
            &input,
        )
        .is_golden("audit-verify-known");
}

#[test]
fn one_finding_about_many_events_is_one_line() {
    let (folder, lines) = folder();
    let others = folder.run(&["keys", "make", "--evidence", "--file", "others"]);
    assert_eq!(others.status, 0, "{others:?}");
    let keys = folder.run(&["keys", "public", "--evidence", "--file", "others"]);
    folder.write("others.json", &keys.stdout);
    folder
        .run_with_input(
            &["audit", "verify", "--keys", "others.json"],
            &lines.join("\n"),
        )
        .is_golden("audit-verify-other-keys");
}

#[test]
fn what_cannot_be_verified_has_status_2() {
    let (folder, _) = folder();
    for arguments in [
        &["audit", "verify", "events.ndjson"][..],
        &["audit", "verify", "--keys", "absent.json", "events.ndjson"],
        &[
            "audit",
            "verify",
            "--keys",
            "http://mcp.example.com/jwks.json",
            "events.ndjson",
        ],
        &["audit", "verify", "--keys", "jwks.json", "absent.ndjson"],
        &["audit", "verify", "--keys", "jwks.json", "mcp.toml"],
    ] {
        assert_eq!(folder.run(arguments).status, 2, "{arguments:?}");
    }
    let not_keys = folder.run(&[
        "audit",
        "verify",
        "--keys",
        "manifest.json",
        "events.ndjson",
    ]);
    assert_eq!(not_keys.status, 1, "{not_keys:?}");
}

#[test]
fn a_log_is_sealed_and_proves_what_it_has() {
    let (folder, lines) = folder();
    let made = folder.run(&[
        "audit",
        "key",
        "--origin",
        "logs.example.com/mcp",
        "--file",
        "log.key",
    ]);
    assert_eq!(made.status, 0, "{made:?}");
    folder.write("log.pub", &made.stdout);
    let seal = ["audit", "seal", "--log", "sealed", "--key", "log.key"];
    let first = lines.get(..6).expect("a chain").join("\n");
    folder.run_with_input(&seal, &first).is_golden("audit-seal");
    folder.write("monday", &folder.read("sealed/checkpoint"));
    let all = [&seal[..], &["events.ndjson"]].concat();
    folder.run(&all).is_golden("audit-seal-more");
    let id = format!("{:032x}", 3);
    let proof = folder.run(&[
        "audit",
        "prove",
        "inclusion",
        "--log",
        "sealed",
        "--id",
        &id,
    ]);
    folder.write("proof", &proof.stdout);
    folder.write("event", &lines[3]);
    folder.write("other", &lines[4]);
    let grown = folder.run(&[
        "audit",
        "prove",
        "consistency",
        "--log",
        "sealed",
        "--from",
        "monday",
    ]);
    folder.write("grown", &grown.stdout);
    for (arguments, status) in [
        (&["log", "--log", "sealed", "--key", "log.pub"][..], 0),
        (
            &["inclusion", "--key", "log.pub", "--event", "event", "proof"],
            0,
        ),
        (
            &["inclusion", "--key", "log.pub", "--event", "other", "proof"],
            1,
        ),
        (
            &[
                "consistency",
                "--key",
                "log.pub",
                "--from",
                "monday",
                "grown",
            ],
            0,
        ),
        (
            &[
                "consistency",
                "--key",
                "log.pub",
                "--from",
                "monday",
                "proof",
            ],
            1,
        ),
    ] {
        let checked = folder.run(&[&["audit", "check"], arguments].concat());
        assert_eq!(checked.status, status, "{arguments:?}: {checked:?}");
    }
}

#[test]
fn keys_of_evidence_are_made_rotated_and_published() {
    let (folder, _) = folder();
    for (step, golden) in [
        ("new", "keys-evidence-make"),
        ("add", "keys-evidence-add"),
        ("rotate", "keys-evidence-rotate"),
        ("retire", "keys-evidence-retire"),
    ] {
        folder
            .run(&["keys", step, "--evidence", "--file", "evidence"])
            .is_golden(golden);
    }
    let public = folder.run(&["keys", "public", "--evidence", "--file", "ring"]);
    assert_eq!(public.stdout.trim(), folder.read("jwks.json"));
    assert_eq!(folder.run(&["keys", "public", "--file", "ring"]).status, 2);
}
