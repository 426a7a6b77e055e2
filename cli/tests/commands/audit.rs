//! `mcp-edge audit`

use mcp_edge_audit::digest::sha256;

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
        "--signed-within",
        "5m",
        "events.ndjson",
    ];
    folder.run(&arguments).says(0, &["proven; signed up to the closing event of 2 chains; a missing chain is not provable without --expect-chains", "12 events in 2 chains, of which 2 complete."]);
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
        .says(1, &["contradicted; altered in 1 chain, gap in 1 chain", "event 4 (00000000000000000000000000000004): altered: its hash is not that of what is in it", "event 4: gap: events are missing", "1 line without an event"]);
    // The last of the second chain, so that its end is not signed.
    let input = folder.read("events.ndjson");
    let input = input.rsplit_once('\n').expect("lines").0;
    let verify = ["audit", "verify", "--keys", "jwks.json"];
    folder.run_with_input(&verify, input).says(
        3,
        &[
            "consistent; 2 of 2 chains signed",
            "events 3 to 4: unsigned tail: no signature covers them; later events could be missing",
        ],
    );
    // Cut behind the signature of the first three.
    let input = lines.get(..3).expect("a batch").join("\n");
    folder.run_with_input(&verify, &input).says(
        3,
        &["consistent; signed up to sequence 2 at 2026-09-21T14:13:24.000Z; end not provable"],
    );
    // An event that no chain holds, and one that a receiver cut.
    let whole = folder.read("events.ndjson");
    let (first, _) = whole.split_once('\n').expect("lines");
    let half = first.get(..first.len() / 2).expect("half a line");
    let forged = r#"{"event":"mcp.request","id":"1","outcome":"ok","principal":{"subject":"bob"},"version":3"#;
    let hash = sha256(format!("{forged}}}").as_bytes());
    let forged = format!("{forged},\"hash\":\"{hash}\"}}");
    folder
        .run_with_input(&verify, &format!("{whole}\n{half}\n{forged}"))
        .says(
            1,
            &[
                "contradicted; 1 damaged line, 1 forged event outside a chain",
                "event 1, in no chain: forged: ",
                "damaged: a line of 642 bytes holds an event that was cut off or damaged",
            ],
        );
}

#[test]
fn an_earlier_run_states_what_must_be_there() {
    let (folder, lines) = folder();
    let verify = ["audit", "verify", "--keys", "jwks.json"];
    let expect = [&verify[..], &["--expect-chains", "chains.json"]].concat();
    let write = [&verify[..], &["--write-chains", "chains.json"]].concat();
    let [monday, tuesday] = [3, 6].map(|end| lines.get(..end).expect("lines").join("\n"));
    // The file may be the one that is read.
    let both = [&expect[..], &["--write-chains", "chains.json"]].concat();

    assert_eq!(folder.run_with_input(&write, &monday).status, 3);
    assert_eq!(folder.run_with_input(&expect, &monday).status, 0);
    assert_eq!(folder.run_with_input(&both, &tuesday).status, 0);
    let written = folder.read("chains.json");
    assert!(written.contains("\"last\": 5"), "{written}");

    let cut = folder.run_with_input(&both, &monday);
    assert_eq!(cut.status, 1, "{cut:?}");
    assert!(cut.stdout.contains("chains.json is not written"), "{cut:?}");
    assert_eq!(folder.read("chains.json"), written);

    folder.run(&[&write[..], &["events.ndjson"]].concat());
    folder.run_with_input(&expect, &tuesday).says(
        1,
        &[
            "contradicted; 1 missing chain",
            "missing chain: 02020202020202020202020202020202, which --expect-chains has",
        ],
    );
}

#[test]
fn a_time_is_an_end_that_the_caller_states() {
    let (folder, lines) = folder();
    let verify = |until: &str, lines: usize| {
        let input = lines_of(&folder, lines);
        let arguments = ["audit", "verify", "--keys", "jwks.json", "--until", until];
        folder.run_with_input(&arguments, &input)
    };
    verify("2026-09-21T14:13:22Z", 3).says(
        0,
        &["proven; signed up to 2026-09-21T14:13:22.000Z of 1 chain"],
    );
    assert_eq!(verify("2026-09-21T14:13:23Z", 3).status, 3);
    // The chain is closed.
    assert_eq!(verify("2026-09-22T00:00:00Z", 6).status, 0);
    assert_eq!(verify("tomorrow", lines.len()).status, 2);
}

fn lines_of(folder: &Folder, count: usize) -> String {
    let text = folder.read("events.ndjson");
    text.lines().take(count).collect::<Vec<_>>().join("\n")
}

#[test]
fn without_keys_the_status_is_never_0() {
    let (folder, _) = folder();
    let keys = ["audit", "verify", "--keys", "jwks.json", "events.ndjson"];
    let with_keys = [&keys[..], &["--write-chains", "chains.json"]].concat();
    assert_eq!(folder.run(&with_keys).status, 0);
    let verify = ["audit", "verify", "--no-keys", "events.ndjson"];
    folder.run(&verify).says(
        3,
        &["consistent; no signature was checked; end of 2 chains not provable"],
    );
    for more in [
        ["--until", "2026-09-21T14:13:21Z"],
        ["--expect-chains", "chains.json"],
    ] {
        let ended = folder.run(&[&verify[..], &more].concat());
        assert_eq!(ended.status, 3, "{ended:?}");
    }
}

#[test]
fn one_finding_about_many_events_is_one_line() {
    let (folder, lines) = folder();
    let others = folder.run(&["keys", "generate", "--audit", "--file", "others"]);
    assert_eq!(others.status, 0, "{others:?}");
    let keys = folder.run(&["keys", "public", "--audit", "--file", "others"]);
    folder.write("others.json", &keys.stdout);
    folder
        .run_with_input(
            &["audit", "verify", "--keys", "others.json"],
            &lines.join("\n"),
        )
        .says(
            1,
            &[
                "contradicted; unknown key in 2 chains",
                "unknown key: its seal's key `e2` is not among those given",
            ],
        );
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
        &[
            "audit",
            "verify",
            "--keys",
            "manifest.json",
            "events.ndjson",
        ],
        &[
            "audit",
            "verify",
            "--keys",
            "jwks.json",
            "--receipt",
            "jwks.json",
            "events.ndjson",
        ],
        &[
            "audit",
            "verify",
            "--keys",
            "jwks.json",
            "--expect-chains",
            "jwks.json",
            "events.ndjson",
        ],
        &[
            "audit",
            "verify",
            "--keys",
            "jwks.json",
            "--after",
            "absent.json",
            "events.ndjson",
        ],
        &[
            "audit",
            "verify",
            "--keys",
            "jwks.json",
            "--write-chains",
            "absent/chains",
            "events.ndjson",
        ],
        &[
            "audit",
            "verify",
            "--no-keys",
            "--write-chains",
            "chains.json",
            "events.ndjson",
        ],
    ] {
        assert_eq!(folder.run(arguments).status, 2, "{arguments:?}");
    }
}

#[test]
fn a_log_is_sealed_and_proves_what_it_has() {
    let (folder, lines) = folder();
    let made = folder.run(&[
        "audit",
        "generate-key",
        "--origin",
        "logs.example.com/mcp",
        "--file",
        "log.key",
    ]);
    assert_eq!(made.status, 0, "{made:?}");
    folder.write("log.pub", &made.stdout);
    let seal = ["audit", "append", "--log", "sealed", "--key", "log.key"];
    let first = lines.get(..6).expect("a chain").join("\n");
    folder.run_with_input(&seal, &first).says(
        0,
        &["6 events added, 0 were there already; the log has 6 entries."],
    );
    folder.write("monday", &folder.read("sealed/checkpoint"));
    let all = [&seal[..], &["events.ndjson"]].concat();
    folder.run(&all).says(
        0,
        &["6 events added, 6 were there already; the log has 12 entries."],
    );
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
fn audit_signing_keys_are_made_rotated_and_published() {
    let (folder, _) = folder();
    let refused = "an audit signing key that has signed is public already, and stays so";
    for (step, status, sentence) in [
        ("generate", 0, "No rotation is under way: e1 signs."),
        (
            "add",
            0,
            "Step 1 of 2 of a rotation: e1 signs, e2 is published already.",
        ),
        ("rotate", 0, "No rotation is under way: e2 signs."),
        ("retire", 1, refused),
    ] {
        folder
            .run(&["keys", step, "--audit", "--file", "evidence"])
            .says(status, &[sentence]);
    }
    let public = folder.run(&["keys", "public", "--audit", "--file", "ring"]);
    assert_eq!(public.stdout.trim(), folder.read("jwks.json"));
    assert_eq!(folder.run(&["keys", "public", "--file", "ring"]).status, 2);
}
