//! Percent-encoding (RFC 3986, 2.1).

/// Writes every byte that `keeps` does not accept, percent-encoded.
fn write(text: &[u8], keeps: impl Fn(u8) -> bool) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |value: u8| char::from(DIGITS.get(usize::from(value)).copied().unwrap_or(b'0'));
    let mut written = String::with_capacity(text.len());
    for &byte in text {
        if keeps(byte) {
            written.push(char::from(byte));
        } else {
            written.extend(['%', digit(byte >> 4), digit(byte & 0xf)]);
        }
    }
    written
}

/// Encodes all but the unreserved characters, in a form that every parser of URLs keeps as it is, and decodes to the same in a
/// path, a query and a form.
pub fn encode(text: &str) -> String {
    encode_bytes(text.as_bytes())
}

/// Encodes bytes in the same way.
pub(super) fn encode_bytes(bytes: &[u8]) -> String {
    write(bytes, is_unreserved)
}

/// Encodes a value of the query with `allowReserved`: of the reserved characters, those that cannot end the value stay. `'` is
/// not one of them, since fetch encodes it in any case (WHATWG URL, 1.3, special-query percent-encode set).
pub(super) fn encode_reserved(text: &str) -> String {
    write(text.as_bytes(), |byte| {
        is_unreserved(byte) || b":/?@!$()*,;".contains(&byte)
    })
}

/// Decodes once. A `%` that two hexadecimal digits do not follow stays.
pub(super) fn decode(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (b'%', [high, low, after @ ..]) => match (hexadecimal(*high), hexadecimal(*low)) {
                (Some(high), Some(low)) => {
                    decoded.push(high << 4 | low);
                    rest = after;
                }
                _ => decoded.push(byte),
            },
            _ => decoded.push(byte),
        }
    }
    decoded
}

/// Whether every `%` begins an encoded byte.
pub(super) fn is_encoded(text: &str) -> bool {
    let mut parts = text.split('%');
    parts.next();
    parts.all(|part| {
        let digits = part.as_bytes().iter().take(2);
        digits.filter(|digit| digit.is_ascii_hexdigit()).count() == 2
    })
}

fn hexadecimal(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}

/// RFC 3986, 2.3.
pub(super) fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// RFC 3986, 3.3: `pchar` without percent-encoding.
pub(super) fn is_path_character(byte: u8) -> bool {
    is_unreserved(byte) || b"!$&'()*+,;=:@".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_and_decodes() {
        assert_eq!(encode("a-b._~ /?é%"), "a-b._~%20%2F%3F%C3%A9%25");
        assert_eq!(
            encode_reserved(":/?@!$'()*,;&=+# "),
            ":/?@!$%27()*,;%26%3D%2B%23%20"
        );
        for (text, decoded) in [
            ("", ""),
            ("%", "%"),
            ("%2", "%2"),
            ("%zz%41", "%zzA"),
            ("%252e", "%2e"),
            ("%2E%2e", ".."),
        ] {
            assert_eq!(decode(text.as_bytes()), decoded.as_bytes(), "{text}");
        }
        for (text, is) in [
            ("", true),
            ("%41%4a", true),
            ("%4", false),
            ("%g1", false),
            ("%", false),
        ] {
            assert_eq!(is_encoded(text), is, "{text}");
        }
    }
}
