//! Text from outside in a sentence.

use std::borrow::Cow;

/// The first `max` characters of `text`, and `…` where that is not all of it.
pub(crate) fn shorten(text: &str, max: usize) -> Cow<'_, str> {
    match text.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()).into(),
        None => text.into(),
    }
}
