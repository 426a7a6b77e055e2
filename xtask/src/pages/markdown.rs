//! The parts of a page that are checked: headings, links, and blocks of code.

use anyhow::{Context, Result};

use crate::workspace;

/// One file.
#[derive(Debug)]
pub(super) struct Page {
    /// From the root of the repository.
    pub(super) path: String,
    pub(super) headings: Vec<String>,
    pub(super) links: Vec<Link>,
    pub(super) blocks: Vec<Block>,
    /// Why none of its blocks is run.
    not_run: Option<String>,
}

#[derive(Debug)]
pub(super) struct Link {
    /// From 1.
    pub(super) line: usize,
    pub(super) target: String,
}

/// A block of code.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// Of its first line, from 1.
    pub(super) line: usize,
    pub(super) language: String,
    pub(super) text: String,
    pub(super) directive: Option<Directive>,
}

/// What a comment before a block says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Directive {
    NotRun(String),
    File(String),
    Background,
    Fails,
}

impl Block {
    pub(super) fn is_console(&self) -> bool {
        self.language == "console" || self.language == "sh"
    }
}

impl Page {
    pub(super) fn read(path: &str) -> Result<Self> {
        Self::parse(path, &workspace::read(&workspace::root().join(path))?)
    }

    pub(super) fn parse(path: &str, text: &str) -> Result<Self> {
        let mut page = Self {
            path: path.to_owned(),
            headings: Vec::new(),
            links: Vec::new(),
            blocks: Vec::new(),
            not_run: None,
        };
        let mut directive = None;
        let mut open: Option<(usize, Block)> = None;
        for (number, line) in (1..).zip(text.lines()) {
            let trimmed = line.trim();
            if let Some((indentation, block)) = &mut open {
                if trimmed == "```" {
                    page.blocks.extend(open.take().map(|(_, block)| block));
                } else {
                    block.text.push_str(line.get(*indentation..).unwrap_or(""));
                    block.text.push('\n');
                }
                continue;
            }
            if let Some(language) = trimmed.strip_prefix("```") {
                let block = Block {
                    line: number + 1,
                    language: language.to_owned(),
                    text: String::new(),
                    directive: directive.take(),
                };
                open = Some((line.len() - line.trim_start().len(), block));
            } else if let Some(words) = comment(trimmed) {
                let found = Directive::parse(words);
                // Other pages have comments of their own.
                if found.is_none() && !super::is_run(path) {
                    continue;
                }
                let found =
                    found.with_context(|| format!("line {number}: unknown comment `{words}`"))?;
                match found {
                    Directive::NotRun(reason) if page.headings.is_empty() => {
                        page.not_run = Some(reason);
                    }
                    found => directive = Some(found),
                }
            } else if let Some(heading) = heading(line) {
                page.headings.push(heading.to_owned());
            } else {
                if !trimmed.is_empty() {
                    directive = None;
                }
                let targets = targets(line).into_iter();
                page.links.extend(targets.map(|target| Link {
                    line: number,
                    target,
                }));
            }
        }
        Ok(page)
    }

    /// Why a block is not run, if it is not.
    pub(super) fn reason<'a>(&'a self, block: &'a Block) -> Option<&'a str> {
        match (&self.not_run, &block.directive) {
            (Some(reason), _) | (None, Some(Directive::NotRun(reason))) => Some(reason),
            _ => None,
        }
    }

    /// Whether there is a command to run.
    pub(super) fn runs(&self) -> bool {
        self.blocks
            .iter()
            .any(|block| block.is_console() && self.reason(block).is_none())
    }

    /// The anchors of its headings.
    pub(super) fn anchors(&self) -> impl Iterator<Item = String> {
        self.headings.iter().map(|heading| anchor(heading))
    }
}

impl Directive {
    fn parse(words: &str) -> Option<Self> {
        if let Some(reason) = words.strip_prefix("not run: ") {
            return Some(Self::NotRun(reason.to_owned()));
        }
        if let Some(name) = words.strip_prefix("file: ") {
            return Some(Self::File(name.to_owned()));
        }
        match words {
            "in the background" => Some(Self::Background),
            "fails" => Some(Self::Fails),
            _ => None,
        }
    }
}

fn comment(line: &str) -> Option<&str> {
    Some(line.strip_prefix("<!--")?.strip_suffix("-->")?.trim())
}

fn heading(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches('#');
    let level = line.len() - rest.len();
    ((1..=6).contains(&level)).then(|| rest.strip_prefix(' '))?
}

/// A heading's anchor, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let mut anchor = String::new();
    let mut in_target = false;
    for letter in heading.to_lowercase().chars() {
        match letter {
            '(' if anchor.ends_with('\u{1}') => in_target = true,
            ')' if in_target => in_target = false,
            _ if in_target => {}
            ']' => anchor.push('\u{1}'),
            ' ' => anchor.push('-'),
            '-' | '_' => anchor.push(letter),
            letter if letter.is_alphanumeric() => anchor.push(letter),
            _ => {}
        }
    }
    anchor.replace('\u{1}', "")
}

/// The targets of the links in a line of prose.
fn targets(line: &str) -> Vec<String> {
    let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join("``");
    let mut targets = Vec::new();
    for (start, _) in prose.match_indices("](") {
        let rest = prose.get(start + 2..).unwrap_or("");
        if let Some((target, _)) = rest.split_once(')') {
            targets.push(target.to_owned());
        }
    }
    targets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_blocks_and_what_is_said_about_them() {
        let text = "# A\n\n1. one\n   <!-- file: src/lib.rs -->\n   ```rust\n   fn a() {\n       b()\n   ```\n<!-- fails -->\n\n```console\n$ x\n```\n\
                    ```console\n$ y\n```\n";
        let page = Page::parse("a.md", text).expect("a page");
        let blocks: Vec<_> = page
            .blocks
            .iter()
            .map(|block| (block.line, block.text.as_str(), block.directive.clone()))
            .collect();
        assert_eq!(
            blocks,
            [
                (
                    6,
                    "fn a() {\n    b()\n",
                    Some(Directive::File("src/lib.rs".to_owned()))
                ),
                (12, "$ x\n", Some(Directive::Fails)),
                (15, "$ y\n", None),
            ]
        );
        assert!(Page::parse("README.md", "<!-- runs -->\n").is_err());
    }

    #[test]
    fn a_page_may_run_nothing() {
        let text = "<!-- not run: no cloud -->\n# A\n```console\n$ x\n```\n";
        let page = Page::parse("a.md", text).expect("a page");
        assert!(!page.runs());
        assert_eq!(page.reason(&page.blocks[0]), Some("no cloud"));
    }

    #[test]
    fn makes_anchors_as_github_does() {
        for (heading, expected) in [
            ("What a tool looks like", "what-a-tool-looks-like"),
            ("`[server]`", "server"),
            ("On Spin, 4.1 or later", "on-spin-41-or-later"),
            ("See [the page](a.md) now", "see-the-page-now"),
            ("Audit log: events", "audit-log-events"),
        ] {
            assert_eq!(anchor(heading), expected);
        }
    }

    #[test]
    fn finds_links_outside_code() {
        assert_eq!(
            targets("See [a](b.md#c), `x](y)` and [d](e)."),
            ["b.md#c", "e"]
        );
    }
}
