//! Signatures that WebCrypto verifies and makes.

use std::cell::RefCell;
use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use js_sys::Uint8Array;
use mcp_edge_runtime::signature::{
    PrivateKey, PublicKey, SignKey, SignatureAlgorithm, SignatureError, SigningAlgorithm, VerifyKey,
};
use wasm_bindgen::prelude::*;

use super::host::message;

#[wasm_bindgen(module = "/src/platform/signature.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = importKey)]
    async fn import(algorithm: &str, jwk: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch)]
    async fn verify(
        algorithm: &str,
        key: &JsValue,
        signature: &[u8],
        message: &[u8],
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_name = importPrivateKey)]
    async fn import_private(algorithm: &str, pkcs8: &[u8]) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch)]
    async fn sign(algorithm: &str, key: &JsValue, message: &[u8]) -> Result<JsValue, JsValue>;
}

/// A key for `algorithm`; `None` where the algorithm does not work with such a key.
pub(crate) fn verify_key(
    algorithm: SignatureAlgorithm,
    key: &PublicKey,
) -> Option<Rc<dyn VerifyKey>> {
    algorithm.works_with(key).then(|| {
        Rc::new(WebCryptoKey {
            algorithm: algorithm.name(),
            jwk: key.to_jwk(),
            imported: Imported::default(),
        }) as Rc<dyn VerifyKey>
    })
}

/// A private key for `algorithm`. No code can read it again from what WebCrypto makes of it.
pub(crate) fn sign_key(algorithm: SigningAlgorithm, key: &PrivateKey) -> Rc<dyn SignKey> {
    Rc::new(PrivateCryptoKey {
        algorithm: algorithm.name(),
        pkcs8: key.pkcs8().to_vec(),
        imported: Imported::default(),
    })
}

/// A key that the first request imports. Stored is the key and never the promise of it, which belongs to the request that asked:
/// the platform stops any other request that waits for it.
#[derive(Default)]
struct Imported(RefCell<Option<JsValue>>);

impl Imported {
    async fn get(
        &self,
        import: impl Future<Output = Result<JsValue, JsValue>>,
    ) -> Result<JsValue, SignatureError> {
        let known = self.0.borrow().clone();
        if let Some(known) = known {
            return Ok(known);
        }
        let key = import.await.map_err(|error| import_error(&error))?;
        self.0.replace(Some(key.clone()));
        Ok(key)
    }
}

struct WebCryptoKey {
    algorithm: &'static str,
    jwk: String,
    imported: Imported,
}

impl VerifyKey for WebCryptoKey {
    fn verify<'a>(
        &'a self,
        message: &'a [u8],
        signature: &'a [u8],
    ) -> LocalBoxFuture<'a, Result<bool, SignatureError>> {
        Box::pin(async move {
            let key = self.imported.get(import(self.algorithm, &self.jwk)).await?;
            verify(self.algorithm, &key, signature, message)
                .await
                .map(|verdict| verdict.is_truthy())
                .map_err(|error| platform(&error))
        })
    }
}

struct PrivateCryptoKey {
    algorithm: &'static str,
    pkcs8: Vec<u8>,
    imported: Imported,
}

impl SignKey for PrivateCryptoKey {
    fn sign<'a>(
        &'a self,
        message: &'a [u8],
    ) -> LocalBoxFuture<'a, Result<Vec<u8>, SignatureError>> {
        Box::pin(async move {
            let import = import_private(self.algorithm, &self.pkcs8);
            let key = self.imported.get(import).await?;
            let signature = sign(self.algorithm, &key, message)
                .await
                .map_err(|error| platform(&error))?;
            Ok(Uint8Array::new(&signature).to_vec())
        })
    }
}

/// `DataError` is what WebCrypto calls numbers that are no key; everything else is the platform's.
fn import_error(error: &JsValue) -> SignatureError {
    let name = js_sys::Reflect::get(error, &"name".into());
    match name.ok().and_then(|name| name.as_string()).as_deref() {
        Some("DataError") => SignatureError::InvalidKey,
        _ => platform(error),
    }
}

fn platform(error: &JsValue) -> SignatureError {
    SignatureError::Platform(message(error))
}
