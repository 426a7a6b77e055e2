//! Headers, as lines of text: the form in which they cross between Rust and JavaScript.

use http::{HeaderMap, HeaderName, HeaderValue};

/// Headers from lines that are names and values in turn. A value keeps bytes that are not ASCII, for the
/// runtime to refuse.
pub(crate) fn from_lines<'a>(mut lines: impl Iterator<Item = &'a str>) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    while let (Some(name), Some(value)) = (lines.next(), lines.next()) {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        let value = HeaderValue::from_bytes(value.as_bytes()).ok()?;
        headers.try_append(name, value).ok()?;
    }
    Some(headers)
}

/// Names and values in turn, a line each.
pub(crate) fn to_lines(headers: &HeaderMap) -> String {
    let mut lines = String::new();
    for (name, value) in headers {
        lines.push_str(name.as_str());
        lines.push('\n');
        lines.push_str(&String::from_utf8_lossy(value.as_bytes()));
        lines.push('\n');
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_what_is_not_ascii() {
        let headers = from_lines("mcp-method\ntools/çall\naccept\n".split('\n')).unwrap();
        assert_eq!(headers["mcp-method"].as_bytes(), "tools/çall".as_bytes());
        assert!(headers["mcp-method"].to_str().is_err());
        assert_eq!(headers["accept"], "");
    }

    #[test]
    fn an_invalid_name_is_rejected() {
        assert_eq!(from_lines("a name\nvalue".split('\n')), None);
    }
}
