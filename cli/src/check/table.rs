//! Who may do what.

use std::collections::BTreeSet;

use anstyle::Style;
use mcp_edge_runtime::auth::Caller;
use mcp_edge_runtime::policy::{Arguments, Decision, Policy, Target};
use serde_json::{Value as Json, json};

use super::callers::CallerQuery;
use super::manifest::word;
use crate::style::{BAD, CAUTION, GOOD, Table};

/// Every decision about `targets`, for every caller.
pub(super) struct Decisions<'a> {
    callers: &'a [CallerQuery],
    rows: Vec<Row<'a>>,
}

struct Row<'a> {
    target: Target<'a>,
    in_quarantine: bool,
    decided: Vec<Decided>,
}

/// What a caller may do with something.
pub(crate) struct Decided {
    decision: Decision,
    depends_on_arguments: bool,
}

impl<'a> Decisions<'a> {
    pub(super) fn new(
        policy: &Policy,
        targets: Vec<Target<'a>>,
        callers: &'a [CallerQuery],
    ) -> Self {
        let rows = targets.into_iter().map(|target| Row {
            target,
            in_quarantine: !policy.names(target),
            decided: callers
                .iter()
                .map(|CallerQuery { caller, .. }| Decided::by(policy, caller, target))
                .collect(),
        });
        Self {
            callers,
            rows: rows.collect(),
        }
    }

    pub(super) fn text(&self) -> String {
        let numbers: Vec<_> = (1..=self.callers.len())
            .map(|number| format!("[{number}]"))
            .collect();
        let mut text = String::new();
        for (number, asked) in numbers.iter().zip(self.callers) {
            text.push_str(&format!("{number} {}\n", asked.title));
        }
        text.push('\n');
        let mut table = Table::new(
            ["", ""]
                .into_iter()
                .chain(numbers.iter().map(String::as_str)),
        );
        for row in &self.rows {
            let mut cells = vec![
                (word(row.target.kind).to_owned(), Style::new()),
                (row.target.name.to_owned(), Style::new()),
            ];
            cells.extend(row.decided.iter().map(|decided| match row.in_quarantine {
                true => ("in quarantine".to_owned(), BAD),
                false => decided.cell(),
            }));
            table.row(cells);
        }
        text + &table.text()
    }

    pub(super) fn json(&self) -> Json {
        let rows = self.rows.iter().map(|row| {
            let decisions: Vec<_> = row.decided.iter().map(Decided::json).collect();
            json!({
                "kind": word(row.target.kind),
                "name": row.target.name,
                "quarantine": row.in_quarantine,
                "decisions": decisions,
            })
        });
        let callers: Vec<_> = self.callers.iter().map(|asked| &asked.title).collect();
        json!({ "callers": callers, "rows": Vec::from_iter(rows) })
    }
}

impl Decided {
    pub(crate) fn by(policy: &Policy, caller: &Caller, target: Target<'_>) -> Self {
        let is_allowed = |arguments| {
            let decision = policy.decide(caller, target, arguments);
            matches!(decision, Decision::Allow { .. })
        };
        Self {
            decision: policy.decide(caller, target, Arguments::Any),
            depends_on_arguments: is_allowed(Arguments::Any) && !is_allowed(Arguments::Unknown),
        }
    }

    /// Whether the caller may do the same, by whichever rule.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.word() == other.word()
    }

    fn cell(&self) -> (String, Style) {
        let (word, style) = self.word();
        match self.decision.rule() {
            Some(rule) => (format!("{word} ({rule})"), style),
            None => (word, style),
        }
    }

    pub(crate) fn word(&self) -> (String, Style) {
        match &self.decision {
            Decision::Allow { .. } if self.depends_on_arguments => {
                ("some arguments".to_owned(), GOOD)
            }
            Decision::Allow { .. } => ("yes".to_owned(), GOOD),
            Decision::StepUp { scopes, .. } => (format!("with scope {}", joined(scopes)), CAUTION),
            Decision::Authenticate => ("after sign-in, perhaps".to_owned(), CAUTION),
            _ => ("no".to_owned(), BAD),
        }
    }

    pub(crate) fn json(&self) -> Json {
        let scopes = match &self.decision {
            Decision::StepUp { scopes, .. } => Some(joined(scopes)),
            _ => None,
        };
        json!({
            "decision": self.decision.as_str(),
            "rule": self.decision.rule(),
            "scope": scopes,
            "depends_on_arguments": self.depends_on_arguments,
        })
    }
}

fn joined(scopes: &BTreeSet<String>) -> String {
    let scopes: Vec<_> = scopes.iter().map(String::as_str).collect();
    scopes.join(" ")
}

#[cfg(test)]
mod tests {
    use mcp_edge_runtime::config::{Rule, Settings};

    use super::*;

    #[test]
    fn arguments_matter_where_a_rule_asks_for_them_and_no_other_allows_the_same() {
        const ALL: Rule = Rule {
            name: "all",
            tools: &["*"],
            anonymous: true,
            ..Rule::DEFAULT
        };
        const SMALL: Rule = Rule {
            name: "small",
            tools: &["change_*"],
            arguments: Some(r#"{"properties":{"rule":{"maximum":10}},"required":["rule"]}"#),
            ..ALL
        };
        const NOT_SMALL: Rule = Rule {
            effect: mcp_edge_runtime::config::Effect::Deny,
            ..SMALL
        };
        for (rules, name, depends) in [
            (&[SMALL][..], "change_rule", true),
            (&[SMALL, ALL], "change_rule", false),
            (&[NOT_SMALL, ALL], "change_rule", true),
            (&[NOT_SMALL, ALL], "read_rules", false),
            (&[ALL, SMALL], "change_rule", false),
        ] {
            let policy = Policy::new(&Settings {
                policy: rules.to_vec().leak(),
                ..Settings::DEFAULT
            });
            let target = Target {
                kind: mcp_edge_runtime::policy::Kind::Tool,
                ..Target::prompt(name)
            };
            let decided = Decided::by(&policy.unwrap(), &Caller::Anonymous, target);
            assert_eq!(decided.depends_on_arguments, depends, "{rules:?} {name}");
        }
    }
}
