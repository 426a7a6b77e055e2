//! An edit that leaves every other byte of a file as it is.

use super::{Edit, EditError};
use crate::byte_order_mark::split_marks;

/// `before` as `edit` changes it.
///
/// Parsers of the formats drop byte order marks and normalise line ends. So `edit` gets the text without a mark and with
/// line feeds only, and of what it makes of that only the part that differs goes into the file, with the line ends that the file
/// has there.
pub(super) fn spliced(
    before: &str,
    edit: impl FnOnce(&str) -> Result<Edit, EditError>,
) -> Result<Edit, EditError> {
    let (marks, text) = split_marks(before);
    let plain = text.replace("\r\n", "\n");
    let whole = |after: &str| format!("{marks}{}", merged(text, &plain, after));
    Ok(match edit(&plain)? {
        Edit::Added(after) => Edit::Added(whole(&after)),
        Edit::Replaced(after) => Edit::Replaced(whole(&after)),
        Edit::AlreadyThere(name) => Edit::AlreadyThere(name),
    })
}

/// `text` with what differs between `plain`, which is `text` with line feeds only, and `after`.
fn merged(text: &str, plain: &str, after: &str) -> String {
    let head = shared(plain.chars(), after.chars());
    let rest = |text: &str| text.get(head..).unwrap_or_default().to_owned();
    let (plain_rest, after_rest) = (rest(plain), rest(after));
    let tail = shared(plain_rest.chars().rev(), after_rest.chars().rev());
    let end = after_rest.len().saturating_sub(tail);
    let changed = after_rest.get(..end).unwrap_or_default();
    let from = original(text, head);
    let to = original(text, plain.len().saturating_sub(tail));
    let kept = |range: Option<&str>| range.unwrap_or_default().to_owned();
    let before = kept(text.get(..from));
    let newline = line_end(&before, text);
    before + &changed.replace('\n', newline) + &kept(text.get(to..))
}

/// How many bytes two texts share from where they begin.
fn shared(one: impl Iterator<Item = char>, two: impl Iterator<Item = char>) -> usize {
    one.zip(two)
        .take_while(|(one, two)| one == two)
        .map(|(one, _)| one.len_utf8())
        .sum()
}

/// Where in `text` the byte is that comes after `plain` bytes of it with line feeds only.
fn original(text: &str, plain: usize) -> usize {
    let mut seen = 0_usize;
    let mut bytes = text.bytes().enumerate().peekable();
    while let Some((position, byte)) = bytes.next() {
        if seen == plain {
            return position;
        }
        let is_first_of_two = byte == b'\r' && bytes.peek().is_some_and(|(_, next)| *next == b'\n');
        if !is_first_of_two {
            seen = seen.saturating_add(1);
        }
    }
    text.len()
}

/// The end of the line before, or else of the first line.
fn line_end(before: &str, text: &str) -> &'static str {
    let is_crlf = |line: &str| line.ends_with("\r\n");
    let is_line = |line: &&str| line.ends_with('\n');
    let last = before.split_inclusive('\n').rfind(is_line);
    match last.or_else(|| text.split_inclusive('\n').find(is_line)) {
        Some(line) if is_crlf(line) => "\r\n",
        _ => "\n",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn with(before: &str, edit: impl FnOnce(&str) -> String) -> String {
        match spliced(before, |text| Ok(Edit::Added(edit(text)))) {
            Ok(Edit::Added(text)) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_what_differs_is_written() {
        for (before, expected) in [
            ("a\r\nb\r\n", "a\r\nnew\r\nb\r\n"),
            ("\u{feff}a\nb\n", "\u{feff}a\nnew\nb\n"),
            ("\u{feff}\u{feff}a\nb\n", "\u{feff}\u{feff}a\nnew\nb\n"),
            ("a\nb\r\nc\r\n", "a\nnew\nb\r\nc\r\n"),
            ("a\r\nb\nc", "a\r\nnew\r\nb\nc"),
        ] {
            assert_eq!(
                with(before, |text| text.replacen("a\n", "a\nnew\n", 1)),
                expected
            );
        }
        // What an edit gets has neither.
        with("\u{feff}a\r\nb", |text| {
            assert_eq!(text, "a\nb");
            text.to_owned()
        });
    }

    proptest! {
        #[test]
        fn all_bytes_before_and_behind_stay(
            before in prop::collection::vec(prop_oneof![Just("\r\n"), Just("\n"), Just("\r"), Just("ä"), Just("a"), Just(" ")], 0..12),
            line in 0..6_usize,
            marks in 0..4_usize,
        ) {
            let before = format!("{}{}", "\u{feff}".repeat(marks), before.concat());
            let after = with(&before, |text| {
                let mut lines: Vec<_> = text.split_inclusive('\n').collect();
                let place = line.min(lines.len());
                lines.insert(place, "=new=\n");
                lines.concat()
            });
            let (head, rest) = after.split_once("=new=").expect("what was added");
            let tail = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n')).expect("its line end");
            prop_assert_eq!(format!("{head}{tail}"), before);
        }
    }
}
