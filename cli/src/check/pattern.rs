//! Whether patterns say as much as other patterns.

/// Whether whatever fits one of `narrow` fits one of `wide`; an empty list is fit by everything.
pub(super) fn covers(wide: &[&str], narrow: &[&str]) -> bool {
    wide.is_empty()
        || (!narrow.is_empty()
            && narrow
                .iter()
                .all(|narrow| wide.iter().any(|wide| fits(wide, narrow))))
}

/// Whether `text` fits `pattern`, in which each `*` stands for any text.
///
/// With a pattern for its text it says whether the one covers the other: a `*` in the text is fit by nothing but a `*`.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(rest) = text.strip_prefix(before) else {
        return false;
    };
    let mut starts = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
    starts.any(|at| rest.get(at..).is_some_and(|rest| fits(after, rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wider_pattern_covers_a_narrower_one() {
        for (wide, narrow) in [
            ("*", "a*"),
            ("a*", "ab"),
            ("a*", "ab*"),
            ("a*c", "ab*c"),
            ("a", "a"),
        ] {
            assert!(covers(&[wide], &[narrow]), "{wide} {narrow}");
        }
        for (wide, narrow) in [("a*", "*"), ("ab", "a*"), ("a*", "b*"), ("*c", "c*")] {
            assert!(!covers(&[wide], &[narrow]), "{wide} {narrow}");
        }
    }

    #[test]
    fn an_empty_list_asks_for_nothing() {
        assert!(covers(&[], &["a"]));
        assert!(covers(&[], &[]));
        assert!(!covers(&["a"], &[]));
        assert!(covers(&["a", "b*"], &["bc", "a"]));
        assert!(!covers(&["a", "b*"], &["a", "c"]));
    }
}
