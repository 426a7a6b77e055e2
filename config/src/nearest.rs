//! The known name that an unknown one may mean.

/// The candidate that differs from `word` by a slip of the keyboard; none if they all differ more.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // One slip in a short word, two in an ordinary one, three in a long one.
    let tolerance = word.chars().count().div_ceil(4).min(3);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= tolerance)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
