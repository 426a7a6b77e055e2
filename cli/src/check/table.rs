//! Who may do what.

use std::collections::BTreeSet;

use anstyle::Style;
use mcp_edge_runtime::policy::{Arguments, Decision, Policy, Target};
use serde_json::{Value as Json, json};

use super::callers::CallerQuery;
use super::manifest::word;
use super::rules::Rules;
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

struct Decided {
    decision: Decision,
    depends_on_arguments: bool,
}

impl<'a> Decisions<'a> {
    pub(super) fn new(
        policy: &Policy,
        rules: &Rules,
        targets: Vec<Target<'a>>,
        callers: &'a [CallerQuery],
    ) -> Self {
        let rows = targets.into_iter().map(|target| Row {
            target,
            in_quarantine: !policy.names(target),
            decided: callers
                .iter()
                .map(|CallerQuery { caller, .. }| {
                    let decision = policy.decide(caller, target, Arguments::Any);
                    Decided {
                        depends_on_arguments: rules.depends_on_arguments(&decision, caller, target),
                        decision,
                    }
                })
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
    fn cell(&self) -> (String, Style) {
        let (word, style) = match &self.decision {
            Decision::Allow { .. } if self.depends_on_arguments => {
                ("some arguments".to_owned(), GOOD)
            }
            Decision::Allow { .. } => ("yes".to_owned(), GOOD),
            Decision::StepUp { scopes, .. } => (format!("with scope {}", joined(scopes)), CAUTION),
            Decision::Authenticate => ("after sign-in, perhaps".to_owned(), CAUTION),
            _ => ("no".to_owned(), BAD),
        };
        match self.decision.rule() {
            Some(rule) => (format!("{word} ({rule})"), style),
            None => (word, style),
        }
    }

    fn json(&self) -> Json {
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
