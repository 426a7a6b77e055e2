//! The secrets of a deployment, each of which is for one purpose.

use base64ct::{Base64Unpadded, Base64UrlUnpadded, Encoding as _};
use sha2::{Digest as _, Sha256};

use crate::start::StartError;

/// What a secret is for. Two of different purposes must differ: a party that learns one, because it is sent, published or kept
/// somewhere else, must not be able to do what the other allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Signs and encrypts resumption tokens.
    Tokens,
    /// Signs evidence. The public halves count too: they are known to all.
    Evidence,
    /// Signs what is sent to a sink of this type, and stays here.
    Signature(&'static str),
    /// Is sent to a sink.
    Credential,
}

/// The digests of secrets that have been read.
#[derive(Default)]
pub(crate) struct Secrets {
    read: Vec<([u8; 32], Purpose, &'static str)>,
}

impl Secrets {
    /// Takes note of the `text` that the host's secret `name` holds. An error names two secrets that hold the same.
    pub(crate) fn note(
        &mut self,
        name: &'static str,
        purpose: Purpose,
        text: &str,
    ) -> Result<(), StartError> {
        let forms = forms(text).into_iter();
        let digests: Vec<[u8; 32]> = forms.map(|form| Sha256::digest(form).into()).collect();
        let other = self
            .read
            .iter()
            .find(|(known, other, _)| *other != purpose && digests.contains(known));
        if let Some((_, _, other)) = other {
            return Err(StartError::SameSecret(other, name));
        }
        let read = digests.into_iter().map(|digest| (digest, purpose, name));
        self.read.extend(read);
        Ok(())
    }
}

/// Every key in a text: the text itself and each entry, with and without what is before the key, as it is written and decoded.
fn forms(text: &str) -> Vec<Vec<u8>> {
    let text = text.trim();
    let entries = text
        .split(|c: char| c == ',' || c.is_whitespace())
        .filter(|entry| !entry.is_empty());
    let mut forms = vec![text.as_bytes().to_vec()];
    for entry in entries {
        let key = entry.rsplit(':').next().unwrap_or(entry);
        let key = key
            .strip_prefix("whsec_")
            .unwrap_or(key)
            .trim_end_matches('=');
        forms.push(key.as_bytes().to_vec());
        let decoded =
            Base64Unpadded::decode_vec(key).or_else(|_| Base64UrlUnpadded::decode_vec(key));
        forms.extend(decoded);
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SHA-256 of `abc`, in both alphabets.
    const KEY: &str = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0";
    const KEY_URL: &str = "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0";
    const OTHER: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    const PURPOSES: [Purpose; 5] = [
        Purpose::Tokens,
        Purpose::Evidence,
        Purpose::Signature("webhook"),
        Purpose::Signature("s3"),
        Purpose::Credential,
    ];

    #[test]
    fn one_key_has_one_purpose_in_any_notation() {
        let written = [
            KEY.to_owned(),
            format!("{KEY}=\n"),
            KEY_URL.to_owned(),
            format!("k1:sign:{KEY_URL}="),
            format!("k2:sign:{OTHER}, k1:old:{KEY}"),
            format!("whsec_{KEY}="),
        ];
        for one in &written {
            for two in &written {
                for (position, purpose) in PURPOSES.into_iter().enumerate() {
                    let mut secrets = Secrets::default();
                    secrets.note("ONE", purpose, one).unwrap();
                    for (other_position, other) in PURPOSES.into_iter().enumerate() {
                        let same = position == other_position;
                        let noted = secrets.note("TWO", other, two);
                        assert_eq!(noted.is_ok(), same, "{one} {two}");
                        if let Err(error) = noted {
                            let error = error.to_string();
                            assert!(error.contains("ONE") && error.contains("TWO"), "{error}");
                            assert!(!error.contains(KEY) && !error.contains(KEY_URL), "{error}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn different_keys_and_one_key_for_one_purpose_are_accepted() {
        let mut secrets = Secrets::default();
        for (name, purpose, text) in [
            ("KEYS", Purpose::Tokens, "k1:sign:AAAA k0:old:BBBB"),
            ("AUDIT", Purpose::Evidence, "e1:sign:CCCC"),
            ("SIEM", Purpose::Credential, "not-a-key"),
            ("METRICS", Purpose::Credential, "not-a-key"),
            ("HOOK", Purpose::Signature("webhook"), "whsec_DDDD"),
        ] {
            secrets.note(name, purpose, text).unwrap();
        }
    }
}
