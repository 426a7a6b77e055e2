//! Byte order marks, which parsers of the formats do not take, and which stay in a file that is edited.

/// The byte order marks at the beginning of `text`, which has more than one where two programs added theirs, and the rest.
pub(crate) fn split_marks(text: &str) -> (&str, &str) {
    let rest = text.trim_start_matches('\u{feff}');
    let marks = text.len().saturating_sub(rest.len());
    text.split_at_checked(marks).unwrap_or(("", text))
}
