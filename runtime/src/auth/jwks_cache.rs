//! An issuer's keys in the cache that a host's instances share.
//!
//! Another writer of that cache must not be able to slip in a key, so what is kept is a token like any other
//! of this server's: signed with its keyring, and opened only with it.

use std::rc::Rc;
use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::TrustedIssuer;
use crate::host::{SharedHost, Timestamp};
use crate::token::{Binding, Codec, ContentProtection, NONCE, Purpose};

/// What is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct IssuerKeys {
    issuer: String,
    fetched_ms: u64,
    keys: String,
}

impl Purpose for IssuerKeys {
    const TYPE: &'static str = "mcp-issuer-keys+jwt";
    const CONTENT: ContentProtection = ContentProtection::Visible;
    /// Room for the greatest key set that is read, 256 KiB, encoded.
    const MAX_BYTES: usize = 512 * 1024;
}

/// Keys from the cache.
pub(super) struct CachedKeys {
    pub(super) published: String,
    pub(super) fetched: Timestamp,
}

/// Looks into the cache. A cache that fails, or holds what this server did not write, holds nothing.
pub(super) async fn find(
    trusted: &TrustedIssuer,
    codec: &Codec,
    host: &SharedHost,
) -> Option<CachedKeys> {
    let token = host.cache()?.get(&key(trusted)).await.ok()??;
    let opened = codec
        .open::<IssuerKeys>(&token, &Binding::anonymous(), host.now())
        .ok()?;
    let kept = opened.content;
    (kept.issuer == trusted.url).then(|| CachedKeys {
        fetched: Timestamp::from_millis(kept.fetched_ms),
        published: kept.keys,
    })
}

/// Puts keys into the cache, after the response.
pub(super) fn keep(
    trusted: &TrustedIssuer,
    published: String,
    fetched: Timestamp,
    lifetime: Duration,
    codec: &Rc<Codec>,
    host: &SharedHost,
) {
    let Some(cache) = host.cache() else {
        return;
    };
    let content = IssuerKeys {
        issuer: trusted.url.clone(),
        fetched_ms: fetched.as_millis(),
        keys: published,
    };
    let mut nonce = [0; NONCE];
    if host.random(&mut nonce).is_err() {
        return;
    }
    let binding = Binding::anonymous();
    let Ok(token) = codec.mint(&content, &binding, host.now(), lifetime, &nonce) else {
        return;
    };
    let key = key(trusted);
    host.after_response(Box::pin(async move {
        // The next instance fetches for itself.
        let _ = cache.put(&key, token, lifetime).await;
    }));
}

fn key(trusted: &TrustedIssuer) -> String {
    let digest = Sha256::digest(&trusted.url);
    format!("issuer-keys/{}", Base64UrlUnpadded::encode_string(&digest))
}
