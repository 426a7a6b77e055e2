//! The keys that tokens are made with.

use std::fmt;

use base64ct::{Base64Unpadded, Base64UrlUnpadded, Encoding};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::guessable::is_guessable;

/// The fewest bytes that a secret has: as many as HS256's digest (RFC 7518 §3.2).
const MIN_SECRET: usize = 32;
/// A rotation needs three; more than this is a mistake.
const MAX_KEYS: usize = 8;
/// Too short for a secret, so that one in the wrong place is never taken for a name and shown.
const MAX_KEY_ID: usize = 16;

const MAC_LABEL: &[u8] = b"mcp-edge token v1 mac";
const SEAL_LABEL: &[u8] = b"mcp-edge token v1 seal";

/// The keys of a deployment: one signs, all verify.
///
/// Every instance of a deployment has the same one, from one host secret. A new key is first given to
/// every instance as [`Stage::Next`], then promoted to [`Stage::Sign`] while the one before becomes
/// [`Stage::Old`], and that one is removed when the last token it signed has expired. At no moment does
/// an instance meet a token that it cannot verify.
///
/// The secret's text has one entry per key, separated by white space or commas:
///
/// ```text
/// k2:next:<base64> k1:sign:<base64> k0:old:<base64>
/// ```
pub struct Keyring {
    signing: Key,
    verifying: Vec<Key>,
}

/// A key on its way through a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// Verifies, so that instances which promote it later than others still open what those sign.
    Next,
    /// Signs and verifies.
    Sign,
    /// Verifies, until what it signed has expired.
    Old,
    /// The public half of a key that signed [evidence](crate::audit_trail::evidence), which is never taken away.
    Public,
}

impl Stage {
    /// The stage as the secret's text spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Sign => "sign",
            Self::Old => "old",
            Self::Public => "public",
        }
    }
}

/// What a ring of keys may hold.
pub(crate) struct Rules {
    pub(crate) most: usize,
    pub(crate) stages: &'static [Stage],
}

const RULES: Rules = Rules {
    most: MAX_KEYS,
    stages: &[Stage::Next, Stage::Sign, Stage::Old],
};

/// One entry of a ring's text. No `Debug`: it holds the secret.
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) stage: Stage,
    pub(crate) secret: Vec<u8>,
}

/// Reads a ring's text: the entry that signs, and the others.
pub(crate) fn read(text: &str, rules: &Rules) -> Result<(Entry, Vec<Entry>), KeyringError> {
    let entries = text
        .split(|c: char| c == ',' || c.is_whitespace())
        .filter(|entry| !entry.is_empty());
    let mut signing = None;
    let mut others = Vec::new();
    for (position, entry) in (1..).zip(entries) {
        if position > rules.most {
            return Err(KeyringError::TooManyKeys { most: rules.most });
        }
        let entry = Entry::parse(entry, position, rules)?;
        if signing
            .iter()
            .chain(&others)
            .any(|other: &Entry| other.id == entry.id)
        {
            return Err(KeyringError::SameId { id: entry.id });
        }
        if let Some(other) = signing
            .iter()
            .chain(&others)
            .find(|other: &&Entry| other.secret == entry.secret)
        {
            return Err(KeyringError::SameSecret {
                id: entry.id,
                other: other.id.clone(),
            });
        }
        if entry.stage != Stage::Sign {
            others.push(entry);
        } else if let Some(other) = signing.replace(entry) {
            return Err(KeyringError::SeveralSign { id: other.id });
        }
    }
    match signing {
        Some(signing) => Ok((signing, others)),
        None if others.is_empty() => Err(KeyringError::Empty),
        None => Err(KeyringError::NoneSigns),
    }
}

impl Keyring {
    /// Reads a keyring from a host secret's text and derives its keys.
    pub fn parse(text: &str) -> Result<Self, KeyringError> {
        let (signing, others) = read(text, &RULES)?;
        Ok(Self {
            signing: Key::derive(signing)?,
            verifying: others
                .into_iter()
                .map(Key::derive)
                .collect::<Result<_, _>>()?,
        })
    }

    /// The name and stage of every key, for a log to say where in a rotation this deployment stands.
    pub fn stages(&self) -> impl Iterator<Item = (&str, Stage)> {
        self.keys().map(|key| (key.id.as_str(), key.stage))
    }

    pub(super) fn signing(&self) -> &Key {
        &self.signing
    }

    pub(super) fn find(&self, id: &str) -> Option<&Key> {
        self.keys().find(|key| key.id == id)
    }

    fn keys(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.signing).chain(&self.verifying)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.stages()).finish()
    }
}

/// One key, derived once: a token costs no key schedule.
pub(super) struct Key {
    pub(super) id: String,
    pub(super) mac: Hmac<Sha256>,
    pub(super) seal: XChaCha20Poly1305,
    stage: Stage,
}

impl Entry {
    fn parse(entry: &str, position: usize, rules: &Rules) -> Result<Self, KeyringError> {
        let mut parts = entry.splitn(3, ':');
        let (Some(id), Some(stage), Some(secret)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(KeyringError::Entry { position });
        };
        if id.is_empty() || id.len() > MAX_KEY_ID || !id.bytes().all(is_key_id_byte) {
            return Err(KeyringError::Id { position });
        }
        let id = id.to_owned();
        let stages = rules.stages.iter().copied();
        let Some(stage) = stages.into_iter().find(|known| known.name() == stage) else {
            return Err(KeyringError::Stage { id });
        };
        match decode_secret(secret) {
            None => Err(KeyringError::Encoding { id }),
            Some(secret) if secret.len() < MIN_SECRET => Err(KeyringError::TooShort { id }),
            // A public half is known to all.
            Some(bytes) if stage != Stage::Public && is_guessable(secret, &bytes) => {
                Err(KeyringError::Guessable { id })
            }
            Some(secret) => Ok(Self { id, stage, secret }),
        }
    }
}

impl Key {
    fn derive(entry: Entry) -> Result<Self, KeyringError> {
        let Entry { id, stage, secret } = entry;
        let secret = Hkdf::<Sha256>::new(None, &secret);
        // A whole block of SHA-256, so that HMAC takes it as it is.
        let mut mac = [0; 64];
        let mut seal = [0; 32];
        let derived = secret
            .expand(MAC_LABEL, &mut mac)
            .and_then(|()| secret.expand(SEAL_LABEL, &mut seal));
        match derived {
            Ok(()) => Ok(Self {
                id,
                stage,
                mac: Mac::new(&mac.into()),
                seal: XChaCha20Poly1305::new(&seal.into()),
            }),
            Err(_) => Err(KeyringError::Underivable { id }),
        }
    }
}

fn is_key_id_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

/// Reads either alphabet, padded or not: tools that make secrets disagree on it.
fn decode_secret(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    Base64Unpadded::decode_vec(text)
        .or_else(|_| Base64UrlUnpadded::decode_vec(text))
        .ok()
}

/// A secret's text that makes no keyring. It names keys and never shows one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyringError {
    /// The secret is empty.
    #[error("the keyring has no key; make one with: echo \"k1:sign:$(openssl rand -base64 32)\"")]
    Empty,
    /// Keys, but none to sign with.
    #[error("no key of the keyring signs; promote one by changing its stage from `next` to `sign`")]
    NoneSigns,
    /// More than one key to sign with.
    #[error(
        "key `{id}` and another one both sign; change the stage of the one that is being replaced to `old`"
    )]
    SeveralSign {
        /// The first of them.
        id: String,
    },
    /// Two keys of one name.
    #[error(
        "two keys of the keyring are named `{id}`; give the new one another name, tokens find their key by it"
    )]
    SameId {
        /// The name.
        id: String,
    },
    /// More keys than a rotation has.
    #[error("the keyring has more than {most} keys; remove old ones whose tokens have expired")]
    TooManyKeys {
        /// How many it may have.
        most: usize,
    },
    /// An entry without three parts.
    #[error(
        "entry {position} of the keyring is not `<name>:<next|sign|old>:<base64>`; make one with: echo \"k1:sign:$(openssl rand -base64 32)\""
    )]
    Entry {
        /// Counted from 1. The entry itself may be a secret.
        position: usize,
    },
    /// A name outside the grammar.
    #[error(
        "entry {position} of the keyring has no usable name; use 1 to {MAX_KEY_ID} letters, digits, `-` and `_`"
    )]
    Id {
        /// Counted from 1. The entry itself may be a secret.
        position: usize,
    },
    /// A stage that is none.
    #[error(
        "key `{id}` has an unknown stage; use `next`, `sign` or `old` (`public` and not `old` for audit signing keys)"
    )]
    Stage {
        /// The key's name.
        id: String,
    },
    /// Not base64.
    #[error(
        "key `{id}` is not base64; make one with: echo \"{id}:sign:$(openssl rand -base64 32)\""
    )]
    Encoding {
        /// The key's name.
        id: String,
    },
    /// Two keys that are one.
    #[error(
        "key `{id}` is the same secret as key `{other}`; a rotation replaces nothing unless the new key is another: make one with: echo \"{id}:sign:$(openssl rand -base64 32)\""
    )]
    SameSecret {
        /// The name of the later one.
        id: String,
        /// The name of the earlier one.
        other: String,
    },
    /// A secret that was not drawn at random.
    #[error(
        "key `{id}` can be guessed: its bytes repeat, count, or are text; make a random one with: echo \"{id}:sign:$(openssl rand -base64 32)\""
    )]
    Guessable {
        /// The key's name.
        id: String,
    },
    /// A secret with too few bytes.
    #[error(
        "key `{id}` is shorter than {MIN_SECRET} bytes; make one with: echo \"{id}:sign:$(openssl rand -base64 32)\""
    )]
    TooShort {
        /// The key's name.
        id: String,
    },
    /// Not a key of the kind that signs the audit log.
    #[error(
        "key `{id}` is no Ed25519 key; make one with `mcp-edge keys generate --audit --file audit.keys`"
    )]
    NotEd25519 {
        /// The key's name.
        id: String,
    },
    /// HKDF refused; it only ever does so for lengths that are constants here.
    #[error("no keys can be derived from key `{id}`; make another one")]
    Underivable {
        /// The key's name.
        id: String,
    },
}

#[cfg(test)]
mod tests {
    use sha2::Digest as _;

    use super::*;

    /// SHA-256 of nothing, of `abc`, and of `def`.
    const SECRET: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU";
    const OTHER: &str = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0";
    const THIRD: &str = "y4N5rCCYqhZQKeOTilHaC87PwAj9Z5X0AReGR/lsWzQ";

    fn error(text: &str) -> KeyringError {
        Keyring::parse(text).unwrap_err()
    }

    #[test]
    fn a_rotation_has_its_keys_in_every_stage() {
        let text = format!("k2:next:{SECRET}=, \n k1:sign:{OTHER} k0:old:{THIRD}");
        let keyring = Keyring::parse(&text).unwrap();
        let mut stages: Vec<_> = keyring.stages().collect();
        stages.sort_by_key(|(id, _)| *id);
        assert_eq!(
            stages,
            [("k0", Stage::Old), ("k1", Stage::Sign), ("k2", Stage::Next)]
        );
    }

    #[test]
    fn either_alphabet_is_read() {
        let standard = format!("k:sign:{SECRET}=");
        let url = format!("k:sign:{}", SECRET.replace('+', "-").replace('/', "_"));
        assert_ne!(standard, url);
        assert!(Keyring::parse(&standard).is_ok());
        assert!(Keyring::parse(&url).is_ok());
        assert_eq!(
            error(&format!(
                "{standard} other:old:{}",
                url.replace("k:sign:", "")
            )),
            KeyringError::SameSecret {
                id: "other".to_owned(),
                other: "k".to_owned()
            }
        );
    }

    #[test]
    fn each_mistake_has_its_sentence() {
        let id = || "k1".to_owned();
        assert_eq!(error(" \n"), KeyringError::Empty);
        assert_eq!(error(&format!("k1:old:{SECRET}")), KeyringError::NoneSigns);
        assert_eq!(
            error(&format!("k1:sign:{SECRET} k2:sign:{OTHER}")),
            KeyringError::SeveralSign { id: id() }
        );
        assert_eq!(
            error(&format!("k1:sign:{SECRET} k1:old:{SECRET}")),
            KeyringError::SameId { id: id() }
        );
        assert_eq!(error(SECRET), KeyringError::Entry { position: 1 });
        assert_eq!(
            error(&format!("k1:sign:{SECRET} k 2:old:{SECRET}")),
            KeyringError::Entry { position: 2 }
        );
        assert_eq!(
            error(&format!("ké:sign:{SECRET}")),
            KeyringError::Id { position: 1 }
        );
        assert_eq!(
            error(&format!("k1:signs:{SECRET}")),
            KeyringError::Stage { id: id() }
        );
        assert_eq!(
            error("k1:sign:not base64"),
            KeyringError::Encoding { id: id() }
        );
        assert_eq!(
            error("k1:sign:AAECAwQF"),
            KeyringError::TooShort { id: id() }
        );
        assert_eq!(
            error(&format!("k1:sign:{}", "A".repeat(43))),
            KeyringError::Guessable { id: id() }
        );
        let nine: String = (0..9)
            .map(|n| {
                let secret = Base64Unpadded::encode_string(&Sha256::digest([n]));
                format!("k{n}:old:{secret} ")
            })
            .collect();
        assert_eq!(error(&nine), KeyringError::TooManyKeys { most: MAX_KEYS });
    }

    #[test]
    fn nothing_shows_a_secret() {
        let keyring = Keyring::parse(&format!("k1:sign:{SECRET}")).unwrap();
        assert_eq!(format!("{keyring:?}"), r#"{"k1": Sign}"#);
        for text in [
            SECRET.to_owned(),
            format!("{SECRET}:sign:k1"),
            format!("k1:{SECRET}:sign"),
            format!("k1:sign:{SECRET}!"),
            format!("k1:sign:{SECRET} k2:sign:{OTHER} k3:old:{SECRET}"),
            format!("k1:sign:{SECRET} k2:old:{SECRET}"),
        ] {
            let error = error(&text);
            assert!(!format!("{error} {error:?}").contains(SECRET), "{error}");
        }
    }
}
