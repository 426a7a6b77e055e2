//! An allow-list of the operations that only read.

use std::collections::{BTreeMap, BTreeSet};

use mcp_edge_clients::visible::visible;
use mcp_edge_openapi::{Compilation, Mistake, Rules};

use super::document::{Listed, Source};
use crate::output::Failure;

/// The number of operations below one path from which one rule is written for all of them.
const SEVERAL: usize = 3;
/// The maximum number of operations that are excluded because their names are those of others.
const MAX_CLASHES: usize = 100;

/// Rules, and what they make tools.
pub(super) struct Proposal {
    pub(super) allow: Vec<String>,
    /// Each with the reason.
    pub(super) exclude: Vec<(String, String)>,
    pub(super) compilation: Compilation,
    /// How many operations the document has.
    pub(super) operations: usize,
}

impl Proposal {
    /// Finds rules for the operations of a document that only read.
    pub(super) fn of(source: &Source, upstream: &str) -> Result<Self, Failure> {
        let facts = source.facts();
        let operations = facts.operations();
        let verbs = ["GET", "HEAD"].into_iter();
        let verbs = verbs.filter(|verb| operations.iter().any(|one| one.verb == *verb));
        let all: Vec<_> = verbs.map(|verb| format!("{verb} *")).collect();
        let mut exclude = Vec::new();
        let compiled = loop {
            let rules = Rules {
                allow: all.clone(),
                exclude: names(&exclude),
            };
            match source.compiled(upstream, rules) {
                Ok(compiled) => break compiled,
                Err(mistakes) => {
                    let clashing = clashing(&mistakes);
                    if clashing.is_empty() || exclude.len() >= MAX_CLASHES {
                        let sentences: Vec<_> = mistakes.iter().map(Mistake::to_string).collect();
                        return Err(Failure::check(sentences.join("\n")));
                    }
                    exclude.extend(clashing);
                }
            }
        };
        let wanted = compiled.report.tools.iter();
        let wanted: Vec<String> = wanted.map(|tool| tool.operation.clone()).collect();
        if wanted.is_empty() {
            return Err(Failure::check(
                "the document has no operation with GET or HEAD that can be a tool; write mcp.toml by hand, with the operations that you \
                 allow",
            ));
        }
        let total = &compiled.report;
        let total = [
            total.tools.len(),
            total.excluded.len(),
            total.unmappable.len(),
        ];
        // The second is for documents whose operations are in other files, where a tag can have more than is seen here.
        for allow in [grouped(&wanted, &operations), wanted.clone()] {
            let rules = Rules {
                allow: allow.clone(),
                exclude: names(&exclude),
            };
            if let Ok(compilation) = source.compiled(upstream, rules)
                && is_exact(&compilation, &wanted)
            {
                return Ok(Self {
                    allow,
                    exclude,
                    compilation,
                    operations: total.into_iter().fold(0, usize::saturating_add),
                });
            }
        }
        Err(Failure::check(
            "no rules have exactly the operations with GET and HEAD, because paths of the document contain `*`; write mcp.toml by hand",
        ))
    }
}

fn names(exclude: &[(String, String)]) -> Vec<String> {
    exclude
        .iter()
        .map(|(operation, _)| operation.clone())
        .collect()
}

/// The operations that have the name of another, if all mistakes are of this kind.
fn clashing(mistakes: &[Mistake]) -> Vec<(String, String)> {
    let clash = |mistake: &Mistake| match mistake.operations.as_slice() {
        [first, second] if first != second => Some((
            second.clone(),
            format!("{first} has the same name; name one of them in [tools.NAME]"),
        )),
        _ => None,
    };
    let clashes: Option<BTreeMap<_, _>> = mistakes.iter().map(clash).collect();
    clashes.unwrap_or_default().into_iter().collect()
}

/// Whether the tools are the wanted ones, and nothing else could have become one.
fn is_exact(compilation: &Compilation, wanted: &[String]) -> bool {
    let report = &compilation.report;
    let reads = |operation: &str| {
        ["GET ", "HEAD "]
            .iter()
            .any(|verb| operation.starts_with(verb))
    };
    let tools: BTreeSet<_> = report.tools.iter().map(|tool| &tool.operation).collect();
    let unmappable = report.unmappable.iter();
    tools == wanted.iter().collect() && unmappable.map(|one| &*one.operation).all(reads)
}

/// Rules by tag and by path, as far as they have nothing but operations that only read.
fn grouped(wanted: &[String], operations: &[Listed<'_>]) -> Vec<String> {
    let mut left: BTreeSet<&str> = wanted.iter().map(String::as_str).collect();
    let mut allow = Vec::new();
    let mut by_tag: BTreeMap<&str, Vec<&Listed<'_>>> = BTreeMap::new();
    for operation in operations {
        for tag in &operation.tags {
            by_tag.entry(tag).or_default().push(operation);
        }
    }
    for (tag, tagged) in by_tag {
        let is_plain =
            !tag.is_empty() && tag.trim() == tag && !tag.contains('*') && visible(tag) == tag;
        if !is_plain || !tagged.iter().all(|operation| operation.is_read_only()) {
            continue;
        }
        let before = left.len();
        for operation in tagged {
            left.remove(operation.label().as_str());
        }
        if left.len() < before {
            allow.push(format!("tag:{tag}"));
        }
    }
    let mut below: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for operation in &left {
        below
            .entry(below_first(operation))
            .or_default()
            .push(operation);
    }
    for (rule, operations) in below {
        match rule.ends_with("/*") && operations.len() >= SEVERAL {
            true => allow.push(rule),
            false => allow.extend(operations.into_iter().map(str::to_owned)),
        }
    }
    allow
}

/// The rule for all operations below the first segment of an operation's path: `GET /a/*` of `GET /a/b`.
fn below_first(operation: &str) -> String {
    let mut parts = operation.splitn(3, '/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(verb), Some(first), Some(_)) if !first.contains(['*', '{']) => {
            format!("{verb}/{first}/*")
        }
        _ => operation.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed<'a>(verb: &str, path: &'a str, tag: &'a str) -> Listed<'a> {
        Listed {
            verb: verb.to_owned(),
            path,
            tags: vec![tag],
            security: None,
        }
    }

    #[test]
    fn a_tag_that_writes_is_no_rule() {
        let operations = [
            listed("GET", "/a", "mixed"),
            listed("POST", "/a", "mixed"),
            listed("GET", "/b", "reads"),
            listed("HEAD", "/b", "reads"),
            listed("GET", "/c/1", "mixed"),
            listed("GET", "/c/2", "mixed"),
            listed("GET", "/c/{id}/d", "mixed"),
            listed("GET", "/e/{id}", "every*"),
            listed("GET", "/{x}/y", "mixed"),
        ];
        let wanted: Vec<_> = operations
            .iter()
            .filter(|operation| operation.is_read_only())
            .map(Listed::label)
            .collect();
        assert_eq!(
            grouped(&wanted, &operations),
            [
                "tag:reads",
                "GET /a",
                "GET /c/*",
                "GET /e/{id}",
                "GET /{x}/y"
            ]
        );
    }
}
