//! Tokens that the test servers would have minted at another time, or never.

use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64ct::{Base64UrlUnpadded, Encoding as _};
use mcp_edge_runtime::host::Timestamp;
use mcp_edge_runtime::token::{Binding, Codec, Epochs, Keyring, NONCE, Purpose};

/// The keyring of the test servers: SHA-256 of no bytes, which protects nothing.
pub const KEYS: &str = "test:sign:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

/// The fixture server's name, which its tokens are bound to.
pub const FIXTURE: &str = "com.example/fixture";

/// `KEYS` with another secret under the same name.
pub fn foreign_keys() -> String {
    // SHA-256 of `abc`.
    "test:sign:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=".to_owned()
}

/// `KEYS` under a name that no server knows.
pub fn unknown_keys() -> String {
    KEYS.replace("test:", "gone:")
}

/// What a segment of a token says to a reader without its keys.
pub fn decoded(segment: &str) -> String {
    let bytes = Base64UrlUnpadded::decode_vec(segment).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The same token with one character changed in its middle.
pub fn altered(token: &str) -> String {
    let middle = token.len() / 2;
    let other = if token[middle..].starts_with('A') {
        "B"
    } else {
        "A"
    };
    format!("{}{other}{}", &token[..middle], &token[middle + 1..])
}

/// How long these tokens last: tables mint theirs before the servers are built.
const LIFETIME: Duration = Duration::from_secs(60 * 60);
/// The age of a token that has ended.
pub const LONG_AGO: Duration = Duration::from_secs(2 * 60 * 60);

/// A token for anybody, minted `age` ago by a server named `audience` that has `keys`. It lasts for an hour.
pub fn mint<P: Purpose>(content: &P, audience: &str, keys: &str, age: Duration) -> String {
    mint_bound(content, &Binding::anonymous(), audience, keys, age)
}

/// The same for one request only.
pub fn mint_bound<P: Purpose>(
    content: &P,
    binding: &Binding<'_>,
    audience: &str,
    keys: &str,
    age: Duration,
) -> String {
    let keyring = Keyring::parse(keys).unwrap();
    let codec = Codec::new(Rc::new(keyring), audience, Epochs::default());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() - age;
    let now = Timestamp::from_secs(now.as_secs());
    codec
        .mint(content, binding, now, LIFETIME, &[7; NONCE])
        .unwrap()
}
