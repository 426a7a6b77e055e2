//! What is left of JSON and of events in a text that is not JSON.

use mcp_edge_clients::visible::is_invisible;

/// Whether a reader sees nothing of a character, or passes it over between members.
pub(super) fn is_blank(char: char) -> bool {
    char == ',' || char.is_whitespace() || is_invisible(char)
}

/// Whether a text that is not JSON was JSON once, or part of an event.
pub(super) fn looks_damaged(text: &str) -> bool {
    begins_as_json(text) || has_mark(text)
}

/// Whether a text begins as an object does, or a list of objects. `[INFO]` and `{name}` are how words of a log begin.
fn begins_as_json(text: &str) -> bool {
    let is_structure = |char| is_blank(char) || matches!(char, '[' | ']' | '{' | '}');
    let inside = text.trim_start_matches(is_structure);
    let begin = text.strip_suffix(inside).unwrap_or_default();
    let count = |sought| begin.chars().filter(|char| *char == sought).count();
    match inside.chars().next() {
        Some(first) => count('{') > 0 && matches!(first, '"' | '\'' | '/'),
        None => count('{') > count('}'),
    }
}

/// Whether a text has what an event has, however it is quoted and whatever blanks are in it: its kind, or the id of its chain.
pub(super) fn has_mark(text: &str) -> bool {
    let after = |name: &'static str| {
        let places = text.match_indices(name);
        places.filter_map(|(at, name)| text.get(at.saturating_add(name.len())..))
    };
    let has_kind = |rest| {
        let kind = quoted(value(rest)?)?;
        kind.starts_with("mcp.").then_some(())
    };
    let has_chain = |rest| {
        let inside = value(rest)?.strip_prefix('{')?;
        let id = quoted(blanks(inside))?.strip_prefix("id")?;
        quoted(value(id)?).map(drop)
    };
    after("event").any(|rest| has_kind(rest).is_some())
        || after("chain").any(|rest| has_chain(rest).is_some())
}

/// What follows the name of a member and its colon.
fn value(rest: &str) -> Option<&str> {
    let rest = quoted(rest).unwrap_or(rest);
    Some(blanks(blanks(rest).strip_prefix(':')?))
}

/// What follows a quotation mark, which is escaped if it is in a text of JSON.
fn quoted(text: &str) -> Option<&str> {
    text.trim_start_matches('\\').strip_prefix(['"', '\''])
}

/// What follows blanks, which may be escaped.
fn blanks(mut text: &str) -> &str {
    loop {
        let rest = text.trim_start_matches(is_blank);
        let escaped = rest.trim_start_matches('\\').strip_prefix(['n', 'r', 't']);
        match escaped.filter(|_| rest.starts_with('\\')) {
            Some(further) => text = further,
            None => return rest,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn marks_are_seen_in_whatever_spelling() {
        for text in [
            r#"x","event":"mcp.request""#,
            r#""event" : "mcp.request""#,
            "\"event\":\u{a0}\t\"mcp.request\"",
            r#"\"event\":\"mcp.request\""#,
            r#"\"event\":\n\t\"mcp.request\""#,
            r#"\\\"event\\\": \\n \\\"mcp.request\\\""#,
            "{'event': 'mcp.request'}",
            r#"event: "mcp.request""#,
            r#"events of "event", "event":"mcp.end""#,
            r#""chain" : { "id" : "ab"#,
            r#"\"chain\":{\"id\":\"ab"#,
        ] {
            assert!(has_mark(text), "{text}");
        }
        for text in [
            "event mcp.request",
            r#""event":"login""#,
            r#""event" "mcp.request""#,
            r#""chain":"id""#,
            "event",
            "chain:{",
        ] {
            assert!(!has_mark(text), "{text}");
        }
    }

    #[test]
    fn json_begins_behind_whatever_blanks() {
        for text in [
            r#"{"a"#,
            "{ \"a",
            "{\t\"a",
            "\u{feff}{\"a",
            "\u{a0}{\"a",
            ",{\"a",
            "[{ \"a",
            "[ \n[{\"a",
            "{,\"a",
            "{}{\"a",
            "{'a",
            "{/**/\"a",
            "{",
            "[{",
        ] {
            assert!(begins_as_json(text), "{text}");
        }
        for text in [
            "",
            "[INFO] listening",
            "[2026-09-21] {\"a",
            "{name} joined",
            "{ not JSON }",
            "{},",
            "[",
            "]",
            "\"a",
        ] {
            assert!(!begins_as_json(text), "{text}");
        }
    }
}
