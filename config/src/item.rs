//! Texts that have to be something.

use http::HeaderName;
use http::header::AUTHORIZATION;

use crate::address;

/// What one text must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// A web origin, or `*`.
    Origin,
    /// A host name with or without a port.
    Host,
    /// An absolute `http` or `https` URL without query and fragment.
    ServerUrl,
    /// The same for what an issuer calls itself: `https` except on this machine, `{tenant}` at most once in its path.
    IssuerUrl,
    /// The URL of a key set: `https` except on this machine, `{issuer}` at the beginning if anywhere; it may have a query.
    KeysUrl,
    /// What a token is meant for.
    Audience,
    /// A scope (RFC 6749, 3.3).
    Scope,
    /// A text in which `*` stands for any text.
    Pattern,
    /// A media type of tokens, or nothing.
    Type,
    /// The name of a claim, or a JSON pointer (RFC 6901) that begins with `/`.
    Claim,
    /// The name of a tenant, or `*`.
    Tenant,
    /// The name of an HTTP header other than `Authorization`.
    Header,
    /// What a rule or a rate is called.
    Name,
    /// The name of a binding, as a Worker sees it.
    Binding,
}

/// Stands for the tenant in an issuer's URL.
pub(crate) const TENANT: &str = "{tenant}";

/// Stands for the issuer's URL in the URL of its keys.
pub(crate) const ISSUER: &str = "{issuer}";

impl Item {
    /// What it is, with an example.
    pub(crate) fn described(self) -> &'static str {
        match self {
            Self::Origin => "an origin, as \"https://app.example.com\"",
            Self::Host => "a host name, as \"mcp.example.com\"",
            Self::ServerUrl | Self::IssuerUrl | Self::KeysUrl => "a URL in quotes",
            Self::Audience => "an audience, as \"https://mcp.example.com/mcp\"",
            Self::Scope => "a scope, as \"fraud:read\"",
            Self::Pattern => "a text, in which * stands for any text",
            Self::Type => "a token type, as \"at+jwt\"",
            Self::Claim => "a claim, as \"roles\" or \"/realm_access/roles\"",
            Self::Tenant => "a tenant's name",
            Self::Header => "the name of a header, as \"Cf-Access-Jwt-Assertion\"",
            Self::Name => "a name in quotes",
            Self::Binding => "the name of a binding, as \"ANALYST_LIMIT\"",
        }
    }

    /// A regular expression that editors check it with.
    pub(crate) fn pattern(self) -> &'static str {
        match self {
            Self::Origin => r"^(\*|[a-z0-9+.-]+://[^/?#]+)$",
            Self::Host => "^[^/?#@]+$",
            Self::ServerUrl | Self::IssuerUrl => "^https?://[^?#]+$",
            Self::KeysUrl => r"^(https?://|\{issuer\}/)[^#\s]+$",
            Self::Scope => r"^[!#-\[\]-~]+$",
            Self::Type => "^[!-~]*$",
            Self::Claim => "^([^/]|/.)",
            Self::Header => "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
            Self::Binding => "^[A-Za-z_][A-Za-z0-9_]*$",
            Self::Audience | Self::Pattern | Self::Tenant | Self::Name => "^.+$",
        }
    }

    pub(crate) fn check(self, text: &str) -> Result<(), &'static str> {
        let is = |right: bool, otherwise| if right { Ok(()) } else { Err(otherwise) };
        match self {
            Self::Origin if text == "*" => Ok(()),
            Self::Origin => address::check_origin(text),
            Self::Host => address::check_host(text),
            Self::ServerUrl => address::check_url(text),
            Self::IssuerUrl => issuer_url(text),
            Self::KeysUrl => keys_url(text),
            Self::Audience => is(
                !text.is_empty(),
                "must not be empty; write what tokens for this server say in aud",
            ),
            Self::Scope => is(
                !text.is_empty()
                    && text
                        .bytes()
                        .all(|byte| byte.is_ascii_graphic() && !b"\"\\".contains(&byte)),
                "must be one scope of visible ASCII characters, without spaces, quotes and backslashes",
            ),
            Self::Pattern => is(!text.is_empty(), "must not be empty; \"*\" fits everything"),
            Self::Type => is(
                text.bytes().all(|byte| byte.is_ascii_graphic()),
                "must be a media type, as \"at+jwt\", or empty for none",
            ),
            Self::Claim => claim(text),
            Self::Tenant => is(!text.is_empty(), "must not be empty; \"*\" is every tenant"),
            Self::Header => header(text),
            Self::Name => is(
                !text.trim().is_empty() && !text.contains(char::is_control),
                "must be a name on one line, as \"analysts\"",
            ),
            Self::Binding => is(
                text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
                    && text
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'),
                "must be the name of a rate limiting binding in wrangler.toml, as \"ANALYST_LIMIT\"",
            ),
        }
    }
}

fn issuer_url(text: &str) -> Result<(), &'static str> {
    let filled = match text.split_once(TENANT) {
        Some((before, after)) if before.matches('/').count() > 2 => {
            format!("{before}tenant{after}")
        }
        _ => text.to_owned(),
    };
    if filled.contains(['{', '}']) {
        return Err("may hold {tenant} once in its path, and no other braces");
    }
    address::check_secure_url(&filled)
}

fn keys_url(text: &str) -> Result<(), &'static str> {
    let path = text.strip_prefix(ISSUER);
    if text.contains(|c: char| c == '#' || c.is_whitespace()) {
        return Err("must be a URL without fragment and spaces");
    }
    if path.unwrap_or(text).contains(['{', '}']) {
        return Err("may begin with {issuer}, and hold no other braces");
    }
    match path {
        Some(path) if path.starts_with('/') => Ok(()),
        Some(_) => Err("must go on with a path after {issuer}, as \"{issuer}/jwks\""),
        None => address::check_secure_url(text.split_once('?').map_or(text, |(url, _)| url)),
    }
}

fn claim(text: &str) -> Result<(), &'static str> {
    if text.is_empty() {
        return Err("must not be empty; write the name of a claim, as \"roles\"");
    }
    let escapes = text.starts_with('/')
        && text
            .split('~')
            .skip(1)
            .any(|after| !after.starts_with(['0', '1']));
    if escapes {
        return Err(
            "must be a JSON pointer, in which ~ is written ~0 and a slash within a name ~1",
        );
    }
    Ok(())
}

fn header(text: &str) -> Result<(), &'static str> {
    match HeaderName::try_from(text) {
        Ok(AUTHORIZATION) => Err(
            "must name another header than Authorization, where tokens are expected anyway: leave it out",
        ),
        Ok(_) => Ok(()),
        Err(_) => Err("must be the name of an HTTP header, as \"Cf-Access-Jwt-Assertion\""),
    }
}
