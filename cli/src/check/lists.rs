//! Rules that deny by a list which tokens may lack.

use std::collections::BTreeMap;

use mcp_edge_config::{Entry, Settings as FileSettings, Value};
use mcp_edge_glob::fits_any;
use mcp_edge_runtime::config::{Effect, Rule, Settings};

/// What an operator should look at: a list that a token does not mention is empty, so that a rule which denies by it does
/// not deny.
pub(super) fn warnings(written: &FileSettings, settings: &Settings) -> Vec<String> {
    let issuers = match written.get("issuers").map(|setting| &setting.value) {
        Some(Value::Named(issuers)) => issuers,
        _ => return Vec::new(),
    };
    let denying = settings.policy.iter();
    let denying = denying.filter(|rule| rule.effect == Effect::Deny);
    denying.flat_map(|rule| of_rule(rule, issuers)).collect()
}

fn of_rule(rule: &Rule, issuers: &BTreeMap<String, Entry>) -> Vec<String> {
    let mut warnings = Vec::new();
    for (name, entry) in issuers {
        let is_meant = rule.issuers.is_empty() || fits_any(rule.issuers, name);
        let preset = match entry.settings.get("preset").map(|setting| &setting.value) {
            Some(Value::Preset(preset)) if is_meant => preset,
            _ => continue,
        };
        for (list, why) in preset.left_out {
            let asked = match *list {
                "roles" => rule.roles,
                _ => rule.groups,
            };
            if !asked.is_empty() {
                warnings.push(format!(
                    "policy `{}` denies by `{list}`, and does not deny callers of [issuers.{name}] whose tokens lack them: \
                     {why}; allow by `{list}` instead of denying by them",
                    rule.name
                ));
            }
        }
    }
    warnings
}

#[cfg(test)]
mod tests {
    use mcp_edge_config::read;

    use super::*;
    use crate::file::decoded;

    /// The lists that are warned of, for a rule with these conditions.
    fn warned(preset: &str, rule: &str) -> Vec<&'static str> {
        let file = format!(
            "[server]\nurl = \"https://mcp.example.com/mcp\"\n\
             [issuers.staff]\npreset = \"{preset}\"\nissuer = \"https://id.example.com\"\n\
             audiences = [\"a\"]\ntenant = {{ claim = \"tid\" }}\ntenants = [\"t\"]\n\
             [issuers.other]\nissuer = \"https://other.example.com\"\nalgorithms = [\"RS256\"]\n\
             [[policy]]\nname = \"no\"\n{rule}\n"
        );
        let written = read(&file).unwrap().base;
        let found = warnings(&written, decoded(&written).unwrap());
        ["roles", "groups"]
            .into_iter()
            .filter(|list| {
                let start = format!("policy `no` denies by `{list}`");
                found.iter().any(|warning| warning.starts_with(&start))
            })
            .collect()
    }

    const BY_BOTH: &str = "effect = \"deny\"\nroles = [\"guest\"]\ngroups = [\"contractors\"]";

    #[test]
    fn rules_that_deny_by_a_list_which_tokens_may_lack_are_named() {
        for (preset, lists) in [
            ("okta", &["roles", "groups"][..]),
            ("entra", &["groups"]),
            ("entra-v1", &["groups"]),
            ("entra-multi", &["groups"]),
            ("google", &["roles", "groups"]),
            ("keycloak", &["roles", "groups"]),
            ("auth0", &["roles", "groups"]),
            ("cloudflare-access", &["roles", "groups"]),
            ("development", &[]),
        ] {
            assert_eq!(warned(preset, BY_BOTH), lists, "{preset}");
        }
        let by_groups = "effect = \"deny\"\ngroups = [\"contractors\"]";
        assert_eq!(warned("okta", by_groups), ["groups"]);
        let of_staff = format!("{by_groups}\nissuers = [\"st*\"]");
        assert_eq!(warned("okta", &of_staff), ["groups"]);
    }

    #[test]
    fn rules_without_such_a_list_are_not_named() {
        for rule in [
            "groups = [\"staff\"]\ntools = [\"*\"]",
            "effect = \"deny\"\ntenants = [\"initech\"]",
            "effect = \"deny\"\nissuers = [\"other\"]\ngroups = [\"contractors\"]",
        ] {
            assert_eq!(warned("okta", rule), Vec::<&str>::new(), "{rule}");
        }
    }
}
