//! What the suite's reports say: one folder per scenario, with the checks it made in `checks.json`.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::tally::Tally;
use crate::workspace;

/// The scenarios that count, each with what went wrong in it.
pub(super) struct Results(Vec<Scenario>);

struct Scenario {
    name: String,
    complaints: Vec<String>,
}

impl Results {
    /// Reads the report of each of `names`; a scenario without one did not run, which is a complaint too.
    pub(super) fn read<'a>(reports: &Path, names: impl Iterator<Item = &'a str>) -> Result<Self> {
        let folders: Vec<String> = std::fs::read_dir(reports)
            .with_context(|| format!("cannot list {}", reports.display()))?
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect();
        names
            .map(|name| {
                // The folder's name ends in the time of the run.
                let folder = folders.iter().find(|folder| {
                    folder
                        .strip_prefix("server-")
                        .and_then(|rest| rest.strip_prefix(name))
                        .is_some_and(|rest| rest.starts_with("-20"))
                });
                let complaints = match folder {
                    Some(folder) => complaints(&reports.join(folder).join("checks.json"))?,
                    None => vec!["it has no report".to_owned()],
                };
                Ok(Scenario {
                    name: name.to_owned(),
                    complaints,
                })
            })
            .collect::<Result<_>>()
            .map(Self)
    }
}

/// A warning counts like a failure, as it does for the suite where a baseline is given.
fn complaints(path: &Path) -> Result<Vec<String>> {
    let checks: Vec<Value> = serde_json::from_str(&workspace::read(path)?)
        .with_context(|| format!("{} is no list of checks", path.display()))?;
    let text = |check: &Value, key: &str| {
        let text = check.get(key).and_then(Value::as_str);
        text.unwrap_or_default().trim().replace('\n', " ")
    };
    let has = |wanted: &str| checks.iter().any(|check| text(check, "status") == wanted);

    let mut complaints: Vec<String> = checks
        .iter()
        .filter(|check| matches!(text(check, "status").as_str(), "FAILURE" | "WARNING"))
        .map(|check| {
            format!(
                "{} {}: {} {}",
                text(check, "status"),
                text(check, "id"),
                text(check, "description"),
                text(check, "errorMessage")
            )
        })
        .collect();
    if complaints.is_empty() && !has("SUCCESS") {
        complaints.push("it checked nothing".to_owned());
    }
    Ok(complaints)
}

/// The entries of the list `server:` in one of the suite's YAML files, whose lists are of plain names.
pub(super) fn server_list(yaml: &str) -> impl Iterator<Item = &str> {
    yaml.lines()
        .skip_while(|line| !line.starts_with("server:"))
        .skip(1)
        .take_while(|line| line.is_empty() || line.starts_with([' ', '#']))
        .filter_map(|line| line.trim().strip_prefix("- "))
        .map(|entry| entry.split(" #").next().unwrap_or(entry).trim())
}

/// The results against what was expected of them.
pub(super) struct ScenarioResult<'a> {
    passed: Vec<&'a Scenario>,
    failed: Vec<&'a Scenario>,
    expected: Vec<&'a Scenario>,
    /// Expected to fail, and passed: the baseline is out of date.
    stale: Vec<&'a Scenario>,
}

impl<'a> ScenarioResult<'a> {
    pub(super) fn new(results: &'a Results, baseline: &str) -> Self {
        let baseline: BTreeSet<&str> = server_list(baseline).collect();
        let mut verdict = Self {
            passed: Vec::new(),
            failed: Vec::new(),
            expected: Vec::new(),
            stale: Vec::new(),
        };
        for scenario in &results.0 {
            let pile = match (
                scenario.complaints.is_empty(),
                baseline.contains(scenario.name.as_str()),
            ) {
                (true, false) => &mut verdict.passed,
                (false, false) => &mut verdict.failed,
                (false, true) => &mut verdict.expected,
                (true, true) => &mut verdict.stale,
            };
            pile.push(scenario);
        }
        verdict
    }

    pub(super) fn tally(&self) -> Tally {
        Tally {
            passed: self.passed.len(),
            failed: self.failed.len() + self.stale.len(),
            skipped: 0,
        }
    }
}

impl fmt::Display for ScenarioResult<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for scenario in &self.passed {
            writeln!(formatter, "passed    {}", scenario.name)?;
        }
        for scenario in &self.expected {
            writeln!(formatter, "expected  {} fails", scenario.name)?;
        }
        for scenario in &self.stale {
            writeln!(
                formatter,
                "FAILED    {} passes; take it off the baseline",
                scenario.name
            )?;
        }
        for scenario in &self.failed {
            writeln!(formatter, "FAILED    {}", scenario.name)?;
            for complaint in &scenario.complaints {
                writeln!(formatter, "            {complaint}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::server_list;

    #[test]
    fn only_the_servers_list_is_read() {
        let yaml = "# text\nserver:\n  # why\n  - one\n\n  - two # because\nclient:\n  - three\n";
        assert_eq!(server_list(yaml).collect::<Vec<_>>(), ["one", "two"]);
        assert_eq!(server_list("server: []\n").count(), 0);
    }
}
