//! Texts of `spin.toml` in which `{{ name }}` stands for a variable of the application.

/// The names in `text`.
pub(super) fn names(text: &str) -> Vec<&str> {
    pieces(text).filter_map(|(_, name)| name).collect()
}

/// `text` with each name replaced by what `value` has for it; `None` if there is one that it has nothing for.
pub(super) fn filled(text: &str, value: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut filled = String::new();
    for (before, name) in pieces(text) {
        filled.push_str(before);
        if let Some(name) = name {
            filled.push_str(&value(name)?);
        }
    }
    Some(filled)
}

/// Each name with the text before it, and the text after the last.
fn pieces(text: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let piece = text
            .split_once("{{")
            .and_then(|(before, after)| Some((before, after.split_once("}}")?)));
        match piece {
            Some((before, (name, after))) => {
                rest = Some(after);
                Some((before, Some(name.trim())))
            }
            None => {
                rest = None;
                Some((text, None))
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_and_filled_in() {
        let text = "https://{{ host }}:{{port}}/";
        assert_eq!(names(text), ["host", "port"]);
        let value = |name: &str| Some(name.to_uppercase());
        assert_eq!(filled(text, value).unwrap(), "https://HOST:PORT/");
        assert_eq!(
            filled(text, |name| (name == "host").then(String::new)),
            None
        );
        assert_eq!(names("none, {{ open"), [""; 0]);
        assert_eq!(filled("none", |_| None).unwrap(), "none");
    }
}
