//! Every finding, for people and for programs.

use anstyle::Style;
use serde_json::{Value as Json, json};

use super::finding::{CheckResult, Problem};
use crate::output::{CommandOutput, status};
use crate::style::{BAD, CAUTION, GOOD, HEADING, styled};

/// What the checks came to, in their order.
pub(super) struct Report {
    /// What was looked at.
    title: String,
    findings: Vec<(&'static str, CheckResult)>,
}

/// How wide verdicts and ids are.
const VERDICT: usize = 8;
const ID: usize = 22;

impl Report {
    pub(super) fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            findings: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, id: &'static str, found: CheckResult) {
        self.findings.push((id, found));
    }

    /// With `strict`, a warning fails too.
    pub(super) fn outcome(self, strict: bool) -> CommandOutput {
        let counted = |wanted: fn(&CheckResult) -> bool| {
            let found = self.findings.iter().filter(|(_, found)| wanted(found));
            found.count()
        };
        let errors = counted(|found| matches!(found, Err(Problem::Error(_))));
        let warnings = counted(|found| matches!(found, Err(Problem::Warning(_))));
        let passed = errors == 0 && (warnings == 0 || !strict);

        let skipped: Vec<_> = self
            .findings
            .iter()
            .filter(|(_, found)| matches!(found, Err(Problem::Skipped)))
            .map(|(id, _)| *id)
            .collect();
        let mut text = format!("{}\n", styled(HEADING, &self.title));
        let mut findings = Vec::new();
        for (id, found) in &self.findings {
            text.push_str(&line(id, found));
            findings.extend(object(id, found));
        }
        if !skipped.is_empty() {
            let label = styled(CAUTION, "skipped:");
            let list = match findings.len() {
                1 => "anything else".to_owned(),
                _ => skipped.join(", "),
            };
            text.push_str(&format!("{label} {list}\n"));
        }
        text.push_str(&format!("\n{}\n", summary(errors, warnings)));
        let json = json!({
            "looked_at": self.title,
            "findings": findings,
            "skipped": skipped,
            "passed": passed,
        });
        CommandOutput {
            text,
            json,
            product: None,
            status: status(passed),
        }
    }
}

fn verdict(found: &CheckResult) -> Option<(&'static str, Style)> {
    match found {
        Ok(_) => Some(("ok", GOOD)),
        Err(Problem::Warning(_)) => Some(("warning", CAUTION)),
        Err(Problem::Error(_)) => Some(("error", BAD)),
        Err(Problem::Skipped) => None,
    }
}

fn line(id: &str, found: &CheckResult) -> String {
    let Some((word, style)) = verdict(found) else {
        return String::new();
    };
    let word = styled(style, &format!("{word:<VERDICT$}"));
    match found {
        Ok(sentence) => format!("{word}  {id:<ID$}  {sentence}\n"),
        Err(Problem::Warning(advice) | Problem::Error(advice)) => {
            let indent = VERDICT.saturating_add(ID).saturating_add(4);
            let (sentence, fix) = (&advice.sentence, &advice.fix);
            format!("{word}  {id:<ID$}  {sentence}\n{:indent$}{fix}\n", "")
        }
        Err(Problem::Skipped) => String::new(),
    }
}

fn object(id: &str, found: &CheckResult) -> Option<Json> {
    let (word, _) = verdict(found)?;
    let (sentence, fix) = match found {
        Ok(sentence) => (sentence, None),
        Err(Problem::Warning(advice) | Problem::Error(advice)) => {
            (&advice.sentence, Some(&advice.fix))
        }
        Err(Problem::Skipped) => return None,
    };
    Some(json!({ "id": id, "verdict": word, "sentence": sentence, "fix": fix }))
}

fn summary(errors: usize, warnings: usize) -> String {
    let style = match (errors, warnings) {
        (0, 0) => GOOD,
        (0, _) => CAUTION,
        _ => BAD,
    };
    styled(style, &format!("errors: {errors}, warnings: {warnings}"))
}
