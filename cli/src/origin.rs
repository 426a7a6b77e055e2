//! Where requests to a URL go.

/// The scheme, host and port of `url`, in small letters and without anything that could be a secret; `None` if it is
/// not a valid URL.
pub(crate) fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let place = authority.rsplit('@').next()?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
    let is_origin =
        matches!(scheme, "http" | "https") && !place.is_empty() && place.chars().all(is_name);
    is_origin.then(|| format!("{scheme}://{}", place.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::origin;

    #[test]
    fn an_origin_has_no_path_and_no_secret() {
        for (url, expected) in [
            (
                "https://id.example.com/oauth2/default",
                Some("https://id.example.com"),
            ),
            (
                "https://user:password@Id.example.com:8443?token=x",
                Some("https://id.example.com:8443"),
            ),
            ("http://[::1]:4318/v1/logs", Some("http://[::1]:4318")),
            (
                "https://login.example.com/{tenant}/v2.0",
                Some("https://login.example.com"),
            ),
            ("https://{tenant}.example.com", None),
            ("redis://cache", None),
            ("https://", None),
            ("collector", None),
        ] {
            assert_eq!(origin(url).as_deref(), expected, "{url}");
        }
    }
}
