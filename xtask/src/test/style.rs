//! The checkable part of the writing style in CONTRIBUTING.md.

use std::fmt;

use anyhow::{Context, Result};

use super::Tally;
use crate::{process, workspace};

/// Phrases that the project does not use, in lower case, and what to write.
const PHRASES: [(&str, &str); 21] = [
    ("whoever", "the actor: a client, a caller, an attacker"),
    ("somebody", "the actor: a person, a caller, an operator"),
    ("nobody", "no caller, no client"),
    ("anew", "again"),
    ("letter by letter", "byte for byte"),
    ("to the letter", "exactly"),
    ("belongs into", "must be in"),
    ("belong into", "must be in"),
    ("becomes of", "the result, the outcome"),
    ("became of", "the result, the outcome"),
    ("came of", "the result, the outcome"),
    ("cannot be had", "is not available, cannot be fetched"),
    ("is no url", "is not a valid URL"),
    ("stand in", "be in, are in"),
    ("stands in", "is in"),
    ("stood in", "was in, were in"),
    ("for ever", "permanently"),
    ("beside it", "next to it, in the same folder"),
    ("mend", "fix"),
    ("mends", "fixes"),
    ("sees to", "the verb for what it does"),
];

/// A constant that is a limit begins with `MAX_` or `MIN_`.
const PREFIXES: [&str; 5] = ["most_", "longest_", "greatest_", "oldest_", "least_"];

/// The maximum width of a line of prose, in characters: a paragraph of Markdown, or a comment in Rust.
const MAX_WIDTH: usize = 130;

/// The file that lists the phrases.
const LIST: &str = "xtask/src/test/style.rs";

/// `cargo xtask bench` writes it; the width of its lines depends on the numbers.
const GENERATED: &str = "benches/RESULTS.md";

/// One thing to change.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    /// From 1.
    line: usize,
    text: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.text)
    }
}

/// The files that are checked.
const FILES: [&str; 10] = [
    "*.rs", "*.md", "*.toml", "*.tmpl", "*.yml", "*.yaml", "*.js", "*.mjs", "*.py", "*.sh",
];

/// Checks every tracked file with code or prose.
pub(super) fn check() -> Result<Tally> {
    let mut list = workspace::git(&["ls-files", "-z", "--"]);
    list.args(FILES);
    let files = process::output(&mut list)?;
    let mut findings = Vec::new();
    for path in files.split('\0').filter(|path| !path.is_empty()) {
        let file = workspace::root().join(path);
        // A deleted file is tracked until the deletion is staged.
        if path == LIST || !file.exists() {
            continue;
        }
        let text =
            std::fs::read_to_string(file).with_context(|| format!("{path} cannot be read"))?;
        let found = findings_in(path, &text).into_iter();
        findings.extend(found.map(|finding| format!("{path}:{finding}\n")));
    }
    Ok(Tally::of_found(&findings))
}

fn findings_in(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = phrases_in(text);
    if path != GENERATED {
        findings.extend(long_lines_in(path, text));
    }
    findings.sort_by_key(|finding| finding.line);
    findings
}

/// Finds phrases also where a line ends within them, and in names of several words.
fn phrases_in(text: &str) -> Vec<Finding> {
    let mut joined = String::with_capacity(text.len());
    let mut starts = Vec::new();
    for line in text.lines() {
        starts.push(joined.len());
        let words = words_of(line).to_ascii_lowercase();
        // The stand-in for a service is a term, also where it is a name.
        joined.push_str(&words.replace("stand_in", "stand-in").replace('_', " "));
        joined.push(' ');
    }
    let line_at = |offset| starts.partition_point(|start| *start <= offset);
    let mut findings = Vec::new();
    for (phrase, instead) in PHRASES {
        for (offset, _) in joined.match_indices(phrase) {
            let end = offset.saturating_add(phrase.len());
            if is_edge(joined.get(..offset), true) && is_edge(joined.get(end..), false) {
                findings.push(Finding {
                    line: line_at(offset),
                    text: format!("`{phrase}`; write {instead}"),
                });
            }
        }
    }
    for prefix in PREFIXES {
        let name = prefix.to_ascii_uppercase();
        for (number, line) in text.lines().enumerate() {
            let mut places = line.match_indices(&name);
            if places.any(|(offset, _)| is_edge(line.get(..offset), true)) {
                findings.push(Finding {
                    line: number.saturating_add(1),
                    text: format!("a constant `{name}…`; a limit is `MAX_…` or `MIN_…`"),
                });
            }
        }
    }
    findings
}

/// A line without its indentation, the marker of a comment, and the mark of a string that continues on the next line.
fn words_of(line: &str) -> &str {
    let line = line.trim();
    let comment = line.trim_start_matches(['/', '!', '#', '>', '*']);
    comment.trim_end_matches('\\').trim()
}

/// Whether a word begins behind `before`, or ends in front of `after`.
fn is_edge(text: Option<&str>, before: bool) -> bool {
    let neighbour = text.and_then(|text| match before {
        true => text.chars().next_back(),
        false => text.chars().next(),
    });
    !neighbour.is_some_and(|c| c.is_alphanumeric() || c == '_')
}

fn long_lines_in(path: &str, text: &str) -> Vec<Finding> {
    let is_markdown = path.ends_with(".md");
    let mut in_block = false;
    let mut findings = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        if is_markdown && (trimmed.starts_with("```") || trimmed.starts_with("~~~")) {
            in_block = !in_block;
        }
        let is_comment = path.ends_with(".rs") && trimmed.starts_with("//");
        let is_prose = is_comment || (is_markdown && !in_block && !trimmed.starts_with('|'));
        // A long word, such as a URL, cannot be wrapped.
        let wraps = words_of(line).contains(' ');
        let width = line.chars().count();
        if is_prose && wraps && width > MAX_WIDTH {
            findings.push(Finding {
                line: number.saturating_add(1),
                text: format!("{width} characters; wrap prose at {MAX_WIDTH}"),
            });
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        findings_in(path, text)
            .iter()
            .map(|finding| finding.line)
            .collect()
    }

    #[test]
    fn finds_each_phrase() {
        for (phrase, _) in PHRASES {
            let capital = format!("{}{}", phrase[..1].to_ascii_uppercase(), &phrase[1..]);
            let broken = phrase.replace(' ', "\n/// ");
            for text in [
                format!("One.\n{phrase}\n"),
                format!("One.\nA text with {phrase}, in the middle.\n"),
                format!("One.\n{capital}.\n"),
                format!("/// One.\n/// Text {broken} goes on.\n"),
                format!("let one;\nlet text = \"{phrase}\";\n"),
                format!("let one;\nfn a_{}_b() {{}}\n", phrase.replace(' ', "_")),
            ] {
                if text.contains("stand_in") {
                    continue;
                }
                assert_eq!(lines("a.rs", &text), [2], "{text}");
            }
        }
    }

    #[test]
    fn finds_whole_words_only() {
        for text in [
            "recommend amendments",
            "it understands in time",
            "forever",
            "nobodies",
            "what became official",
            "the stand-in for Spin",
            "use crate::setup::stand_in;",
            "understand integers",
        ] {
            assert!(findings_in("a.md", text).is_empty(), "{text}");
        }
    }

    #[test]
    fn finds_constants_that_are_limits() {
        for prefix in PREFIXES.map(str::to_ascii_uppercase) {
            assert_eq!(lines("a.rs", &format!("\nconst {prefix}BYTES: u8;")), [2]);
            assert!(lines("a.rs", &format!("const AL{prefix}ALL: u8 = 1;")).is_empty());
        }
    }

    #[test]
    fn finds_long_lines_of_prose() {
        let long = "word ".repeat(30);
        assert_eq!(lines("a.md", &format!("\n{long}.")), [2]);
        assert_eq!(lines("a.rs", &format!("\n    /// {long}.")), [2]);
        for (path, text) in [
            ("a.md", format!("| {long} |")),
            ("a.md", format!("```text\n{long}.\n```")),
            ("a.md", format!("https://{}", "x".repeat(200))),
            ("a.rs", format!("let text = \"{long}.\";")),
            ("a.rs", "// a".to_owned()),
        ] {
            assert!(lines(path, &text).is_empty(), "{text}");
        }
    }
}
