//! A public key as WebCrypto reads it.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use mcp_edge_runtime::signature::{PublicKey, PublicKeyNumbers};

/// The members of a JSON Web Key (RFC 7518, 6; RFC 8037, 2), made of the numbers alone: no member of an issuer's key reaches
/// the platform.
pub(crate) fn jwk(key: &PublicKey) -> String {
    let encoded = |number: &[u8]| Base64UrlUnpadded::encode_string(number);
    let point = |curve: &str, x: &[u8], y: &[u8]| {
        let [x, y] = [x, y].map(encoded);
        format!(r#"{{"kty":"EC","crv":"{curve}","x":"{x}","y":"{y}"}}"#)
    };
    match key.numbers() {
        PublicKeyNumbers::Rsa { modulus, exponent } => {
            let [n, e] = [modulus, exponent].map(|number| encoded(number));
            format!(r#"{{"kty":"RSA","n":"{n}","e":"{e}"}}"#)
        }
        PublicKeyNumbers::P256 { x, y } => point("P-256", x, y),
        PublicKeyNumbers::P384 { x, y } => point("P-384", x, y),
        PublicKeyNumbers::Ed25519 { x } => {
            let x = encoded(x);
            format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_written_as_rfc_7518_and_rfc_8037_have_it() {
        let written = |numbers| jwk(&PublicKey::checked(numbers).unwrap());
        let rsa = written(PublicKeyNumbers::Rsa {
            modulus: vec![0xff; 256],
            exponent: vec![0, 1, 0, 1],
        });
        let modulus = "_".repeat(341);
        assert_eq!(
            rsa,
            format!(r#"{{"kty":"RSA","n":"{modulus}w","e":"AQAB"}}"#)
        );
        // RFC 7517, A.1.
        let p256 = written(PublicKeyNumbers::P256 {
            x: number("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"),
            y: number("4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"),
        });
        assert_eq!(
            p256,
            r#"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}"#
        );
        let p384 = written(PublicKeyNumbers::P384 {
            x: [1; 48],
            y: [2; 48],
        });
        assert!(p384.contains(r#""crv":"P-384","x":"AQEB"#), "{p384}");
        // RFC 8037, A.2.
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let ed25519 = written(PublicKeyNumbers::Ed25519 { x: number(x) });
        assert_eq!(
            ed25519,
            format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#)
        );
    }

    fn number(text: &str) -> [u8; 32] {
        Base64UrlUnpadded::decode_vec(text)
            .unwrap()
            .try_into()
            .unwrap()
    }
}
