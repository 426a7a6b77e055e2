//! `mcp-edge card`

use serde_json::Value;

use crate::commands::run::{Ended, Folder};
use crate::commands::site::Site;

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
fn a_server_that_cannot_have_a_card_is_told_why() {
    let folder = Folder::new();
    let manifest = folder.read("manifest.json");
    folder.write(
        "manifest.json",
        &manifest.replace("com.example/fraud-rules", "fraud-rules"),
    );
    card(&folder, &[]).says(1, &["a Server Card needs a name with a namespace, as com.example/fraud-rules: letters, digits, `.`, `_`"]);

    let folder = Folder::new();
    folder.write("mcp.toml", "");
    card(&folder, &[]).says(2, &["a card needs server.url, the public URL of the endpoint; set it in mcp.toml, or hand it over with"]);
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

#[test]
fn a_server_is_compared_with_its_card() {
    let folder = Folder::new();
    let here: Value = serde_json::from_str(&card(&folder, &[]).stdout).expect("JSON");
    let site = Site::new();
    let url = format!("{}/mcp", site.origin);
    let check = |options: &[&str]| card(&folder, &[&["--compare", &url], options].concat());

    let missing = check(&[]);
    assert_eq!(missing.status, 1);
    let place = format!("there is no Server Card at {url}/server-card");
    assert!(missing.stderr.contains(&place), "{}", missing.stderr);

    site.has("/mcp/server-card", &here);
    let same = check(&[]);
    assert_eq!(same.status, 0, "{}", same.stderr);
    assert_eq!(same.stdout, "The server publishes this card.\n");

    let mut drifted = here.clone();
    drifted["version"] = "0.9.0".into();
    drifted["_meta"]["mcp-edge/manifest"]["digest"] = "another".into();
    site.has("/mcp/server-card", &drifted);
    let ended = check(&["--json"]);
    assert_eq!(ended.status, 1);
    let said: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    let differences = said["differences"].as_object().expect("an object");
    assert_eq!(differences.keys().collect::<Vec<_>>(), ["_meta", "version"]);
    assert_eq!(differences["version"]["here"], here["version"]);
    assert_eq!(differences["version"]["published"], "0.9.0");
    let ended = check(&[]);
    let line = format!("version: here {}, published \"0.9.0\"\n", here["version"]);
    assert!(ended.stdout.contains(&line), "{}", ended.stdout);

    // A server that is told its URL by its host has the one that it is found at.
    folder.write("mcp.toml", "");
    let at_site = card(&folder, &["--url", &url]);
    site.answers("/mcp/server-card", 200, &at_site.stdout);
    let ended = check(&[]);
    assert_eq!(ended.status, 0, "{}{}", ended.stdout, ended.stderr);

    site.answers("/mcp/server-card", 200, "no card");
    let ended = check(&[]);
    assert_eq!(ended.status, 1);
    assert!(
        ended.stderr.contains("is no Server Card"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_card_is_fetched_over_tls_or_from_this_machine() {
    let ended = card(&Folder::new(), &["--compare", "http://mcp.example.com/mcp"]);
    assert_eq!(ended.status, 1);
    assert!(ended.stderr.contains("https"), "{}", ended.stderr);
}
