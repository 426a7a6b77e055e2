//! Text from outside changes no terminal: what cannot be seen is printed as an escape.

use std::time::SystemTime;

use crate::commands::run::{Ended, Folder};
use mcp_edge_cli::development::{FOLDER, Grant, Issuer};

/// Turns the direction of writing, is not seen, is a tag, and clears the screen.
const HOSTILE: &str = "a\u{202e}b\u{200b}c\u{e0041}d\u{1b}[2J";
const SHOWN: &str = "a\\u{202e}b\\u{200b}c\\u{e0041}d\\u{1b}[2J";
/// The same as JSON.
const SHOWN_JSON: &str = "a\\u202eb\\u200bc\\udb40\\udc41d\\u001b[2J";

#[track_caller]
fn shows(ended: &Ended, shown: &str) {
    let said = format!("{}{}", ended.stdout, ended.stderr);
    for invisible in ['\u{202e}', '\u{200b}', '\u{e0041}', '\u{1b}'] {
        assert!(!said.contains(invisible), "{said:?}");
    }
    assert!(said.contains(shown), "{said}");
}

#[test]
fn a_token_is_explained_visibly() {
    let folder = Folder::new();
    let issuer = Issuer::in_folder(&folder.path(FOLDER)).expect("an issuer");
    let grant = Grant {
        subject: HOSTILE.to_owned(),
        ..Grant::to("http://127.0.0.1:8787/mcp")
    };
    let token = issuer.issue(&grant, SystemTime::now()).expect("a token");
    let explain = ["explain", "-", "--env", "dev"];
    shows(&folder.run_with_input(&explain, &token), SHOWN);
    let explain = ["explain", "-", "--env", "dev", "--json"];
    shows(&folder.run_with_input(&explain, &token), SHOWN_JSON);
}

#[test]
fn a_log_is_verified_visibly() {
    let folder = Folder::new();
    let chain = serde_json::json!({ "id": HOSTILE, "sequence": 7 });
    let event = serde_json::json!({
        "chain": chain, "event": "mcp.request", "hash": "0".repeat(64), "id": HOSTILE,
        "time": "2026-09-21T14:13:20Z", "version": 3,
    });
    let log = event.to_string();
    let verify = ["audit", "verify", "--no-keys"];
    shows(&folder.run_with_input(&verify, &log), SHOWN);
    let verify = ["audit", "verify", "--no-keys", "--json"];
    shows(&folder.run_with_input(&verify, &log), SHOWN_JSON);
}

#[test]
fn mistakes_in_a_configuration_are_visible() {
    let folder = Folder::new();
    let hostile = "a\u{202e}b\u{200b}c\u{e0041}d";
    folder.write("mcp.toml", &format!("[\"{hostile}\"]\n"));
    shows(&folder.run(&["check"]), "a\\u{202e}b\\u{200b}c\\u{e0041}d");
}
