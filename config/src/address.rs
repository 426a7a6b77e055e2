//! URLs, web origins and host names.

use http::Uri;
use http::uri::Authority;
use mcp_edge_settings::address::is_loopback;

/// What an on-path attacker can read and change is a mistake, whatever the URL is for.
const INSECURE: &str = "must begin with https://, except for a loopback address";

/// An absolute `https` URL, or an `http` URL of this machine.
pub(crate) fn check_url(url: &str) -> Result<(), &'static str> {
    check_any_url(url)?;
    check_secure(url)
}

/// Whether an attacker on the way can neither read nor change what goes to a URL.
pub(crate) fn check_secure(url: &str) -> Result<(), &'static str> {
    match url.starts_with("https://") || is_loopback_url(url) {
        true => Ok(()),
        false => Err(INSECURE),
    }
}

/// An absolute `http` or `https` URL.
pub(crate) fn check_any_url(url: &str) -> Result<(), &'static str> {
    const EXAMPLE: &str = "must be an absolute URL, as \"https://mcp.example.com/mcp\"";
    if url.contains(['?', '#']) {
        return Err("must be a URL without query and fragment");
    }
    let parsed: Uri = url.parse().map_err(|_| EXAMPLE)?;
    let scheme = parsed.scheme_str().ok_or(EXAMPLE)?;
    let authority = parsed.authority().ok_or(EXAMPLE)?;
    check_authority(authority)?;
    if !matches!(scheme, "http" | "https") {
        return Err(INSECURE);
    }
    if parsed
        .path()
        .split('/')
        .any(|segment| matches!(segment, "." | ".."))
    {
        return Err("must be a URL without `.` and `..` in its path");
    }
    Ok(())
}

fn check_scheme(scheme: &str, host: &str) -> Result<(), &'static str> {
    match scheme {
        "https" => Ok(()),
        "http" if is_loopback(host) => Ok(()),
        _ => Err(INSECURE),
    }
}

/// Whether the host of `url` means this machine.
pub(crate) fn is_loopback_url(url: &str) -> bool {
    url.parse::<Uri>()
        .is_ok_and(|url| url.host().is_some_and(is_loopback))
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
    // An origin of another scheme is an application's own: `app://`, `vscode-webview://`.
    if scheme == "http" {
        check_scheme(scheme, authority.host())?;
    }
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
