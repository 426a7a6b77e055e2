//! Signature algorithms for access tokens (RFC 7518, RFC 8037).

mod ed25519;
mod es256;
mod es384;
mod rsa;

use std::rc::Rc;

use jwt_compact::AlgorithmSignature as _;
use jwt_compact::jwk::JsonWebKey;
use sha2::{Sha256, Sha384, Sha512};

use crate::config::Algorithm;
pub(super) use crate::config::{Key, KeyKind as Kind};

impl Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    pub const RS256: Self =
        Self::verified_by::<rsa::Rsa<rsa::Pkcs1v15, Sha256>>("RS256", Kind::Rsa);
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    pub const RS384: Self =
        Self::verified_by::<rsa::Rsa<rsa::Pkcs1v15, Sha384>>("RS384", Kind::Rsa);
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    pub const RS512: Self =
        Self::verified_by::<rsa::Rsa<rsa::Pkcs1v15, Sha512>>("RS512", Kind::Rsa);
    /// RSASSA-PSS with SHA-256.
    pub const PS256: Self = Self::verified_by::<rsa::Rsa<rsa::Pss, Sha256>>("PS256", Kind::Rsa);
    /// RSASSA-PSS with SHA-384.
    pub const PS384: Self = Self::verified_by::<rsa::Rsa<rsa::Pss, Sha384>>("PS384", Kind::Rsa);
    /// RSASSA-PSS with SHA-512.
    pub const PS512: Self = Self::verified_by::<rsa::Rsa<rsa::Pss, Sha512>>("PS512", Kind::Rsa);
    /// ECDSA on P-256 with SHA-256.
    pub const ES256: Self = Self::verified_by::<jwt_compact::alg::Es256>("ES256", Kind::P256);
    /// ECDSA on P-384 with SHA-384.
    pub const ES384: Self = Self::verified_by::<es384::Es384>("ES384", Kind::P384);
    /// EdDSA with Ed25519; there is no Ed448 here.
    pub const EDDSA: Self = Self::verified_by::<ed25519::Ed25519>("EdDSA", Kind::Ed25519);

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

    const fn verified_by<A: VerifyAlgorithm>(name: &'static str, kind: Kind) -> Self {
        Self::of(name, kind, Bound::<A>::read)
    }
}

/// An algorithm, as far as verifying needs it.
trait VerifyAlgorithm: jwt_compact::Algorithm<VerifyingKey: 'static> + Default + 'static {
    fn key(jwk: &JsonWebKey<'_>) -> Option<Self::VerifyingKey>;
}

struct Bound<A: VerifyAlgorithm>(A::VerifyingKey);

impl<A: VerifyAlgorithm> Bound<A> {
    fn read(jwk: &JsonWebKey<'_>) -> Option<Rc<dyn Key>> {
        Some(Rc::new(Self(A::key(jwk)?)))
    }
}

impl<A: VerifyAlgorithm> Key for Bound<A> {
    /// The validator of `jwt-compact` would read the claims as well, and take one that is `null` for a mistake.
    fn verifies(&self, signed: &str, signature: &[u8]) -> bool {
        let has_length = A::Signature::LENGTH.is_none_or(|length| length.get() == signature.len());
        has_length
            && A::Signature::try_from_slice(signature).is_ok_and(|signature| {
                A::default().verify_signature(&signature, &self.0, signed.as_bytes())
            })
    }
}
