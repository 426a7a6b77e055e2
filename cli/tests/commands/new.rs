//! `mcp-edge new`

use crate::commands::run::{Ended, Folder};
use serde_json::Value;

const CHECKOUT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const REPOSITORY: &str = "https://git.example.com/mcp-edge";

/// Makes the server `word-counts`.
fn make(folder: &Folder, options: &[&str]) -> Ended {
    folder.run(&[&["new", "word-counts", "--git", REPOSITORY], options].concat())
}

#[test]
fn a_server_is_made_and_what_comes_next_is_said() {
    let folder = Folder::new();
    make(&folder, &[]).says(
        0,
        &[
            "word-counts is a server with one tool and one test.",
            "$ mcp-edge dev",
        ],
    );
    folder
        .run(&[
            "new", "wordy", "--git", REPOSITORY, "--rev", "v0.1", "--json",
        ])
        .is_golden("new-json");
    let files = ["Cargo.toml", ".github/workflows/ci.yml", "README.md"];
    for file in files.map(|file| folder.read(&format!("wordy/{file}"))) {
        assert!(file.contains(REPOSITORY) && file.contains("v0.1"), "{file}");
    }
}

/// There is no release, and an attacker can register the name that it would have.
#[test]
fn what_the_server_is_built_on_must_be_named() {
    let folder = Folder::new();
    folder
        .run(&["new", "word-counts"])
        .says(2, &["there is no release of mcp-edge yet; name what the server is built on: a checkout with --path DIR,"]);
    let both = [
        "new",
        "word-counts",
        "--git",
        REPOSITORY,
        "--path",
        CHECKOUT,
    ];
    let secret = "https://me:planted-value@git.example.com/mcp-edge";
    let with_secret = ["new", "word-counts", "--git", secret];
    let revision_alone = ["new", "word-counts", "--path", CHECKOUT, "--rev", "v0.1"];
    for arguments in [&both[..], &with_secret, &revision_alone] {
        let ended = folder.run(arguments);
        assert_eq!(ended.status, 2, "{ended:?}");
        assert!(!ended.stderr.contains("planted-value"), "{ended:?}");
    }
    assert!(!folder.path("word-counts").exists());
}

#[test]
fn its_configuration_is_public_where_it_is_developed_and_not_where_it_is_deployed() {
    let folder = Folder::new();
    assert_eq!(make(&folder, &[]).status, 0);
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
    assert_eq!(make(&folder, &[]).status, 0);
    let ignored = folder.read("word-counts/.gitignore");
    let readme = folder.read("word-counts/README.md");
    assert!(readme.contains("mcp-edge keys generate --file keys\n"));
    for secret in ["/keys", ".dev.vars*", ".mcp-edge"] {
        assert!(ignored.lines().any(|line| line == secret), "{secret}");
    }
}

#[test]
fn what_is_there_is_not_touched() {
    let folder = Folder::new();
    assert_eq!(make(&folder, &[]).status, 0);
    folder.write("word-counts/src/lib.rs", "mine");
    make(&folder, &[]).says(2, &["word-counts is there already, and nothing in it is overwritten; choose another name, or move it away"]);
    assert_eq!(folder.read("word-counts/src/lib.rs"), "mine");
}

#[test]
fn what_cannot_be_made_has_status_2() {
    let folder = Folder::new();
    folder.run(&["new", "Word_Counts"]).says(2, &["`Word_Counts` cannot name a package, a Worker and a component of Spin; use words of lower-case"]);
    folder.run(&["new", "test"]).says(
        2,
        &["`test` means something else to Rust or to cargo; add a word, as in `test-server`"],
    );
    folder
        .run(&["new", "word-counts", "--path", "nowhere", "--json"])
        .says(2, &["nowhere is not a checkout of mcp-edge: it has no mcp-edge/Cargo.toml; name the folder of the"]);
    assert!(!folder.path("word-counts").exists());
}

#[test]
fn a_server_on_a_checkout_names_the_way_to_it() {
    let folder = Folder::new();
    let ended = folder.run(&["new", "word-counts", "--path", CHECKOUT, "--json"]);
    let answer: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    assert_eq!(answer["folder"], "word-counts");
    let manifest: toml::Table = folder.read("word-counts/Cargo.toml").parse().expect("TOML");
    let path = manifest["dependencies"]["mcp-edge"]["path"].as_str();
    let path = std::path::Path::new(path.expect("a path"));
    assert!(path.is_relative(), "{}", path.display());
    let server = folder.path("word-counts").canonicalize().expect("a folder");
    assert!(server.join(path).join("Cargo.toml").is_file());
}
