//! Where a request carries its token (RFC 6750, 2.1).

use http::request::Parts;
use http::{HeaderMap, HeaderName, header};

use crate::refusal::Refusal;

/// A token as it was presented; nothing about it is known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Credential<'a> {
    pub(crate) source: Source<'static>,
    pub(crate) token: &'a str,
}

/// The header that a token came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source<'a> {
    /// `Authorization: Bearer` (RFC 6750, 2.1).
    Authorization,
    /// A header of this name, in which a proxy in front sends the token.
    Header(&'a str),
}

impl Source<'_> {
    /// The header's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Authorization => "Authorization",
            Self::Header(name) => name,
        }
    }
}

/// Finds the token. One in a header of a proxy in front, where an issuer is configured to come by one, goes
/// before `Authorization`, which such a proxy passes on as the client sent it.
pub(crate) fn find<'a>(
    head: &'a Parts,
    proxies: &[&'static str],
) -> Result<Option<Credential<'a>>, Refusal> {
    let malformed = |why| Refusal::MalformedCredentials { why };
    let in_query = head.uri.query().is_some_and(|query| {
        query
            .split('&')
            .any(|part| part.split('=').next() == Some("access_token"))
    });
    if in_query {
        return Err(malformed(
            "an access token must not be in a URL, where logs keep it; send it in the Authorization header",
        ));
    }
    for name in proxies {
        let Ok(header) = HeaderName::from_bytes(name.as_bytes()) else {
            continue;
        };
        if let Some(token) = one(&head.headers, &header).map_err(malformed)? {
            let source = Source::Header(name);
            return Ok(Some(Credential { source, token }));
        }
    }
    let Some(stated) = one(&head.headers, &header::AUTHORIZATION).map_err(malformed)? else {
        return Ok(None);
    };
    let token = match stated.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim_matches(' '),
        _ => {
            return Err(malformed(
                "the Authorization header must be `Bearer` and a token",
            ));
        }
    };
    Ok(Some(Credential {
        source: Source::Authorization,
        token,
    }))
}

/// The header's only line. Some hosts join two with a comma, which no token has.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, &'static str> {
    let mut lines = headers.get_all(name).iter();
    let Some(line) = lines.next() else {
        return Ok(None);
    };
    match line.to_str() {
        Ok(text) if lines.next().is_none() && !text.contains(',') => Ok(Some(text)),
        Ok(_) => Err("there is more than one; send one token"),
        Err(_) => Err("the header has characters that no token has"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXIES: &[&str] = &["Cf-Access-Jwt-Assertion"];

    fn find_in(
        uri: &str,
        headers: &[(&str, &str)],
    ) -> Result<Option<(Source<'static>, String)>, ()> {
        let mut request = http::Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        find(&head, PROXIES)
            .map(|found| found.map(|found| (found.source, found.token.to_owned())))
            .map_err(|refusal| assert_eq!(refusal.reason(), "malformed_credentials"))
    }

    #[test]
    fn the_scheme_is_bearer_in_any_case() {
        let bearer = Ok(Some((Source::Authorization, "a.b.c".to_owned())));
        for line in ["Bearer a.b.c", "bearer a.b.c", "BEARER  a.b.c "] {
            assert_eq!(
                find_in("/mcp", &[("authorization", line)]),
                bearer,
                "{line}"
            );
        }
        for line in ["Basic YTpi", "a.b.c", "DPoP a.b.c", "", "Bearer"] {
            assert_eq!(
                find_in("/mcp", &[("authorization", line)]),
                Err(()),
                "{line}"
            );
        }
        assert_eq!(find_in("/mcp", &[]), Ok(None));
    }

    #[test]
    fn a_second_credential_is_rejected() {
        let two = [("authorization", "Bearer a"), ("authorization", "Bearer b")];
        assert_eq!(find_in("/mcp", &two), Err(()));
        let joined = [("authorization", "Bearer a, Bearer b")];
        assert_eq!(find_in("/mcp", &joined), Err(()));
    }

    #[test]
    fn a_url_holds_no_token() {
        assert_eq!(find_in("/mcp?access_token=a.b.c", &[]), Err(()));
        assert_eq!(find_in("/mcp?x=1&access_token", &[]), Err(()));
        assert_eq!(find_in("/mcp?no_access_token=1", &[]), Ok(None));
    }

    #[test]
    fn a_proxys_header_goes_first() {
        let both = [
            ("authorization", "Bearer opaque"),
            ("cf-access-jwt-assertion", "a.b.c"),
        ];
        let source = Source::Header("Cf-Access-Jwt-Assertion");
        assert_eq!(
            find_in("/mcp", &both),
            Ok(Some((source, "a.b.c".to_owned())))
        );
    }
}
