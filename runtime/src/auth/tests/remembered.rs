//! What is remembered of tokens, and for how long.

use std::rc::Rc;

use crate::auth::testing::*;
use crate::auth::{CachedToken, Source, TokenCache, TokenDigest};

fn known(generation: u64) -> CachedToken {
    let verified = accept(&token(&header("EdDSA"), &claims())).unwrap();
    CachedToken {
        principal: Rc::new(verified.principal),
        issuer: verified.issuer,
        key: verified.key,
        generation,
    }
}

fn digest(token: &str) -> TokenDigest {
    TokenDigest::of(token, Source::Authorization)
}

#[test]
fn a_token_is_remembered_for_the_header_that_it_came_in() {
    let mut remembered = TokenCache::new(8);
    remembered.insert(TokenDigest::of("a", Source::Header("X-Token")), known(3));
    let by = TokenDigest::of("a", Source::Header("x-token"));
    assert_eq!(remembered.get(&by).unwrap().generation, 3);
    assert!(remembered.get(&digest("a")).is_none());
    remembered.remove(&by);
    assert!(remembered.get(&by).is_none());
}

#[test]
fn what_is_asked_for_stays_and_the_rest_is_forgotten() {
    let mut remembered = TokenCache::new(4);
    let known = known(0);
    remembered.insert(digest("asked for"), known.clone());
    for number in 0..100 {
        remembered.insert(digest(&number.to_string()), known.clone());
        assert!(remembered.get(&digest("asked for")).is_some(), "{number}");
    }
    let kept = (0..100).filter(|number| remembered.get(&digest(&number.to_string())).is_some());
    assert!(kept.count() <= 4);
}

#[test]
fn a_cache_without_capacity_stores_nothing() {
    let mut remembered = TokenCache::new(0);
    remembered.insert(digest("a"), known(0));
    assert!(remembered.get(&digest("a")).is_none());
}
