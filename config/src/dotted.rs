//! Keys as TOML writes them: names with dots between.

/// `before.after`, or the one that is not empty.
pub(crate) fn join(before: &str, after: &str) -> String {
    match (before, after) {
        ("", only) | (only, "") => only.to_owned(),
        _ => format!("{before}.{after}"),
    }
}

/// A name, in quotes where TOML wants them.
pub(crate) fn quoted(name: &str) -> String {
    let bare = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if bare {
        name.to_owned()
    } else {
        format!("{name:?}")
    }
}

/// What stands after `section.` in `path`.
pub(crate) fn below<'a>(path: &'a str, section: &str) -> Option<&'a str> {
    path.strip_prefix(section)?.strip_prefix('.')
}
