//! What `--help` says.

use crate::commands::run::Folder;

#[test]
fn every_command_explains_itself() {
    let folder = Folder::new();
    for (name, arguments) in [
        ("help", &[][..]),
        ("help-audit", &["audit"]),
        ("help-audit-verify", &["audit", "verify"]),
        ("help-audit-append", &["audit", "append"]),
        ("help-card", &["card"]),
        ("help-check", &["check"]),
        ("help-connect", &["connect"]),
        ("help-completions", &["completions"]),
        ("help-doctor", &["doctor"]),
        ("help-explain", &["explain"]),
        ("help-keys", &["keys"]),
        ("help-keys-generate", &["keys", "generate"]),
        ("help-keys-rotate", &["keys", "rotate"]),
        ("help-manifest", &["manifest"]),
        ("help-manifest-diff", &["manifest", "diff"]),
        ("help-new", &["new"]),
        ("help-token", &["token"]),
    ] {
        folder
            .run(&[arguments, &["--help"]].concat())
            .is_golden(name);
    }
}

#[test]
fn a_command_line_that_is_none_has_status_2() {
    for arguments in [&["chek"][..], &[], &["keys", "show"], &["explain"]] {
        assert_eq!(Folder::new().run(arguments).status, 2, "{arguments:?}");
    }
}

#[test]
fn where_there_is_no_terminal_there_are_no_colours() {
    let folder = Folder::new();
    let checked = folder.run(&["check", "--manifest", "manifest.json"]);
    let refused = folder.run(&["explain", "opaque"]);
    for text in [checked.stdout, refused.stdout] {
        assert!(!text.contains('\u{1b}'), "{text}");
    }
}
