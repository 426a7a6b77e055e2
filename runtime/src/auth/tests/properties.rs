//! What holds for every text.

use std::sync::LazyLock;

use proptest::prelude::*;

use crate::auth::KeySet;
use crate::auth::testing::*;

proptest! {
    #[test]
    fn no_text_is_accepted_or_panics(text in r"[ -~\n]{0,60}") {
        prop_assert!(accept(&text).is_err());
    }

    #[test]
    fn no_header_and_claims_panic(header in r#"[\[\]{}",:0-9a-z.-]{0,40}"#, claims in ".{0,40}") {
        let token = format!("{}.{}.{}", encode(header), encode(claims), encode([0; 64]));
        prop_assert!(accept(&token).is_err());
    }

    #[test]
    fn no_key_set_panics(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let _ = KeySet::parse(&bytes);
    }

    #[test]
    fn a_token_with_one_byte_changed_is_refused(place in any::<prop::sample::Index>(), by in 1_u8..127) {
        static TOKENS: LazyLock<[String; 2]> =
            LazyLock::new(|| ["ES256", "EdDSA"].map(|algorithm| token(&header(algorithm), &claims())));
        for token in &*TOKENS {
            let mut token = token.clone().into_bytes();
            let place = place.index(token.len());
            token[place] = (token[place] ^ by) & 0x7f;
            let token = String::from_utf8(token).unwrap();
            prop_assert!(accept(&token).is_err(), "{}", token);
        }
    }
}
