//! Words of a document in `mcp.toml`.

use std::fmt::Write;

use mcp_edge_clients::visible::is_invisible;

/// A basic string of TOML. What a reader would not see is an escape.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for char in text.chars() {
        match char {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            char if is_invisible(char) => {
                // Writing to a String does not fail.
                let _ = write!(quoted, "\\U{:08X}", u32::from(char));
            }
            char => quoted.push(char),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toml_reads_what_was_quoted() {
        for text in ["GET /a", "\"", "\\", "a\nb\tc", "\u{202e}\u{1b}", "é"] {
            let line = format!("a = {}", quoted(text));
            assert_eq!(line.lines().count(), 1);
            let document: toml_edit::DocumentMut = line.parse().unwrap();
            assert_eq!(document["a"].as_str(), Some(text));
        }
    }
}
