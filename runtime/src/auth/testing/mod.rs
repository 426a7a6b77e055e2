//! Keys, an issuer and tokens for the tests of this folder.

pub(super) mod world;

use std::sync::LazyLock;

use futures_executor::block_on;
use serde_json::{Value, json};

pub(super) use crate::testing::sign::{encode, public_key, rsa_jwk, sign};

use super::{
    AccessTokenError, Check, KeySet, Source, TrustedIssuer, Unverified, VerificationError, Verified,
};
use crate::config::{Algorithm, Auth, Issuer, Settings, TextSetting};
use crate::host::Timestamp;

pub(super) const NOW: u64 = 1_790_000_000;
pub(super) const AUTH: Auth = Settings::DEFAULT.auth;
pub(super) const URL: &str = "https://id.example";
pub(super) const AUDIENCE: &str = "https://mcp.example/mcp";

pub(super) const ISSUER: Issuer = Issuer {
    name: "acme",
    url: TextSetting::Literal(URL),
    algorithms: &Algorithm::ALL,
    ..Issuer::DEFAULT
};

pub(super) fn trusted(config: &'static Issuer) -> TrustedIssuer {
    let TextSetting::Literal(url) = config.url else {
        panic!("a test's issuer is in the test");
    };
    TrustedIssuer {
        config,
        url: url.to_owned(),
        audiences: vec![AUDIENCE.to_owned()],
    }
}

pub(super) fn now() -> Timestamp {
    Timestamp::from_secs(NOW)
}

/// A header for a token that is signed with `algorithm`, by the key that fits.
pub(super) fn header(algorithm: &str) -> Value {
    json!({"alg": algorithm, "typ": "at+jwt", "kid": key_id(algorithm)})
}

/// The claims of a token that is accepted.
pub(super) fn claims() -> Value {
    json!({
        "iss": URL,
        "aud": AUDIENCE,
        "sub": "alice",
        "client_id": "desk",
        "scope": "fraud:read",
        "iat": NOW - 10,
        "exp": NOW + 600,
    })
}

/// `object` with the members of `changes`; a member that is `null` there is taken out.
pub(super) fn with(mut object: Value, changes: Value) -> Value {
    let members = object.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    object
}

/// A token of `header` and `claims`, signed as the header's `alg` says.
pub(super) fn token(header: &Value, claims: &Value) -> String {
    signed(
        header["alg"].as_str().unwrap(),
        &header.to_string(),
        &claims.to_string(),
    )
}

/// A token of texts that may be no JSON.
pub(super) fn signed(algorithm: &str, header: &str, claims: &str) -> String {
    seal(algorithm, &format!("{}.{}", encode(header), encode(claims)))
}

/// Puts the signature to a header and claims that are encoded already.
pub(super) fn seal(algorithm: &str, signed: &str) -> String {
    format!("{signed}.{}", encode(sign(algorithm, signed.as_bytes())))
}

fn key_id(algorithm: &str) -> &'static str {
    match algorithm {
        "ES256" => "p256",
        "ES384" => "p384",
        "EdDSA" => "ed25519",
        _ => "rsa",
    }
}

/// The public keys, one of each kind, as a set with these entries in addition.
pub(super) fn keys(more: &[Value]) -> KeySet {
    /// Public keys take long to compute where nothing is optimised.
    static KEYS: LazyLock<Vec<Value>> = LazyLock::new(|| {
        ["RS256", "ES256", "ES384", "EdDSA"]
            .map(|algorithm| with(public_key(algorithm), json!({"kid": key_id(algorithm)})))
            .into()
    });
    let mut keys = KEYS.clone();
    keys.extend_from_slice(more);
    KeySet::parse(json!({"keys": keys}).to_string().as_bytes()).unwrap()
}

/// Reads and verifies a token of [`ISSUER`].
pub(super) fn accept(token: &str) -> Result<Verified, AccessTokenError> {
    accept_with(token, &keys(&[]))
}

pub(super) fn accept_with(token: &str, keys: &KeySet) -> Result<Verified, AccessTokenError> {
    accept_of(token, Source::Authorization, &[trusted(&ISSUER)], keys)
}

pub(super) fn accept_of(
    token: &str,
    source: Source<'_>,
    trusted: &[TrustedIssuer],
    keys: &KeySet,
) -> Result<Verified, AccessTokenError> {
    verify(
        &Unverified::read(token, source, trusted, &AUTH, now())?,
        keys,
    )
}

/// Verifies by every implementation.
pub(super) fn verify(read: &Unverified, keys: &KeySet) -> Result<Verified, AccessTokenError> {
    verify_observed(read, keys, &mut |_| ())
}

pub(super) fn verify_observed(
    read: &Unverified,
    keys: &KeySet,
    observe: &mut dyn FnMut(Check<'_>),
) -> Result<Verified, AccessTokenError> {
    let host = world::World::new(&[]).host();
    let verified = block_on(read.verify_observed(keys, host.as_ref(), observe));
    verified.map_err(|error| match error {
        VerificationError::Rejected(rejected) => rejected,
        VerificationError::Unavailable(why) => panic!("{why}"),
    })
}
