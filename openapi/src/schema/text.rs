//! Descriptions, which come from documents and are read by models.

/// `text` without control characters, and at most `max` characters of it.
pub(crate) fn cleaned(text: &str, max: usize) -> (String, bool) {
    let mut clean = String::with_capacity(text.len().min(max.saturating_mul(4)));
    let mut count = 0_usize;
    let mut chars = text.trim().chars().filter_map(|char| match char {
        '\n' => Some('\n'),
        '\t' => Some(' '),
        // Line separators, and marks that reverse what a person reads.
        '\u{2028}' | '\u{2029}' => Some('\n'),
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => None,
        char if char.is_control() => None,
        char => Some(char),
    });
    for char in chars.by_ref() {
        if count >= max {
            // Up to the last whole word, unless that is far away.
            let end = clean.rfind([' ', '\n']).unwrap_or_default();
            if end >= clean.len().div_euclid(2) {
                clean.truncate(end);
            }
            clean.truncate(clean.trim_end().len());
            clean.push('…');
            return (clean, true);
        }
        clean.push(char);
        count = count.saturating_add(1);
    }
    (clean, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_cut_between_words() {
        assert_eq!(
            cleaned(" one two three ", 100),
            ("one two three".to_owned(), false)
        );
        assert_eq!(cleaned("one two three", 9), ("one two…".to_owned(), true));
        assert_eq!(cleaned("abcdefgh", 3), ("abc…".to_owned(), true));
        assert_eq!(
            cleaned("a\u{0}b\r\nc\u{202e}d", 9),
            ("ab\ncd".to_owned(), false)
        );
    }
}
