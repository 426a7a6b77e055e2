//! An issuer of access tokens (RFC 9068) with keys that everybody has.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Value, json};

use crate::sign;

/// What its tokens say in `iss`.
pub const URL: &str = "https://id.example.com";

/// The server that its tokens are for.
pub const AUDIENCE: &str = "https://mcp.example.com/mcp";

/// The algorithms that it signs with.
pub const ALGORITHMS: [&str; 9] = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA",
];

/// Its public keys: a JSON Web Key Set with one key of each kind. `None` would be a mistake in this crate.
pub fn keys() -> Option<Value> {
    let keys = ["RS256", "ES256", "ES384", "EdDSA"].map(|algorithm| {
        let mut key = sign::public_key(algorithm)?;
        let members = key.as_object_mut()?;
        members.insert("kid".to_owned(), json!(key_id(algorithm)));
        members.insert("use".to_owned(), json!("sig"));
        Some(key)
    });
    let keys: Vec<Value> = keys.into_iter().collect::<Option<_>>()?;
    Some(json!({ "keys": keys }))
}

/// An access token of the usual size, which holds from 2023 to 2096. `None` for an algorithm that is not in [`ALGORITHMS`].
pub fn token(algorithm: &str) -> Option<String> {
    token_of(algorithm, "00u1abcd2efGHIJK3lmn")
}

/// The same for a subject.
pub fn token_of(algorithm: &str, subject: &str) -> Option<String> {
    let header = json!({ "alg": algorithm, "kid": key_id(algorithm), "typ": "at+jwt" });
    let claims = json!({
        "iss": URL,
        "aud": AUDIENCE,
        "sub": subject,
        "client_id": "0oa4opqr5stUVWXY6zab",
        "jti": "AT.a7bC9dE1fG3hI5jK7lM9nO1pQ3rS5tU7vW9xY1zA3b",
        "iat": 1_700_000_000,
        "exp": 4_000_000_000_u64,
        "scope": "openid profile fraud:read fraud:simulate",
        "roles": ["analyst", "reviewer"],
        "groups": ["fraud-operations", "payments", "everyone"],
    });
    let signed = format!(
        "{}.{}",
        encode(header.to_string()),
        encode(claims.to_string())
    );
    let signature = sign::sign(algorithm, signed.as_bytes())?;
    Some(format!("{signed}.{}", encode(signature)))
}

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    Base64UrlUnpadded::encode_string(bytes.as_ref())
}

fn key_id(algorithm: &str) -> &'static str {
    match algorithm {
        "ES256" => "p256",
        "ES384" => "p384",
        "EdDSA" => "ed25519",
        _ => "rsa",
    }
}
