//! JSON Pointers (RFC 6901) in which `*` stands for each element of an array.

/// The tokens of a pointer. One without a slash at its start is of the whole value.
pub(super) fn tokens(pointer: &str) -> Vec<String> {
    let mut tokens = pointer.split('/');
    tokens.next();
    tokens
        .map(|token| token.replace("~1", "/").replace("~0", "~"))
        .collect()
}

/// Adds a token to a pointer.
pub(super) fn join(pointer: &str, token: &str) -> String {
    format!("{pointer}/{}", token.replace('~', "~0").replace('/', "~1"))
}

/// The rests of the pointers that go through this member or element.
pub(super) fn below<'a>(
    pointers: &[&'a [String]],
    is_next: impl Fn(&str) -> bool,
) -> Vec<&'a [String]> {
    let split = pointers.iter().filter_map(|pointer| pointer.split_first());
    split
        .filter(|(first, _)| is_next(first))
        .map(|(_, rest)| rest)
        .collect()
}

/// Whether a token is of the element at this place.
pub(super) fn is_element(token: &str, place: usize) -> bool {
    token == "*" || token.parse() == Ok(place)
}
