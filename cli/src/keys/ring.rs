//! A keyring as it is edited: every key with the text of its secret.

use base64ct::{Base64, Base64Unpadded, Base64UrlUnpadded, Encoding};
use ed25519_dalek::SigningKey;
use mcp_edge_runtime::audit_trail::evidence::SigningKeys;
use mcp_edge_runtime::token::{Keyring, KeyringError, Stage};
use sha2::{Digest, Sha256};

/// The keys in the order of the text. It is always one that a server takes.
pub(super) struct Ring(Class, Vec<Key>);

/// What the keys of a ring are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// They sign what travels with clients.
    Tokens,
    /// They sign the audit log, and their public halves stay permanently.
    Evidence,
    /// They sign live policies.
    LivePolicy,
}

impl Class {
    /// Whether a server takes the text.
    fn check(self, text: &str) -> Result<(), KeyringError> {
        match self {
            Self::Tokens => Keyring::parse(text).map(|_| ()),
            Self::Evidence | Self::LivePolicy => SigningKeys::parse(text).map(|_| ()),
        }
    }

    /// Whether the keys have public halves.
    pub(super) const fn has_public_halves(self) -> bool {
        matches!(self, Self::Evidence | Self::LivePolicy)
    }

    /// The stage of a key that signs no more.
    pub(super) const fn last(self) -> Stage {
        match self {
            Self::Tokens => Stage::Old,
            Self::Evidence | Self::LivePolicy => Stage::Public,
        }
    }

    /// What names of keys begin with.
    const fn letter(self) -> char {
        match self {
            Self::Tokens => 'k',
            Self::Evidence => 'e',
            Self::LivePolicy => 'l',
        }
    }
}

/// One key. No `Debug`: it holds the secret.
pub(super) struct Key {
    pub(super) id: String,
    pub(super) stage: Stage,
    secret: String,
}

/// Why a step of a rotation cannot be done.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum RotationError {
    #[error(
        "key `{0}` is at stage `next` already; rotate once every instance knows it, or take it out with `mcp-edge keys retire --id {0}`"
    )]
    AlreadyNext(String),
    #[error(
        "no key is at stage `next`; add one with `mcp-edge keys add`, deploy it to every instance, and rotate then"
    )]
    NothingNext,
    #[error("several keys are at stage `next`; say with `--id` which one is to sign")]
    SeveralNext,
    #[error("key `{0}` is not at stage `next`; only a key that every instance knows can sign")]
    NotNext(String),
    #[error(
        "no key is at stage `{0}`; a key gets there when another takes its place with `mcp-edge keys rotate`"
    )]
    NothingOld(&'static str),
    #[error(
        "key `{0}` signs; put another in its place with `mcp-edge keys add` and `mcp-edge keys rotate` first"
    )]
    Signs(String),
    #[error(
        "an audit signing key that has signed is public already, and stays so; say with `--id` which key at stage `next` is not to sign"
    )]
    StaysPublic,
    #[error("the keyring has no key `{0}`; `mcp-edge keys show` lists its keys")]
    NoSuchKey(String),
    #[error(transparent)]
    Keyring(#[from] KeyringError),
}

impl Ring {
    /// Reads the text of a host's secret, as strictly as a server does.
    pub(super) fn parse(class: Class, text: &str) -> Result<Self, KeyringError> {
        class.check(text)?;
        let keys = text
            .split(|c: char| c == ',' || c.is_whitespace())
            .filter_map(|entry| {
                let mut parts = entry.splitn(3, ':');
                let (id, stage, secret) = (parts.next()?, parts.next()?, parts.next()?);
                let stages = [Stage::Next, Stage::Sign, class.last()];
                let stage = stages.into_iter().find(|known| known.name() == stage)?;
                Some(Key {
                    id: id.to_owned(),
                    stage,
                    secret: secret.to_owned(),
                })
            });
        Ok(Self(class, keys.collect()))
    }

    /// A keyring of one key, which signs.
    pub(super) fn new(
        class: Class,
        id: Option<&str>,
        secret: &[u8; 32],
    ) -> Result<Self, KeyringError> {
        let id = id.map_or_else(|| format!("{}1", class.letter()), str::to_owned);
        let ring = Self(class, vec![Key::new(&id, Stage::Sign, secret)]);
        ring.checked()
    }

    /// Adds a key that verifies and does not sign yet.
    pub(super) fn add(
        mut self,
        id: Option<&str>,
        secret: &[u8; 32],
    ) -> Result<Self, RotationError> {
        if let Some(next) = self.at(Stage::Next).next() {
            return Err(RotationError::AlreadyNext(next.id.clone()));
        }
        let id = id.map_or_else(|| self.unused_id(), str::to_owned);
        self.1.push(Key::new(&id, Stage::Next, secret));
        Ok(self.checked()?)
    }

    /// Lets the next key sign, and the one that has signed verify only.
    pub(super) fn rotate(mut self, id: Option<&str>) -> Result<Self, RotationError> {
        let id = match id {
            Some(id) => self.find(id)?.id.clone(),
            None => {
                let mut next = self.at(Stage::Next);
                let first = next.next().ok_or(RotationError::NothingNext)?;
                if next.next().is_some() {
                    return Err(RotationError::SeveralNext);
                }
                first.id.clone()
            }
        };
        if self.find(&id)?.stage != Stage::Next {
            return Err(RotationError::NotNext(id));
        }
        for key in &mut self.1 {
            if key.id == id {
                key.stage = Stage::Sign;
            } else if key.stage == Stage::Sign {
                key.retire(self.0);
            }
        }
        Ok(self.checked()?)
    }

    /// Takes out one key, or every old one. Of an audit signing key the public half stays.
    pub(super) fn retire(mut self, id: Option<&str>) -> Result<Self, RotationError> {
        match id {
            Some(id) if self.find(id)?.stage == Stage::Sign => {
                return Err(RotationError::Signs(id.to_owned()));
            }
            Some(id) if self.0 == Class::Evidence => {
                let keys = self.1.iter_mut().filter(|key| key.id == id);
                keys.for_each(|key| key.retire(Class::Evidence));
            }
            None if self.0 == Class::Evidence => return Err(RotationError::StaysPublic),
            Some(id) => self.1.retain(|key| key.id != id),
            None if self.at(self.0.last()).next().is_none() => {
                return Err(RotationError::NothingOld(self.0.last().name()));
            }
            None => {
                let last = self.0.last();
                self.1.retain(|key| key.stage != last);
            }
        }
        Ok(self.checked()?)
    }

    /// The text of the host's secret.
    pub(super) fn text(&self, separator: &str) -> String {
        let entries = self
            .1
            .iter()
            .map(|key| format!("{}:{}:{}", key.id, key.stage.name(), key.secret));
        entries.collect::<Vec<_>>().join(separator)
    }

    pub(super) fn keys(&self) -> &[Key] {
        &self.1
    }

    pub(super) fn class(&self) -> Class {
        self.0
    }

    /// The keys at `stage`.
    pub(super) fn at(&self, stage: Stage) -> impl Iterator<Item = &Key> {
        self.1.iter().filter(move |key| key.stage == stage)
    }

    fn find(&self, id: &str) -> Result<&Key, RotationError> {
        let found = self.1.iter().find(|key| key.id == id);
        found.ok_or_else(|| RotationError::NoSuchKey(id.to_owned()))
    }

    /// One more than the highest number in use: a name that comes back would have tokens look for their key
    /// where it no longer is.
    fn unused_id(&self) -> String {
        let letter = self.0.letter();
        let numbers = self.1.iter().filter_map(|key| key.id.strip_prefix(letter));
        let highest: Option<u32> = numbers.filter_map(|number| number.parse().ok()).max();
        format!("{letter}{}", highest.unwrap_or(0).saturating_add(1))
    }

    /// Itself, if a server would take it.
    fn checked(self) -> Result<Self, KeyringError> {
        self.0.check(&self.text(" ")).map(|()| self)
    }
}

impl Key {
    fn new(id: &str, stage: Stage, secret: &[u8; 32]) -> Self {
        Self {
            id: id.to_owned(),
            stage,
            secret: Base64::encode_string(secret),
        }
    }

    /// Lets it sign no more. Of a key with a public half only that is left, which cannot sign.
    fn retire(&mut self, class: Class) {
        if class.has_public_halves() && self.stage != Stage::Public {
            let seed = self.bytes();
            if let Ok(seed) = <[u8; 32]>::try_from(seed.as_slice()) {
                let public = SigningKey::from_bytes(&seed).verifying_key();
                self.secret = Base64::encode_string(public.as_bytes());
            }
        }
        self.stage = class.last();
    }

    fn bytes(&self) -> Vec<u8> {
        let text = self.secret.trim_end_matches('=');
        Base64Unpadded::decode_vec(text)
            .or_else(|_| Base64UrlUnpadded::decode_vec(text))
            .unwrap_or_default()
    }

    /// The first 12 digits of the key's SHA-256: enough to see that two hosts have the same, too little to find
    /// the key with.
    pub(super) fn fingerprint(&self) -> String {
        let digest = Sha256::digest(self.bytes());
        digest
            .iter()
            .take(6)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(number: u8) -> [u8; 32] {
        Sha256::digest([number]).into()
    }

    fn stages(ring: &Ring) -> Vec<(&str, &str)> {
        let keys = ring.1.iter();
        keys.map(|key| (key.id.as_str(), key.stage.name()))
            .collect()
    }

    fn refusal(result: Result<Ring, RotationError>) -> RotationError {
        result.err().unwrap()
    }

    #[test]
    fn a_rotation_has_three_steps() {
        let ring = Ring::new(Class::Tokens, None, &secret(1)).unwrap();
        assert_eq!(stages(&ring), [("k1", "sign")]);
        let ring = ring.add(None, &secret(2)).unwrap();
        assert_eq!(stages(&ring), [("k1", "sign"), ("k2", "next")]);
        let ring = ring.rotate(None).unwrap();
        assert_eq!(stages(&ring), [("k1", "old"), ("k2", "sign")]);
        let ring = ring.retire(None).unwrap();
        assert_eq!(stages(&ring), [("k2", "sign")]);
    }

    #[test]
    fn the_next_rotation_can_begin_before_the_last_one_has_ended() {
        let text = Ring::new(Class::Tokens, None, &secret(1))
            .unwrap()
            .text(",");
        let ring = Ring::parse(Class::Tokens, &text)
            .unwrap()
            .add(None, &secret(2))
            .unwrap();
        let ring = ring.rotate(None).unwrap().add(None, &secret(3)).unwrap();
        assert_eq!(
            stages(&ring),
            [("k1", "old"), ("k2", "sign"), ("k3", "next")]
        );
        let ring = ring.rotate(None).unwrap().retire(None).unwrap();
        assert_eq!(stages(&ring), [("k3", "sign")]);
    }

    #[test]
    fn a_step_that_does_not_fit_is_refused() {
        let steady = || Ring::new(Class::Tokens, None, &secret(1)).unwrap();
        let announced = || steady().add(None, &secret(2)).unwrap();
        let (k1, k2) = (|| "k1".to_owned(), || "k2".to_owned());
        assert_eq!(
            refusal(announced().add(None, &secret(3))),
            RotationError::AlreadyNext(k2())
        );
        assert_eq!(refusal(steady().rotate(None)), RotationError::NothingNext);
        assert_eq!(
            refusal(announced().rotate(Some("k1"))),
            RotationError::NotNext(k1())
        );
        assert_eq!(
            refusal(announced().retire(None)),
            RotationError::NothingOld("old")
        );
        assert_eq!(
            refusal(announced().retire(Some("k1"))),
            RotationError::Signs(k1())
        );
        assert_eq!(
            refusal(steady().retire(Some("k2"))),
            RotationError::NoSuchKey(k2())
        );
        assert_eq!(
            refusal(steady().add(Some("k1"), &secret(2))),
            KeyringError::SameId { id: k1() }.into()
        );
    }

    #[test]
    fn of_an_audit_signing_key_the_public_half_stays() {
        let ring = Ring::new(Class::Evidence, None, &secret(1)).unwrap();
        let seed = ring.1[0].secret.clone();
        let published = |ring: &Ring| SigningKeys::parse(&ring.text(" ")).unwrap().jwks();
        let before = published(&ring)["keys"][0].clone();
        let ring = ring.add(None, &secret(2)).unwrap().rotate(None).unwrap();
        assert_eq!(stages(&ring), [("e1", "public"), ("e2", "sign")]);
        assert!(!ring.text(" ").contains(&seed), "the seed is gone");
        assert_eq!(published(&ring)["keys"][0], before);

        let ring = ring
            .add(None, &secret(3))
            .unwrap()
            .retire(Some("e3"))
            .unwrap();
        assert_eq!(
            stages(&ring),
            [("e1", "public"), ("e2", "sign"), ("e3", "public")]
        );
        let ring = ring.retire(Some("e1")).unwrap();
        assert_eq!(published(&ring)["keys"][0], before, "public as it was");
        assert_eq!(refusal(ring.retire(None)), RotationError::StaysPublic);
    }

    #[test]
    fn a_next_key_that_nothing_was_signed_with_can_be_taken_out() {
        let ring = Ring::new(Class::Tokens, None, &secret(1)).unwrap();
        let ring = ring.add(Some("new"), &secret(2)).unwrap();
        assert_eq!(stages(&ring.retire(Some("new")).unwrap()), [("k1", "sign")]);
    }

    #[test]
    fn of_several_next_keys_one_has_to_be_named() {
        let [one, two, three] = [1, 2, 3].map(|number| Base64::encode_string(&secret(number)));
        let text = format!("a:sign:{one}\nb:next:{two}\nc:next:{three}");
        let ring = || Ring::parse(Class::Tokens, &text).unwrap();
        assert_eq!(refusal(ring().rotate(None)), RotationError::SeveralNext);
        assert_eq!(
            stages(&ring().rotate(Some("c")).unwrap()),
            [("a", "old"), ("b", "next"), ("c", "sign")]
        );
    }

    #[test]
    fn a_fingerprint_is_of_the_key_however_it_is_written() {
        let standard = Base64Unpadded::encode_string(&secret(1));
        let url = Base64UrlUnpadded::encode_string(&secret(1));
        assert_ne!(standard, url);
        let fingerprint = |secret: &str| {
            let ring = Ring::parse(Class::Tokens, &format!("k:sign:{secret}")).unwrap();
            ring.1[0].fingerprint()
        };
        assert_eq!(fingerprint(&standard), fingerprint(&format!("{url}==")));
        // printf '\1' | sha256sum | xxd -r -p | sha256sum
        assert_eq!(fingerprint(&standard), "9c12cfdc04c7");
    }
}
