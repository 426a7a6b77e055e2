//! Signature algorithms for access tokens (RFC 7518, RFC 8037).

mod ed25519;
mod es256;
mod es384;
mod rsa;

use std::rc::Rc;

use jwt_compact::AlgorithmSignature as _;
use jwt_compact::jwk::JsonWebKey;
use sha2::{Sha256, Sha384, Sha512};

/// A signature algorithm that an issuer may use.
///
/// The configuration refers to the ones that it lists, and to no others, so that a server carries only the
/// code it was configured to need.
#[derive(Clone, Copy)]
pub struct Algorithm {
    name: &'static str,
    kind: Kind,
    read: fn(&JsonWebKey<'_>) -> Option<Rc<dyn Key>>,
}

impl Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    pub const RS256: Self = Self::new::<rsa::Rsa<rsa::Pkcs1v15, Sha256>>("RS256", Kind::Rsa);
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    pub const RS384: Self = Self::new::<rsa::Rsa<rsa::Pkcs1v15, Sha384>>("RS384", Kind::Rsa);
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    pub const RS512: Self = Self::new::<rsa::Rsa<rsa::Pkcs1v15, Sha512>>("RS512", Kind::Rsa);
    /// RSASSA-PSS with SHA-256.
    pub const PS256: Self = Self::new::<rsa::Rsa<rsa::Pss, Sha256>>("PS256", Kind::Rsa);
    /// RSASSA-PSS with SHA-384.
    pub const PS384: Self = Self::new::<rsa::Rsa<rsa::Pss, Sha384>>("PS384", Kind::Rsa);
    /// RSASSA-PSS with SHA-512.
    pub const PS512: Self = Self::new::<rsa::Rsa<rsa::Pss, Sha512>>("PS512", Kind::Rsa);
    /// ECDSA on P-256 with SHA-256.
    pub const ES256: Self = Self::new::<jwt_compact::alg::Es256>("ES256", Kind::P256);
    /// ECDSA on P-384 with SHA-384.
    pub const ES384: Self = Self::new::<es384::Es384>("ES384", Kind::P384);
    /// EdDSA with Ed25519; there is no Ed448 here.
    pub const EDDSA: Self = Self::new::<ed25519::Ed25519>("EdDSA", Kind::Ed25519);

    /// Every algorithm. Code that refers to this constant links all of them.
    pub const ALL: [Self; 9] = [
        Self::RS256,
        Self::RS384,
        Self::RS512,
        Self::PS256,
        Self::PS384,
        Self::PS512,
        Self::ES256,
        Self::ES384,
        Self::EDDSA,
    ];

    const fn new<A: Verifies>(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            read: Bound::<A>::read,
        }
    }

    /// Its name in a header's `alg`.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The only kind of key that it works with.
    pub(super) const fn kind(&self) -> Kind {
        self.kind
    }

    /// The key in the form that verifies; `None` where the numbers in it are no key.
    pub(super) fn key(&self, jwk: &JsonWebKey<'_>) -> Option<Rc<dyn Key>> {
        (self.read)(jwk)
    }
}

/// What a public key consists of. An algorithm works with one kind, so that no key is ever used for another
/// purpose than its own (RFC 8725, 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Rsa,
    P256,
    P384,
    Ed25519,
}

/// A public key, bound to one algorithm.
pub(super) trait Key {
    /// Whether it made `signature` over `signed`, the text of a token up to its last dot.
    fn verifies(&self, signed: &str, signature: &[u8]) -> bool;
}

/// An algorithm, as far as verifying needs it.
trait Verifies: jwt_compact::Algorithm<VerifyingKey: 'static> + Default + 'static {
    fn key(jwk: &JsonWebKey<'_>) -> Option<Self::VerifyingKey>;
}

struct Bound<A: Verifies>(A::VerifyingKey);

impl<A: Verifies> Bound<A> {
    fn read(jwk: &JsonWebKey<'_>) -> Option<Rc<dyn Key>> {
        Some(Rc::new(Self(A::key(jwk)?)))
    }
}

impl<A: Verifies> Key for Bound<A> {
    /// The validator of `jwt-compact` would read the claims as well, and take one that is `null` for a mistake.
    fn verifies(&self, signed: &str, signature: &[u8]) -> bool {
        let has_length = A::Signature::LENGTH.is_none_or(|length| length.get() == signature.len());
        has_length
            && A::Signature::try_from_slice(signature).is_ok_and(|signature| {
                A::default().verify_signature(&signature, &self.0, signed.as_bytes())
            })
    }
}

impl PartialEq for Algorithm {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl std::fmt::Debug for Algorithm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}
