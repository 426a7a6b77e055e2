//! Signing with a private key that a secret of the host holds.

use std::fmt;

use super::sign_keys::SignKeys;
use super::{PrivateKey, SignatureAlgorithm, SignatureError};
use crate::host::{Host, HostError};

/// A signature algorithm that handlers sign with (RFC 7518, 3.1; RFC 8037, 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SigningAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PSS with SHA-256 and a salt of 32 bytes.
    Ps256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// EdDSA with Ed25519.
    EdDsa,
}

impl SigningAlgorithm {
    /// Every algorithm.
    pub const ALL: [Self; 4] = [Self::Rs256, Self::Ps256, Self::Es256, Self::EdDsa];

    /// What verifies its signatures.
    pub const fn id(self) -> SignatureAlgorithm {
        match self {
            Self::Rs256 => SignatureAlgorithm::Rs256,
            Self::Ps256 => SignatureAlgorithm::Ps256,
            Self::Es256 => SignatureAlgorithm::Es256,
            Self::EdDsa => SignatureAlgorithm::EdDsa,
        }
    }

    /// Its name in a header's `alg`.
    pub const fn name(self) -> &'static str {
        self.id().name()
    }

    /// Whether it is one of RSA.
    const fn is_rsa(self) -> bool {
        matches!(self, Self::Rs256 | Self::Ps256)
    }

    /// The keys that it signs with, for a sentence.
    pub(super) const fn keys(self) -> &'static str {
        match self {
            Self::Rs256 | Self::Ps256 => "an RSA key of 2048 to 4096 bits",
            Self::Es256 => "a key on P-256",
            Self::EdDsa => "an Ed25519 key",
        }
    }
}

impl fmt::Display for SigningAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Nothing was signed. Names the secret, and repeats nothing of what is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The host has no such secret.
    #[error("the secret {secret} is not set; set it to a private key in PEM (PKCS#8)")]
    NoSecret {
        /// Its name.
        secret: String,
    },
    /// The host could not read the secret.
    #[error(transparent)]
    Unreadable(#[from] HostError),
    /// The secret holds something else.
    #[error(
        "the secret {secret} is not a private key in PEM of PKCS#8 (BEGIN PRIVATE KEY); `openssl pkey -in FILE` writes one"
    )]
    NotPkcs8 {
        /// Its name.
        secret: String,
    },
    /// The secret holds a key of another type or size.
    #[error("the secret {secret} is {found}, and {algorithm} signs with {}", algorithm.keys())]
    WrongKey {
        /// Its name.
        secret: String,
        /// What the key is: `an Ed25519 key`.
        found: String,
        /// What was to be signed with it.
        algorithm: SigningAlgorithm,
    },
    /// The key's numbers do not fit together, or the platform takes no such key.
    #[error("the host does not accept the key in the secret {secret}; make a new key")]
    InvalidKey {
        /// Its name.
        secret: String,
    },
    /// The host has nothing that signs with this algorithm.
    #[error("the host {host} cannot sign with {algorithm}{}", instead(*algorithm))]
    Unsupported {
        /// The host's name.
        host: &'static str,
        /// What was asked for.
        algorithm: SigningAlgorithm,
    },
    /// The platform failed.
    #[error("the platform could not sign with the secret {secret}: {reason}")]
    Platform {
        /// Its name.
        secret: String,
        /// What the platform said.
        reason: String,
    },
}

/// Why there is no RSA without a platform, and what to do.
fn instead(algorithm: SigningAlgorithm) -> &'static str {
    if algorithm.is_rsa() {
        ": RSA code in wasm would reveal the private key by its timing; sign with ES256 or EdDSA there"
    } else {
        ""
    }
}

/// Signs `message` with a private key that was read from the secret of that name before.
pub(crate) async fn sign_with(
    keys: &SignKeys,
    host: &dyn Host,
    algorithm: SigningAlgorithm,
    secret: &str,
    key: &PrivateKey,
    message: &[u8],
) -> Result<Vec<u8>, SignError> {
    let key = keys.of(host, algorithm, secret, key)?;
    let signed = key.sign(message).await;
    signed.map_err(|error| failed(error, secret))
}

/// Signs `message` with the private key in the secret of that name.
pub(crate) async fn sign(
    keys: &SignKeys,
    host: &dyn Host,
    algorithm: SigningAlgorithm,
    secret: &str,
    message: &[u8],
) -> Result<Vec<u8>, SignError> {
    let key = keys.key(host, algorithm, secret).await?;
    let signed = key.sign(message).await;
    signed.map_err(|error| failed(error, secret))
}

/// Why nothing was signed with the key in this secret.
pub(super) fn failed(error: SignatureError, secret: &str) -> SignError {
    let secret = secret.to_owned();
    match error {
        SignatureError::InvalidKey => SignError::InvalidKey { secret },
        SignatureError::Platform(reason) => SignError::Platform { secret, reason },
    }
}

#[cfg(test)]
mod tests {
    use base64ct::{Base64UrlUnpadded, Encoding as _};
    use futures_util::FutureExt as _;

    use super::*;
    use crate::signature::{self, PublicKey, PublicKeyNumbers, testing};
    use crate::testing::sign::{ed25519_der, elliptic, pem, private_pem, public_key};
    use crate::testing::{Capability, TestHost};

    const SECRET: &str = "SIGNING_KEY";

    fn signed(
        host: &TestHost,
        algorithm: SigningAlgorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, SignError> {
        let keys = SignKeys::default();
        host.run(sign(&keys, &host.clone(), algorithm, SECRET, message))
    }

    fn host_with(pem: String) -> TestHost {
        let host = TestHost::new();
        host.set_variable(SECRET, pem);
        host
    }

    /// RFC 8037, A.1 and A.4.
    #[test]
    fn an_eddsa_signature_is_that_of_rfc_8037() {
        let seed = Base64UrlUnpadded::decode_vec("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
        let host = host_with(pem(&ed25519_der(&seed.unwrap())));
        let message = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
        let signature = signed(&host, SigningAlgorithm::EdDsa, message).unwrap();
        assert_eq!(
            Base64UrlUnpadded::encode_string(&signature),
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
        );
    }

    /// The public key of what the tests sign with.
    fn public(algorithm: SigningAlgorithm) -> PublicKey {
        let jwk = public_key(algorithm.name());
        let number = |member: &str| {
            let text = jwk[member].as_str().unwrap();
            Base64UrlUnpadded::decode_vec(text).unwrap()
        };
        let fixed = |member: &str| number(member).try_into().unwrap();
        let numbers = match algorithm {
            SigningAlgorithm::Es256 => PublicKeyNumbers::P256 {
                x: fixed("x"),
                y: fixed("y"),
            },
            SigningAlgorithm::EdDsa => PublicKeyNumbers::Ed25519 { x: fixed("x") },
            _ => PublicKeyNumbers::Rsa {
                modulus: number("n"),
                exponent: number("e"),
            },
        };
        PublicKey::checked(numbers).unwrap()
    }

    #[test]
    fn what_is_signed_is_verified_by_every_implementation() {
        for algorithm in SigningAlgorithm::ALL {
            let host = host_with(private_pem(algorithm.name()));
            for message in [&b""[..], b"a message"] {
                let made = signed(&host, algorithm, message).unwrap();
                assert_eq!(made, signed(&host, algorithm, message).unwrap());
                let key = testing::verify_key(algorithm.id(), &public(algorithm)).unwrap();
                let is_signed = |message| {
                    signature::verify(algorithm.id(), key.as_ref(), message, &made)
                        .now_or_never()
                        .unwrap()
                };
                assert_eq!(is_signed(message), Ok(true), "{algorithm}");
                assert_eq!(is_signed(b"another"), Ok(false), "{algorithm}");
            }
        }
    }

    #[test]
    fn without_a_platform_rsa_is_refused_and_the_error_says_what_to_do() {
        for algorithm in SigningAlgorithm::ALL {
            let host = host_with(private_pem(algorithm.name()));
            let by_platform = signed(&host, algorithm, b"a message").unwrap();
            let host = host.without(Capability::Signatures);
            match signed(&host, algorithm, b"a message") {
                Ok(own) => assert!(!algorithm.is_rsa() && own == by_platform, "{algorithm}"),
                Err(error) => {
                    assert!(algorithm.is_rsa(), "{algorithm}");
                    assert_eq!(
                        error.to_string(),
                        format!(
                            "the host test cannot sign with {algorithm}: RSA code in wasm would reveal the private key by its \
                             timing; sign with ES256 or EdDSA there"
                        )
                    );
                }
            }
        }
    }

    #[test]
    fn an_error_names_the_secret_and_nothing_in_it() {
        let unset = TestHost::new();
        let missing = signed(&unset, SigningAlgorithm::EdDsa, b"").unwrap_err();
        assert_eq!(
            missing.to_string(),
            "the secret SIGNING_KEY is not set; set it to a private key in PEM (PKCS#8)"
        );
        let p256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
        for (algorithm, pem, expected) in [
            (
                SigningAlgorithm::EdDsa,
                "planted".to_owned(),
                "the secret SIGNING_KEY is not a private key in PEM of PKCS#8 (BEGIN PRIVATE KEY); `openssl pkey -in FILE` \
                 writes one",
            ),
            (
                SigningAlgorithm::Es256,
                private_pem("EdDSA"),
                "the secret SIGNING_KEY is an Ed25519 key, and ES256 signs with a key on P-256",
            ),
            (
                SigningAlgorithm::Ps256,
                private_pem("ES256"),
                "the secret SIGNING_KEY is a key on P-256, and PS256 signs with an RSA key of 2048 to 4096 bits",
            ),
            // No number below the order of the curve.
            (
                SigningAlgorithm::Es256,
                pem(&elliptic(&p256, &[0xff; 32], None)),
                "the host does not accept the key in the secret SIGNING_KEY; make a new key",
            ),
        ] {
            let error = signed(&host_with(pem), algorithm, b"").unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
    }
}
