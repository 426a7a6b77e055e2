//! Verifies by every implementation, and holds them to one verdict.

use std::cell::Cell;
use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;

use crate::config::Algorithm;
use crate::signature::{self, PublicKey, SignatureAlgorithm, SignatureError, VerifyKey};

thread_local! {
    static IS_BROKEN: Cell<bool> = const { Cell::new(false) };
}

/// Lets the platform of this thread fail, or work again.
pub(crate) fn set_platform_broken(is_broken: bool) {
    IS_BROKEN.set(is_broken);
}

struct Both([Rc<dyn VerifyKey>; 2]);

impl VerifyKey for Both {
    fn verify<'a>(
        &'a self,
        message: &'a [u8],
        signature: &'a [u8],
    ) -> LocalBoxFuture<'a, Result<bool, SignatureError>> {
        if IS_BROKEN.get() {
            let error = SignatureError::Platform("the operation failed".to_owned());
            return Box::pin(std::future::ready(Err(error)));
        }
        let verdict = |key: &Rc<dyn VerifyKey>| key.verify(message, signature).now_or_never();
        let [own, ring] = self.0.each_ref().map(verdict);
        assert_eq!(own, ring, "RustCrypto and ring do not agree");
        Box::pin(std::future::ready(own.unwrap()))
    }
}

/// A key that stands for those of RustCrypto and of ring.
pub(crate) fn verify_key(
    algorithm: SignatureAlgorithm,
    key: &PublicKey,
) -> Option<Rc<dyn VerifyKey>> {
    let own = Algorithm::ALL
        .into_iter()
        .find(|known| known.id() == algorithm)?
        .own_key(key)?;
    let ring = signature::ring::verify_key(algorithm, key)?;
    Some(Rc::new(Both([own, ring])))
}
