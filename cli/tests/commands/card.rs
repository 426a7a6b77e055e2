//! `mcp-edge card`

use serde_json::Value;

use crate::run::{Ended, Folder};

fn card(folder: &Folder, options: &[&str]) -> Ended {
    folder.run(&[&["card", "--manifest", "manifest.json"], options].concat())
}

#[test]
fn the_documents_are_what_they_were() {
    let folder = Folder::new();
    card(&folder, &[]).is_golden("card");
    card(&folder, &["--catalog"]).is_golden("card-catalog");
    card(&folder, &["--server-json"]).is_golden("card-server-json");
}

#[test]
fn nothing_private_is_in_the_digest() {
    let folder = Folder::new();
    let digest = |ended: Ended| {
        let card: Value = serde_json::from_str(&ended.stdout).expect("JSON");
        card["_meta"]["mcp-edge/manifest"]["digest"].clone()
    };
    let before = digest(card(&folder, &["--json"]));
    let manifest = folder.read("manifest.json");
    let changed = manifest.replace("Deletes a rule.", "Deletes every rule.");
    assert_ne!(changed, manifest);
    folder.write("manifest.json", &changed);
    assert_eq!(digest(card(&folder, &["--json"])), before);
}

#[test]
fn whoever_cannot_have_a_card_hears_why() {
    let folder = Folder::new();
    let manifest = folder.read("manifest.json");
    folder.write(
        "manifest.json",
        &manifest.replace("com.example/fraud-rules", "fraud-rules"),
    );
    card(&folder, &[]).is_golden("card-no-namespace");

    let folder = Folder::new();
    folder.write("mcp.toml", "");
    card(&folder, &[]).is_golden("card-no-url");
    let with = card(&folder, &["--url", "http://127.0.0.1:8080/mcp", "--json"]);
    assert_eq!(with.status, 0, "{}", with.stderr);
    assert!(with.stdout.contains("http://127.0.0.1:8080/mcp/manifest"));

    let ended = card(&folder, &["--url", "ftp://127.0.0.1/mcp"]);
    assert_eq!(ended.status, 1);
    assert!(ended.stderr.contains("remotes[0].url"), "{}", ended.stderr);

    folder.write("mcp.toml", "[card]\npublish = false");
    let ended = card(&folder, &["--url", "http://127.0.0.1:8080/mcp"]);
    assert_eq!(ended.status, 1);
    assert!(ended.stderr.contains("publish = false"), "{}", ended.stderr);
}
