//! URLs, web origins and host names.

use std::net::Ipv4Addr;

use http::Uri;
use http::uri::Authority;

/// An absolute `http` or `https` URL.
pub(crate) fn check_url(url: &str) -> Result<(), &'static str> {
    parsed(url).map(drop)
}

/// An absolute URL that nobody on the way can answer for: `https`, or this machine's.
pub(crate) fn check_secure_url(url: &str) -> Result<(), &'static str> {
    let parsed = parsed(url)?;
    let secure = parsed.scheme_str() == Some("https") || parsed.host().is_some_and(is_loopback);
    if secure {
        Ok(())
    } else {
        Err("must begin with https://, except for a loopback address")
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host == "[::1]"
        || host
            .parse::<Ipv4Addr>()
            .is_ok_and(|address| address.is_loopback())
}

fn parsed(url: &str) -> Result<Uri, &'static str> {
    const EXAMPLE: &str = "must be an absolute URL, as \"https://mcp.example.com/mcp\"";
    if url.contains(['?', '#']) {
        return Err("must be a URL without query and fragment");
    }
    let parsed: Uri = url.parse().map_err(|_| EXAMPLE)?;
    match parsed.scheme_str() {
        Some("http" | "https") => {}
        Some(_) => return Err("must be a URL that begins with https:// or http://"),
        None => return Err(EXAMPLE),
    }
    check_authority(parsed.authority().ok_or(EXAMPLE)?)?;
    if parsed
        .path()
        .split('/')
        .any(|segment| matches!(segment, "." | ".."))
    {
        return Err("must be a URL without `.` and `..` in its path");
    }
    Ok(parsed)
}

/// An origin is written as browsers send it, since it is compared as text (RFC 6454, 6.2).
pub(crate) fn check_origin(origin: &str) -> Result<(), &'static str> {
    const EXAMPLE: &str = "must be an origin, as \"https://app.example.com\"";
    let (scheme, authority) = origin.split_once("://").ok_or(EXAMPLE)?;
    if authority.contains(['/', '?', '#']) {
        return Err("must be an origin: scheme, host and port, without the slash and a path");
    }
    if scheme.is_empty()
        || !scheme
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "+-.".contains(c))
    {
        return Err(EXAMPLE);
    }
    let authority: Authority = authority.parse().map_err(|_| EXAMPLE)?;
    check_authority(&authority)?;
    match (scheme, authority.port_u16()) {
        ("https", Some(443)) | ("http", Some(80)) => {
            Err("must leave out the scheme's own port, as browsers do")
        }
        _ => Ok(()),
    }
}

/// A host name or address, with or without a port.
pub(crate) fn check_host(host: &str) -> Result<(), &'static str> {
    const EXAMPLE: &str = "must be a host name without scheme and path, as \"mcp.example.com\"";
    if host.contains('/') {
        return Err(EXAMPLE);
    }
    check_authority(&host.parse().map_err(|_| EXAMPLE)?)
}

fn check_authority(authority: &Authority) -> Result<(), &'static str> {
    let host = authority.host();
    if authority.as_str().contains('@') {
        return Err("must not hold a user name or password");
    }
    if host.is_empty() || authority.as_str().ends_with(':') {
        return Err("must name a host");
    }
    if host.contains('*') {
        return Err("must name one host: there are no patterns");
    }
    if authority.as_str().chars().any(|c| c.is_ascii_uppercase()) {
        return Err("must name its host in lower case");
    }
    Ok(())
}
