//! How words look on a terminal. Where there is none, the program takes all of it out again.

use anstyle::{AnsiColor, Style};
use mcp_edge_clients::visible::visible;

pub(crate) const HEADING: Style = Style::new().bold();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
pub(crate) const CAUTION: Style = AnsiColor::Yellow.on_default();

/// `text` in `style`.
pub(crate) fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// How much of a stranger's text is shown, in characters.
const SHOWN: usize = 160;

/// A text of a stranger, fit for a terminal.
pub(crate) fn shown(text: &str) -> String {
    let mut cut: String = text.chars().take(SHOWN).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    visible(&cut).into_owned()
}

/// Rows below a heading, each column as wide as its widest cell.
pub(crate) struct Table {
    heading: Vec<String>,
    rows: Vec<Vec<(String, Style)>>,
}

impl Table {
    pub(crate) fn new<'a>(heading: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            heading: heading.into_iter().map(str::to_owned).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row, each cell with its style.
    pub(crate) fn row(&mut self, cells: Vec<(String, Style)>) {
        self.rows.push(cells);
    }

    /// The whole table, with a line end after each row.
    pub(crate) fn text(&self) -> String {
        let heading: Vec<_> = self
            .heading
            .iter()
            .map(|cell| (cell.clone(), HEADING))
            .collect();
        let widths: Vec<usize> = self
            .heading
            .iter()
            .enumerate()
            .map(|(column, title)| {
                let cells = self.rows.iter().filter_map(|row| row.get(column));
                let widest = cells.map(|(cell, _)| cell.chars().count()).max();
                widest.unwrap_or(0).max(title.chars().count())
            })
            .collect();
        let mut text = String::new();
        for row in std::iter::once(&heading).chain(&self.rows) {
            text.push_str(&line(row, &widths));
            text.push('\n');
        }
        text
    }
}

fn line(row: &[(String, Style)], widths: &[usize]) -> String {
    let mut line = String::new();
    let mut gap = 0;
    for ((cell, style), width) in row.iter().zip(widths) {
        line.push_str(&" ".repeat(gap));
        line.push_str(&styled(*style, cell));
        // Only before another cell, so that no line ends in blanks.
        gap = width.saturating_sub(cell.chars().count()).saturating_add(2);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(["key", "stage"]);
        table.row(vec![
            ("signing".into(), Style::new()),
            ("é".into(), Style::new()),
        ]);
        let text = anstream::adapter::strip_str(&table.text()).to_string();
        assert_eq!(text, "key      stage\nsigning  é\n");
    }

    #[test]
    fn what_a_stranger_wrote_does_nothing_to_a_terminal() {
        assert_eq!(shown("a\u{1b}[2Jb\n\"c\""), "a\\u{1b}[2Jb\\n\"c\"");
        assert_eq!(shown("a\u{202e}b\u{e0041}"), "a\\u{202e}b\\u{e0041}");
        assert_eq!(shown(&"x".repeat(500)).chars().count(), SHOWN + 1);
    }
}
