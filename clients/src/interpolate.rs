//! Text with places in it for what a server says of itself.

/// `template` with each `{word}` replaced by what `value` has for it, once: what is put in is never read again.
pub(crate) fn filled(template: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let place = after.split_once('}');
        match place.and_then(|(word, after)| value(word).map(|value| (value, after))) {
            Some((value, after)) => {
                text.push_str(&value);
                rest = after;
            }
            None => {
                text.push('{');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inserted_text_is_not_expanded_again() {
        let value = |word: &str| match word {
            "title" => Some("{url}".to_owned()),
            "url" => Some("https://a.example/".to_owned()),
            _ => None,
        };
        assert_eq!(
            filled("{title} at {url}, {other} {", value),
            "{url} at https://a.example/, {other} {"
        );
    }
}
