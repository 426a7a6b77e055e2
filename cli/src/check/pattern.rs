//! Whether patterns say as much as other patterns.

use mcp_edge_glob::fits_any;

/// Whether whatever fits one of `narrow` fits one of `wide`; an empty list is fit by everything.
pub(super) fn covers(wide: &[&str], narrow: &[&str]) -> bool {
    wide.is_empty() || (!narrow.is_empty() && narrow.iter().all(|narrow| fits_any(wide, narrow)))
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
