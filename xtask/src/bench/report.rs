//! The results as a page.

use anyhow::Result;

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

/// The aims and the figures.
pub(super) fn figures(sections: &[Section]) -> String {
    let mut text = "## The aims\n\n| | aim | measured | |\n|---|---|---|---|\n".to_owned();
    for aim in sections.iter().flat_map(|section| &section.aims) {
        text.push_str(&aim.row());
    }
    for section in sections {
        text.push('\n');
        text.push_str(&section.text);
    }
    text
}

/// Writes the page, with the notes that a person has written next to it.
pub(super) fn write(sections: &[Section]) -> Result<()> {
    let benches = workspace::root().join("benches");
    let notes = workspace::read(&benches.join("notes.md"))?;
    let text = format!(
        "{HEAD}\n{}\n{notes}\n{}",
        figures(sections),
        versions::section()?
    );
    let path = benches.join("RESULTS.md");
    workspace::write(&path, &text)?;
    println!("wrote {}", path.display());
    Ok(())
}

const HEAD: &str = "\
# Results

Written by

```
cargo xtask bench
```

which measures everything on this page side by side, in one run. A figure without a unit is a multiple of the reference that
its table names. Servers under comparison have one tool, get the same request, take turns in rounds of a second, and write
their logs to nowhere; a figure is the median over the rounds.
";
