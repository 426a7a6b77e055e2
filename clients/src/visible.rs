//! Text from outside, fit for a log, a terminal or a page.
//!
//! Control characters change a terminal, bidirectional controls change the order of what is read, and invisible characters
//! make two texts look alike. Each is written as its escape, so that it is seen, and changes nothing.

use std::borrow::Cow;

/// `text` with every control, bidirectional, blank and invisible character written as an escape: `\n`, `\r`, `\t`, or
/// `\u{202e}`. The ordinary space stays.
pub fn visible(text: &str) -> Cow<'_, str> {
    visible_except(text, &[])
}

/// The same with the characters in `kept` left as they are, as the line ends of a text that has lines.
pub fn visible_except<'a>(text: &'a str, kept: &[char]) -> Cow<'a, str> {
    escaped(text, |c, escaped| match c {
        _ if kept.contains(&c) => escaped.push(c),
        '\n' => escaped.push_str("\\n"),
        '\r' => escaped.push_str("\\r"),
        '\t' => escaped.push_str("\\t"),
        _ => escaped.extend(c.escape_unicode()),
    })
}

/// A JSON text (RFC 8259) with the same characters written as escapes of JSON: its value stays the same. Line ends and tabs
/// between its tokens stay as they are.
pub fn visible_json(text: &str) -> Cow<'_, str> {
    escaped(text, |c, escaped| {
        if c.is_ascii_whitespace() {
            escaped.push(c);
            return;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            escaped.push_str(&format!("\\u{unit:04x}"));
        }
    })
}

fn escaped(text: &str, escape: impl Fn(char, &mut String)) -> Cow<'_, str> {
    if !text.contains(is_invisible) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if is_invisible(c) {
            escape(c, &mut escaped);
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

/// Whether a reader does not see `c`, takes it for an ordinary space, or sees what follows it elsewhere: controls, formats,
/// separators other than the space, private and unassigned characters (general categories C and Z), and what is blank or
/// ignored though it is a letter, a mark or a symbol.
///
/// The categories are those of the standard library, which escapes exactly them.
pub fn is_invisible(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    is_ignored(c) || is_blank(c) || is_escaped(c)
}

/// Whether the standard library escapes `c` in the middle of a text. At its beginning, it escapes combining marks as well.
fn is_escaped(c: char) -> bool {
    let mut bytes = [b'x'; 5];
    let [_, behind @ ..] = &mut bytes;
    let length = c.encode_utf8(behind).len();
    let text = bytes.get(..=length).map(std::str::from_utf8);
    text.and_then(Result::ok)
        .and_then(|text| text.escape_debug().nth(1))
        != Some(c)
}

/// The letters and marks with the property Default_Ignorable_Code_Point: fillers, joiners and variation selectors (Unicode
/// 17.0, DerivedCoreProperties.txt, without the categories C and Z).
fn is_ignored(c: char) -> bool {
    matches!(
        c,
        '\u{34f}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{ffa0}'
            | '\u{e0100}'..='\u{e01ef}'
    )
}

/// Letters, marks and symbols that are blank. Unicode has no property for it, so these are the names with BLANK, FILLER or
/// NULL that are neither ignored nor drawn (Unicode 17.0, UnicodeData.txt), and the place of an object that is not there.
fn is_blank(c: char) -> bool {
    matches!(
        c,
        // BRAILLE PATTERN BLANK, OBJECT REPLACEMENT CHARACTER, EGYPTIAN HIEROGLYPH FULL BLANK and HALF BLANK, KHITAN SMALL
        // SCRIPT FILLER, MUSICAL SYMBOL NULL NOTEHEAD.
        '\u{2800}' | '\u{fffc}' | '\u{13441}'..='\u{13442}' | '\u{16fe4}' | '\u{1d159}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_invisible_stays() {
        for (text, shown) in [
            (
                "Ada Lovelace, Jürgen, 李, ドメイン",
                "Ada Lovelace, Jürgen, 李, ドメイン",
            ),
            // Combining marks belong to letters.
            (
                "Ju\u{308}rgen, हिन्दी, ไทย, 🦀",
                "Ju\u{308}rgen, हिन्दी, ไทย, 🦀",
            ),
            ("a\u{2800}b\u{1d159}", "a\\u{2800}b\\u{1d159}"),
            ("a\u{a0}b\u{3000}c\u{2003}", "a\\u{a0}b\\u{3000}c\\u{2003}"),
            (
                "\u{e000}\u{fdd0}\u{10ffff}",
                "\\u{e000}\\u{fdd0}\\u{10ffff}",
            ),
            ("a\u{202e}b", "a\\u{202e}b"),
            ("\u{2066}a\u{2069}", "\\u{2066}a\\u{2069}"),
            ("a\u{200b}\u{200d}\u{feff}", "a\\u{200b}\\u{200d}\\u{feff}"),
            ("\u{1b}[2J\r\n\t", "\\u{1b}[2J\\r\\n\\t"),
            ("\u{7f}\u{85}\u{9b}", "\\u{7f}\\u{85}\\u{9b}"),
            ("a\u{2028}b\u{2029}", "a\\u{2028}b\\u{2029}"),
            (
                "\u{e0041}\u{e0100}\u{fe0f}",
                "\\u{e0041}\\u{e0100}\\u{fe0f}",
            ),
            ("\u{3164}\u{ad}\u{34f}", "\\u{3164}\\u{ad}\\u{34f}"),
        ] {
            assert_eq!(visible(text), shown);
            // What is escaped once has nothing left to escape.
            assert_eq!(visible(shown), shown);
        }
    }

    /// Against Unicode's own classes, as another library has them, for every character that was assigned when it was made.
    #[test]
    fn the_classes_are_those_of_unicode() {
        let class = |class| regex::Regex::new(class).unwrap();
        let unassigned = class(r"\p{Cn}");
        let unseen = class(r"[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]");
        for c in ('\0'..=char::MAX).filter(|c| *c != ' ' && !is_blank(*c)) {
            let text = c.to_string();
            if is_ignored(c) {
                assert!(unseen.is_match(&text), "{}", c.escape_unicode());
            }
            if !unassigned.is_match(&text) {
                assert_eq!(
                    is_invisible(c),
                    unseen.is_match(&text),
                    "{}",
                    c.escape_unicode()
                );
            }
        }
    }

    #[test]
    fn json_keeps_its_value() {
        let value =
            serde_json::json!({ "a\u{202e}": ["\u{e0041}\u{2028}", "\u{7f}\u{2800}\u{a0}"] });
        for text in [
            value.to_string(),
            serde_json::to_string_pretty(&value).unwrap(),
        ] {
            let shown = visible_json(&text);
            let left = shown.chars().filter(|c| is_invisible(*c));
            assert!(left.into_iter().all(|c| c == '\n'), "{shown}");
            assert_eq!(
                serde_json::from_str::<serde_json::Value>(&shown).unwrap(),
                value
            );
        }
        assert!(visible_json("{\"a\":\"\u{e0041}\"}").contains("\\udb40\\udc41"));
    }
}
