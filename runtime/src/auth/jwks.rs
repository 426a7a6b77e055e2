//! The public keys of an issuer: a JSON Web Key Set (RFC 7517, 5).

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::error::AccessTokenError;
use super::header::MAX_KEY_ID;
use super::{issuer_template, strict};
use crate::config::Algorithm;
use crate::host::Host;
use crate::signature::{InvalidPublicKey, PublicKey, PublicKeyNumbers, SignatureError, VerifyKey};

/// What stands for the tenant in the `issuer` of a key of Microsoft Entra ID.
const PLACEHOLDER: &str = "{tenantid}";

/// Members that only a private or a secret key has.
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// The public keys of an issuer.
pub struct KeySet {
    keys: Vec<Jwk>,
    set_aside: Vec<UnusableKey>,
}

/// A key of a set that is not used, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusableKey {
    /// Its `kid`, where it has one that is readable.
    pub key_id: Option<String>,
    /// What is wrong with it.
    pub why: UnusableReason,
}

/// Why a key of a set is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnusableReason {
    /// No JWK, or one with two members of one name.
    #[error("is not readable as a JWK (RFC 7517)")]
    Unreadable,
    /// A secret shared with the issuer, which in a public set is no secret.
    #[error("is symmetric; every reader of it can sign")]
    Symmetric,
    /// The set gives away the private key.
    #[error("is published together with its private part; replace it")]
    Private,
    /// `kid` is no text of at most 256 bytes.
    #[error("has a `kid` that is not a text of at most 256 bytes")]
    KeyId,
    /// `use` is not `sig`.
    #[error("is not for signatures (`use` is not `sig`)")]
    Use,
    /// `key_ops` has no `verify`.
    #[error("is not for verifying (`key_ops` has no `verify`)")]
    Operations,
    /// A `kty` or `crv` that no algorithm here works with.
    #[error(
        "is of a kind that no supported algorithm uses (RSA, P-256, P-384 and Ed25519 are supported)"
    )]
    Kind,
    /// Its numbers are none of a key, or of one that is too short or too long.
    #[error(transparent)]
    Invalid(#[from] InvalidPublicKey),
}

/// The text is no key set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeySetError {
    /// Longer than [`KeySet::MAX_BYTES`].
    #[error("the key set is longer than 256 KiB; publish only keys that are in use")]
    TooLarge,
    /// More than [`KeySet::MAX_KEYS`].
    #[error("the key set has more than 100 keys; publish only keys that are in use")]
    TooMany,
    /// Not an object with a list `keys`.
    #[error(
        "this is no JSON Web Key Set, an object with a list `keys` (RFC 7517, 5); correct `jwks` of the issuer"
    )]
    Unreadable,
}

/// What tells a key of an issuer from every other: its numbers, its name and what it may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyIdentity([u8; 32]);

/// One key, fit for use.
pub(super) struct Jwk {
    pub(super) identity: KeyIdentity,
    /// What tells its numbers from those of every other key (RFC 7638).
    thumbprint: [u8; 32],
    id: Option<String>,
    key: PublicKey,
    algorithm: Option<String>,
    issuer: Option<String>,
    ready: RefCell<Vec<(Algorithm, Rc<dyn VerifyKey>)>>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    keys: Vec<&'a RawValue>,
}

impl KeySet {
    /// The largest set that is read, in bytes.
    pub const MAX_BYTES: usize = 256 << 10;

    /// The most keys in a set.
    pub const MAX_KEYS: usize = 100;

    /// Reads a key set. A key in it that cannot be used is set aside and harms no other.
    pub fn parse(bytes: &[u8]) -> Result<Self, KeySetError> {
        if bytes.len() > Self::MAX_BYTES {
            return Err(KeySetError::TooLarge);
        }
        let envelope = Some(bytes)
            .filter(|bytes| bytes.trim_ascii_start().starts_with(b"{"))
            .and_then(|bytes| serde_json::from_slice::<Envelope<'_>>(bytes).ok())
            .ok_or(KeySetError::Unreadable)?;
        if envelope.keys.len() > Self::MAX_KEYS {
            return Err(KeySetError::TooMany);
        }
        let mut set = Self {
            keys: Vec::new(),
            set_aside: Vec::new(),
        };
        for raw in envelope.keys {
            match Jwk::parse(raw.get()) {
                Ok(key) => set.keys.push(key),
                Err(set_aside) => set.set_aside.push(set_aside),
            }
        }
        Ok(set)
    }

    /// How many keys can be used.
    pub fn usable(&self) -> usize {
        self.keys.len()
    }

    /// The keys that are not used.
    pub fn unusable_keys(&self) -> &[UnusableKey] {
        &self.set_aside
    }

    /// Whether it has the same key under the same name and for the same use.
    pub fn has(&self, key: &KeyIdentity) -> bool {
        self.keys.iter().any(|known| known.identity == *key)
    }

    /// The one key that a token of `iss` can be signed with. A key that the set lists several times is one.
    pub(super) fn find(&self, wanted: &KeyHint<'_>) -> Result<&Jwk, AccessTokenError> {
        let issuer = wanted.issuer;
        let mut fitting = self.keys.iter().filter(|key| {
            let named = wanted.key_id.is_none() || key.id.as_deref() == wanted.key_id;
            named && key.misfit(wanted).is_none()
        });
        match fitting.next() {
            Some(key) if fitting.all(|other| other.thumbprint == key.thumbprint) => Ok(key),
            Some(_) => Err(AccessTokenError::AmbiguousKey { issuer }),
            None => Err(self
                .why_not(wanted)
                .map_or(AccessTokenError::UnknownKey { issuer }, |why| {
                    AccessTokenError::UnusableKey { issuer, why }
                })),
        }
    }

    /// Why the key that the token names is not used, where the set has it.
    fn why_not(&self, wanted: &KeyHint<'_>) -> Option<String> {
        let id = wanted.key_id?;
        let misfit = self
            .keys
            .iter()
            .find(|key| key.id.as_deref() == Some(id))
            .and_then(|key| key.misfit(wanted))
            .map(str::to_owned);
        misfit.or_else(|| {
            self.set_aside
                .iter()
                .find(|key| key.key_id.as_deref() == Some(id))
                .map(|key| key.why.to_string())
        })
    }
}

/// What a token says of the key that it was signed with.
pub(super) struct KeyHint<'a> {
    /// What the configuration calls the issuer.
    pub(super) issuer: &'static str,
    pub(super) iss: &'a str,
    pub(super) algorithm: Algorithm,
    pub(super) key_id: Option<&'a str>,
}

impl Jwk {
    fn parse(json: &str) -> Result<Self, UnusableKey> {
        let mut members = strict::object(json.as_bytes(), "key").map_err(|_| UnusableKey {
            key_id: None,
            why: UnusableReason::Unreadable,
        })?;
        // A provider that writes all members it knows has `null` for those that a key does not have.
        members.retain(|_, value| !value.is_null());
        let id = text(&members, "kid");
        let short = |id: &Option<String>| id.as_ref().is_none_or(|id| id.len() <= MAX_KEY_ID);
        let id = id.ok().filter(short).ok_or(UnusableKey {
            key_id: None,
            why: UnusableReason::KeyId,
        })?;
        Self::from_members(&members, id.clone()).map_err(|why| UnusableKey { key_id: id, why })
    }

    fn from_members(
        members: &Map<String, Value>,
        id: Option<String>,
    ) -> Result<Self, UnusableReason> {
        if members.get("kty").and_then(Value::as_str) == Some("oct") {
            return Err(UnusableReason::Symmetric);
        }
        if PRIVATE.iter().any(|name| members.contains_key(*name)) {
            return Err(UnusableReason::Private);
        }
        if text(members, "use")?.is_some_and(|purpose| purpose != "sig") {
            return Err(UnusableReason::Use);
        }
        if members
            .get("key_ops")
            .is_some_and(|operations| !verifies(operations))
        {
            return Err(UnusableReason::Operations);
        }
        let algorithm = text(members, "alg")?;
        let issuer = text(members, "issuer")?;
        let key = PublicKey::checked(numbers(members)?)?;
        let thumbprint = Sha256::digest(key.to_jwk()).into();
        Ok(Self {
            identity: KeyIdentity::of(&thumbprint, [&id, &algorithm, &issuer]),
            thumbprint,
            id,
            key,
            algorithm,
            issuer,
            ready: RefCell::default(),
        })
    }

    /// Why the key does not serve for a token, if it does not.
    fn misfit(&self, wanted: &KeyHint<'_>) -> Option<&'static str> {
        if !wanted.algorithm.id().works_with(&self.key) {
            return Some("is of another kind than the token's `alg` works with");
        }
        if let Some(algorithm) = &self.algorithm
            && algorithm != wanted.algorithm.name()
        {
            return Some("is for another `alg` than the token's");
        }
        if let Some(issuer) = &self.issuer
            && issuer != wanted.iss
            && issuer_template::tenant(issuer, PLACEHOLDER, wanted.iss).is_none()
        {
            return Some("is for another `issuer` than the token's");
        }
        None
    }

    /// The key in the form that verifies, made once for each algorithm: reading or importing a key takes time.
    pub(super) fn ready(
        &self,
        algorithm: Algorithm,
        host: &dyn Host,
    ) -> Result<Rc<dyn VerifyKey>, SignatureError> {
        let mut ready = self.ready.borrow_mut();
        if let Some((_, key)) = ready.iter().find(|(known, _)| *known == algorithm) {
            return Ok(Rc::clone(key));
        }
        let key = algorithm.verify_key(&self.key, host)?;
        ready.push((algorithm, Rc::clone(&key)));
        Ok(key)
    }
}

impl KeyIdentity {
    fn of(thumbprint: &[u8; 32], uses: [&Option<String>; 3]) -> Self {
        let mut digest = Sha256::new();
        digest.update(thumbprint);
        for text in uses {
            // The length ahead keeps one text from running into the next; an absent one has none.
            match text {
                Some(text) => {
                    digest.update([1]);
                    digest.update((text.len() as u64).to_be_bytes());
                    digest.update(text);
                }
                None => digest.update([0]),
            }
        }
        Self(digest.finalize().into())
    }
}

/// The text of a member that may be absent.
fn text(members: &Map<String, Value>, name: &str) -> Result<Option<String>, UnusableReason> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(UnusableReason::Unreadable),
    }
}

fn verifies(operations: &Value) -> bool {
    operations
        .as_array()
        .is_some_and(|operations| operations.iter().any(|operation| operation == "verify"))
}

/// The numbers of a key (RFC 7518, 6.2.1 and 6.3.1; RFC 8037, 2).
fn numbers(members: &Map<String, Value>) -> Result<PublicKeyNumbers, UnusableReason> {
    let required = |name| text(members, name)?.ok_or(UnusableReason::Unreadable);
    let number = |name| {
        Base64UrlUnpadded::decode_vec(&required(name)?).map_err(|_| UnusableReason::Unreadable)
    };
    let kind = required("kty")?;
    if kind == "RSA" {
        return Ok(PublicKeyNumbers::Rsa {
            modulus: number("n")?,
            exponent: number("e")?,
        });
    }
    match (kind.as_str(), required("crv")?.as_str()) {
        ("EC", "P-256") => Ok(PublicKeyNumbers::P256 {
            x: fixed(&number("x")?)?,
            y: fixed(&number("y")?)?,
        }),
        ("EC", "P-384") => Ok(PublicKeyNumbers::P384 {
            x: fixed(&number("x")?)?,
            y: fixed(&number("y")?)?,
        }),
        ("OKP", "Ed25519") => Ok(PublicKeyNumbers::Ed25519 {
            x: fixed(&number("x")?)?,
        }),
        _ => Err(UnusableReason::Kind),
    }
}

/// A number of exactly as many bytes as its curve's are (RFC 7518, 6.2.1.2).
fn fixed<const N: usize>(number: &[u8]) -> Result<[u8; N], UnusableReason> {
    number
        .try_into()
        .map_err(|_| InvalidPublicKey::Numbers.into())
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<_> = self.keys.iter().map(|key| &key.id).collect();
        f.debug_struct("KeySet")
            .field("keys", &ids)
            .field("set_aside", &self.set_aside)
            .finish()
    }
}
