//! ECDSA on P-256 (RFC 7518, 3.4), as `jwt-compact` has it.

use jwt_compact::alg::Es256;
use jwt_compact::jwk::JsonWebKey;

use super::VerifyAlgorithm;

impl VerifyAlgorithm for Es256 {
    fn key(jwk: &JsonWebKey<'_>) -> Option<Self::VerifyingKey> {
        jwk.try_into().ok()
    }
}
