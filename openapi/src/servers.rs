//! Operations that the document says are served elsewhere.

use serde_json::Value;

use crate::operations::Found;
use crate::refs::Node;
use crate::report::Rejection;
use crate::request::Origin;

/// The origin of the configuration that serves an operation; `None` is the upstream's URL.
pub(crate) fn origin(
    operation: &Found<'_>,
    url: Option<&str>,
    origins: &[Origin],
) -> Result<Option<String>, Rejection> {
    let (servers, pointer) = match urls(operation.node) {
        Some(servers) => (servers, &operation.pointer),
        None => match urls(operation.item) {
            Some(servers) => (servers, &operation.item_pointer),
            None => return Ok(None),
        },
    };
    // Without servers, a document has this one (OpenAPI 3.1, OpenAPI Object).
    let of_document = urls(operation.root).unwrap_or_else(|| vec!["/"]);
    let is_usual = |server: &str| {
        let mut usual = of_document.iter().copied().chain(url);
        usual.any(|known| same(known, server))
    };
    if servers.iter().copied().any(is_usual) {
        return Ok(None);
    }
    for url in &servers {
        if let Some(origin) = origins.iter().find(|origin| same(&origin.url, url)) {
            return Ok(Some(origin.name.clone()));
        }
    }
    let url = servers.first().copied().unwrap_or_default();
    Err(Rejection::new(
        format!(
            "it has a server of its own, \"{}\"; add it to the origins of the upstream",
            url.escape_debug()
        ),
        format!("{}#{pointer}/servers", operation.document),
    ))
}

/// The URLs of the servers of an object, unless it has none.
fn urls(node: Node<'_>) -> Option<Vec<&str>> {
    let servers = node.value.get("servers")?.as_array()?;
    let urls: Vec<&str> = servers
        .iter()
        .filter_map(|server| server.get("url").and_then(Value::as_str))
        .collect();
    (!urls.is_empty()).then_some(urls)
}

/// Whether two URLs are the same server. One without a scheme has that of the other (RFC 3986, 4.2).
fn same(one: &str, other: &str) -> bool {
    let scheme = |url: &str| {
        url.trim()
            .split_once("://")
            .map(|(scheme, _)| scheme.to_owned())
    };
    let scheme = scheme(one).or(scheme(other));
    let with = |url: &str| {
        let url = url.trim();
        match (&scheme, url.starts_with("//")) {
            (Some(scheme), true) => normalised(&format!("{scheme}:{url}")),
            (None, true) => normalised(&format!("https:{url}")),
            _ => normalised(url),
        }
    };
    with(one) == with(other)
}

/// Scheme and host in lower case, without the default port and a slash at the end.
fn normalised(url: &str) -> String {
    let url = url.trim();
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.trim_end_matches('/').to_owned();
    };
    let scheme = scheme.to_ascii_lowercase();
    let (authority, path) = match rest.find('/') {
        Some(index) => rest.split_at(index),
        None => (rest, ""),
    };
    let authority = authority.to_ascii_lowercase();
    let port = match scheme.as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => "",
    };
    let authority = match port {
        "" => authority.as_str(),
        port => authority.strip_suffix(port).unwrap_or(&authority),
    };
    format!("{scheme}://{authority}{}", path.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_compared_in_a_normal_form() {
        for (one, other) in [
            ("https://Upload.Box.com/", "https://upload.box.com"),
            ("HTTPS://a.example:443/v1/", "https://a.example/v1"),
            ("/v1/", "/v1"),
            ("//A.example/v1", "https://a.example:443/v1/"),
            ("http://a.example:80", "//a.example"),
            ("//a.example/", "//A.example"),
        ] {
            assert!(same(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("https://a.example/V1", "https://a.example/v1"),
            ("http://a.example", "https://a.example"),
            ("https://a.example:8443", "https://a.example"),
            ("//a.example", "https://b.example"),
            ("//a.example", "/a.example"),
        ] {
            assert!(!same(one, other), "{one} {other}");
        }
    }
}
