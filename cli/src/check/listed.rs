//! A finding about several things is one sentence that lists them.

/// The things that each finding is about, in the order in which it was found first.
pub(super) fn grouped<F: PartialEq, T>(
    found: impl IntoIterator<Item = (F, T)>,
) -> Vec<(F, Vec<T>)> {
    let mut groups: Vec<(F, Vec<T>)> = Vec::new();
    for (finding, thing) in found {
        match groups.iter_mut().find(|(known, _)| *known == finding) {
            Some((_, things)) => things.push(thing),
            None => groups.push((finding, vec![thing])),
        }
    }
    groups
}

/// Words as a sentence lists them: `a`, `a and b`, `a, b and c`.
pub(super) fn listed<T: AsRef<str>>(words: &[T]) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words.as_slice() {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Names as a sentence lists them behind the word for what they are: "tool `a`", "tools `a` and `b`".
pub(super) fn named<T: AsRef<str>>(word: [&str; 2], names: &[T]) -> String {
    let [one, several] = word;
    let word = if names.len() == 1 { one } else { several };
    let names: Vec<_> = names
        .iter()
        .map(|name| format!("`{}`", name.as_ref()))
        .collect();
    format!("{word} {}", listed(&names))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_finding_is_said_once() {
        let found = [("x", 1), ("y", 2), ("x", 3)];
        assert_eq!(grouped(found), [("x", vec![1, 3]), ("y", vec![2])]);
    }

    #[test]
    fn names_are_listed_as_a_sentence_does() {
        let tools = |names: &[&str]| named(["tool", "tools"], names);
        assert_eq!(tools(&["a"]), "tool `a`");
        assert_eq!(tools(&["a", "b"]), "tools `a` and `b`");
        assert_eq!(tools(&["a", "b", "c"]), "tools `a`, `b` and `c`");
    }
}
