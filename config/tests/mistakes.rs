//! What is wrong with a file, and what its author is told.
#![allow(clippy::expect_used, clippy::panic)]

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Files with the sentences about each: a file follows `---`, and its sentences follow it as lines that begin with `> `.
const SETTINGS: &str = include_str!("mistakes/settings.txt");
const CALLERS: &str = include_str!("mistakes/callers.txt");
const AUDIT: &str = include_str!("mistakes/audit.txt");
const TENANTS: &str = include_str!("mistakes/tenants.txt");
const LIVE: &str = include_str!("mistakes/live.txt");

#[test]
fn every_mistake_has_its_sentence() {
    sentences_are(SETTINGS, "");
}

#[test]
fn every_mistake_about_callers_has_its_sentence() {
    sentences_are(CALLERS, "[server]\nurl = \"https://mcp.example.com/mcp\"\n");
}

#[test]
fn every_mistake_about_the_audit_trail_has_its_sentence() {
    sentences_are(AUDIT, "");
}

#[test]
fn every_mistake_about_the_live_policy_has_its_sentence() {
    sentences_are(LIVE, "");
}

#[test]
fn every_mistake_about_tenants_has_its_sentence() {
    sentences_are(
        TENANTS,
        "[server]\nurl = \"https://mcp.example.com/mcp\"\n[issuers.company]\nissuer = \"https://id.example.com\"\nalgorithms = \
         [\"ES256\"]\ntenant = { claim = \"tid\" }\ntenants = [\"acme\", \"globex\"]\n",
    );
}

fn sentences_are(cases: &str, beginning: &str) {
    let mut wrong = String::new();
    for case in cases.split("---\n").skip(1) {
        let (file, expected) = case.split_once("\n> ").expect("sentences");
        let expected: Vec<&str> = expected
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.trim_start_matches("> "))
            .collect();
        let said = match mcp_edge_config::read(&format!("{beginning}{file}")) {
            Ok(_) => Vec::new(),
            Err(mistakes) => mistakes.iter().map(ToString::to_string).collect(),
        };
        if said != expected {
            wrong += &format!("{file}\n  said     {said:#?}\n  expected {expected:#?}\n\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn no_sentence_repeats_what_could_be_a_secret() {
    for file in [
        "[tokens]\nkeys = \"c2VjcmV0\"",
        "[tokens]\nkeys = { secret = \"c2VjcmV0\" }",
        "[tokens]\nkeys = { secret = [\"c2VjcmV0\"] }",
        "[limits]\npage_size = \"c2VjcmV0\"",
        "[audit]\ndigests = \"c2VjcmV0\"",
        "[tokens.not_before]\nall = \"c2VjcmV0\"",
        "[tokens]\nsession_ttl = \"c2VjcmV0\"",
        "[server]\nurl = \"https://c2VjcmV0@a.example\"",
        "[access]\nallowed_hosts = [\"c2VjcmV0/\"]",
        "[tokens]\nkeys = \"c2VjcmV0",
        "[tokens]\nkeys = c2VjcmV0",
        "[issuers.a]\nissuer = \"c2VjcmV0\"",
        "[issuers.a]\nissuer = { variable = \"c2VjcmV0\" }",
        "[issuers.a]\npreset = \"c2VjcmV0\"",
        "[issuers.a]\nalgorithms = [\"c2VjcmV0\"]",
        "[issuers.a]\njwks = { set = 'c2VjcmV0' }",
        "[issuers.a]\njwks = { set = '{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}]}' }",
        "[issuers.a]\nheader = \"c2VjcmV0 \"",
        "[[policy]]\nissuers = [\"c2VjcmV0\"]",
        "[audit]\nsigning_keys = \"c2VjcmV0\"",
        "[audit]\nredact_patterns = ['(c2VjcmV0']",
        "[[capture]]\nredact_paths = [\"c2VjcmV0\"]",
        "[sinks.a]\ntype = \"c2VjcmV0\"",
        "[sinks.a]\ntype = \"otlp\"\nurl = \"https://c2VjcmV0@a.example\"",
        "[sinks.a]\ntype = \"otlp\"\ntoken = \"c2VjcmV0\"",
        "[sinks.a]\ntype = \"otlp\"\nurl = \"http://a.example/?key=c2VjcmV0\"\ntoken = { secret = \"T\" }",
        "[sinks.a]\ntype = \"s3\"\naccess_key_id = \"c2VjcmV0/\"",
        "[sinks.a]\ntype = \"otlp\"\nauth_scheme = \"c2VjcmV0 c2VjcmV0\"",
    ] {
        let mistakes = mcp_edge_config::read(file).expect_err(file);
        assert!(!mistakes.to_string().contains("c2VjcmV0"), "{mistakes}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_rejected(text in lines()) {
        let _ = mcp_edge_config::read(&text);
    }
}

/// Files that are nearly right: lines that can be in one, in any order, and some noise.
fn lines() -> impl Strategy<Value = String> {
    let all = [SETTINGS, CALLERS, AUDIT];
    let lines = all.iter().flat_map(|cases| cases.lines());
    let known: Vec<&'static str> = lines
        .filter(|line| !line.starts_with("> ") && *line != "---")
        .collect();
    let line = prop_oneof![
        9 => select(known).prop_map(str::to_owned),
        1 => ".*",
    ];
    vec(line, 0..12).prop_map(|lines| lines.join("\n"))
}
