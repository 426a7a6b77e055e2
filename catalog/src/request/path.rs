//! Values in the path.

use super::MAX_PATH_VALUE_BYTES;
use super::percent;

const RULE: &str = "must not be empty, `.` or `..`, or contain `/`, `\\`, `?`, `#` or control characters, also in percent-encoded form";
const SLASH_RULE: &str = "must be segments with `/` between them that are not empty, `.` or `..`, and do not contain `\\`, `?`, `#` or control \
     characters, also in percent-encoded form";
const LENGTH_RULE: &str = "must be at most 1024 bytes long";

/// Encodes a value for the path, or names the rule that it breaks.
pub(super) fn encode(value: &str, allow_slash: bool) -> Result<String, &'static str> {
    if value.len() > MAX_PATH_VALUE_BYTES {
        return Err(LENGTH_RULE);
    }
    if !allow_slash {
        return if is_segment(value) {
            Ok(percent::encode(value))
        } else {
            Err(RULE)
        };
    }
    if !value.split('/').all(is_segment) {
        return Err(SLASH_RULE);
    }
    let segments: Vec<_> = value.split('/').map(percent::encode).collect();
    Ok(segments.join("/"))
}

/// Whether a server reads the value as one segment, also if it decodes it once more than it should.
fn is_segment(value: &str) -> bool {
    let is_whole = |value: &[u8]| {
        !value.is_empty()
            && !is_dot_segment(value)
            && !value
                .iter()
                .any(|byte| b"/\\?#".contains(byte) || byte.is_ascii_control())
    };
    let decoded = percent::decode(value.as_bytes());
    let has_encoded_dots = value.to_ascii_lowercase().contains("%2e%2e");
    is_whole(value.as_bytes()) && is_whole(&decoded) && !has_encoded_dots
}

/// Whether a server or a parser of URLs removes the segment: `.` and `..`, also with parameters (`..;a=b`), which some servers
/// remove first.
pub(super) fn is_dot_segment(decoded: &[u8]) -> bool {
    let name = decoded.split(|byte| *byte == b';').next();
    matches!(name, Some(b"." | b".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b35_b36_path_values_that_could_leave_their_segment_are_rejected() {
        for value in [
            "",
            ".",
            "..",
            "../../admin",
            "a/b",
            "/",
            "a\\b",
            "..\\",
            "a?b",
            "a#b",
            "a\0",
            "a\tb",
            ".\t.",
            "\n",
            "\u{7f}",
            "%2e",
            "%2E%2e",
            ".%2e",
            "%2e.",
            "a%2e%2eb",
            "a%2Fb",
            "..%2f..%2fsystem",
            "..%5csystem",
            "a%3fb",
            "a%23b",
            "a%00",
            "a%0ab",
            "..;",
            "..;/x",
            "..;a=b",
            ".;",
            "..%3b",
            "%2e%2e%3b",
        ] {
            assert_eq!(encode(value, false), Err(RULE), "{value:?}");
            if !value.contains('/') {
                assert_eq!(encode(value, true), Err(SLASH_RULE), "{value:?}");
            }
        }
        for value in [
            "/a",
            "a/",
            "a//b",
            "a/../b",
            "a/%2e%2e/b",
            "a/..;x",
            "..",
            "a/b%2fc",
        ] {
            assert_eq!(encode(value, true), Err(SLASH_RULE), "{value:?}");
        }
        assert_eq!(encode(&"a".repeat(1025), false), Err(LENGTH_RULE));
    }

    #[test]
    fn other_path_values_are_encoded() {
        for (value, encoded) in [
            ("a", "a"),
            ("...", "..."),
            (".a", ".a"),
            ("a.b", "a.b"),
            ("a b", "a%20b"),
            ("50%", "50%25"),
            ("a;b", "a%3Bb"),
            ("a:b@c", "a%3Ab%40c"),
            ("日", "%E6%97%A5"),
            ("%41", "%2541"),
        ] {
            assert_eq!(encode(value, false).as_deref(), Ok(encoded));
        }
        assert_eq!(encode("a b/c", true).as_deref(), Ok("a%20b/c"));
    }
}
