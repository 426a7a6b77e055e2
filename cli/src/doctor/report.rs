//! Every finding, for people and for programs.

use anstyle::Style;
use serde_json::{Value as Json, json};

use super::found::{Found, Instead};
use crate::outcome::{Outcome, status};
use crate::style::{BAD, DOUBTFUL, GOOD, HEADING, styled};

/// What the checks came to, in their order.
pub(super) struct Report {
    /// What was looked at.
    title: String,
    findings: Vec<(&'static str, Found)>,
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

    pub(super) fn add(&mut self, id: &'static str, found: Found) {
        self.findings.push((id, found));
    }

    /// With `strict`, what is doubtful fails too.
    pub(super) fn outcome(self, strict: bool) -> Outcome {
        let counted = |wanted: fn(&Found) -> bool| {
            let found = self.findings.iter().filter(|(_, found)| wanted(found));
            found.count()
        };
        let wrong = counted(|found| matches!(found, Err(Instead::Wrong(_))));
        let doubtful = counted(|found| matches!(found, Err(Instead::Doubtful(_))));
        let passed = wrong == 0 && (doubtful == 0 || !strict);

        let open: Vec<_> = self
            .findings
            .iter()
            .filter(|(_, found)| matches!(found, Err(Instead::NotLookedAt)))
            .map(|(id, _)| *id)
            .collect();
        let mut text = format!("{}\n", styled(HEADING, &self.title));
        let mut findings = Vec::new();
        for (id, found) in &self.findings {
            text.push_str(&line(id, found));
            findings.extend(object(id, found));
        }
        if !open.is_empty() {
            let label = styled(DOUBTFUL, "not looked at:");
            let list = match findings.len() {
                1 => "anything else".to_owned(),
                _ => open.join(", "),
            };
            text.push_str(&format!("{label} {list}\n"));
        }
        text.push_str(&format!("\n{}\n", summary(wrong, doubtful)));
        let json = json!({
            "looked_at": self.title,
            "findings": findings,
            "not_looked_at": open,
            "passed": passed,
        });
        Outcome {
            text,
            json,
            product: None,
            status: status(passed),
        }
    }
}

fn verdict(found: &Found) -> Option<(&'static str, Style)> {
    match found {
        Ok(_) => Some(("good", GOOD)),
        Err(Instead::Doubtful(_)) => Some(("doubtful", DOUBTFUL)),
        Err(Instead::Wrong(_)) => Some(("wrong", BAD)),
        Err(Instead::NotLookedAt) => None,
    }
}

fn line(id: &str, found: &Found) -> String {
    let Some((word, style)) = verdict(found) else {
        return String::new();
    };
    let word = styled(style, &format!("{word:<VERDICT$}"));
    match found {
        Ok(sentence) => format!("{word}  {id:<ID$}  {sentence}\n"),
        Err(Instead::Doubtful(advice) | Instead::Wrong(advice)) => {
            let indent = VERDICT.saturating_add(ID).saturating_add(4);
            let (sentence, fix) = (&advice.sentence, &advice.fix);
            format!("{word}  {id:<ID$}  {sentence}\n{:indent$}{fix}\n", "")
        }
        Err(Instead::NotLookedAt) => String::new(),
    }
}

fn object(id: &str, found: &Found) -> Option<Json> {
    let (word, _) = verdict(found)?;
    let (sentence, fix) = match found {
        Ok(sentence) => (sentence, None),
        Err(Instead::Doubtful(advice) | Instead::Wrong(advice)) => {
            (&advice.sentence, Some(&advice.fix))
        }
        Err(Instead::NotLookedAt) => return None,
    };
    Some(json!({ "id": id, "verdict": word, "sentence": sentence, "fix": fix }))
}

fn summary(wrong: usize, doubtful: usize) -> String {
    match (wrong, doubtful) {
        (0, 0) => styled(GOOD, "Nothing to object to."),
        (0, doubtful) => styled(DOUBTFUL, &format!("Nothing wrong, {doubtful} doubtful.")),
        (wrong, doubtful) => styled(BAD, &format!("{wrong} wrong, {doubtful} doubtful.")),
    }
}
