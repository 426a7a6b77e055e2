//! The results as a page.

use anyhow::{Context, Result};

use super::aim::Aim;
use super::versions;
use crate::workspace;

/// What one part measured.
pub(super) struct Section {
    /// The part's figures: Markdown with a heading of its own.
    pub(super) text: String,
    /// What was aimed at.
    pub(super) aims: Vec<Aim>,
}

/// A table in Markdown: names on the left, numbers on the right.
pub(super) fn table(heads: &[String], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut text = format!("| {} |\n|---|", heads.join(" | "));
    text.push_str(&"---:|".repeat(heads.len().saturating_sub(1)));
    text.push('\n');
    for row in rows {
        text.push_str(&format!("| {} |\n", row.join(" | ")));
    }
    text
}

/// The aims and the figures of several parts, as they are printed.
pub(super) fn figures(sections: &[(&str, Section)]) -> String {
    let mut page = Page::default();
    for (part, section) in sections {
        page.put(part, section);
    }
    page.figures()
}

/// Writes the page: the parts that were measured in place of what it has of them, with the notes that a person has written next
/// to it. A part that was not measured keeps its figures, so that one can be measured without the others; `is_whole` says that
/// none is left of a run before.
pub(super) fn write(sections: &[(&str, Section)], is_whole: bool) -> Result<()> {
    let benches = workspace::root().join("benches");
    let notes = workspace::read(&benches.join("notes.md"))?;
    let path = benches.join("RESULTS.md");
    let mut page = match is_whole {
        true => Page::default(),
        false => Page::parse(&workspace::read(&path)?)
            .with_context(|| format!("{} is not a page of results; measure all", path.display()))?,
    };
    for (part, section) in sections {
        page.put(part, section);
    }
    if is_whole {
        page.versions = versions::section()?;
    }
    workspace::write(&path, &page.text(&notes))?;
    println!("wrote {}", path.display());
    Ok(())
}

/// Precedes the figures of a part on the page.
const PART: &str = "<!-- part: ";
const PART_END: &str = " -->\n";

/// The heading of the notes, which a person writes.
const NOTES: &str = "## Known limits\n";

/// The heading of the last part.
const VERSIONS: &str = "## What was measured\n";

const AIMS: &str = "## The aims\n\n| part | | aim | measured | |\n|---|---|---|---|---|\n";

/// The page in its parts.
#[derive(Debug, Default, PartialEq)]
struct Page {
    /// The rows of the table of aims, by part.
    aims: Vec<(String, String)>,
    /// The figures, by part, in the order of the page.
    parts: Vec<(String, String)>,
    /// What was measured when all was measured last.
    versions: String,
}

impl Page {
    /// Reads a page that was written before.
    fn parse(text: &str) -> Option<Self> {
        let (_, rest) = text.split_once(AIMS)?;
        let (rows, rest) = rest.split_once("\n\n")?;
        let aims = rows.lines().map(|row| {
            let (part, _) = row.strip_prefix("| ")?.split_once(" | ")?;
            Some((part.to_owned(), format!("{row}\n")))
        });
        let (figures, rest) = rest.split_once(NOTES)?;
        let (_, versions) = rest.split_once(VERSIONS)?;
        let parts = figures.split(PART).skip(1).map(|part| {
            let (name, text) = part.split_once(PART_END)?;
            Some((name.to_owned(), format!("{}\n", text.trim_end())))
        });
        Some(Self {
            aims: aims.collect::<Option<_>>()?,
            parts: parts.collect::<Option<_>>()?,
            versions: format!("{VERSIONS}{versions}"),
        })
    }

    /// Puts the figures of a part where those of the run before are, or after all others.
    fn put(&mut self, part: &str, section: &Section) {
        let rows = section.aims.iter();
        let rows = rows.map(|aim| (part.to_owned(), format!("| {part} {}", aim.row())));
        let first = self.aims.iter().position(|(known, _)| known == part);
        let first = first.unwrap_or(self.aims.len());
        self.aims.retain(|(known, _)| known != part);
        self.aims.splice(first..first, rows);
        let text = format!("{}\n", section.text.trim_end());
        match self.parts.iter_mut().find(|(known, _)| known == part) {
            Some((_, known)) => *known = text,
            None => self.parts.push((part.to_owned(), text)),
        }
    }

    fn figures(&self) -> String {
        let mut text = AIMS.to_owned();
        text.extend(self.aims.iter().map(|(_, row)| row.as_str()));
        for (part, figures) in &self.parts {
            text.push_str(&format!("\n{PART}{part}{PART_END}{figures}"));
        }
        text
    }

    fn text(&self, notes: &str) -> String {
        format!("{HEAD}\n{}\n{notes}\n{}", self.figures(), self.versions)
    }
}

const HEAD: &str = "\
# Results

Written by

```
cargo xtask bench
```

which measures each part of this page side by side, in one run; `cargo xtask bench --only PART` measures a part again, and leaves
the others as they are. A figure without a unit is a multiple of the reference that its table names. Servers under comparison have
one tool, get the same request, take turns in rounds of a second, and write their logs to nowhere; a figure is the median over
the rounds.
";

#[cfg(test)]
mod tests {
    use super::super::PARTS;
    use super::super::aim::Bound;
    use super::*;

    fn section(text: &str, measured: f64) -> Section {
        let aims = [1.0, 2.0].map(|bound| Aim {
            what: format!("{text}, {bound}"),
            bound: Bound::AtLeast(bound),
            measured,
            unit: "",
        });
        Section {
            text: format!("## {text}\n\n{}", table(&["a".to_owned()], [])),
            aims: aims.into(),
        }
    }

    #[test]
    fn a_part_is_replaced_and_the_others_are_kept() -> Result<()> {
        let mut page = Page {
            versions: format!("{VERSIONS}\nrustc.\n"),
            ..Page::default()
        };
        for (part, text) in [("one", "One"), ("two", "Two"), ("three", "Three")] {
            page.put(part, &section(text, 1.0));
        }
        let before = page.text("## Known limits\n\nNone.\n");
        let mut read = Page::parse(&before).context("no page")?;
        assert_eq!(read, page);

        read.put("two", &section("New", 1.0));
        let after = read.text("## Known limits\n\nNone.\n");
        assert_eq!(after, before.replace("Two", "New"));
        assert_ne!(after, before);
        read.put("four", &section("Four", 1.0));
        assert_eq!(read.parts.len(), 4);
        assert_eq!(read.aims.len(), 8);
        Ok(())
    }

    #[test]
    fn the_page_of_this_repository_can_be_written_to() -> Result<()> {
        let page = workspace::root().join("benches/RESULTS.md");
        let page = Page::parse(&workspace::read(&page)?).context("no page")?;
        assert!(!page.parts.is_empty());
        for part in page.parts.iter().chain(&page.aims).map(|(part, _)| part) {
            assert!(PARTS.iter().any(|(name, _)| name == part), "{part}");
        }
        assert!(page.versions.lines().count() > 2);
        Ok(())
    }
}
