//! Tools that make and verify signatures.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use mcp_edge::config::Algorithm;
use mcp_edge::prelude::*;
use mcp_edge::signature::{PublicKey, PublicKeyNumbers, SignatureError, SigningAlgorithm};

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Sign {
    algorithm: String,
    secret: String,
    message: String,
}

/// Signs a message with the key in a secret, and gives the signature in base64url.
#[tool]
pub(crate) async fn sign(cx: Context, input: Sign) -> Result<String, ToolError> {
    let algorithm = SigningAlgorithm::ALL
        .into_iter()
        .find(|known| known.name() == input.algorithm)
        .ok_or_else(|| ToolError::new("an unknown algorithm"))?;
    let message = input.message.as_bytes();
    let signature = cx.sign(algorithm, &input.secret, message).await?;
    Ok(Base64UrlUnpadded::encode_string(&signature))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Verify {
    algorithm: String,
    key: Key,
    signatures: Vec<Signature>,
}

/// The numbers of a public key, in base64url, by their names in a JWK.
#[derive(Deserialize, JsonSchema)]
struct Key {
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
struct Signature {
    message: String,
    signature: String,
}

/// What is said of each signature, in their order.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Verdicts {
    verdicts: Vec<Verdict>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Valid,
    Invalid,
    InvalidKey,
    PlatformFailed,
}

/// Verifies signatures of one key.
#[tool]
pub(crate) async fn verify(cx: Context, input: Verify) -> Result<Json<Verdicts>, ToolError> {
    let algorithm = Algorithm::ALL
        .into_iter()
        .find(|known| known.name() == input.algorithm)
        .ok_or_else(|| ToolError::new("an unknown algorithm"))?;
    let key = PublicKey::checked(input.key.numbers(algorithm)?);
    let mut verdicts = Vec::new();
    for Signature { message, signature } in &input.signatures {
        let (message, signature) = (decoded(message)?, decoded(signature)?);
        let verdict = match &key {
            Ok(key) => cx.verify(algorithm, key, &message, &signature).await,
            Err(_) => Err(SignatureError::InvalidKey),
        };
        verdicts.push(match verdict {
            Ok(true) => Verdict::Valid,
            Ok(false) => Verdict::Invalid,
            Err(SignatureError::InvalidKey) => Verdict::InvalidKey,
            Err(SignatureError::Platform(_)) => Verdict::PlatformFailed,
        });
    }
    Ok(Json(Verdicts { verdicts }))
}

impl Key {
    fn numbers(&self, algorithm: Algorithm) -> Result<PublicKeyNumbers, ToolError> {
        Ok(match algorithm.name() {
            "ES256" => PublicKeyNumbers::P256 {
                x: fixed(&self.x)?,
                y: fixed(&self.y)?,
            },
            "ES384" => PublicKeyNumbers::P384 {
                x: fixed(&self.x)?,
                y: fixed(&self.y)?,
            },
            "EdDSA" => PublicKeyNumbers::Ed25519 { x: fixed(&self.x)? },
            _ => PublicKeyNumbers::Rsa {
                modulus: number(&self.n)?,
                exponent: number(&self.e)?,
            },
        })
    }
}

fn fixed<const N: usize>(text: &Option<String>) -> Result<[u8; N], ToolError> {
    number(text)?
        .try_into()
        .map_err(|_| ToolError::new("a number of another length than its curve's"))
}

fn number(text: &Option<String>) -> Result<Vec<u8>, ToolError> {
    let text = text.as_deref();
    decoded(text.ok_or_else(|| ToolError::new("a number is missing"))?)
}

fn decoded(text: &str) -> Result<Vec<u8>, ToolError> {
    Base64UrlUnpadded::decode_vec(text).map_err(|_| ToolError::new("not base64url"))
}
