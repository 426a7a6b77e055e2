//! Redirects within an origin.

use bytes::Bytes;
use http::header::{ACCEPT, LOCATION};
use http::{HeaderValue, Method, Request, Response, Uri};

use super::decoded;

/// The request that follows a redirect of a GET or HEAD to the same origin, without a credential. `None` where the response is
/// none, or where it leads elsewhere.
pub fn redirected(
    method: &Method,
    from: &Uri,
    accept: Option<HeaderValue>,
    response: &Response<Bytes>,
) -> Option<Request<Bytes>> {
    if !matches!(response.status().as_u16(), 301..=303 | 307 | 308) {
        return None;
    }
    let mut request = Request::new(Bytes::new());
    *request.uri_mut() = next(method, from, response)?;
    *request.method_mut() = method.clone();
    if let Some(accept) = accept {
        request.headers_mut().insert(ACCEPT, accept);
    }
    Some(request)
}

/// Where a redirect of a GET or HEAD leads to, if that is at the same origin.
fn next(method: &Method, from: &Uri, response: &Response<Bytes>) -> Option<Uri> {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return None;
    }
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    let mut parts = from.clone().into_parts();
    let target: Uri = match location.starts_with('/') && !location.starts_with("//") {
        true => {
            parts.path_and_query = Some(location.parse().ok()?);
            Uri::from_parts(parts).ok()?
        }
        false => location.parse().ok()?,
    };
    let is_same = target.scheme() == from.scheme() && target.authority() == from.authority();
    // What a parser of URLs would make another path of.
    let is_plain = !location.contains('\\')
        && target
            .path()
            .split('/')
            .all(|segment| !matches!(decoded(segment).as_str(), "." | ".."));
    (is_same && is_plain).then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_is_followed_within_its_origin_only() {
        let from: Uri = "https://api.example/v1/a?key=planted".parse().unwrap();
        let to = |method: Method, status: u16, location: &str| {
            let response = Response::builder()
                .status(status)
                .header(LOCATION, location);
            let response = response.body(Bytes::new()).unwrap();
            let accept = HeaderValue::from_static("text/plain");
            let request = redirected(&method, &from, Some(accept), &response)?;
            assert_eq!(request.headers()[ACCEPT], "text/plain");
            assert_eq!(request.method(), method);
            Some(request.uri().to_string())
        };
        for (location, uri) in [
            ("/v2/a?b=c", "https://api.example/v2/a?b=c"),
            ("https://api.example/v2", "https://api.example/v2"),
        ] {
            for status in [301, 302, 303, 307, 308] {
                assert_eq!(to(Method::GET, status, location).as_deref(), Some(uri));
            }
            assert_eq!(to(Method::POST, 307, location), None);
            assert_eq!(to(Method::GET, 200, location), None);
            assert_eq!(to(Method::GET, 304, location), None);
        }
        for location in [
            "//evil.example/",
            "https://evil.example/",
            "http://api.example/v1",
            "https://api.example:8443/v1",
            "https://user@api.example/v1",
            "/v1/%2e%2e/admin",
            "/v1/../admin",
            "/\\evil.example/",
            "relative",
        ] {
            assert_eq!(to(Method::GET, 302, location), None, "{location}");
        }
    }
}
