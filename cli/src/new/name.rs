//! What a server can be called everywhere: as a package, a Worker and a component of Spin.

use mcp_edge_clients::visible::visible;

/// The longest label of a host name, which the name of a Worker becomes.
const MAX_LENGTH: usize = 63;

/// What cannot name a crate: Rust's keywords (Reference, "Keywords") and the crates that a server uses.
const TAKEN: &[&str] = &[
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "core",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mcp-edge",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc-macro",
    "pub",
    "ref",
    "return",
    "schemars",
    "self",
    "serde",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
];

/// What cargo itself makes in the folder that programs are built in.
const FOLDERS: &[&str] = &["build", "deps", "examples", "incremental"];

/// Whether a server can have this name; the error says what to change.
pub(super) fn check(name: &str) -> Result<(), String> {
    if name.len() > MAX_LENGTH {
        return Err(format!(
            "the name has {} letters; a Worker's has at most {MAX_LENGTH}, so shorten it",
            name.len()
        ));
    }
    if !name.split('-').all(is_word) {
        let shown = visible(name);
        return Err(format!(
            "`{shown}` cannot name a package, a Worker and a component of Spin; use words of lower-case letters and digits \
             that begin with a letter, with a hyphen between two, as in `fraud-rules`"
        ));
    }
    if TAKEN.contains(&name) || FOLDERS.contains(&name) {
        return Err(format!(
            "`{name}` means something else to Rust or to cargo; add a word, as in `{name}-server`"
        ));
    }
    Ok(())
}

fn is_word(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_lowercase())
        && word
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_every_host_takes_is_taken() {
        for name in ["a", "fraud-rules", "http2", "rules-v2-eu", &"n".repeat(63)] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn what_some_host_refuses_is_refused() {
        for name in [
            "",
            "-",
            "a-",
            "-a",
            "a--b",
            "2nd",
            "rules-2",
            "Rules",
            "fraud_rules",
            "fraud rules",
            "../rules",
            "rules/eu",
            ".",
            "règles",
            "a\u{1b}[2J",
            &"n".repeat(64),
        ] {
            let sentence = check(name).unwrap_err();
            assert!(!sentence.contains('\u{1b}'), "{sentence}");
        }
    }

    #[test]
    fn what_means_something_else_is_refused() {
        for name in ["match", "test", "std", "mcp-edge", "serde", "deps"] {
            assert!(check(name).unwrap_err().contains("add a word"), "{name}");
        }
    }
}
