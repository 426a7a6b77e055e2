//! A second implementation of minting, from the description in `tests/vectors/README.md` alone. It also
//! makes what the codec never would: tokens that are wrong in one thing and authentic in all others.

use base64ct::{Base64UrlUnpadded, Encoding};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::file::{Mint, Purpose, Vectors};

pub struct Secret {
    pub id: &'static str,
    pub stage: &'static str,
    /// The key is its SHA-256.
    pub seed: &'static str,
}

impl Secret {
    pub fn entry(&self) -> String {
        format!("{}:{}:{}", self.id, self.stage, encode(&self.bytes()))
    }

    pub fn bytes(&self) -> [u8; 32] {
        Sha256::digest(self.seed).into()
    }

    pub fn mac(&self) -> [u8; 64] {
        self.derive(b"mcp-edge token v1 mac")
    }

    pub fn seal(&self) -> [u8; 32] {
        self.derive(b"mcp-edge token v1 seal")
    }

    fn derive<const N: usize>(&self, label: &[u8]) -> [u8; N] {
        let mut key = [0; N];
        Hkdf::<Sha256>::new(None, &self.bytes())
            .expand(label, &mut key)
            .unwrap();
        key
    }
}

pub fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

pub fn decode(text: &str) -> Vec<u8> {
    Base64UrlUnpadded::decode_vec(text).unwrap()
}

pub fn digest(canonical: &str) -> String {
    encode(&Sha256::digest(canonical))
}

pub fn typ(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Session => "mcp-session+jwt",
        Purpose::Cursor => "mcp-cursor+jwt",
        Purpose::RequestState => "mcp-request-state+jwt",
    }
}

pub fn header(purpose: Purpose, kid: &str) -> String {
    format!(
        r#"{{"alg":"HS256","typ":"{}","kid":"{kid}"}}"#,
        typ(purpose)
    )
}

/// Signs any header and claims.
pub fn sign(header: &str, claims: &str, mac: &[u8]) -> String {
    sign_encoded(
        &format!(
            "{}.{}",
            encode(header.as_bytes()),
            encode(claims.as_bytes())
        ),
        mac,
    )
}

/// Signs any text.
pub fn sign_encoded(signed: &str, mac: &[u8]) -> String {
    let signature = <Hmac<Sha256> as Mac>::new_from_slice(mac)
        .unwrap()
        .chain_update(signed)
        .finalize();
    format!("{signed}.{}", encode(&signature.into_bytes()))
}

/// Seals any content under any header.
pub fn seal(content: &str, header: &str, secret: &Secret, random: &[u8]) -> String {
    let header = encode(header.as_bytes());
    let payload = Payload {
        msg: content.as_bytes(),
        aad: header.as_bytes(),
    };
    let cipher = XChaCha20Poly1305::new(&secret.seal().into());
    encode(&cipher.encrypt(random.into(), payload).unwrap())
}

/// The claims of a token, in the order in which the codec writes them.
pub fn claims(vectors: &Vectors, of: &Mint, secret: &Secret) -> String {
    let content = match of.purpose {
        Purpose::RequestState => {
            let header = header(of.purpose, secret.id);
            json!(seal(&of.content, &header, secret, &decode(&of.random))).to_string()
        }
        Purpose::Session | Purpose::Cursor => of.content.clone(),
    };
    let request = match &of.request {
        Some(name) => format!(r#""request":"{}","#, vectors.requests[name].digest),
        None => String::new(),
    };
    format!(
        r#"{{"aud":{},"iat":{},"exp":{},"jti":"{}","sub":"{}",{request}"content":{content}}}"#,
        Value::from(vectors.audience.as_str()),
        of.now,
        of.now + of.lifetime,
        of.random,
        vectors.principals[&of.principal].digest,
    )
}

pub fn token(vectors: &Vectors, of: &Mint, secret: &Secret) -> String {
    sign(
        &header(of.purpose, secret.id),
        &claims(vectors, of, secret),
        &secret.mac(),
    )
}
