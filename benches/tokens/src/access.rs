//! Verifying access tokens, for the first time and again, as a server does that has its issuer's keys.

use std::cell::RefCell;
use std::hint::black_box;
use std::rc::Rc;

use futures_util::FutureExt as _;
use mcp_edge_runtime::auth::{
    CachedToken, KeySet, Principal, Source, TokenCache, TokenDigest, TrustedIssuer, Unverified,
    Verified,
};
use mcp_edge_runtime::config::Algorithm;
use mcp_edge_runtime::config::{Auth, Issuer, Settings, TextSetting};
use mcp_edge_runtime::host::{SharedHost, Timestamp};
use mcp_edge_runtime::testing::TestHost;

use crate::issuer::{self, ALGORITHMS};
use crate::repeat;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
const AUTH: Auth = Settings::DEFAULT.auth;
const SOURCE: Source<'_> = Source::Authorization;
/// How many other tokens are remembered: about as many as one half holds.
const OTHERS: u32 = 500;

const ISSUER: Issuer = Issuer {
    name: "acme",
    url: TextSetting::Literal(issuer::URL),
    algorithms: &Algorithm::ALL,
    ..Issuer::DEFAULT
};

/// Verifies a token that nothing is known of, `count` times.
pub(crate) fn first(count: u32, algorithm: &str) -> u32 {
    with_token(algorithm, |instance, token| {
        let mut remembered = TokenCache::new(0);
        repeat(count, || {
            black_box(instance.principal(black_box(token), &mut remembered)).is_some()
        })
    })
}

/// Recalls a token that was verified before, `count` times.
pub(crate) fn remembered(count: u32, algorithm: &str) -> u32 {
    with_token(algorithm, |instance, token| {
        let Ok(mut remembered) = instance.remembered.try_borrow_mut() else {
            return 0;
        };
        repeat(count, || {
            let digest = TokenDigest::of(black_box(token), SOURCE);
            black_box(recall(&digest, &mut remembered)).is_some()
        })
    })
}

thread_local! {
    /// Made once: signing takes longer than what is measured.
    static INSTANCE: Option<Instance> = Instance::new();
}

fn with_token(algorithm: &str, work: impl FnOnce(&Instance, &str) -> u32) -> u32 {
    INSTANCE.with(|instance| {
        let tokens = instance
            .as_ref()
            .map_or(&[][..], |instance| &instance.tokens);
        let token = tokens.iter().find(|(name, _)| *name == algorithm);
        match (instance, token) {
            (Some(instance), Some((_, token))) => work(instance, token),
            _ => 0,
        }
    })
}

/// What an instance of a server knows once it has run for a while.
struct Instance {
    host: SharedHost,
    keys: KeySet,
    trusted: [TrustedIssuer; 1],
    remembered: RefCell<TokenCache>,
    /// A token of each algorithm.
    tokens: Vec<(&'static str, String)>,
}

impl Instance {
    fn new() -> Option<Self> {
        let tokens = ALGORITHMS
            .into_iter()
            .map(|algorithm| Some((algorithm, issuer::token(algorithm)?)))
            .collect::<Option<Vec<_>>>()?;
        let instance = Self {
            host: TestHost::new().shared(),
            keys: KeySet::parse(issuer::keys()?.to_string().as_bytes()).ok()?,
            trusted: [TrustedIssuer {
                config: const { &ISSUER },
                url: issuer::URL.to_owned(),
                audiences: vec![issuer::AUDIENCE.to_owned()],
            }],
            remembered: RefCell::new(TokenCache::new(AUTH.token_cache_size)),
            tokens,
        };
        instance.remember()?;
        Some(instance)
    }

    /// Remembers all tokens, and others.
    fn remember(&self) -> Option<()> {
        let mut remembered = self.remembered.try_borrow_mut().ok()?;
        for (_, token) in &self.tokens {
            self.principal(token, &mut remembered)?;
            let known = remembered.get(&TokenDigest::of(token, SOURCE))?;
            for number in 0..OTHERS {
                let other = TokenDigest::of(&number.to_string(), SOURCE);
                remembered.insert(other, known.clone());
            }
        }
        Some(())
    }

    /// Who has sent a token.
    fn principal(&self, token: &str, remembered: &mut TokenCache) -> Option<Rc<Principal>> {
        let digest = TokenDigest::of(token, SOURCE);
        if let Some(principal) = recall(&digest, remembered) {
            return Some(principal);
        }
        let unverified = Unverified::read(token, SOURCE, &self.trusted, &AUTH, NOW).ok()?;
        let Verified {
            principal,
            key,
            issuer,
        } = unverified
            .verify(&self.keys, self.host.as_ref())
            .now_or_never()?
            .ok()?;
        let principal = Rc::new(principal);
        let known = CachedToken {
            principal: Rc::clone(&principal),
            issuer,
            key,
            generation: 1,
        };
        remembered.insert(digest, known);
        Some(principal)
    }
}

fn recall(digest: &TokenDigest, remembered: &mut TokenCache) -> Option<Rc<Principal>> {
    let known = remembered.get(digest)?;
    (NOW < known.principal.expires()).then_some(known.principal)
}
