//! Comma-separated values (RFC 4180) that a spreadsheet opens as text.

use mcp_edge_clients::visible::visible;

/// What a spreadsheet takes for the beginning of a formula, the wide forms of some locales included.
const FORMULA: [char; 8] = [
    '=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
];
/// What a spreadsheet may begin a cell behind, whatever separator its locale has.
const SEPARATORS: [char; 5] = [',', ';', '|', ':', '"'];

/// A record, with its line end.
pub(super) fn record<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<_> = cells.into_iter().map(cell).collect();
    format!("{}\r\n", cells.join(","))
}

/// One cell. Control and invisible characters are written as escapes. What could begin a formula gets an apostrophe in front,
/// also behind a separator: a spreadsheet that divides lines at semicolons does not keep to these quotation marks.
fn cell(text: &str) -> String {
    let mut harmless = String::new();
    let mut begins = true;
    for char in visible(text).chars() {
        if begins && FORMULA.contains(&char) {
            harmless.push('\'');
        }
        begins = SEPARATORS.contains(&char) || (begins && char == ' ');
        harmless.push(char);
    }
    match harmless.contains([',', ';', '"', '\'']) {
        true => format!("\"{}\"", harmless.replace('"', "\"\"")),
        false => harmless,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_cells_as_rfc_4180() {
        assert_eq!(
            record(["alice", "", "a, \"b\"", "a;b", "https://id.example.com/a"]),
            "alice,,\"a, \"\"b\"\"\",\"a;b\",https://id.example.com/a\r\n"
        );
    }

    #[test]
    fn no_cell_begins_a_formula() {
        for (text, harmless) in [
            ("=1+1", "\"'=1+1\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\u{ff1d}1", "\"'\u{ff1d}1\""),
            ("  =1", "\"  '=1\""),
            ("\t=1", "\\t=1"),
            ("\r=1", "\\r=1"),
            ("\n=1", "\\n=1"),
            ("\u{feff}=1", "\\u{feff}=1"),
            ("a;=1", "\"a;'=1\""),
            ("a, =1", "\"a, '=1\""),
            ("a\"=1", "\"a\"\"'=1\""),
            ("alice@example.com", "alice@example.com"),
            ("a-b=c", "a-b=c"),
        ] {
            assert_eq!(record([text]), format!("{harmless}\r\n"), "{text:?}");
        }
    }
}
