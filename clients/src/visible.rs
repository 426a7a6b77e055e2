//! Text from outside, fit for a log, a terminal or a page.
//!
//! Control characters change a terminal, bidirectional controls change the order of what is read, and invisible characters
//! make two texts look alike. Each is written as its escape, so that it is seen, and changes nothing.

use std::borrow::Cow;

/// `text` with every control, bidirectional and invisible character written as an escape: `\n`, `\r`, `\t`, or `\u{202e}`.
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

/// Whether a reader does not see `c`, or sees what follows it elsewhere: the general categories Cc, Cf, Zl and Zp, and what
/// has the property Default_Ignorable_Code_Point, which covers fillers, variation selectors and tags (Unicode 17.0,
/// DerivedGeneralCategory.txt and DerivedCoreProperties.txt). Spaces are not among them.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{600}'..='\u{605}'
                | '\u{61c}'
                | '\u{6dd}'
                | '\u{70f}'
                | '\u{890}'..='\u{891}'
                | '\u{8e2}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{110bd}'
                | '\u{110cd}'
                | '\u{13430}'..='\u{1343f}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
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

    #[test]
    fn json_keeps_its_value() {
        let value = serde_json::json!({ "a\u{202e}": ["\u{e0041}\u{2028}", "\u{7f}"] });
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
