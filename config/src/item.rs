//! Texts that have to be something.

use std::borrow::Cow;

use http::HeaderName;
use http::header::AUTHORIZATION;
use regex_lite::{Regex, RegexBuilder};

use crate::address;

/// What one text must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextKind {
    /// A web origin, or `*`.
    Origin,
    /// A host name with or without a port.
    Host,
    /// An absolute URL without query and fragment: `https` except on this machine.
    ServerUrl,
    /// The same for what an issuer calls itself, `{tenant}` at most once in its path.
    IssuerUrl,
    /// Another text for what an issuer calls itself.
    IssuerAlias,
    /// The same for the URL of a key set, `{issuer}` at the beginning if anywhere; it may have a query.
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
    /// A JSON pointer (RFC 6901) to something within a value, in which `*` is any one member.
    Pointer,
    /// A regular expression, as the server's engine knows them.
    Expression,
    /// Where a sink's receiver is: the same with a query.
    Endpoint,
    /// The name of an HTTP header.
    AnyHeader,
    /// An authentication scheme (RFC 9110, 11.1), or nothing.
    Scheme,
    /// A topic of Kafka.
    Topic,
    /// An index of Elasticsearch or Splunk.
    Index,
    /// A bucket of S3.
    Bucket,
    /// A region of S3.
    Region,
    /// The id of an access key of S3.
    AccessKey,
    /// What names of objects begin with, or nothing.
    Prefix,
    /// What a server is for, as long as a Server Card has room for.
    Summary,
    /// The `https` URL of something that people or browsers look at.
    WebUrl,
    /// The digest of a definition: `sha256:` and 64 hexadecimal digits.
    Digest,
    /// The name of a server: a reversed domain, a slash and a name.
    ServerName,
    /// A text of any length.
    Text,
    /// The path of a file, relative to `mcp.toml`.
    Path,
    /// What names of tools begin with, or nothing.
    ToolPrefix,
    /// The place of a live policy.
    LiveSource,
    /// A public key of Ed25519 with its id.
    LiveKey,
}

/// The pattern of a URL that [`address::check_url`] takes, or that begins with one of the alternatives of `$or`.
macro_rules! secure {
    ($or:literal, $rest:literal) => {
        concat!(
            "^(",
            $or,
            r"https://[^/?#\s]|http://(localhost|[a-z0-9.-]+\.localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]+)?(/|$))",
            $rest
        )
    };
}

/// Stands for the tenant in an issuer's URL.
pub(crate) const TENANT: &str = "{tenant}";

/// Stands for the issuer's URL in the URL of its keys.
pub(crate) const ISSUER: &str = "{issuer}";

impl TextKind {
    /// What it is, with an example.
    pub(crate) fn described(self) -> &'static str {
        match self {
            Self::Origin => "an origin, as \"https://app.example.com\"",
            Self::Host => "a host name, as \"mcp.example.com\"",
            Self::ServerUrl | Self::IssuerUrl | Self::KeysUrl | Self::Endpoint => "a URL in quotes",
            Self::IssuerAlias => "what tokens say in iss, as \"accounts.google.com\"",
            Self::Audience => "an audience, as \"https://mcp.example.com/mcp\"",
            Self::Scope => "a scope, as \"fraud:read\"",
            Self::Pattern => "a text, in which * stands for any text",
            Self::Type => "a token type, as \"at+jwt\"",
            Self::Claim => "a claim, as \"roles\" or \"/realm_access/roles\"",
            Self::Tenant => "a tenant's name",
            Self::Header => "the name of a header, as \"Cf-Access-Jwt-Assertion\"",
            Self::Name => "a name in quotes",
            Self::Binding => "the name of a binding, as \"ANALYST_LIMIT\"",
            Self::Pointer => "a JSON pointer, as \"/card/number\"",
            Self::Expression => "a regular expression, as '\\d{13,19}'",
            Self::AnyHeader => "the name of a header, as \"Authorization\"",
            Self::Scheme => "an authentication scheme, as \"Bearer\"",
            Self::Topic => "the name of a topic, as \"mcp-events\"",
            Self::Index => "the name of an index, as \"mcp-events\"",
            Self::Bucket => "the name of a bucket, as \"mcp-events\"",
            Self::Region => "the name of a region, as \"eu-central-1\"",
            Self::AccessKey => "the id of an access key in quotes",
            Self::Prefix => "the beginning of a name, as \"mcp/\"",
            Self::Summary => "a text of 1 to 100 characters",
            Self::WebUrl => "a URL, as \"https://example.com/icon.svg\"",
            Self::Digest => "a digest, as `mcp-edge manifest approve` prints them",
            Self::ServerName => "the name of a server, as \"com.example/orders\"",
            Self::Text => "a text in quotes",
            Self::Path => "the path of a file, as \"openapi/orders.yaml\"",
            Self::ToolPrefix => "the beginning of a name, as \"orders\"",
            Self::LiveSource => "a place, as \"https://policy.example.com/live-policy.jws\"",
            Self::LiveKey => "a public key, as `mcp-edge keys generate --live` prints it",
        }
    }

    /// A regular expression that editors check it with.
    pub(crate) fn pattern(self) -> &'static str {
        match self {
            Self::Origin => r"^(\*|[a-z0-9+.-]+://[^/?#]+)$",
            Self::Host => "^[^/?#@]+$",
            Self::ServerUrl | Self::IssuerUrl => secure!("", "[^?#]*$"),
            Self::KeysUrl => secure!(r"\{issuer\}/|", r"[^#\s]*$"),
            Self::Scope => r"^[!#-\[\]-~]+$",
            Self::Type => "^[!-~]*$",
            Self::Claim => "^([^/]|/.)",
            Self::Header | Self::AnyHeader => "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
            Self::Binding => "^[A-Za-z_][A-Za-z0-9_]*$",
            Self::Pointer => "^/",
            Self::Endpoint => r"^https?://[^/?#\s][^#\s]*$",
            Self::Scheme => "^[!#$%&'*+.^_`|~0-9A-Za-z-]*$",
            Self::Topic => "^[A-Za-z0-9._-]{1,249}$",
            Self::Index => "^[a-z0-9][a-z0-9._-]{0,254}$",
            Self::Bucket => "^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$",
            Self::Region => "^[a-z0-9-]{1,64}$",
            Self::AccessKey => "^[A-Za-z0-9._+-]{1,128}$",
            Self::Prefix => "^([A-Za-z0-9._-][A-Za-z0-9._/-]{0,255})?$",
            Self::Summary => "^.{1,100}$",
            Self::WebUrl => r"^https://[^#\s]+$",
            Self::Digest => "^sha256:[0-9a-f]{64}$",
            Self::IssuerAlias => "^[^{}]+$",
            Self::ServerName => "^[A-Za-z0-9][A-Za-z0-9.-]*/[A-Za-z0-9][A-Za-z0-9._-]*$",
            Self::ToolPrefix => "^[a-z0-9-]{0,32}$",
            Self::LiveSource => secure!(
                r"file:/.|kv:[A-Za-z_][A-Za-z0-9_-]*/.|r2:[A-Za-z_][A-Za-z0-9_]*/.|",
                r"[^#\s]*$"
            ),
            Self::LiveKey => "^[A-Za-z0-9._-]{1,32}:[A-Za-z0-9_-]{43}$",
            Self::Text => "",
            Self::Audience
            | Self::Pattern
            | Self::Tenant
            | Self::Name
            | Self::Expression
            | Self::Path => "^.+$",
        }
    }

    pub(crate) fn check(self, text: &str) -> Result<(), Cow<'static, str>> {
        let is = |right: bool, otherwise| if right { Ok(()) } else { Err(otherwise) };
        let fits = |otherwise| is(self.fits_its_pattern(text), otherwise);
        let checked = match self {
            Self::Expression => return expression(text),
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
            Self::IssuerAlias => fits(
                "must be what tokens say in iss, byte for byte: not empty, and without {tenant}, which only `issuer` may hold",
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
                "must be the name of a binding in wrangler.toml, as \"ANALYST_LIMIT\"",
            ),
            Self::Pointer => pointer(text),
            Self::Endpoint => endpoint(text),
            Self::AnyHeader => is(
                HeaderName::try_from(text).is_ok(),
                "must be the name of an HTTP header, as \"Authorization\"",
            ),
            Self::Scheme => {
                fits("must be an authentication scheme, as \"Bearer\", or empty for none")
            }
            Self::Topic => fits("must be the name of a topic: letters, digits, `.`, `_` and `-`"),
            Self::Index => fits(
                "must be the name of an index: lower-case letters, digits, `.`, `_` and `-`, of which a letter or digit is \
                 first",
            ),
            Self::Bucket => fits(
                "must be the name of a bucket: lower-case letters, digits, `.`, `_` and `-`, of which a letter or digit is \
                 first and last",
            ),
            Self::Region => fits("must be the name of a region, as \"eu-central-1\" or \"auto\""),
            Self::AccessKey => {
                fits("must be the id of an access key: letters, digits, `.`, `_`, `+` and `-`")
            }
            Self::Prefix => fits(
                "must be letters, digits, `.`, `_`, `-` and slashes, of which no slash is first, as \"mcp/\"",
            ),
            Self::Summary => is(
                (1..=100).contains(&text.chars().count()) && !text.contains(char::is_control),
                "must have 1 to 100 characters on one line: a Server Card has no room for more",
            ),
            Self::WebUrl if !text.starts_with("https://") => {
                Err("must begin with https://, which browsers load from anywhere")
            }
            Self::WebUrl => endpoint(text),
            Self::ServerName => fits(
                "must be a reversed domain name of yours, a slash and a name, as \"com.example/orders\"",
            ),
            Self::ToolPrefix => {
                fits("must be at most 32 small letters, digits and `-`, as \"orders\"")
            }
            Self::LiveSource => fits(
                "must be an https URL, `file:` with an absolute path, `kv:BINDING/KEY` or `r2:BINDING/KEY`",
            ),
            Self::LiveKey => fits(
                "must be an id, a colon and 32 bytes in base64url, as `mcp-edge keys generate --live` prints it",
            ),
            Self::Text => is(!text.trim().is_empty(), "must not be empty"),
            Self::Path => is(
                !text.is_empty() && !text.contains(char::is_control),
                "must be the path of a file, as \"openapi/orders.yaml\"",
            ),
            Self::Digest => fits(
                "must be `sha256:` and 64 hexadecimal digits in lower case, as `mcp-edge manifest approve` prints it",
            ),
        };
        checked.map_err(Cow::Borrowed)
    }

    fn fits_its_pattern(self, text: &str) -> bool {
        Regex::new(self.pattern()).is_ok_and(|pattern| pattern.is_match(text))
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
    address::check_url(&filled)
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
        None => address::check_url(text.split_once('?').map_or(text, |(url, _)| url)),
    }
}

fn claim(text: &str) -> Result<(), &'static str> {
    if text.is_empty() {
        return Err("must not be empty; write the name of a claim, as \"roles\"");
    }
    if text.starts_with('/') {
        return pointer(text);
    }
    Ok(())
}

fn pointer(text: &str) -> Result<(), &'static str> {
    if !text.starts_with('/') {
        return Err("must be a JSON pointer, which begins with a slash, as \"/card/number\"");
    }
    if text
        .split('~')
        .skip(1)
        .any(|after| !after.starts_with(['0', '1']))
    {
        return Err(
            "must be a JSON pointer, in which ~ is written ~0 and a slash within a name ~1",
        );
    }
    Ok(())
}

/// The longest regular expression, in bytes.
const EXPRESSION: usize = 1 << 10;
/// The greatest one compiled, in bytes: what an expression costs per letter of a text grows with it.
const COMPILED: usize = 32 << 10;

fn expression(text: &str) -> Result<(), Cow<'static, str>> {
    if text.len() > EXPRESSION {
        return Err(format!("must be at most {EXPRESSION} bytes long").into());
    }
    let expression = RegexBuilder::new(text).size_limit(COMPILED).build();
    match expression {
        Ok(expression) if expression.is_match("") => {
            Err("must not fit the empty text, which is everywhere".into())
        }
        Ok(_) => Ok(()),
        Err(error) => Err(format!(
            "must be a regular expression that the server's engine takes: {error}"
        )
        .into()),
    }
}

fn endpoint(text: &str) -> Result<(), &'static str> {
    if text.contains(|c: char| c == '#' || c.is_whitespace()) {
        return Err("must be a URL without fragment and spaces");
    }
    address::check_any_url(text.split_once('?').map_or(text, |(url, _)| url))
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
