//! `mcp-edge new`

use crate::commands::run::Folder;
use serde_json::Value;

#[test]
fn a_server_is_made_and_what_comes_next_is_said() {
    let folder = Folder::new();
    folder.run(&["new", "word-counts"]).is_golden("new");
    folder
        .run(&["new", "wordy", "--json"])
        .is_golden("new-json");
    assert!(
        folder
            .read("word-counts/Cargo.toml")
            .contains("\nmcp-edge = \"0.1\"\n")
    );
}

#[test]
fn its_configuration_is_public_where_it_is_developed_and_not_where_it_is_deployed() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["new", "word-counts"]).status, 0);
    let check = |options: &[&str]| {
        let of = ["check", "--config", "word-counts/mcp.toml"];
        folder.run(&[&of, &["--manifest", "manifest.json", "--strict"], options].concat())
    };
    let checked = check(&["--env", "dev"]);
    assert_eq!(checked.status, 0, "{checked:?}");
    assert!(checked.stdout.contains("dev: anyone\n"), "{checked:?}");
    for options in [&[][..], &["--env", "production"]] {
        let checked = check(options);
        assert_eq!(checked.status, 1, "{checked:?}");
        let warnings = checked.stdout.matches("warning:").count();
        assert_eq!(warnings, 1, "{checked:?}");
        let fix = "set public = true in [environments.production.access]";
        assert!(checked.stdout.contains(fix), "{checked:?}");
    }
}

#[test]
fn a_keyring_in_its_folder_is_kept_out_of_the_repository() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["new", "word-counts"]).status, 0);
    let ignored = folder.read("word-counts/.gitignore");
    let readme = folder.read("word-counts/README.md");
    assert!(readme.contains("mcp-edge keys make --file keys\n"));
    for secret in ["/keys", ".dev.vars*", ".mcp-edge"] {
        assert!(ignored.lines().any(|line| line == secret), "{secret}");
    }
}

#[test]
fn what_is_there_is_not_touched() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["new", "word-counts"]).status, 0);
    folder.write("word-counts/src/lib.rs", "mine");
    folder.run(&["new", "word-counts"]).is_golden("new-again");
    assert_eq!(folder.read("word-counts/src/lib.rs"), "mine");
}

#[test]
fn what_cannot_be_made_has_status_2() {
    let folder = Folder::new();
    folder.run(&["new", "Word_Counts"]).is_golden("new-name");
    folder.run(&["new", "test"]).is_golden("new-taken");
    folder
        .run(&["new", "word-counts", "--path", "nowhere", "--json"])
        .is_golden("new-no-checkout");
    assert!(!folder.path("word-counts").exists());
}

#[test]
fn a_server_on_a_checkout_depends_on_its_folder() {
    let folder = Folder::new();
    let checkout = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let ended = folder.run(&["new", "word-counts", "--path", checkout, "--json"]);
    let answer: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    assert_eq!(answer["folder"], "word-counts");
    let manifest: toml::Table = folder.read("word-counts/Cargo.toml").parse().expect("TOML");
    let path = manifest["dependencies"]["mcp-edge"]["path"].as_str();
    let package = std::path::Path::new(path.expect("a path")).join("Cargo.toml");
    assert!(package.is_absolute() && package.is_file());
}
