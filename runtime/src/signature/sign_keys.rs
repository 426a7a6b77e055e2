//! Private keys that stay ready to sign between requests.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use sha2::{Digest as _, Sha256};

use super::sign::failed;
use super::{PrivateKey, SignError, SignKey, SignatureError, SigningAlgorithm};
use crate::host::Host;

/// The maximum number of keys: a handler may name any number of secrets.
const MAX_KEYS: usize = 16;

/// The keys that handlers signed with last. Reading a key takes as long as several signatures.
#[derive(Default)]
pub(crate) struct SignKeys(RefCell<VecDeque<Entry>>);

struct Entry {
    secret: String,
    algorithm: SigningAlgorithm,
    /// The digest of the secret's content, or of the key: a rotated secret has another.
    digest: [u8; 32],
    key: Rc<dyn SignKey>,
}

impl SignKeys {
    /// The key in the secret of that name: of the platform of `host` where it has one, otherwise of this program's code, which
    /// does not sign with RSA. The secret is read each time, so that a key does not outlive a rotation.
    pub(super) async fn key(
        &self,
        host: &dyn Host,
        algorithm: SigningAlgorithm,
        secret: &str,
    ) -> Result<Rc<dyn SignKey>, SignError> {
        let named = || secret.to_owned();
        let Some(pem) = host.variable(secret).await? else {
            return Err(SignError::NoSecret { secret: named() });
        };
        let digest = Sha256::digest(&pem).into();
        if let Some(key) = self.find(algorithm, secret, &digest) {
            return Ok(key);
        }
        let key =
            PrivateKey::from_pem(&pem).ok_or_else(|| SignError::NotPkcs8 { secret: named() })?;
        self.ready(host, algorithm, secret, digest, &key)
    }

    /// A key that was read from the secret of that name before.
    pub(super) fn of(
        &self,
        host: &dyn Host,
        algorithm: SigningAlgorithm,
        secret: &str,
        key: &PrivateKey,
    ) -> Result<Rc<dyn SignKey>, SignError> {
        let digest = Sha256::digest(key.pkcs8()).into();
        match self.find(algorithm, secret, &digest) {
            Some(key) => Ok(key),
            None => self.ready(host, algorithm, secret, digest, key),
        }
    }

    fn ready(
        &self,
        host: &dyn Host,
        algorithm: SigningAlgorithm,
        secret: &str,
        digest: [u8; 32],
        key: &PrivateKey,
    ) -> Result<Rc<dyn SignKey>, SignError> {
        let named = || secret.to_owned();
        if !key.works_with(algorithm) {
            return Err(SignError::WrongKey {
                secret: named(),
                found: key.to_string(),
                algorithm,
            });
        }
        let of_platform = host.sign_key(algorithm, key);
        let key =
            match of_platform.map_err(|error| failed(error, secret))? {
                Some(key) => key,
                None => own(key).map_err(|error| failed(error, secret))?.ok_or(
                    SignError::Unsupported {
                        host: host.name(),
                        algorithm,
                    },
                )?,
            };
        self.insert(Entry {
            secret: named(),
            algorithm,
            digest,
            key: Rc::clone(&key),
        });
        Ok(key)
    }

    fn find(
        &self,
        algorithm: SigningAlgorithm,
        secret: &str,
        digest: &[u8; 32],
    ) -> Option<Rc<dyn SignKey>> {
        let entries = self.0.borrow();
        let found = entries.iter().find(|entry| {
            entry.algorithm == algorithm && entry.secret == secret && entry.digest == *digest
        });
        found.map(|entry| Rc::clone(&entry.key))
    }

    /// Drops what the secret held before, and the oldest key where there are too many.
    fn insert(&self, entry: Entry) {
        let mut entries = self.0.borrow_mut();
        entries.retain(|known| known.secret != entry.secret || known.digest == entry.digest);
        if entries.len() >= MAX_KEYS {
            entries.pop_front();
        }
        entries.push_back(entry);
    }
}

/// What the program's own code signs with; `None` where it has none for such a key.
fn own(key: &PrivateKey) -> Result<Option<Rc<dyn SignKey>>, SignatureError> {
    #[cfg(feature = "rustcrypto")]
    return super::rustcrypto::sign_key(key);
    #[cfg(not(feature = "rustcrypto"))]
    {
        let _ = key;
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestHost;
    use crate::testing::sign::{ed25519_der, pem, private_pem};

    fn key(
        keys: &SignKeys,
        host: &TestHost,
        algorithm: SigningAlgorithm,
        secret: &str,
    ) -> Rc<dyn SignKey> {
        host.run(keys.key(&host.clone(), algorithm, secret))
            .unwrap()
    }

    #[test]
    fn a_key_is_read_once() {
        let (keys, host) = (SignKeys::default(), TestHost::new());
        host.set_variable("A", private_pem("RS256"));
        host.set_variable("B", private_pem("RS256"));
        let read = |algorithm, secret| key(&keys, &host, algorithm, secret);
        let first = read(SigningAlgorithm::Rs256, "A");
        assert!(Rc::ptr_eq(&first, &read(SigningAlgorithm::Rs256, "A")));
        // WebCrypto imports a key for one algorithm.
        assert!(!Rc::ptr_eq(&first, &read(SigningAlgorithm::Ps256, "A")));
        assert!(!Rc::ptr_eq(&first, &read(SigningAlgorithm::Rs256, "B")));
        assert!(Rc::ptr_eq(&first, &read(SigningAlgorithm::Rs256, "A")));
    }

    #[test]
    fn a_rotated_key_takes_effect_and_the_former_one_is_dropped() {
        let (keys, host) = (SignKeys::default(), TestHost::new());
        let read = || key(&keys, &host, SigningAlgorithm::EdDsa, "A");
        let signed = |key: Rc<dyn SignKey>| host.run(key.sign(b"a message")).unwrap();
        host.set_variable("A", pem(&ed25519_der(&[1; 32])));
        let first = Rc::downgrade(&read());
        let before = signed(read());
        host.set_variable("A", pem(&ed25519_der(&[2; 32])));
        assert_ne!(signed(read()), before);
        assert!(first.upgrade().is_none());
        assert_eq!(keys.0.borrow().len(), 1);
    }

    /// Whatever the secret of that name has become.
    #[test]
    fn a_key_that_was_read_before_signs_and_is_made_ready_once() {
        let (keys, host) = (SignKeys::default(), TestHost::new());
        let read = |seed: u8| PrivateKey::from_pem(&pem(&ed25519_der(&[seed; 32]))).unwrap();
        let of = |key: &PrivateKey| {
            keys.of(&host.clone(), SigningAlgorithm::EdDsa, "A", key)
                .unwrap()
        };
        let before = read(1);
        let first = of(&before);
        assert!(Rc::ptr_eq(&first, &of(&before)));
        host.set_variable("A", pem(&ed25519_der(&[2; 32])));
        assert!(Rc::ptr_eq(&first, &of(&before)));
        assert!(!Rc::ptr_eq(&first, &of(&read(2))));
    }

    #[test]
    fn the_number_of_keys_is_bounded() {
        let (keys, host) = (SignKeys::default(), TestHost::new());
        let names: Vec<_> = (0..=MAX_KEYS).map(|n| format!("KEY_{n}")).collect();
        for name in &names {
            host.set_variable(name, pem(&ed25519_der(&[1; 32])));
            key(&keys, &host, SigningAlgorithm::EdDsa, name);
        }
        let kept = keys.0.borrow();
        let kept: Vec<_> = kept.iter().map(|entry| &entry.secret).collect();
        assert_eq!(kept, names.iter().skip(1).collect::<Vec<_>>());
    }
}
