//! The byte order mark, which parsers of the formats do not take, and which stays in a file that is edited.

/// The byte order mark of `text`, if it has one, and the rest.
pub(crate) fn split_mark(text: &str) -> (&str, &str) {
    let mark = text
        .strip_prefix('\u{feff}')
        .map_or(0, |rest| text.len().saturating_sub(rest.len()));
    text.split_at_checked(mark).unwrap_or(("", text))
}
