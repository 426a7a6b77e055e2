//! `mcp-edge keys`

use crate::commands::run::Folder;

/// No keys that anybody uses: SHA-256 of no bytes, and of `abc`.
const KEY: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
const OTHER: &str = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";

#[test]
fn a_keyring_is_made_and_rotated() {
    let folder = Folder::new();
    folder.run(&["keys", "generate", "--file", "keys"]).says(
        0,
        &[
            "No rotation is under way: k1 signs, and there is no other key.",
            "`mcp-edge keys add --file keys`",
        ],
    );
    folder.run(&["keys", "add", "--file", "keys"]).says(
        0,
        &[
            "Step 1 of 3 of a rotation: k1 signs, k2 verifies already.",
            "`mcp-edge keys rotate --file keys`",
        ],
    );
    folder.run(&["keys", "rotate", "--file", "keys"]).says(
        0,
        &[
            "Step 2 of 3 of a rotation: k2 signs, k1 still verifies.",
            "`mcp-edge keys retire --file keys`",
        ],
    );
    folder.run(&["keys", "show", "--file", "keys"]).says(
        0,
        &["Step 2 of 3 of a rotation: k2 signs, k1 still verifies."],
    );
    folder.run(&["keys", "retire", "--file", "keys"]).says(
        0,
        &["No rotation is under way: k2 signs, and there is no other key."],
    );
    let left = folder.read("keys");
    assert!(
        left.starts_with("k2:sign:") && left.lines().count() == 1,
        "one key"
    );
}

#[test]
fn keys_are_shown_only_on_request() {
    let folder = Folder::new();
    folder.write("keys", &format!("k1:sign:{KEY}\n"));
    let steps = [
        &["keys", "show", "--file", "keys"][..],
        &["keys", "add", "--file", "keys"],
        &["keys", "rotate", "--file", "keys", "--json"],
        &["keys", "retire", "--file", "keys"],
    ];
    for step in steps {
        let ended = folder.run(step);
        assert_eq!(ended.status, 0, "{step:?}");
        let said = ended.stdout + &ended.stderr;
        assert!(!said.contains(KEY.trim_end_matches('=')), "{step:?}");
        for line in folder.read("keys").lines() {
            let key = line.rsplit(':').next().expect("a key");
            assert!(!said.contains(key), "{step:?}");
        }
    }
}

#[test]
fn a_printed_keyring_has_standard_output_for_itself() {
    let folder = Folder::new();
    let input = format!("k1:sign:{KEY}, k0:old:{OTHER}");
    let ended = folder.run_with_input(&["keys", "retire", "--file", "-", "--print"], &input);
    assert_eq!(
        (ended.status, ended.stdout),
        (0, format!("k1:sign:{KEY}\n"))
    );
    assert!(
        ended.stderr.contains("No rotation is under way"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_file_of_variables_keeps_the_others() {
    let folder = Folder::new();
    folder.write(".dev.vars", "TOKEN=abc\n");
    let made = folder.run(&["keys", "generate", "--file", ".dev.vars"]);
    assert_eq!(made.status, 0, "{made:?}");
    let text = folder.read(".dev.vars");
    assert!(
        text.starts_with("TOKEN=abc\nMCP_EDGE_KEYS=k1:sign:"),
        "both lines"
    );
    assert_eq!(
        folder.run(&["keys", "add", "--file", ".dev.vars"]).status,
        0
    );
    assert_eq!(folder.read(".dev.vars").lines().count(), 2);
}

#[cfg(unix)]
#[test]
fn only_its_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    folder.run(&["keys", "generate", "--file", "keys"]);
    let metadata = std::fs::metadata(folder.path("keys")).expect("a file");
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_read_is_not_used_without_a_word() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let path = folder.path("keys");
    let keyring = |mode: u32| {
        folder.write("keys", &format!("k1:sign:{KEY}\n"));
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(&path, permissions).expect("a file");
    };
    for mode in [0o644, 0o640, 0o604] {
        keyring(mode);
        let ended = folder.run(&["keys", "show", "--file", "keys"]);
        assert_eq!(ended.status, 0, "{ended:?}");
        let sentence = "warning: others on this machine can read keys; run: chmod 600 keys";
        assert!(ended.stdout.contains(sentence), "{ended:?}");

        let ended = folder.run(&["keys", "add", "--file", "keys"]);
        assert!(ended.stdout.contains("replace every key"), "{ended:?}");
        let metadata = std::fs::metadata(&path).expect("a file");
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    }
    keyring(0o600);
    let ended = folder.run(&["keys", "show", "--file", "keys"]);
    assert!(!ended.stdout.contains("warning"), "{ended:?}");

    for (mode, step) in [(0o646, "show"), (0o646, "add"), (0o620, "show")] {
        keyring(mode);
        let ended = folder.run(&["keys", step, "--file", "keys"]);
        assert_eq!(ended.status, 1, "{ended:?}");
        assert!(
            ended
                .stderr
                .contains("other users of this machine can write keys"),
            "{ended:?}"
        );
    }
    assert_eq!(folder.read("keys"), format!("k1:sign:{KEY}\n"));
}

#[test]
fn a_keyring_that_can_be_guessed_is_refused() {
    let folder = Folder::new();
    folder.write("keys", &format!("k1:sign:{}\n", "A".repeat(43)));
    for step in ["show", "add"] {
        let ended = folder.run(&["keys", step, "--file", "keys"]);
        assert_eq!(ended.status, 1, "{ended:?}");
        assert!(
            ended.stderr.contains("key `k1` can be guessed"),
            "{ended:?}"
        );
    }
}

#[test]
fn a_step_that_does_not_fit_changes_nothing() {
    let folder = Folder::new();
    let keyring = format!("k1:sign:{KEY}\n");
    folder.write("keys", &keyring);
    folder
        .run(&["keys", "generate", "--file", "keys"])
        .says(1, &["there is a keyring already; `mcp-edge keys add` begins its rotation. With another keyring no token"]);
    folder
        .run(&["keys", "rotate", "--file", "keys"])
        .says(1, &["no key is at stage `next`; add one with `mcp-edge keys add`, deploy it to every instance, and"]);
    folder
        .run(&["keys", "retire", "--file", "keys", "--json"])
        .says(1, &["no key is at stage `old`; a key gets there when another takes its place with `mcp-edge keys rotate`"]);
    assert_eq!(folder.read("keys"), keyring);
}

#[test]
fn an_invalid_keyring_is_not_shown() {
    let folder = Folder::new();
    let misplaced = "misplaced0123456789abcdefghijklmnopqrstuvwxyz";
    for text in [
        misplaced,
        &format!("{misplaced}:sign:k1"),
        &format!("k1:{misplaced}:sign"),
    ] {
        folder.write("keys", text);
        let ended = folder.run(&["keys", "show", "--file", "keys"]);
        assert_eq!(ended.status, 1, "{text}");
        assert!(!format!("{ended:?}").contains(misplaced), "{ended:?}");
    }
}

#[test]
fn a_missing_file_is_reported_as_missing() {
    let folder = Folder::new();
    for step in ["show", "add", "rotate", "retire", "public"] {
        let ended = folder.run(&["keys", step, "--audit", "--file", "nope"]);
        assert_eq!(ended.status, 2, "{ended:?}");
        assert!(ended.stderr.contains("there is no file nope"), "{ended:?}");
        assert!(!folder.path("nope").exists());
    }
    folder
        .run(&["keys", "show", "--file", "nope"])
        .says(2, &["there is no file nope; name the file with the keyring, or make one with `mcp-edge keys generate --file nope`"]);
    let empty = folder.run(&["keys", "show", "--file", "-"]);
    assert_eq!(empty.status, 2, "{empty:?}");
    assert!(
        empty.stderr.contains("standard input is empty"),
        "{empty:?}"
    );
}
