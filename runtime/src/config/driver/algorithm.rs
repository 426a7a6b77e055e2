//! What verifies the signatures of access tokens.

use std::fmt;
use std::rc::Rc;

use jwt_compact::jwk::JsonWebKey;

/// A signature algorithm that an issuer may use.
///
/// The configuration refers to the ones that it lists, and to no others, so that a server carries only the
/// code it was configured to need.
#[derive(Clone, Copy)]
pub struct Algorithm {
    name: &'static str,
    kind: KeyKind,
    read: fn(&JsonWebKey<'_>) -> Option<Rc<dyn Key>>,
}

impl Algorithm {
    /// An algorithm by its name in a header's `alg`, with the only kind of key that it works with.
    pub(crate) const fn of(
        name: &'static str,
        kind: KeyKind,
        read: fn(&JsonWebKey<'_>) -> Option<Rc<dyn Key>>,
    ) -> Self {
        Self { name, kind, read }
    }

    /// Its name in a header's `alg`.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The only kind of key that it works with.
    pub(crate) const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The key in the form that verifies; `None` where the numbers in it are no key.
    pub(crate) fn key(&self, jwk: &JsonWebKey<'_>) -> Option<Rc<dyn Key>> {
        (self.read)(jwk)
    }
}

/// What a public key consists of. An algorithm works with one kind, so that no key is ever used for another
/// purpose than its own (RFC 8725, 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyKind {
    Rsa,
    P256,
    P384,
    Ed25519,
}

/// A public key, bound to one algorithm.
pub(crate) trait Key {
    /// Whether it made `signature` over `signed`, the text of a token up to its last dot.
    fn verifies(&self, signed: &str, signature: &[u8]) -> bool;
}

impl PartialEq for Algorithm {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl fmt::Debug for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
