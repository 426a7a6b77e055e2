//! A keyring as it is edited: every key with the text of its secret.

use base64ct::{Base64, Base64Unpadded, Base64UrlUnpadded, Encoding};
use mcp_edge_runtime::token::{Keyring, KeyringError, Stage};
use sha2::{Digest, Sha256};

/// The keys in the order of the text. It is always one that a server takes.
pub(super) struct Ring(Vec<Key>);

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
        "no key is at stage `old`; a key becomes old when another takes its place with `mcp-edge keys rotate`"
    )]
    NothingOld,
    #[error(
        "key `{0}` signs; put another in its place with `mcp-edge keys add` and `mcp-edge keys rotate` first"
    )]
    Signs(String),
    #[error("the keyring has no key `{0}`; `mcp-edge keys show` lists its keys")]
    NoSuchKey(String),
    #[error(transparent)]
    Keyring(#[from] KeyringError),
}

impl Ring {
    /// Reads the text of a host's secret, as strictly as a server does.
    pub(super) fn parse(text: &str) -> Result<Self, KeyringError> {
        let keyring = Keyring::parse(text)?;
        let keys = text
            .split(|c: char| c == ',' || c.is_whitespace())
            .filter_map(|entry| {
                let mut parts = entry.splitn(3, ':');
                let (id, _, secret) = (parts.next()?, parts.next()?, parts.next()?);
                let (_, stage) = keyring.stages().find(|(known, _)| *known == id)?;
                Some(Key {
                    id: id.to_owned(),
                    stage,
                    secret: secret.to_owned(),
                })
            });
        Ok(Self(keys.collect()))
    }

    /// A keyring of one key, which signs.
    pub(super) fn new(id: Option<&str>, secret: &[u8; 32]) -> Result<Self, KeyringError> {
        let ring = Self(vec![Key::new(id.unwrap_or("k1"), Stage::Sign, secret)]);
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
        self.0.push(Key::new(&id, Stage::Next, secret));
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
        for key in &mut self.0 {
            if key.id == id {
                key.stage = Stage::Sign;
            } else if key.stage == Stage::Sign {
                key.stage = Stage::Old;
            }
        }
        Ok(self.checked()?)
    }

    /// Takes out one key, or every old one.
    pub(super) fn retire(mut self, id: Option<&str>) -> Result<Self, RotationError> {
        match id {
            Some(id) if self.find(id)?.stage == Stage::Sign => {
                return Err(RotationError::Signs(id.to_owned()));
            }
            Some(id) => self.0.retain(|key| key.id != id),
            None if self.at(Stage::Old).next().is_none() => return Err(RotationError::NothingOld),
            None => self.0.retain(|key| key.stage != Stage::Old),
        }
        Ok(self.checked()?)
    }

    /// The text of the host's secret.
    pub(super) fn text(&self, separator: &str) -> String {
        let entries = self
            .0
            .iter()
            .map(|key| format!("{}:{}:{}", key.id, key.stage.name(), key.secret));
        entries.collect::<Vec<_>>().join(separator)
    }

    pub(super) fn keys(&self) -> &[Key] {
        &self.0
    }

    /// The keys at `stage`.
    pub(super) fn at(&self, stage: Stage) -> impl Iterator<Item = &Key> {
        self.0.iter().filter(move |key| key.stage == stage)
    }

    fn find(&self, id: &str) -> Result<&Key, RotationError> {
        let found = self.0.iter().find(|key| key.id == id);
        found.ok_or_else(|| RotationError::NoSuchKey(id.to_owned()))
    }

    /// One more than the highest number in use: a name that comes back would have tokens look for their key
    /// where it no longer is.
    fn unused_id(&self) -> String {
        let numbers = self.0.iter().filter_map(|key| key.id.strip_prefix('k'));
        let highest: Option<u32> = numbers.filter_map(|number| number.parse().ok()).max();
        format!("k{}", highest.unwrap_or(0).saturating_add(1))
    }

    /// Itself, if a server would take it.
    fn checked(self) -> Result<Self, KeyringError> {
        Keyring::parse(&self.text(" ")).map(|_| self)
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

    /// The first 12 digits of the key's SHA-256: enough to see that two hosts have the same, too little to find
    /// the key with.
    pub(super) fn fingerprint(&self) -> String {
        let text = self.secret.trim_end_matches('=');
        let key = Base64Unpadded::decode_vec(text)
            .or_else(|_| Base64UrlUnpadded::decode_vec(text))
            .unwrap_or_default();
        let digest = Sha256::digest(key);
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

    fn stages(ring: &Ring) -> Vec<(&str, &str)> {
        let keys = ring.0.iter();
        keys.map(|key| (key.id.as_str(), key.stage.name()))
            .collect()
    }

    fn refusal(result: Result<Ring, RotationError>) -> RotationError {
        result.err().unwrap()
    }

    #[test]
    fn a_rotation_has_three_steps() {
        let ring = Ring::new(None, &[1; 32]).unwrap();
        assert_eq!(stages(&ring), [("k1", "sign")]);
        let ring = ring.add(None, &[2; 32]).unwrap();
        assert_eq!(stages(&ring), [("k1", "sign"), ("k2", "next")]);
        let ring = ring.rotate(None).unwrap();
        assert_eq!(stages(&ring), [("k1", "old"), ("k2", "sign")]);
        let ring = ring.retire(None).unwrap();
        assert_eq!(stages(&ring), [("k2", "sign")]);
    }

    #[test]
    fn the_next_rotation_can_begin_before_the_last_one_has_ended() {
        let text = Ring::new(None, &[1; 32]).unwrap().text(",");
        let ring = Ring::parse(&text).unwrap().add(None, &[2; 32]).unwrap();
        let ring = ring.rotate(None).unwrap().add(None, &[3; 32]).unwrap();
        assert_eq!(
            stages(&ring),
            [("k1", "old"), ("k2", "sign"), ("k3", "next")]
        );
        let ring = ring.rotate(None).unwrap().retire(None).unwrap();
        assert_eq!(stages(&ring), [("k3", "sign")]);
    }

    #[test]
    fn a_step_that_does_not_fit_is_refused() {
        let steady = || Ring::new(None, &[1; 32]).unwrap();
        let announced = || steady().add(None, &[2; 32]).unwrap();
        let (k1, k2) = (|| "k1".to_owned(), || "k2".to_owned());
        assert_eq!(
            refusal(announced().add(None, &[3; 32])),
            RotationError::AlreadyNext(k2())
        );
        assert_eq!(refusal(steady().rotate(None)), RotationError::NothingNext);
        assert_eq!(
            refusal(announced().rotate(Some("k1"))),
            RotationError::NotNext(k1())
        );
        assert_eq!(refusal(announced().retire(None)), RotationError::NothingOld);
        assert_eq!(
            refusal(announced().retire(Some("k1"))),
            RotationError::Signs(k1())
        );
        assert_eq!(
            refusal(steady().retire(Some("k2"))),
            RotationError::NoSuchKey(k2())
        );
        assert_eq!(
            refusal(steady().add(Some("k1"), &[2; 32])),
            KeyringError::SameId { id: k1() }.into()
        );
    }

    #[test]
    fn a_next_key_that_nothing_was_signed_with_can_be_taken_out() {
        let ring = Ring::new(None, &[1; 32]).unwrap();
        let ring = ring.add(Some("new"), &[2; 32]).unwrap();
        assert_eq!(stages(&ring.retire(Some("new")).unwrap()), [("k1", "sign")]);
    }

    #[test]
    fn of_several_next_keys_one_has_to_be_named() {
        let secret = Base64::encode_string(&[1; 32]);
        let text = format!("a:sign:{secret}\nb:next:{secret}\nc:next:{secret}");
        let ring = || Ring::parse(&text).unwrap();
        assert_eq!(refusal(ring().rotate(None)), RotationError::SeveralNext);
        assert_eq!(
            stages(&ring().rotate(Some("c")).unwrap()),
            [("a", "old"), ("b", "next"), ("c", "sign")]
        );
    }

    #[test]
    fn a_fingerprint_is_of_the_key_however_it_is_written() {
        let (standard, url) = ("+/".repeat(22), "-_".repeat(22));
        let fingerprint = |secret: &str| {
            let ring = Ring::parse(&format!("k:sign:{secret}")).unwrap();
            ring.0[0].fingerprint()
        };
        assert_eq!(fingerprint(&standard), fingerprint(&format!("{url}==")));
        // printf '\1%.0s' {1..32} | sha256sum
        assert_eq!(
            fingerprint(&Base64::encode_string(&[1; 32])),
            "72cd6e8422c4"
        );
    }
}
