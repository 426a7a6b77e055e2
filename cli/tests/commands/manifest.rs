//! `mcp-edge manifest`

use crate::commands::run::Folder;
use crate::commands::site::Site;
use serde_json::Value;

#[test]
fn a_manifest_is_canonical_and_has_its_digest() {
    let folder = Folder::new();
    folder
        .run(&["manifest", "show", "--manifest", "manifest.json"])
        .is_golden("manifest-show");
}

#[test]
fn approved_tools_are_seen_and_changed_ones_are_not() {
    let folder = Folder::new();
    let approved = folder.run(&["manifest", "approve", "--manifest", "manifest.json"]);
    approved.is_golden("manifest-approve");
    let configuration = folder.read("mcp.toml");
    folder.write("mcp.toml", &format!("{configuration}\n{}", approved.stdout));

    let check = |folder: &Folder| folder.run(&["check", "--manifest", "manifest.json"]);
    assert!(!check(&folder).stdout.contains("approvals.tools"));
    let manifest = folder.read("manifest.json");
    folder.write(
        "manifest.json",
        &manifest.replace("Deletes a rule.", "Deletes every rule."),
    );
    let checked = check(&folder).stdout;
    assert!(
        checked.contains("the tool `delete_rule` is not what approvals.tools names"),
        "{checked}"
    );
}

#[test]
fn what_changed_is_said_in_words() {
    let folder = Folder::new();
    let old = folder.run(&["manifest", "show", "--manifest", "manifest.json"]);
    folder.write("old.json", &old.stdout);
    let same = folder.run(&["manifest", "diff", "old.json", "old.json"]);
    assert_eq!(
        (same.status, same.stdout.as_str()),
        (0, "Nothing changed.\n")
    );

    let manifest = folder.read("manifest.json");
    folder.write(
        "manifest.json",
        &manifest.replace("Deletes a rule.", "Deletes every rule."),
    );
    let new = folder.run(&["manifest", "show", "--manifest", "manifest.json"]);
    let diff = ["manifest", "diff", "old.json", "-"];
    folder.run_with_input(&diff, &new.stdout).says(
        1,
        &["tool delete_rule\n  description was \"Deletes a rule.\" and is \"Deletes every rule.\""],
    );
    let json = [&["--json"][..], &diff].concat();
    folder
        .run_with_input(&json, &new.stdout)
        .is_golden("manifest-diff-json");
    let open = folder.run(&[
        "manifest",
        "diff",
        "old.json",
        "http://mcp.example.com/mcp/manifest",
    ]);
    assert_eq!(open.status, 2);
    assert!(
        open.stderr.contains("must begin with https://"),
        "{}",
        open.stderr
    );
    let both = folder.run(&["manifest", "diff", "-", "-"]);
    assert_eq!(both.status, 2);
    let none = folder.run_with_input(&diff, "no manifest");
    assert_eq!(none.status, 2);
}

/// What the runtime signs, with the key that its own test has.
#[test]
fn a_signed_manifest_is_verified() {
    const SIGNED: &str = include_str!("../../../mcp-edge/tests/golden/manifest.jws");
    let keys = concat!(
        r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"e1","#,
        r#""x":"V4LNcgHQASDRjMathGWNcfZPMdPon3_Cs9g1tdeM3c8"}]}"#
    );
    let folder = Folder::new();
    folder.write("keys.json", keys);
    let verify = |folder: &Folder| {
        folder.run(&["manifest", "verify", "manifest.jws", "--keys", "keys.json"])
    };
    folder.write("manifest.jws", SIGNED);
    let good = verify(&folder);
    assert_eq!(
        (good.status, good.stdout.as_str()),
        (0, "signed with the key `e1`\n")
    );

    let (signed, signature) = SIGNED.rsplit_once('.').expect("a signature");
    let (header, payload) = signed.split_once('.').expect("a payload");
    let other = payload.replacen('e', "f", 1);
    for bad in [
        format!("{header}.{other}.{signature}"),
        format!("{header}.{payload}."),
        format!("{payload}.{payload}.{signature}"),
        "not a manifest".to_owned(),
    ] {
        folder.write("manifest.jws", &bad);
        assert_eq!(verify(&folder).status, 1, "{bad}");
    }
}

const TOKEN: &str = "not-a-token.but-it-looks-like-one.0123456789";

#[test]
fn a_guarded_manifest_is_read_with_a_token() {
    let folder = Folder::new();
    let old = folder.run(&["manifest", "show", "--manifest", "manifest.json"]);
    folder.write("old.json", &old.stdout);
    folder.write("token", &format!("Bearer {TOKEN}\n"));
    let manifest: Value = serde_json::from_str(&old.stdout).expect("JSON");
    let site = Site::new();
    site.guards("/mcp/manifest", TOKEN, &manifest);
    let url = format!("{}/mcp/manifest", site.origin);
    let diff = ["manifest", "diff", "old.json", &url];

    let without = folder.run(&diff);
    assert_eq!(without.status, 2);
    for word in ["401", "--token-file", "MCP_EDGE_TOKEN"] {
        assert!(without.stderr.contains(word), "{}", without.stderr);
    }
    let with_file = |file| [&diff[..], &["--token-file", file]].concat();
    let from_file = folder.run(&with_file("token"));
    let from_input = folder.run_with_input(&with_file("-"), TOKEN);
    let from_variable = folder.run_with(&diff, "", &[("MCP_EDGE_TOKEN", TOKEN)]);
    for ended in [from_file, from_input, from_variable] {
        assert_eq!(
            (ended.status, ended.stdout.as_str()),
            (0, "Nothing changed.\n"),
            "{ended:?}"
        );
    }
    let other = folder.run_with_input(&with_file("-"), "planted-value");
    assert_eq!(other.status, 2);
    assert!(other.stderr.contains("does not accept"), "{}", other.stderr);
    assert!(!other.stderr.contains("planted-value"), "{}", other.stderr);
    let empty = folder.run(&with_file("-"));
    assert_eq!(empty.status, 2);
    assert!(
        empty.stderr.contains("standard input is empty"),
        "{empty:?}"
    );
    let both = folder.run_with_input(
        &["manifest", "diff", "-", &url, "--token-file", "-"],
        &old.stdout,
    );
    assert_eq!(both.status, 2);
}

#[test]
fn a_token_goes_to_one_server() {
    let folder = Folder::new();
    let (site, other) = (Site::new(), Site::new());
    for site in [&site, &other] {
        site.has("/mcp/manifest", &serde_json::json!({ "name": "a" }));
        site.has("/jwks.json", &serde_json::json!({ "keys": [] }));
    }
    let url = |site: &Site| format!("{}/mcp/manifest", site.origin);
    let token = [("MCP_EDGE_TOKEN", TOKEN)];
    let ended = folder.run_with(&["manifest", "diff", &url(&site), &url(&other)], "", &token);
    assert_eq!(ended.status, 2);
    assert!(ended.stderr.contains("for one server"), "{ended:?}");
    assert_eq!(site.shown("/mcp/manifest"), [""; 0]);

    let keys = format!("{}/jwks.json", other.origin);
    folder.run_with(
        &["manifest", "verify", &url(&site), "--keys", &keys],
        "",
        &token,
    );
    assert_eq!(site.shown("/mcp/manifest"), [format!("Bearer {TOKEN}")]);
    assert_eq!(other.shown("/jwks.json"), [""; 0]);
}

#[test]
fn approval_is_written_into_the_file_any_number_of_times() {
    let folder = Folder::new();
    let before = folder.read("mcp.toml");
    let approve = [
        "manifest",
        "approve",
        "--manifest",
        "manifest.json",
        "--write",
    ];
    folder.run(&approve).says(0, &["Written into mcp.toml."]);
    let once = folder.read("mcp.toml");
    assert!(once.starts_with(&before), "{once}");
    folder
        .run(&approve)
        .says(0, &["mcp.toml approves these tools already."]);
    assert_eq!(folder.read("mcp.toml"), once);

    let manifest = folder.read("manifest.json");
    folder.write(
        "manifest.json",
        &manifest.replace("Deletes a rule.", "Deletes every rule."),
    );
    let checked = folder.run(&["check", "--manifest", "manifest.json"]).stdout;
    assert!(checked.contains("approvals.tools"), "{checked}");
    assert_eq!(folder.run(&approve).status, 0);
    let checked = folder.run(&["check", "--manifest", "manifest.json"]).stdout;
    assert!(!checked.contains("approvals.tools"), "{checked}");
    assert_eq!(
        folder.read("mcp.toml").lines().count(),
        once.lines().count()
    );
}

#[cfg(unix)]
#[test]
fn approval_is_not_appended_to_the_file() {
    let folder = Folder::new();
    let before = folder.read("mcp.toml");
    let file = std::fs::File::options()
        .append(true)
        .open(folder.path("mcp.toml"))
        .expect("a file");
    let output = folder
        .command(&["manifest", "approve", "--manifest", "manifest.json"])
        .stdout(file)
        .output()
        .expect("the program");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("--write"), "{said}");
    assert_eq!(folder.read("mcp.toml"), before);
}
