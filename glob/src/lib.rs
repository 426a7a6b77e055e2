//! Names with `*` for any text, as policy rules, rate limits and sinks in `mcp.toml` name tools, issuers and callers.
//!
//! The request handler applies the patterns, and the check of `mcp.toml` at build time reads them in the same way. It depends
//! on neither the runtime nor its dependencies, so the matcher is a crate below both.
#![cfg_attr(test, allow(clippy::arithmetic_side_effects, clippy::string_slice))]

/// The examples of the README, which rustdoc compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// Whether `text` fits `pattern`, in which each `*` stands for any text, also none.
///
/// With a pattern for its text it says whether the one covers the other: a `*` in the text is fit by nothing
/// but a `*`.
pub fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    let mut rest = rest;
    for part in parts {
        // The earliest place leaves the most for the parts that follow.
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Whether one of `patterns` fits `text`.
pub fn fits_any(patterns: &[&str], text: &str) -> bool {
    patterns.iter().any(|pattern| fits(pattern, text))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_star_is_any_text() {
        for (pattern, text) in [
            ("*", ""),
            ("*", "anything"),
            ("rules", "rules"),
            ("rules_*", "rules_"),
            ("*_rules", "all_rules"),
            ("a*b*c", "abc"),
            ("a*b*c", "a-b-b-c"),
            ("**", "x"),
            ("a*a", "aa"),
        ] {
            assert!(fits(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("", "x"),
            ("rules", "rules2"),
            ("rules", "my-rules"),
            ("rules_*", "rules"),
            ("a*a", "a"),
            ("a*b*c", "acb"),
            ("*b", "bc"),
        ] {
            assert!(!fits(pattern, text), "{pattern} {text}");
        }
    }

    proptest! {
        /// Against the definition, spelled out.
        #[test]
        fn agrees_with_its_definition(pattern in "[ab*]{0,8}", text in "[ab]{0,10}") {
            fn defined(pattern: &[u8], text: &[u8]) -> bool {
                match pattern.split_first() {
                    None => text.is_empty(),
                    Some((b'*', rest)) => (0..=text.len()).any(|skip| defined(rest, &text[skip..])),
                    Some((first, rest)) => text.split_first().is_some_and(|(head, tail)| head == first && defined(rest, tail)),
                }
            }
            prop_assert_eq!(fits(&pattern, &text), defined(pattern.as_bytes(), text.as_bytes()));
        }
    }
}
