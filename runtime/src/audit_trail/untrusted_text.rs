//! Words of a caller that nothing vouches for.

use mcp_edge_clients::visible::visible;

/// How long such a text may be in the log, in characters.
const MAX_TEXT_BYTES: usize = 256;
/// How many letters and digits in one run look like a secret.
const SECRET: usize = 20;

/// What stands for words that are left out.
pub(crate) const REDACTED: &str = "[redacted]";

/// How many digits in one run look like the number of a card or an account.
const NUMBER: usize = 12;
/// How many letters and digits without any mark between them look like a secret, whatever they are.
const UNBROKEN: usize = 32;

/// A text as it may be in the log: not too long, in one line, and without anything that looks like a token, a key or a
/// personal number. A name does not mix that many letters and digits without a break.
pub fn sanitize(text: &str) -> String {
    let mut careful = String::new();
    let text: String = text.chars().take(MAX_TEXT_BYTES).collect();
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        let run = rest
            .find(|c: char| !is_dense(c))
            .unwrap_or(rest.len())
            .max(first.len_utf8());
        let (word, after) = rest.split_at_checked(run).unwrap_or((rest, ""));
        if looks_secret(word) {
            careful.push_str(REDACTED);
        } else {
            careful.push_str(&visible(word));
        }
        rest = after;
    }
    careful
}

/// What tokens and keys are made of.
fn is_dense(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '=' | '~' | '%' | '/')
}

fn looks_secret(run: &str) -> bool {
    // Names have slashes too; what is encoded has small letters and capitals besides.
    let encoded = is_mixed(run)
        && run.bytes().any(|byte| byte.is_ascii_lowercase())
        && run.bytes().any(|byte| byte.is_ascii_uppercase());
    let mut words = run.split('/');
    // What base64 makes of `{"`: each part of a JWT but the signature begins with it.
    let object = words.clone().any(|word| word.starts_with("eyJ"));
    let dense = words.any(|word| word.len() >= SECRET && is_mixed(word));
    let unbroken = run
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|part| part.len() >= UNBROKEN);
    let digits = run.bytes().filter(u8::is_ascii_digit).count();
    object || dense || unbroken || digits >= NUMBER || (encoded && run.len() >= SECRET)
}

fn is_mixed(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit())
        && word.bytes().any(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_and_secrets_go() {
        for name in [
            "claude-code 2.1.240",
            "Visual Studio Code 1.105.1",
            "com.example/fraud-rules",
            "mcp-inspector 0.17.2 (node v22.12.0)",
            "github.com/example/agent-toolkit v2",
            "claude-code 20251121",
        ] {
            assert_eq!(sanitize(name), name);
        }
        for (secret, left) in [
            (
                "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln",
                "[redacted].[redacted].c2ln",
            ),
            ("sk_live_51H8xkd83jd93jd8", "[redacted]"),
            (
                "client 0af7651916cd43dd8448eb211c80319c",
                "client [redacted]",
            ),
            // Standard base64 has slashes.
            ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYzExample", "[redacted]"),
            ("a/eyJhbGciOiJub25lIn0", "[redacted]"),
            // Cards and accounts are digits only, some letters only.
            ("card 4111111111111111", "card [redacted]"),
            ("card 4111-1111-1111-1111", "card [redacted]"),
            ("abcdefghijklmnopqrstuvwxyzabcdefgh", "[redacted]"),
        ] {
            assert_eq!(sanitize(secret), left);
        }
    }

    #[test]
    fn it_is_one_line_of_bounded_length() {
        assert_eq!(
            sanitize("a\nb\u{1b}[31m\u{202e}"),
            "a\\nb\\u{1b}[31m\\u{202e}"
        );
        assert_eq!(sanitize(&"ä".repeat(1000)).chars().count(), MAX_TEXT_BYTES);
    }
}
