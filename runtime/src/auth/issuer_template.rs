//! Issuer URLs that stand for many tenants.

/// The tenant for which `template` gives `url`, where `placeholder` stands for the tenant.
///
/// A tenant's name is letters, digits, `-`, `_` and `.`, so that it cannot reach beyond its place in the URL.
pub(super) fn tenant<'u>(template: &str, placeholder: &str, url: &'u str) -> Option<&'u str> {
    let (before, after) = template.split_once(placeholder)?;
    url.strip_prefix(before)?
        .strip_suffix(after)
        .filter(|tenant| !tenant.is_empty() && tenant.bytes().all(is_name))
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_fills_its_place_and_no_other() {
        let tenant = |url| tenant("https://id.example/{tenant}/v2", "{tenant}", url);
        assert_eq!(tenant("https://id.example/red-1/v2"), Some("red-1"));
        for url in [
            "https://id.example//v2",
            "https://id.example/v2",
            "https://id.example/red/blue/v2",
            "https://id.example/red?/v2",
            "https://id.example/red/v2/",
            "https://id.example/{tenant}/v2",
            "https://other.example/red/v2",
        ] {
            assert_eq!(tenant(url), None, "{url}");
        }
    }
}
