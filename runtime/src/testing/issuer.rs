//! An issuer of access tokens, for tests of authentication and policy.

use serde_json::{Value, json};

use super::host::TestHost;
use super::sign::{encode, public_key, sign};
use super::upstream::Reply;
use crate::config::Algorithm;

const KEY_ID: &str = "testing";
/// How long a token is valid, in seconds.
const LIFETIME: u64 = 600;

/// An issuer on a [`TestHost`]: its metadata and its keys are at its URL, and it signs access tokens (RFC 9068) with keys that
/// are the same in every test.
pub struct TestIssuer {
    host: TestHost,
    url: String,
    audience: String,
    algorithm: Algorithm,
}

impl TestIssuer {
    /// The issuer at `url`, as `mcp.toml` has it, which signs with `algorithm`, one of those that `mcp.toml` lists. Its tokens
    /// are for `audience`: `server.url`, unless the issuer has `audiences`.
    ///
    /// Panics if `url` is not absolute.
    pub fn new(host: &TestHost, url: &str, audience: &str, algorithm: Algorithm) -> Self {
        let base = url.trim_end_matches('/');
        let jwks_uri = format!("{base}/jwks");
        let metadata = json!({ "issuer": url, "jwks_uri": jwks_uri });
        let mut key = public_key(algorithm.name());
        key["kid"] = KEY_ID.into();
        host.reply(
            &format!("{base}/.well-known/openid-configuration"),
            Reply::json(metadata),
        );
        host.reply(&jwks_uri, Reply::json(json!({ "keys": [key] })));
        Self {
            host: host.clone(),
            url: url.to_owned(),
            audience: audience.to_owned(),
            algorithm,
        }
    }

    /// An access token that is valid for ten minutes by the host's clock, with these claims. A claim that is not given has a
    /// value that the server accepts, and the subject is `user`; a claim that is `null` is left out.
    ///
    /// Panics if `claims` is not an object.
    pub fn token(&self, claims: Value) -> String {
        let now = self.host.now().as_millis() / 1000;
        let mut all = json!({
            "iss": self.url,
            "aud": self.audience,
            "sub": "user",
            "client_id": "client",
            "iat": now,
            "exp": now + LIFETIME,
        });
        let Value::Object(claims) = claims else {
            panic!("the claims of a token must be an object");
        };
        for (name, value) in claims {
            all[name] = value;
        }
        if let Value::Object(members) = &mut all {
            members.retain(|_, value| !value.is_null());
        }
        let algorithm = self.algorithm.name();
        let header = json!({ "alg": algorithm, "typ": "at+jwt", "kid": KEY_ID });
        let signed = format!("{}.{}", encode(header.to_string()), encode(all.to_string()));
        let signature = sign(algorithm, signed.as_bytes());
        format!("{signed}.{}", encode(signature))
    }
}
