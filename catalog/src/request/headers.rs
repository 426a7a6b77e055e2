//! Header fields and cookies.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::style::{self, Place};
use super::value::Given;
use super::{ArgumentError, MAX_HEADERS_BYTES, error, written};
use crate::{Location, Operation};

const VALUE_RULE: &str =
    "must have printable ASCII characters only, and no space at its start or end";
const COOKIE_RULE: &str =
    "must have printable ASCII characters only, without spaces, `;`, `,`, `\"` and `\\`";

/// Header fields that no argument sets: the gateway or the host does, or a server routes by them.
const FORBIDDEN: [&str; 25] = [
    "accept",
    "accept-encoding",
    "authorization",
    "baggage",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "http2-settings",
    "keep-alive",
    "origin",
    "referer",
    "set-cookie",
    "te",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "max-forwards",
];
const FORBIDDEN_PREFIXES: [&str; 15] = [
    "cf-",
    "impersonate-",
    "mcp-",
    "proxy-",
    "sec-",
    "x-accel-",
    "x-auth-request-",
    "x-authorization",
    "x-envoy-",
    "x-forwarded",
    "x-host",
    "x-original-",
    "x-override-",
    "x-rewrite-",
    "x-webauth-",
];
/// What names of headers contain with which proxies and frameworks override the method, or state who calls and from where.
const FORBIDDEN_PARTS: [&str; 6] = [
    "authenticated-user",
    "client-ip",
    "http-method",
    "method-override",
    "real-ip",
    "remote-user",
];

/// Whether a header field is never a parameter of a tool: the gateway or the host sets it, a server routes by it, or OpenAPI
/// ignores it (3.1, Parameter Object).
pub fn is_forbidden_header(name: &str) -> bool {
    // Servers with the variables of CGI do not tell `_` from `-` (RFC 3875, 4.1.18).
    let name = name.to_ascii_lowercase().replace('_', "-");
    FORBIDDEN_PARTS.iter().any(|part| name.contains(part))
        || FORBIDDEN.contains(&name.as_str())
        || FORBIDDEN_PREFIXES
            .iter()
            .any(|prefix| name.starts_with(prefix))
}

/// Checks a header's value. It is sent as it is: no server decodes percent-encoding there, and hosts disagree about how
/// characters that are not ASCII are sent.
pub(super) fn check_value(text: &str) -> Result<&str, &'static str> {
    let is_printable = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if is_printable && !text.starts_with(' ') && !text.ends_with(' ') {
        Ok(text)
    } else {
        Err(VALUE_RULE)
    }
}

/// Checks a cookie's value (RFC 6265, 4.1.1: `cookie-octet`).
pub(super) fn check_cookie(text: &str) -> Result<&str, &'static str> {
    if text
        .bytes()
        .all(|byte| matches!(byte, b'!'..=b'~') && !b"\";,\\".contains(&byte))
    {
        Ok(text)
    } else {
        Err(COOKIE_RULE)
    }
}

/// Writes the header and cookie parameters.
pub(super) fn write(
    operation: &Operation,
    given: Given<'_>,
    headers: &mut HeaderMap,
) -> Result<(), ArgumentError> {
    let mut length = 0_usize;
    let parameters = operation.parameters.iter();
    for parameter in parameters.filter(|parameter| parameter.location == Location::Header) {
        let Ok(name) = HeaderName::from_bytes(parameter.name.as_bytes()) else {
            return Err(ArgumentError::Operation(
                "a parameter's name is not a valid header name",
            ));
        };
        if is_forbidden_header(name.as_str()) {
            return Err(ArgumentError::Operation(
                "a parameter is a header that the gateway sets",
            ));
        }
        let Some(value) = given.value(&parameter.source)? else {
            continue;
        };
        let text = style::write(&parameter.name, parameter.encoding, Place::Header, value)
            .map_err(|rule| error::broken(&parameter.source, &parameter.name, rule))?;
        let Some(text) = text else {
            continue;
        };
        length = length.saturating_add(text.len());
        let value = HeaderValue::from_str(&text)
            .map_err(|_| error::broken(&parameter.source, &parameter.name, VALUE_RULE))?;
        headers.append(name, value);
    }
    let cookies = written(operation, Location::Cookie, Place::Cookie, given)?.join("; ");
    length = length.saturating_add(cookies.len());
    if length > MAX_HEADERS_BYTES {
        return Err(ArgumentError::TooLarge {
            part: "headers",
            limit: MAX_HEADERS_BYTES,
        });
    }
    if !cookies.is_empty() {
        let value = HeaderValue::from_str(&cookies)
            .map_err(|_| ArgumentError::Operation("a cookie's name is not a token"))?;
        headers.insert(header::COOKIE, value);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b38_header_values_are_checked_and_sent_as_they_are() {
        for value in ["", "a", "a b", "50%", "a,b;c=\"d\"", "%41"] {
            assert_eq!(check_value(value), Ok(value));
        }
        for value in [
            " a",
            "a ",
            "\ta",
            "a\r\nb: c",
            "a\0",
            "\u{7f}",
            "é",
            "日",
            "\u{80}",
        ] {
            assert_eq!(check_value(value), Err(VALUE_RULE), "{value:?}");
        }
        for value in ["", "a", "a=b", "50%"] {
            assert_eq!(check_cookie(value), Ok(value));
        }
        for value in [
            " ", "a b", "a;b", "a,b", "\"a\"", "a\\b", "a\n", "é", "\u{7f}",
        ] {
            assert_eq!(check_cookie(value), Err(COOKIE_RULE), "{value:?}");
        }
    }

    #[test]
    fn headers_that_route_or_authenticate_are_no_parameters() {
        for name in [
            "Host",
            "CONTENT-LENGTH",
            "Authorization",
            "Proxy-Authorization",
            "X-Forwarded-Host",
            "Mcp-Session-Id",
            "traceparent",
            "X-Original-URL",
            "X-Rewrite-URL",
            "X-HTTP-Method-Override",
            "Sec-Fetch-Mode",
        ] {
            assert!(is_forbidden_header(name), "{name}");
        }
        for name in [
            "X-Request-Id",
            "If-Match",
            "Prefer",
            "Accept-Language",
            "X-Api-Version",
        ] {
            assert!(!is_forbidden_header(name), "{name}");
        }
    }
}
