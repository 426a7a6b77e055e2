//! The known name that an unknown one may mean.

/// The candidate that differs from `word` by a slip of the keyboard, or else the only one that has `word` as one of the
/// words between its underscores, as `allowed_origins` has `origins`. None if there is neither.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // One slip in a short word, two in an ordinary one, three in a long one.
    let tolerance = word.chars().count().div_ceil(4).min(3);
    let candidates: Vec<&str> = candidates.into_iter().collect();
    let slip = candidates
        .iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), *candidate))
        .filter(|(distance, _)| *distance <= tolerance)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate);
    slip.or_else(|| {
        let mut longer = candidates
            .iter()
            .filter(|candidate| candidate.split('_').any(|part| part == word));
        match (longer.next(), longer.next()) {
            (Some(one), None) => Some(*one),
            _ => None,
        }
    })
}

/// The rest of a sentence about a `word` that is none of `names`.
pub(crate) fn one_of(names: impl Iterator<Item = &'static str> + Clone, word: &str) -> String {
    let all = names.clone().collect::<Vec<_>>().join(", ");
    let same = names.clone().find(|name| name.eq_ignore_ascii_case(word));
    match same.or_else(|| nearest(word, names)) {
        Some(meant) => format!("must be one of {all}; did you mean {meant}?"),
        None => format!("must be one of {all}"),
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_part_of_one_name_finds_it_and_a_part_of_two_finds_neither() {
        let names = ["allowed_origins", "redact_paths", "redact_patterns"];
        assert_eq!(nearest("origins", names), Some("allowed_origins"));
        assert_eq!(nearest("redact", names), None);
        assert_eq!(nearest("alowed_origin", names), Some("allowed_origins"));
        assert_eq!(nearest("allow", names), None);
    }
}
