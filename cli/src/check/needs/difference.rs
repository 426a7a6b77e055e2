//! Which lines a file gets.

use similar::{ChangeTag, TextDiff};

/// The lines by which `new` differs from `old`, those that went with `-` before them and those that came with `+`.
pub(super) fn lines(old: &str, new: &str) -> Vec<String> {
    let diff = TextDiff::from_lines(old, new);
    let changed = diff.iter_all_changes().filter_map(|change| {
        let sign = match change.tag() {
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
            ChangeTag::Equal => return None,
        };
        Some(
            format!("{sign} {}", change.value().trim_end())
                .trim_end()
                .to_owned(),
        )
    });
    changed.collect()
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn only_what_changed_is_said() {
        assert_eq!(lines("a\nb\n", "a\nb\n"), [""; 0]);
        assert_eq!(
            lines("a\nhosts = []\nb\n", "a\nhosts = [\"x\"]\nb\n\n[c]\n"),
            ["- hosts = []", "+ hosts = [\"x\"]", "+", "+ [c]"]
        );
    }
}
