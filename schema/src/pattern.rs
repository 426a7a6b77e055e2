//! `pattern` and `patternProperties`: ECMA-262 expressions on an engine whose time is linear.
use regex_lite::{Regex, RegexBuilder};

use super::budget::{Budget, LimitExceeded};

/// A compiled expression and what matching one byte costs at worst.
pub(super) struct Pattern {
    pub(super) source: String,
    regex: Regex,
    steps_per_byte: usize,
}

/// Memory of the smallest and the largest expression, in bytes. Matching time grows with it.
const SMALLEST: usize = 4 * 1024;
const LARGEST: usize = 256 * 1024;
/// Bytes of the expression that one step of the budget takes past one byte of the text.
const BYTES_PER_STEP: usize = 256;
/// White space as ECMA-262 defines it; the engine's own `\s` is ASCII.
const WHITE_SPACE: &str = r"\t\n\x0B\x0C\r \u{A0}\u{1680}\u{2000}-\u{200A}\u{2028}\u{2029}\u{202F}\u{205F}\u{3000}\u{FEFF}";

impl Pattern {
    /// The error is what is wrong with the expression.
    pub(super) fn compile(source: &str) -> Result<Self, String> {
        let translated = translate(source)?;
        let mut size = SMALLEST;
        loop {
            match RegexBuilder::new(&translated).size_limit(size).build() {
                Ok(regex) => {
                    let steps_per_byte = size.div_euclid(BYTES_PER_STEP);
                    return Ok(Self {
                        source: source.to_owned(),
                        regex,
                        steps_per_byte,
                    });
                }
                Err(error) if size >= LARGEST => return Err(error.to_string()),
                Err(_) => size = size.saturating_mul(4),
            }
        }
    }

    pub(super) fn matches(&self, text: &str, budget: &mut Budget) -> Result<bool, LimitExceeded> {
        budget.spend(text.len().saturating_mul(self.steps_per_byte))?;
        Ok(self.regex.is_match(text))
    }
}

/// From ECMA-262 with its `u` flag to the engine's syntax, where the two differ. What the engine lacks (look-around,
/// back-references, `\p{…}`) it refuses by itself.
fn translate(source: &str) -> Result<String, String> {
    let mut out = String::with_capacity(source.len());
    let mut chars = source.chars().peekable();
    let mut in_class = false;
    while let Some(char) = chars.next() {
        match char {
            '\\' => {
                let escaped = chars.next().ok_or("it ends in a backslash")?;
                match escaped {
                    's' if in_class => out.push_str(WHITE_SPACE),
                    's' => out.extend(["[", WHITE_SPACE, "]"]),
                    'S' if !in_class => out.extend(["[^", WHITE_SPACE, "]"]),
                    '0' => out.push_str(r"\x00"),
                    'c' => {
                        let letter = chars
                            .next()
                            .filter(char::is_ascii_alphabetic)
                            .ok_or(r"`\c` needs a letter")?;
                        push_code_point(&mut out, u32::from(letter) & 0x1F);
                    }
                    'u' if chars.peek() != Some(&'{') => {
                        let point = utf16_escape(&mut chars)
                            .ok_or(r"`\u` needs four hexadecimal digits")?;
                        push_code_point(&mut out, point);
                    }
                    'A' | 'z' | 'Z' | 'a' => {
                        return Err(format!(r"`\{escaped}` is not an ECMA-262 escape"));
                    }
                    other => out.extend(['\\', other]),
                }
            }
            '.' if !in_class => out.push_str(r"[^\n\r\u{2028}\u{2029}]"),
            '[' if !in_class => {
                in_class = true;
                out.push('[');
                if chars.next_if_eq(&'^').is_some() {
                    out.push('^');
                }
                if chars.peek() == Some(&']') {
                    return Err("a character class is empty".to_owned());
                }
            }
            ']' => {
                in_class = false;
                out.push(']');
            }
            // Inside a class these mean themselves, but not to the engine.
            '[' | '&' | '~' if in_class => out.extend(['\\', char]),
            other => out.push(other),
        }
    }
    Ok(out)
}

fn push_code_point(out: &mut String, point: u32) {
    out.push_str(&format!(r"\u{{{point:X}}}"));
}

/// The four digits after `\u`, and a low surrogate's escape after a high one's.
fn utf16_escape(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<u32> {
    let high = four_digits(chars)?;
    if !(0xD800..0xDC00).contains(&high) {
        return Some(high);
    }
    chars.next_if_eq(&'\\')?;
    chars.next_if_eq(&'u')?;
    let low = four_digits(chars).filter(|low| (0xDC00..0xE000).contains(low))?;
    Some(0x1_0000 | (high & 0x3FF) << 10 | low & 0x3FF)
}

fn four_digits(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<u32> {
    (0..4).try_fold(0, |sum: u32, _| {
        Some(sum << 4 | chars.next()?.to_digit(16)?)
    })
}

#[cfg(test)]
mod tests {
    use super::{Budget, Pattern};

    #[test]
    fn matches_as_ecma_262_does() {
        for (pattern, text, expected) in [
            (r"^\d+$", "12", true),
            (r"^\d+$", "12\n", false),
            (r"^\d$", "٣", false),
            (r"^\w$", "é", false),
            (r"^\s$", "\u{FEFF}", true),
            (r"^\S$", "\u{A0}", false),
            (r"^[\s,]+$", "\u{3000},", true),
            (r"^[\s\S]$", "x", true),
            (r"^a.b$", "a\u{2028}b", false),
            (r"^.$", "🐲", true),
            (r"^\uD83D\uDC32$", "🐲", true),
            (r"^\u{1F432}$", "🐲", true),
            (r"^\cC$", "\u{3}", true),
            (r"^\0$", "\0", true),
            (r"^[[&~]+$", "[&&~~", true),
            (r"^[\]\-]$", "]", true),
            (r"^a\/b$", "a/b", true),
            (r"^(?<year>\d{4})$", "2026", true),
            ("b", "abc", true),
        ] {
            let compiled = Pattern::compile(pattern).unwrap();
            assert_eq!(
                compiled.matches(text, &mut Budget::default()),
                Ok(expected),
                "{pattern} {text:?}"
            );
        }
    }

    #[test]
    fn says_what_cannot_be_used() {
        for (pattern, reason) in [
            ("^(?=a)", "look-around is not supported"),
            (r"(a)\1", "backreferences are not supported"),
            (r"^\p{L}$", "Unicode"),
            ("a{1000}{1000}", "size"),
            ("[]", "empty"),
            ("(", "group"),
            (r"\Z", "ECMA-262"),
            (r"\uD83D", "hexadecimal"),
        ] {
            let error = Pattern::compile(pattern).err().unwrap();
            assert!(error.contains(reason), "{pattern}: {error}");
        }
    }
}
