//! JWTs that the gateway signs (RFC 7519, RFC 7515).

use base64ct::{Base64UrlUnpadded, Encoding as _};
use mcp_edge::StartError;
use mcp_edge::config::SigningAlgorithm as Setting;
use mcp_edge::context::Context;
use mcp_edge::host::Host;
use mcp_edge::signature::{PrivateKey, PublicKey, SignError, SigningAlgorithm};
use serde_json::{Value, json};

/// A private key as a secret of the host had it at the start, with what is published of it: a secret that changes while the
/// instance runs must not sign under the id of the one before.
pub(super) struct SigningKey {
    secret: &'static str,
    private: PrivateKey,
    algorithm: SigningAlgorithm,
    pub(super) published: PublishedKey,
}

/// A public key and its name.
#[derive(Clone)]
pub(crate) struct PublishedKey {
    pub(crate) id: String,
    pub(crate) algorithm: SigningAlgorithm,
    pub(crate) key: PublicKey,
}

impl SigningKey {
    /// Reads the key in `secret`, which an error names as the setting `key`. Without an `id` that is the thumbprint of the key.
    pub(super) async fn start(
        secret: &'static str,
        algorithm: Setting,
        id: Option<&str>,
        key: &str,
        host: &dyn Host,
    ) -> Result<Self, StartError> {
        let algorithm = match algorithm {
            Setting::Es256 => SigningAlgorithm::Es256,
            Setting::EdDsa => SigningAlgorithm::EdDsa,
            Setting::Rs256 => SigningAlgorithm::Rs256,
            Setting::Ps256 => SigningAlgorithm::Ps256,
        };
        let mistake = |why: String| StartError::Setting {
            key: key.to_owned(),
            why,
        };
        let pem = host.variable(secret).await?.ok_or_else(|| {
            mistake(format!(
                "the secret {secret} is not set; set it to a private key in PEM (PKCS#8)"
            ))
        })?;
        let private = PrivateKey::from_pem(&pem).ok_or_else(|| {
            mistake(format!(
                "the secret {secret} is not a private key in PEM of PKCS#8 (BEGIN PRIVATE KEY); `openssl pkey -in FILE` writes one"
            ))
        })?;
        let public = private
            .works_with(algorithm)
            .then(|| private.public_key())
            .flatten()
            .ok_or_else(|| {
                mistake(format!(
                    "the secret {secret} is {private}, and {algorithm} needs another; `openssl genpkey` writes one"
                ))
            })?;
        let published = PublishedKey {
            id: id.map_or_else(|| public.thumbprint(), str::to_owned),
            algorithm,
            key: public,
        };
        Ok(Self {
            secret,
            private,
            algorithm,
            published,
        })
    }

    /// A JWT of these claims in the compact serialization (RFC 7515, 7.1).
    pub(super) async fn sign(
        &self,
        cx: &Context,
        typ: &str,
        claims: &Value,
    ) -> Result<String, SignError> {
        let header = json!({ "alg": self.algorithm.name(), "kid": self.published.id, "typ": typ })
            .to_string();
        let parts = [header, claims.to_string()]
            .map(|part| Base64UrlUnpadded::encode_string(part.as_bytes()));
        let signed = parts.join(".");
        let signature = cx
            .sign_with(
                self.algorithm,
                self.secret,
                &self.private,
                signed.as_bytes(),
            )
            .await?;
        let signature = Base64UrlUnpadded::encode_string(&signature);
        Ok(format!("{signed}.{signature}"))
    }
}

/// The claims of a JWT, without a look at its signature; `None` where `token` is none. They are for finding mistakes of a
/// configuration, and prove nothing.
pub(super) fn unverified_claims(token: &str) -> Option<Value> {
    let mut parts = token.split('.');
    let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let claims = Base64UrlUnpadded::decode_vec(claims).ok()?;
    serde_json::from_slice(&claims).ok()
}
