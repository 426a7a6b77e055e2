//! `mcp-edge manifest`

use crate::commands::run::Folder;

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
    assert!(!check(&folder).stdout.contains("manifest.approved"));
    let manifest = folder.read("manifest.json");
    folder.write(
        "manifest.json",
        &manifest.replace("Deletes a rule.", "Deletes every rule."),
    );
    let checked = check(&folder).stdout;
    assert!(
        checked.contains("the tool `delete_rule` is not what manifest.approved names"),
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
    folder
        .run_with_input(&diff, &new.stdout)
        .is_golden("manifest-diff");
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
fn a_signature_is_worth_something() {
    const SIGNED: &str = include_str!("../../../mcp-edge/tests/golden/manifest.jws");
    let keys = concat!(
        r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"e1","#,
        r#""x":"WZeyDQW9HYOHqtEP0bDl5pXLj2uUnE_1vpA2utsrZGI"}]}"#
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
