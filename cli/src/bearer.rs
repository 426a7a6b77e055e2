//! Access tokens, as people hand them over.

/// The token in `text`, without what people copy along.
pub(crate) fn token(text: &str) -> &str {
    let text = text.trim();
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        None if text.eq_ignore_ascii_case("bearer") => "",
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leading_bearer_is_removed() {
        for text in ["a.b.c", " a.b.c\n", "Bearer a.b.c", "bearer  a.b.c"] {
            assert_eq!(token(text), "a.b.c");
        }
        assert_eq!(token("Bearer \n"), "");
    }
}
