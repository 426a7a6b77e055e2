//! The file that a live policy is signed from: the parts of `mcp.toml` that can change without a deployment.

use crate::fill::fill;
use crate::mistake::{Mistake, Mistakes};
use crate::relations;
use crate::relations::IN_THE_LIVE_POLICY;
use crate::tables::{Place, Reader};
use crate::value::Settings;

/// Reads and checks the file of a live policy for a server with the settings `server`: what rules name must be there.
///
/// It has `[[policy]]`, `[approvals]`, `[disabled]` and `[tokens.not_before]` as `mcp.toml` would have them without a live
/// policy, and nothing else.
///
/// # Errors
///
/// All mistakes, each with its line.
pub fn read_live_policy(text: &str, server: &Settings) -> Result<Settings, Mistakes> {
    let mut reader = Reader::new(text);
    let policy = match reader.toml() {
        Some(document) => fill(reader.table(&document, Place::root(""))),
        None => Settings::default(),
    };
    let mut mistakes = reader.mistakes;
    let is_live = |path: &str| IN_THE_LIVE_POLICY.contains(&path);
    if mistakes.is_empty() {
        let others = policy.iter().filter(|(path, _)| !is_live(path));
        mistakes.extend(others.map(|(_, setting)| Mistake {
            line: setting.line,
            sentence: format!(
                "{} is not part of a live policy; it stays in mcp.toml",
                setting.at
            ),
        }));
    }
    if mistakes.is_empty() {
        let mut together = server.clone();
        together.retain(|path, _| !is_live(path) && !path.starts_with("live."));
        together.extend(policy.clone());
        relations::check(&together, &mut mistakes);
    }
    match Mistakes::among(mistakes) {
        Some(mistakes) => Err(mistakes),
        None => Ok(policy),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER: &str = "
        [server]
        url = \"https://mcp.example.com/mcp\"
        [issuers.okta]
        preset = \"okta\"
        issuer = \"https://example.okta.com/oauth2/default\"
        [live]
        enabled = true
        source = \"kv:POLICY/live\"
        keys = [\"l1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"]
    ";

    fn read(text: &str) -> Result<Vec<&'static str>, Vec<String>> {
        let server = crate::read(SERVER).unwrap().base;
        match read_live_policy(text, &server) {
            Ok(policy) => Ok(policy.keys().copied().collect()),
            Err(mistakes) => Err(mistakes.iter().map(ToString::to_string).collect()),
        }
    }

    #[test]
    fn it_has_what_can_change_without_a_deployment() {
        let policy = read(
            "
            [[policy]]
            issuers = [\"okta\"]
            tools = [\"read_*\"]
            [disabled]
            tools = [\"read_all\"]
            [tokens.not_before]
            all = 2026-11-20T09:00:00Z
            ",
        );
        assert_eq!(
            policy,
            Ok(vec!["disabled.tools", "policy", "tokens.not_before.all"])
        );
        assert_eq!(read(""), Ok(vec![]));
    }

    #[test]
    fn mistakes_have_their_lines() {
        for (text, line, sentence) in [
            (
                "[limits]\npage_size = 5",
                2,
                "limits.page_size is not part of a live policy",
            ),
            (
                "[live]\nenabled = true",
                2,
                "live.enabled is not part of a live policy",
            ),
            ("[[policy]]\ntool = [\"*\"]", 2, "tool"),
            (
                "[[policy]]\ntools = [\"*\"]\nissuers = [\"otka\"]",
                3,
                "did you mean okta",
            ),
            ("[[policy]", 1, ""),
        ] {
            let mistakes = read(text).unwrap_err();
            let [mistake] = mistakes.as_slice() else {
                panic!("{text}: {mistakes:?}");
            };
            let begins = mistake.contains(&format!("line {line}"));
            assert!(begins && mistake.contains(sentence), "{mistake}");
        }
    }
}
