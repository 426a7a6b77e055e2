//! Verifying without a platform: RustCrypto, a function for each algorithm, so that only those that something names are linked.
//! Signing is one function, which is linked where a handler signs.

mod ecdsa;
mod ed25519;
mod rsa;
mod sign;

use std::rc::Rc;

pub(crate) use self::ecdsa::{es256, es384};
pub(crate) use self::ed25519::eddsa;
pub(crate) use self::rsa::{Pkcs1v15, Pss, rsa};
pub(crate) use self::sign::sign_key;
use super::{PublicKey, VerifyKey, computed};

/// Reads a key; `None` where its numbers are none.
pub(crate) type ReadKey = fn(&PublicKey) -> Option<Rc<dyn VerifyKey>>;
