//! What `--help` says.

use crate::commands::run::Folder;

#[test]
fn help_is_on_standard_output() {
    let folder = Folder::new();
    for arguments in [&["--help"][..], &["audit", "verify", "--help"]] {
        let help = folder.run(arguments);
        assert_eq!(help.status, 0, "{help:?}");
        assert!(help.stdout.contains("\nUsage: mcp-edge "), "{help:?}");
        assert!(help.stderr.is_empty(), "{help:?}");
    }
    folder
        .run(&["--help"])
        .says(0, &["Exit status:\n  0  done"]);
}

#[test]
fn an_invalid_command_line_has_status_2() {
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
