//! Keys that are long enough and can be guessed all the same.

/// The number of bytes of a key of which half must differ. A longer key need not have more.
const COUNTED: usize = 32;

/// Whether a key that is `written` as base64 of `secret` can be guessed: it was typed or counted, and not drawn at random.
///
/// - Fewer than half of its bytes (16 at most) differ: zeros, one repeated byte, two that take turns.
/// - It repeats, or counts up or down, with a period of up to half its length: `00 01 02 …`, a shorter key written twice.
/// - It is text, in any language, or its base64 is letters of one case only: a password.
///
/// Of random keys of 32 bytes this refuses 2 in 10¹¹, nearly all of them because they happen to be text in UTF-8 without control
/// characters (2⁻³⁵·⁷); fewer than 16 different bytes have 2⁻⁵⁴·⁸ of them, letters of one case only 2⁻⁵⁴·⁹, a period 2⁻¹¹⁹.
pub fn is_guessable(written: &str, secret: &[u8]) -> bool {
    has_few_bytes(secret)
        || has_period(secret)
        || has_period(written.as_bytes())
        || is_text(secret)
        || is_of_one_case(written)
}

fn has_few_bytes(secret: &[u8]) -> bool {
    let mut different = secret.to_vec();
    different.sort_unstable();
    different.dedup();
    different.len() < secret.len().min(COUNTED).div_ceil(2)
}

/// Whether the steps from byte to byte repeat.
fn has_period(bytes: &[u8]) -> bool {
    let steps: Vec<u8> = bytes
        .iter()
        .zip(bytes.iter().skip(1))
        .map(|(one, next)| next.wrapping_sub(*one))
        .collect();
    let half = bytes.len().div_euclid(2);
    (1..=half).any(|period| {
        let mut pairs = steps.iter().zip(steps.iter().skip(period));
        pairs.all(|(step, later)| step == later)
    })
}

fn is_text(secret: &[u8]) -> bool {
    std::str::from_utf8(secret).is_ok_and(|text| {
        text.chars()
            .all(|c| matches!(c, '\t' | '\n' | '\r') || !c.is_control())
    })
}

fn is_of_one_case(written: &str) -> bool {
    let written = written.trim_end_matches('=').as_bytes();
    written.iter().all(u8::is_ascii_lowercase) || written.iter().all(u8::is_ascii_uppercase)
}

#[cfg(test)]
mod tests {
    use base64ct::{Base64, Encoding as _};
    use proptest::prelude::*;
    use sha2::{Digest as _, Sha256};

    use super::*;

    fn guessed(secret: &[u8]) -> bool {
        is_guessable(&Base64::encode_string(secret), secret)
    }

    fn guessed_text(written: &str) -> bool {
        is_guessable(written, &Base64::decode_vec(written).unwrap())
    }

    #[test]
    fn keys_that_are_not_random_are_guessed() {
        let counting: Vec<u8> = (0..=255).collect();
        let random: [u8; 32] = Sha256::digest("any").into();
        let short = random.split_at(16).0;
        let mut nearly_zero = [0; 32];
        nearly_zero[31] = 1;
        for secret in [
            &[0; 32][..],
            &[0xff; 32],
            &nearly_zero,
            &[0; 64],
            &[0x22; 32],
            &[0xde, 0xad, 0xbe, 0xef].repeat(8),
            &counting[..32],
            &counting[100..164],
            &counting[..32].iter().rev().copied().collect::<Vec<_>>(),
            &counting
                .iter()
                .step_by(7)
                .take(32)
                .copied()
                .collect::<Vec<_>>(),
            &(0..16).flat_map(|n| [n, 0x80 + n]).collect::<Vec<_>>(),
            &[short, short].concat(),
            b"this key is published and protects nothing!",
            b"correct horse battery staple, four words",
            "пароль пароль пароль и ещё слово".as_bytes(),
            b"0123456789abcdef0123456789abcdef",
        ] {
            assert!(guessed(secret), "{secret:02x?}");
        }
        for written in [
            "passwordpasswordpasswordpasswordpasswordpass",
            "thequickbrownfoxjumpsoverthelazydogandthecat",
            "CORRECTHORSEBATTERYSTAPLEANDSOMEMOREWORDSTOO",
        ] {
            assert!(guessed_text(written), "{written}");
        }
    }

    #[test]
    fn keys_from_standards_are_not_guessed() {
        for secret in ["", "abc"] {
            assert!(!guessed(&Sha256::digest(secret)), "{secret}");
        }
        // RFC 8037, appendix A.1; Standard Webhooks; and 32 random bytes that were written in hexadecimal by mistake.
        for written in [
            "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ] {
            assert!(!guessed_text(written), "{written}");
        }
    }

    #[test]
    fn random_keys_are_not_guessable() {
        for number in 0..100_000_u32 {
            let secret = Sha256::digest(number.to_be_bytes());
            assert!(!guessed(&secret), "{number}");
        }
    }

    proptest! {
        #[test]
        fn repeating_and_counting_keys_are_guessable(start: u8, step: u8, length in 24..80_usize, part in prop::collection::vec(any::<u8>(), 1..12)) {
            let counted: Vec<u8> = (0..length).scan(start, |at, _| { *at = at.wrapping_add(step); Some(*at) }).collect();
            prop_assert!(guessed(&counted));
            let repeated: Vec<u8> = part.iter().copied().cycle().take(length).collect();
            prop_assert!(guessed(&repeated));
        }
    }
}
