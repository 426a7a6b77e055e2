//! The published vectors of resumption tokens, against the codec.
//!
//! `MCP_EDGE_BLESS=1 cargo test -p mcp-edge-runtime --test all the_file_is` rewrites them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    missing_docs,
    unreachable_pub
)]

mod cases;
mod check;
mod craft;
mod file;
mod fixtures;

#[test]
fn the_file_is_what_the_cases_make() {
    let made = cases::all();
    if std::env::var_os("MCP_EDGE_BLESS").is_some() {
        let text = serde_json::to_string_pretty(&made).unwrap() + "\n";
        std::fs::write(file::path(), text).unwrap();
    }
    assert!(
        file::read() == made,
        "the vectors are not what this code makes; see this file's first lines"
    );
}

#[test]
fn the_codec_mints_what_the_file_says() {
    let vectors = file::read();
    for case in &vectors.mint {
        let minted = check::mint(&vectors, case);
        assert_eq!(minted.as_ref(), Ok(&case.token), "{}", case.name);
    }
}

#[test]
fn the_codec_opens_and_refuses_what_the_file_says() {
    let vectors = file::read();
    for case in &vectors.open {
        assert_eq!(
            check::open(&vectors, case, &case.token),
            case.expect,
            "{}",
            case.name
        );
    }
}

#[test]
fn every_reason_has_a_case() {
    let vectors = file::read();
    for reason in [
        "too_large",
        "malformed",
        "wrong_algorithm",
        "wrong_purpose",
        "unknown_key",
        "bad_signature",
        "wrong_server",
        "not_yet_valid",
        "expired",
        "wrong_principal",
        "revoked",
        "wrong_request",
        "decryption_failed",
        "unreadable_content",
    ] {
        let expected = file::Expect::Refused(reason.to_owned());
        assert!(
            vectors.open.iter().any(|case| case.expect == expected),
            "{reason}"
        );
    }
}

#[test]
fn no_changed_token_opens() {
    let vectors = file::read();
    for changes in &vectors.changes {
        let case = vectors
            .open
            .iter()
            .find(|case| case.name == changes.of)
            .unwrap();
        assert!(
            matches!(case.expect, file::Expect::Opened { .. }),
            "{}",
            case.name
        );
        let changed = check::changed(&case.token, changes.rule);
        assert!(changed.len() >= case.token.len(), "{:?}", changes.rule);
        for token in changed {
            let opened = check::open(&vectors, case, &token);
            assert!(matches!(opened, file::Expect::Refused(_)), "{token}");
        }
    }
}
