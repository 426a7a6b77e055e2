//! Where a value lies in the cache.

/// The URL of a value, under a host that no request can reach (RFC 6761, 6.4).
pub(crate) fn cache_url(key: &str) -> String {
    let mut url = "https://mcp-edge.invalid/".to_owned();
    for byte in key.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::cache_url;

    #[test]
    fn different_keys_have_different_urls() {
        assert_eq!(cache_url("keys-1_a"), "https://mcp-edge.invalid/keys-1_a");
        assert_eq!(
            cache_url("a/../b"),
            "https://mcp-edge.invalid/a%2F%2E%2E%2Fb"
        );
        assert_eq!(
            cache_url("a?b#c%2F ä"),
            "https://mcp-edge.invalid/a%3Fb%23c%252F%20%C3%A4"
        );
        assert_ne!(cache_url("A"), cache_url("a"));
    }
}
