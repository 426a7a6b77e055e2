//! The names of public keys (RFC 7638).

use base64ct::{Base64UrlUnpadded, Encoding as _};
use sha2::{Digest as _, Sha256};

use super::PublicKey;

impl PublicKey {
    /// The thumbprint of the key with SHA-256, in base64url (RFC 7638).
    pub fn thumbprint(&self) -> String {
        let digest = Sha256::digest(self.to_jwk());
        Base64UrlUnpadded::encode_string(&digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::PublicKeyNumbers;

    /// RFC 7638, 3.1.
    #[test]
    fn the_thumbprint_is_that_of_rfc_7638() {
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs\
                 tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91\
                 CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let key = PublicKey::checked(PublicKeyNumbers::Rsa {
            modulus: Base64UrlUnpadded::decode_vec(n).unwrap(),
            exponent: Base64UrlUnpadded::decode_vec("AQAB").unwrap(),
        });
        assert_eq!(
            key.unwrap().thumbprint(),
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
        );
    }

    /// RFC 8037, A.3.
    #[test]
    fn the_thumbprint_of_ed25519_is_that_of_rfc_8037() {
        let x =
            Base64UrlUnpadded::decode_vec("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
        let key = PublicKey::checked(PublicKeyNumbers::Ed25519 {
            x: x.try_into().unwrap(),
        });
        assert_eq!(
            key.unwrap().thumbprint(),
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
        );
    }
}
