//! Signatures that WebCrypto verifies and makes.

use std::cell::RefCell;
use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use js_sys::Uint8Array;
use mcp_edge_runtime::signature::{
    PrivateKey, PublicKey, SignatureAlgorithm, SignatureError, SigningAlgorithm, VerifyKey,
};
use wasm_bindgen::prelude::*;

use super::host::message;
use crate::jwk::jwk;

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
            jwk: jwk(key),
            imported: RefCell::default(),
        }) as Rc<dyn VerifyKey>
    })
}

/// The signature of `key` over `message`. A private key is imported each time and held by none but the request that signs.
pub(crate) fn signature(
    algorithm: SigningAlgorithm,
    key: &PrivateKey,
    message: &[u8],
) -> LocalBoxFuture<'static, Result<Vec<u8>, SignatureError>> {
    let algorithm = algorithm.name();
    let (pkcs8, message) = (key.pkcs8().to_vec(), message.to_vec());
    Box::pin(async move {
        let key = import_private(algorithm, &pkcs8)
            .await
            .map_err(|error| import_error(&error))?;
        let signature = sign(algorithm, &key, &message)
            .await
            .map_err(|error| platform(&error))?;
        Ok(Uint8Array::new(&signature).to_vec())
    })
}

/// A key that the first request imports. Kept is the key and never the promise of it, which belongs to the request that asked:
/// another that waits for it would be stopped by the platform.
struct WebCryptoKey {
    algorithm: &'static str,
    jwk: String,
    imported: RefCell<Option<JsValue>>,
}

impl WebCryptoKey {
    async fn imported(&self) -> Result<JsValue, SignatureError> {
        let known = self.imported.borrow().clone();
        if let Some(known) = known {
            return Ok(known);
        }
        let key = import(self.algorithm, &self.jwk)
            .await
            .map_err(|error| import_error(&error))?;
        self.imported.replace(Some(key.clone()));
        Ok(key)
    }
}

impl VerifyKey for WebCryptoKey {
    fn verify<'a>(
        &'a self,
        message: &'a [u8],
        signature: &'a [u8],
    ) -> LocalBoxFuture<'a, Result<bool, SignatureError>> {
        Box::pin(async move {
            let key = self.imported().await?;
            verify(self.algorithm, &key, signature, message)
                .await
                .map(|verdict| verdict.is_truthy())
                .map_err(|error| platform(&error))
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
