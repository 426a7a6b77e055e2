//! What verifies the signatures of access tokens.

use std::fmt;
use std::rc::Rc;

#[cfg(feature = "rustcrypto")]
use sha2::{Sha256, Sha384, Sha512};

use crate::host::Host;
#[cfg(feature = "rustcrypto")]
use crate::signature::rustcrypto::{self, Pkcs1v15, Pss, ReadKey};
use crate::signature::{PublicKey, SignatureAlgorithm, SignatureError, VerifyKey};

/// A signature algorithm that an issuer may use.
///
/// The configuration refers to the ones that it lists, and to no others, so that a server carries only the
/// code it was configured to need.
#[derive(Clone, Copy)]
pub struct Algorithm {
    id: SignatureAlgorithm,
    #[cfg(feature = "rustcrypto")]
    read: ReadKey,
}

/// A constant for each, with what reads its keys where no platform does.
macro_rules! algorithms {
    ($($(#[$doc:meta])* $constant:ident = $id:ident, $read:expr;)*) => {
        impl Algorithm {
            $(
                $(#[$doc])*
                pub const $constant: Self = Self {
                    id: SignatureAlgorithm::$id,
                    #[cfg(feature = "rustcrypto")]
                    read: $read,
                };
            )*

            /// Every algorithm. Code that refers to this constant links all of them.
            pub const ALL: [Self; SignatureAlgorithm::ALL.len()] = [$(Self::$constant),*];
        }
    };
}

algorithms! {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RS256 = Rs256, rustcrypto::rsa::<Pkcs1v15, Sha256>;
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RS384 = Rs384, rustcrypto::rsa::<Pkcs1v15, Sha384>;
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RS512 = Rs512, rustcrypto::rsa::<Pkcs1v15, Sha512>;
    /// RSASSA-PSS with SHA-256.
    PS256 = Ps256, rustcrypto::rsa::<Pss, Sha256>;
    /// RSASSA-PSS with SHA-384.
    PS384 = Ps384, rustcrypto::rsa::<Pss, Sha384>;
    /// RSASSA-PSS with SHA-512.
    PS512 = Ps512, rustcrypto::rsa::<Pss, Sha512>;
    /// ECDSA on P-256 with SHA-256.
    ES256 = Es256, rustcrypto::es256;
    /// ECDSA on P-384 with SHA-384.
    ES384 = Es384, rustcrypto::es384;
    /// EdDSA with Ed25519; there is no Ed448 here.
    EDDSA = EdDsa, rustcrypto::eddsa;
}

impl Algorithm {
    /// Its name in a header's `alg`.
    pub const fn name(&self) -> &'static str {
        self.id.name()
    }

    /// What it is.
    pub(crate) const fn id(&self) -> SignatureAlgorithm {
        self.id
    }

    /// The key for this program's own code; `None` where its numbers are none.
    #[cfg(feature = "rustcrypto")]
    pub(crate) fn own_key(&self, key: &PublicKey) -> Option<Rc<dyn VerifyKey>> {
        (self.read)(key)
    }

    /// The key in the form that verifies: by the platform of `host` where it can, otherwise by code of this program.
    pub(crate) fn verify_key(
        &self,
        key: &PublicKey,
        host: &dyn Host,
    ) -> Result<Rc<dyn VerifyKey>, SignatureError> {
        #[cfg(feature = "rustcrypto")]
        let own = self.own_key(key).ok_or(SignatureError::InvalidKey)?;
        let platform = host.verify_key(self.id, key);
        #[cfg(feature = "rustcrypto")]
        let platform = platform.or(Some(own));
        platform.ok_or_else(|| SignatureError::Platform(format!("it has no {}", self.name())))
    }
}

impl PartialEq for Algorithm {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl fmt::Debug for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
