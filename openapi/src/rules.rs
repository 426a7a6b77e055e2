//! Which operations the configuration wants.

use mcp_edge_glob::fits;

use crate::operations::Found;
use crate::report::Mistake;
use crate::request::Rules;

const METHODS: [&str; 8] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE",
];
/// The maximum number of names that a rule without a match is compared with, to find the nearest.
const MAX_CANDIDATES: usize = 5_000;
/// The maximum length of such a name.
const MAX_CANDIDATE_LENGTH: usize = 200;

enum Pattern<'a> {
    MethodAndPath(String, &'a str),
    Tag(&'a str),
    Id(&'a str),
}

struct Rule<'a> {
    text: &'a str,
    pattern: Pattern<'a>,
    is_used: bool,
}

impl<'a> Rule<'a> {
    fn new(text: &'a str) -> Self {
        let pattern = if let Some(tag) = text.strip_prefix("tag:") {
            Pattern::Tag(tag.trim())
        } else {
            match text.trim().split_once(' ') {
                Some((method, path)) if path.trim().starts_with(['/', '*']) => {
                    Pattern::MethodAndPath(method.to_ascii_uppercase(), path.trim())
                }
                _ => Pattern::Id(text.trim()),
            }
        };
        Rule {
            text,
            pattern,
            is_used: false,
        }
    }

    fn matches(&mut self, operation: &Found<'_>) -> bool {
        let matches = match &self.pattern {
            Pattern::MethodAndPath(method, path) => {
                fits(method, operation.verb) && fits(path, operation.path)
            }
            Pattern::Tag(tag) => operation.tags.iter().any(|one| fits(tag, one)),
            Pattern::Id(id) => fits(id, &operation.id),
        };
        self.is_used |= matches;
        matches
    }

    /// What the rule could have been meant to be.
    fn mistake(&self, list: &str, operations: &[Found<'_>]) -> Mistake {
        let text = self.text;
        if let Pattern::MethodAndPath(method, _) = &self.pattern
            && !METHODS.iter().any(|known| fits(method, known))
        {
            return Mistake::new(format!(
                "{list}: the rule \"{text}\" matches no operation: {method} is not a method; write one of {} or `*`",
                METHODS.join(", ")
            ));
        }
        let nearest = match &self.pattern {
            Pattern::MethodAndPath(..) => nearest(text, operations.iter().map(|one| &*one.label)),
            Pattern::Tag(_) => {
                let tags: Vec<String> = operations
                    .iter()
                    .flat_map(|one| one.tags.iter().map(|tag| format!("tag:{tag}")))
                    .collect();
                nearest(text, tags.iter().map(|tag| &**tag))
            }
            Pattern::Id(_) => nearest(text, operations.iter().map(|one| &*one.id)),
        };
        let hint = match nearest {
            Some(nearest) => format!("the nearest is \"{nearest}\""),
            None => "the documents have nothing of the kind".to_owned(),
        };
        Mistake::new(format!(
            "{list}: the rule \"{text}\" matches no operation; {hint}"
        ))
    }
}

/// The candidate that is most like `text`.
pub(crate) fn nearest<'c>(text: &str, candidates: impl Iterator<Item = &'c str>) -> Option<String> {
    if text.len() > MAX_CANDIDATE_LENGTH {
        return None;
    }
    let likeness = |candidate: &str| strsim::normalized_damerau_levenshtein(text, candidate);
    candidates
        .take(MAX_CANDIDATES)
        .filter(|candidate| candidate.len() <= MAX_CANDIDATE_LENGTH)
        .map(|candidate| (likeness(candidate), candidate))
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| candidate.to_owned())
}

/// What the rules decide about an operation.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Allowed,
    /// By which rule; `None`: none allows it.
    Excluded(Option<String>),
}

/// Decides about each operation, in their order. A rule that matches nothing is a mistake.
pub(crate) fn decide(
    rules: &Rules,
    operations: &[Found<'_>],
    mistakes: &mut Vec<Mistake>,
) -> Vec<Decision> {
    let mut allow: Vec<Rule<'_>> = rules.allow.iter().map(|rule| Rule::new(rule)).collect();
    let mut exclude: Vec<Rule<'_>> = rules.exclude.iter().map(|rule| Rule::new(rule)).collect();
    let decisions = operations
        .iter()
        .map(|operation| {
            // Every rule is asked, so that each is known to match something.
            let mut excluded = None;
            for rule in &mut exclude {
                if rule.matches(operation) && excluded.is_none() {
                    excluded = Some(rule.text.to_owned());
                }
            }
            let mut is_allowed = false;
            for rule in &mut allow {
                is_allowed |= rule.matches(operation);
            }
            match excluded {
                Some(rule) => Decision::Excluded(Some(rule)),
                None if is_allowed => Decision::Allowed,
                None => Decision::Excluded(None),
            }
        })
        .collect();
    for (list, rules) in [("allow", &allow), ("exclude", &exclude)] {
        let unused = rules.iter().filter(|rule| !rule.is_used);
        mistakes.extend(unused.map(|rule| rule.mistake(list, operations)));
    }
    decisions
}
