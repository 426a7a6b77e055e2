//! The target of a request, and its `Host`.

use http::header::HOST;
use http::{HeaderMap, HeaderValue, Uri};

/// The request target, and headers with a `Host`. The host in the URL is the platform's own word and not the client's: it counts
/// only where there is no `Host`.
pub(crate) fn addressed(url: Uri, mut headers: HeaderMap) -> (Uri, HeaderMap) {
    let parts = url.into_parts();
    let host = parts
        .authority
        .and_then(|authority| HeaderValue::from_str(authority.as_str()).ok());
    if let (Some(host), false) = (host, headers.contains_key(HOST)) {
        headers.insert(HOST, host);
    }
    let target = parts.path_and_query.map_or_else(Uri::default, Uri::from);
    (target, headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_one_host() {
        for (stated, expected) in [(Some("b.example"), "b.example"), (None, "a.example")] {
            let mut headers = HeaderMap::new();
            if let Some(stated) = stated {
                headers.insert(HOST, HeaderValue::from_static(stated));
            }
            let url = Uri::from_static("https://a.example/mcp?a=b");
            let (target, headers) = addressed(url, headers);
            assert_eq!(target, "/mcp?a=b");
            assert!(headers.get_all(HOST).iter().eq([expected]), "{headers:?}");
        }
    }
}
