//! The names of tools and of their arguments.

use sha2::{Digest, Sha256};

/// The maximum length of the name of a tool or an argument: what model APIs accept.
pub(crate) const MAX_LENGTH: usize = 64;
/// What remains of a name that is too long, before `_` and its hash.
const KEPT: usize = 55;
/// The characters of a hash in a name.
const HASH: usize = 8;

/// The name of a tool: `base`, with each run of characters that a name cannot have as `_`, behind the prefix. A name that is too
/// long ends in a hash of the method and the path, so that it depends on no other operation.
pub(crate) fn of_tool(prefix: &str, base: &str, verb: &str, path: &str) -> String {
    let mut name = match prefix {
        "" => String::new(),
        prefix => format!("{prefix}_"),
    };
    name.push_str(&plain(base));
    if name.len() > MAX_LENGTH {
        let kept: String = name.chars().take(KEPT).collect();
        name = format!("{kept}_{}", hash(&[verb, path]));
    }
    if name.is_empty() {
        name = format!("tool_{}", hash(&[verb, path]));
    }
    name
}

/// Whether `name` can be the name of a tool.
pub(crate) fn is_tool_name(name: &str) -> bool {
    (1..=MAX_LENGTH).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// A name for an operation without one.
pub(crate) fn of_method_and_path(verb: &str, path: &str) -> String {
    plain(&format!("{}_{path}", verb.to_ascii_lowercase()))
}

fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' => plain.push(char),
            _ if plain.ends_with('_') => {}
            _ => plain.push('_'),
        }
    }
    plain.trim_matches('_').to_owned()
}

/// The name of an argument, for a name on the wire: letters, digits, `_`, `.` and `-`, 64 at most. Brackets become dots, and
/// the operators of names such as `StartTime<` become words.
pub(crate) fn of_argument(wire: &str) -> String {
    if is_argument_name(wire) {
        return wire.to_owned();
    }
    let mut name = String::with_capacity(wire.len());
    for char in wire.chars() {
        match char {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '.' => name.push(char),
            '<' => name.push_str("_lt"),
            '>' => name.push_str("_gt"),
            '[' | ']' if name.ends_with('.') => {}
            '[' | ']' => name.push('.'),
            _ if name.ends_with(['_', '.']) => {}
            _ => name.push('_'),
        }
    }
    let name = name.trim_matches(['_', '.', '-']);
    match name {
        "" => format!("argument_{}", hash(&[wire])),
        name if name.len() > MAX_LENGTH => hashed(name, wire),
        name => name.to_owned(),
    }
}

/// Whether model APIs accept `name` as the name of an argument.
pub(crate) fn is_argument_name(name: &str) -> bool {
    (1..=MAX_LENGTH).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

/// `name` with an ending, cut so that both fit.
pub(crate) fn with_ending(name: &str, ending: &str) -> String {
    let room = MAX_LENGTH.saturating_sub(ending.len());
    let kept: String = name.chars().take(room).collect();
    format!("{kept}{ending}")
}

/// `name` with a hash of what it stands for, where the name alone does not tell it from another.
pub(crate) fn hashed(name: &str, meaning: &str) -> String {
    let kept: String = name.chars().take(KEPT).collect();
    format!("{kept}_{}", hash(&[meaning]))
}

/// The start of a SHA-256 in lower-case Base32 (RFC 4648, 6).
fn hash(parts: &[&str]) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.as_bytes());
        // Two parts are not the same as one that contains both.
        digest.update([0]);
    }
    let digest = digest.finalize();
    let start = digest.iter().take(5);
    let mut bits = start.fold(0_u64, |bits, byte| bits.wrapping_shl(8) | u64::from(*byte));
    let mut text = [0_u8; HASH];
    for letter in text.iter_mut().rev() {
        let index = usize::try_from(bits & 31).unwrap_or_default();
        *letter = ALPHABET.get(index).copied().unwrap_or(b'a');
        bits = bits.wrapping_shr(5);
    }
    text.iter().map(|letter| char::from(*letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_name_keeps_what_a_name_can_have() {
        for (base, expected) in [
            ("listPatients", "ehr_listPatients"),
            ("repos/get-content", "ehr_repos_get-content"),
            ("v1.Pods: list", "ehr_v1_Pods_list"),
            ("__init__", "ehr_init"),
            ("Größe", "ehr_Gr_e"),
        ] {
            assert_eq!(of_tool("ehr", base, "GET", "/x"), expected);
        }
        assert_eq!(
            of_method_and_path("GET", "/patients/{id}/studies"),
            "get_patients_id_studies"
        );
        assert_eq!(of_method_and_path("GET", "/"), "get");
    }

    #[test]
    fn a_name_of_nothing_is_a_hash() {
        let name = of_tool("", "日本", "GET", "/x");
        assert!(is_tool_name(&name), "{name}");
        assert_ne!(name, of_tool("", "日本", "GET", "/y"));
    }

    #[test]
    fn an_argument_name_is_legible() {
        for (wire, expected) in [
            ("page", "page"),
            ("filter[bundleId]", "filter.bundleId"),
            ("filter[a][b]", "filter.a.b"),
            ("uids[]", "uids"),
            ("StartTime<", "StartTime_lt"),
            ("StartTime>", "StartTime_gt"),
            ("$.xgafv", "xgafv"),
            ("$filter", "filter"),
            ("@type", "type"),
            ("a b", "a_b"),
        ] {
            assert_eq!(of_argument(wire), expected);
        }
        let name = of_argument("ключ");
        assert!(is_argument_name(&name), "{name}");
        assert_ne!(name, of_argument("имя"));
        let long = "x".repeat(100);
        assert_eq!(of_argument(&long).len(), MAX_LENGTH);
    }
}
