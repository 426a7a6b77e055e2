//! Text from outside in a sentence.

/// How many characters of a name, a pattern or a URI a sentence shows.
pub const MAX_SHOWN: usize = 80;

/// The first `max` characters of `text`, and `…` where that is not all of it.
pub fn shorten(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::shorten;

    #[test]
    fn what_is_too_long_is_cut_between_characters() {
        for (text, max, shown) in [
            ("", 2, ""),
            ("äö", 2, "äö"),
            ("äöü", 2, "äö…"),
            ("a", 0, "…"),
        ] {
            assert_eq!(shorten(text, max), shown);
        }
    }
}
