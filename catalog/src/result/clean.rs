//! Text of an upstream in a sentence to the model.

/// The first `max` bytes of a text without control characters and those that are not seen, and `…` where that is not all of it.
/// White space is one space.
pub(super) fn clean(text: &str, max: usize) -> String {
    let mut cleaned = String::new();
    let mut is_after_space = true;
    for letter in text.chars() {
        let is_space = letter.is_whitespace();
        if (is_space && is_after_space) || (!is_space && is_hidden(letter)) {
            continue;
        }
        if cleaned.len().saturating_add(letter.len_utf8()) > max {
            cleaned.push('…');
            return cleaned;
        }
        cleaned.push(if is_space { ' ' } else { letter });
        is_after_space = is_space;
    }
    cleaned.truncate(cleaned.trim_end().len());
    cleaned
}

/// Whether a person who reads the text does not see the character, but a model does: controls, and what Unicode has for the
/// direction of text, for joining and for tags.
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn text_is_bounded_and_visible() {
        for (text, cleaned) in [
            ("", ""),
            ("a\r\n\r\n  b\t", "a b"),
            (" \n", ""),
            ("a\0b\u{1b}[31mc\u{7f}", "ab[31mc"),
            ("a\u{202e}b\u{200b}c\u{e0041}", "abc"),
            ("12345678", "12345678"),
            ("123456789", "12345678…"),
            ("1234567é", "1234567…"),
        ] {
            assert_eq!(clean(text, 8), cleaned);
        }
    }
}
