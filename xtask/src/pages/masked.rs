//! Comparing what a command prints with what a page shows: ids, times and ports differ from run to run.

/// The units that a duration is printed with.
const UNITS: [&str; 7] = ["ms", "us", "µs", "s", "min", "minutes", "seconds"];

/// Whether `printed` is what the page shows. A line `…` stands for any lines, and `…` in a line for any text.
pub(super) fn agree(shown: &[&str], printed: &[&str]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        Some((line, rest)) if line.trim() == "…" => {
            (0..=printed.len()).any(|skipped| agree(rest, &printed[skipped..]))
        }
        Some((line, rest)) => printed
            .split_first()
            .is_some_and(|(first, others)| same(line, first) && agree(rest, others)),
    }
}

/// Whether the lines that a page shows are among the printed, in this order.
pub(super) fn occur(shown: &[&str], printed: &[&str]) -> bool {
    let mut printed = printed.iter();
    shown
        .iter()
        .filter(|line| line.trim() != "…")
        .all(|line| printed.any(|other| same(line, other)))
}

fn same(shown: &str, printed: &str) -> bool {
    let (shown, printed) = (mask(shown), mask(printed));
    let mut parts = shown.trim_end().split('…');
    let Some(mut rest) = parts
        .next()
        .and_then(|start| printed.trim_end().strip_prefix(start))
    else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    true
}

/// A line without its ids, times and ports, and with one space for several: columns are as wide as their ids.
fn mask(line: &str) -> String {
    let mut masked = String::new();
    let mut rest = line;
    while let Some(letter) = rest.chars().next() {
        if letter.is_alphanumeric() {
            let length = word(rest);
            let (found, after) = rest.split_at(length);
            rest = after;
            if is_time(found) {
                // The rest of a point in time.
                rest = rest
                    .trim_start_matches(|c: char| c.is_ascii_alphanumeric() || ":.+-".contains(c));
                masked.push_str("<time>");
            } else if found == "127.0.0.1" || found == "localhost" {
                masked.push_str(found);
                if let Some(port) = rest.strip_prefix(':') {
                    rest = port.trim_start_matches(|c: char| c.is_ascii_digit());
                    masked.push_str(":<port>");
                }
            } else if is_id(found) {
                masked.push_str("<id>");
            } else if let Some(after) = duration(found, rest) {
                rest = after;
                masked.push_str("<time>");
            } else {
                masked.push_str(found);
            }
        } else {
            rest = &rest[letter.len_utf8()..];
            if letter != ' ' || !masked.ends_with(' ') {
                masked.push(letter);
            }
        }
    }
    masked
}

/// The length of the word at the beginning: letters, digits, and marks between them.
fn word(text: &str) -> usize {
    let end = text
        .find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.')))
        .unwrap_or(text.len());
    text[..end].trim_end_matches(['.', '-']).len().max(1)
}

/// `2026-12-01T01` of a point in time, or a date.
fn is_time(word: &str) -> bool {
    let bytes = word.as_bytes();
    bytes.len() >= 10
        && bytes[..10]
            .iter()
            .enumerate()
            .all(|(place, byte)| match place {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            })
}

fn is_id(word: &str) -> bool {
    let has_digit = word.contains(|c: char| c.is_ascii_digit());
    let is_hex = word.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    let is_base64 = word
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    let is_upper = word.contains(|c: char| c.is_ascii_uppercase());
    has_digit && ((is_hex && word.len() >= 12) || (is_base64 && is_upper && word.len() >= 20))
}

/// What follows a duration, whose unit is in the same word or behind a space.
fn duration<'a>(word: &str, rest: &'a str) -> Option<&'a str> {
    let end = word.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    if end.len() == word.len() {
        return None;
    }
    if UNITS.contains(&end) {
        return Some(rest);
    }
    let after = rest.strip_prefix(' ').filter(|_| end.is_empty())?;
    let unit = word_of(after);
    UNITS.contains(&unit).then(|| &after[unit.len()..])
}

fn word_of(text: &str) -> &str {
    match text.chars().next() {
        Some(first) if first.is_alphanumeric() => &text[..word(text)],
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_times_and_ports_are_equal() {
        for (shown, printed) in [
            ("took 1.52 s", "took 13 s"),
            ("in 3ms.", "in 41ms."),
            (
                "{\"time\":\"2026-11-30T09:33:09.979Z\"}",
                "{\"time\":\"2026-12-01T01:44:37.251Z\"}",
            ),
            (
                "on http://127.0.0.1:8787/mcp",
                "on http://127.0.0.1:41234/mcp",
            ),
            ("k1  sign  a61090ff0f62", "k1    sign  0161090ff0f6"),
            ("kid ascv26iCNQ6xbT7_hpBZA6D", "kid 1scv26iCNQ6xbT7_hpBZA6D"),
            ("a … c", "a b and c"),
        ] {
            assert!(same(shown, printed), "{} {}", mask(shown), mask(printed));
        }
    }

    #[test]
    fn other_words_and_numbers_count() {
        for (shown, printed) in [
            ("{\"words\": 6}", "{\"words\": 7}"),
            ("1 passed; 0 failed", "0 passed; 1 failed"),
            ("outcome ok", "outcome refused"),
            ("version 0.1.0", "version 0.2.0"),
            ("fade", "face"),
            ("a … c", "a b"),
        ] {
            assert!(!same(shown, printed), "{shown}");
        }
    }

    #[test]
    fn an_ellipsis_is_any_lines() {
        assert!(agree(&["a", "…", "c"], &["a", "b", "b", "c"]));
        assert!(agree(&["a", "…"], &["a"]));
        assert!(!agree(&["a", "…", "c"], &["a", "c", "d"]));
        assert!(!agree(&["a"], &["a", "b"]));
        assert!(occur(&["a", "c"], &["x", "a", "b", "c", "d"]));
        assert!(!occur(&["c", "a"], &["a", "c"]));
    }
}
