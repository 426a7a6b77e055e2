//! How words look on a terminal. Where there is none, the program takes all of it out again.

use anstyle::{AnsiColor, Style};
use mcp_edge_clients::visible::{visible, visible_except};

pub(crate) const HEADING: Style = Style::new().bold();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
pub(crate) const CAUTION: Style = AnsiColor::Yellow.on_default();

/// `text` in `style`. Nothing in the text can end the style, or begin another.
pub(crate) fn styled(style: Style, text: &str) -> String {
    let text = visible_except(text, &LINES);
    format!("{style}{text}{style:#}")
}

/// What has a meaning in a text of lines.
pub(crate) const LINES: [char; 2] = ['\n', '\t'];

/// Writes to standard error, which is for people. It may be closed.
pub(crate) fn say(text: &str) {
    use std::io::Write as _;
    let mut out = anstream::stderr();
    let _ = write!(out, "{}", fit_for_a_terminal(text));
    let _ = out.flush();
}

/// A text with lines and styles of the program's own: every other control sequence, and whatever is invisible, is written as an
/// escape.
pub(crate) fn fit_for_a_terminal(text: &str) -> String {
    const ESCAPE: char = '\u{1b}';
    let reset = format!("{:#}", HEADING);
    let own: Vec<String> = [HEADING, GOOD, BAD, CAUTION]
        .iter()
        .map(ToString::to_string)
        .chain([reset])
        .collect();
    let mut parts = text.split(ESCAPE);
    let mut fit = visible_except(parts.next().unwrap_or_default(), &LINES).into_owned();
    for part in parts {
        let sequence = format!("{ESCAPE}{part}");
        match own
            .iter()
            .find_map(|style| Some((style, sequence.strip_prefix(style.as_str())?)))
        {
            Some((style, rest)) => {
                fit.push_str(style);
                fit.push_str(&visible_except(rest, &LINES));
            }
            None => fit.push_str(&visible_except(&sequence, &LINES)),
        }
    }
    fit
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
    fn no_control_sequence_but_its_own_reaches_a_terminal() {
        let own = format!("{}\t{}\n", styled(GOOD, "ok"), styled(HEADING, "a"));
        assert_eq!(fit_for_a_terminal(&own), own);
        for hostile in [
            "\u{1b}[2J",
            "\u{1b}[1;1H",
            "\u{1b}]0;title\u{7}",
            "\u{1b}[5m",
            "\r",
        ] {
            for text in [
                hostile.to_owned(),
                styled(BAD, hostile),
                format!("{own}{hostile}"),
            ] {
                let fit = fit_for_a_terminal(&text);
                assert!(!fit.contains(hostile), "{text:?}");
                assert!(fit.contains("\\u{1b}") || fit.contains("\\r"), "{fit:?}");
            }
        }
        // A style in the text of a stranger does not end that of the program.
        assert!(!styled(BAD, &GOOD.to_string()).contains(&GOOD.to_string()));
    }

    #[test]
    fn text_from_outside_does_not_control_a_terminal() {
        assert_eq!(shown("a\u{1b}[2Jb\n\"c\""), "a\\u{1b}[2Jb\\n\"c\"");
        assert_eq!(shown("a\u{202e}b\u{e0041}"), "a\\u{202e}b\\u{e0041}");
        assert_eq!(shown(&"x".repeat(500)).chars().count(), SHOWN + 1);
    }
}
