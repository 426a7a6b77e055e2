//! A server, as clients are told of it.

use crate::visible::is_invisible;

/// So that a tool's name still fits next to it: Gemini CLI cuts what is longer than 63 characters, and both share them.
const MAX_NAME: usize = 32;
const MAX_TITLE: usize = 64;
const MAX_URL: usize = 2048;

/// A server, as clients are told of it: a short name, a title and an address that mean nothing but themselves where they
/// are put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerInfo {
    name: String,
    title: String,
    url: String,
    access: Authentication,
}

/// How callers of a server prove who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authentication {
    /// They need not: it serves callers without an access token.
    Open,
    /// Their clients get an access token from an authorization server that it names (RFC 9728).
    SignIn,
    /// It asks for an access token and names no authorization server, so that no client can get one by itself.
    Token,
}

/// An address that is not given to clients.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// It is longer than any client has to take.
    #[error("the URL is longer than {MAX_URL} bytes")]
    TooLong,
    /// It is not one of HTTP, or names no host.
    #[error("the URL must be https://HOST/PATH")]
    NotHttp,
    /// It holds a name or a password, which would be in the files of clients.
    #[error("the URL must not hold a user name or a password")]
    User,
    /// It holds what no URL may hold (RFC 3986), or what clients read as something else.
    #[error("the URL must not hold the character {0:?}")]
    Character(char),
}

impl ServerInfo {
    /// `name` is the one of its Server Card, such as `com.example/fraud-rules`, and `url` where its MCP endpoint is.
    pub fn new(
        name: &str,
        title: Option<&str>,
        url: &str,
        access: Authentication,
    ) -> Result<Self, UrlError> {
        check(url)?;
        let title = title.map(printable).filter(|title| !title.is_empty());
        let name = short(name);
        Ok(Self {
            title: title.unwrap_or_else(|| name.clone()),
            name,
            url: url.to_owned(),
            access,
        })
    }

    /// What clients call it: lower-case letters, digits and hyphens between them.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What people call it.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Where its MCP endpoint is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How its callers prove who they are.
    pub fn access(&self) -> Authentication {
        self.access
    }
}

/// The name without its namespace, in the characters that every client takes: Codex and Claude Code refuse others than
/// letters, digits, `-` and `_`, and in Gemini CLI a `_` ends the name.
fn short(name: &str) -> String {
    let own = name.rsplit('/').next().unwrap_or_default();
    let mut short = String::new();
    for character in own.chars() {
        let separates = !character.is_ascii_alphanumeric();
        // A hyphen in front would make it an option of a command line.
        if separates && (short.is_empty() || short.ends_with('-')) {
            continue;
        }
        if short.len() == MAX_NAME {
            break;
        }
        short.push(if separates {
            '-'
        } else {
            character.to_ascii_lowercase()
        });
    }
    match short.trim_end_matches('-') {
        "" => "mcp-server".to_owned(),
        short => short.to_owned(),
    }
}

/// `text` in one line, without what a terminal obeys and what turns the direction of writing.
fn printable(text: &str) -> String {
    let spaced = text.chars().map(|c| match c {
        c if c.is_whitespace() && !c.is_control() => ' ',
        c => c,
    });
    let shown = spaced.filter(|c| !is_invisible(*c));
    let shown: String = shown.take(MAX_TITLE).collect();
    shown.trim().to_owned()
}

fn check(url: &str) -> Result<(), UrlError> {
    if url.len() > MAX_URL {
        return Err(UrlError::TooLong);
    }
    if let Some(strange) = url.chars().find(|c| !is_of_url(*c)) {
        return Err(UrlError::Character(strange));
    }
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))
        .ok_or(UrlError::NotHttp)?;
    match rest.split(['/', '?']).next() {
        Some(authority) if authority.contains('@') => Err(UrlError::User),
        None | Some("") => Err(UrlError::NotHttp),
        Some(_) => Ok(()),
    }
}

/// The characters of RFC 3986 without `#`, which MCP has no use for, and `$`, with which several clients begin the name
/// of a variable.
fn is_of_url(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~:/?[]@!&'()*+,;=%".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_has_no_special_characters() {
        for (name, expected) in [
            ("com.example/fraud-rules", "fraud-rules"),
            ("Fraud_Rules v2", "fraud-rules-v2"),
            ("com.example/--scope", "scope"),
            ("com.example/__proto__", "proto"),
            ("a/b/c.d", "c-d"),
            ("com.example/\u{1b}[31m$(id)", "31m-id"),
            ("com.example/дом", "mcp-server"),
            ("", "mcp-server"),
        ] {
            assert_eq!(short(name), expected, "{name}");
        }
        assert_eq!(short(&"a".repeat(200)), "a".repeat(32));
        assert_eq!(short(&format!("{}-b", "a".repeat(31))), "a".repeat(31));
    }

    #[test]
    fn a_title_is_one_line_that_changes_no_terminal() {
        let titled = |title| {
            ServerInfo::new("n", Some(title), "https://a.example/", Authentication::Open).unwrap()
        };
        let spoofed = "Fraud\u{1b}[2J\r\n\u{202e}rules";
        assert_eq!(titled(spoofed).title(), "Fraud[2Jrules");
        assert_eq!(titled(" \u{7}\t").title(), "n");
        assert_eq!(titled("\u{2800}\u{3000}").title(), "n");
        assert_eq!(titled("Fraud\u{a0}rules\u{2028}").title(), "Fraud rules");
        assert_eq!(titled(&"ä".repeat(100)).title(), "ä".repeat(64));
    }

    #[test]
    fn an_address_is_one_of_http_and_holds_no_secret() {
        for url in [
            "https://fraud.example.com/mcp",
            "http://127.0.0.1:8787/mcp",
            "http://[::1]:8787/",
            "https://a.example/it's?a=b&c=(d)",
        ] {
            assert_eq!(check(url), Ok(()), "{url}");
        }
        for (url, expected) in [
            ("ftp://a.example/", UrlError::NotHttp),
            ("--scope", UrlError::NotHttp),
            ("https://", UrlError::NotHttp),
            ("https:///mcp", UrlError::NotHttp),
            ("https://user:secret@a.example/", UrlError::User),
            ("https://a.example/$HOME", UrlError::Character('$')),
            ("https://a.example/{a}", UrlError::Character('{')),
            ("https://a.example/\"", UrlError::Character('"')),
            ("https://a.example/a b", UrlError::Character(' ')),
            ("https://a.example/\n", UrlError::Character('\n')),
            ("https://a.example/#a", UrlError::Character('#')),
            ("https://ä.example/", UrlError::Character('ä')),
        ] {
            assert_eq!(check(url), Err(expected), "{url}");
        }
        let long = format!("https://a.example/{}", "a".repeat(2048));
        assert_eq!(check(&long), Err(UrlError::TooLong));
    }
}
