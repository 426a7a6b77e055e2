//! An issuer's public keys: had when they are needed, kept in the instance, and asked for again before they
//! are too old to be trusted.
//!
//! No request waits for the future of another, which some hosts do not forgive. A cell holds the keys and
//! until when a request is fetching; a request that finds it taken uses the keys that are there, or polls.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use super::jwks_cache::{self, CachedKeys};
use super::metadata::{self, JwksFetchError};
use super::{KeySet, TrustedIssuer};
use crate::config::Auth;
use crate::host::{SharedHost, Timestamp};
use crate::refusal::ISSUER_RETRY;
use crate::token::Codec;

/// The pause between two looks at whether another request's fetch has ended.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

const FAILED_LATELY: &str = "the last attempt failed a moment ago";

/// Where one issuer's keys come from, and those that are there.
pub(super) struct KeySource {
    settings: &'static Auth,
    place: Place,
    held: RefCell<Option<KeySnapshot>>,
    /// Until when a request is fetching.
    lease: Cell<Option<Timestamp>>,
    /// When a request last began to fetch.
    tried: Cell<Option<Timestamp>>,
    /// When the issuer last failed to answer, unless it has answered since.
    failed: Cell<Option<Timestamp>>,
}

/// Where the keys are.
enum Place {
    /// Where the issuer's metadata says.
    Discovered,
    /// At this URL.
    At(String),
    /// In the configuration, from which they are never fetched.
    Fixed,
}

/// Keys, and how far they can be trusted.
#[derive(Debug, Clone)]
pub(super) struct KeySnapshot {
    pub(super) keys: Rc<KeySet>,
    /// Grows when the keys become others.
    pub(super) generation: u64,
    fetched: Timestamp,
    published: Rc<str>,
}

/// No keys can be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("could not fetch the keys of issuer `{issuer}`: {why}")]
pub(super) struct KeysUnavailable {
    issuer: &'static str,
    why: String,
}

impl KeySource {
    /// Keys that the issuer's metadata leads to.
    pub(super) fn discovered(settings: &'static Auth) -> Self {
        Self::from_place(settings, Place::Discovered)
    }

    /// Keys at a URL.
    pub(super) fn at(settings: &'static Auth, url: String) -> Self {
        Self::from_place(settings, Place::At(url))
    }

    fn from_place(settings: &'static Auth, place: Place) -> Self {
        Self {
            settings,
            place,
            held: RefCell::new(None),
            lease: Cell::new(None),
            tried: Cell::new(None),
            failed: Cell::new(None),
        }
    }

    /// Keys that are in the configuration, as a JSON Web Key Set.
    pub(super) fn fixed(settings: &'static Auth, published: &str) -> Result<Self, JwksFetchError> {
        let source = Self::from_place(settings, Place::Fixed);
        source.hold(published, Timestamp::from_millis(0))?;
        Ok(source)
    }

    /// The keys to verify with now.
    ///
    /// They were fetched at most `auth.jwks_refresh_interval` ago, or as long as one fetch takes before that; only when
    /// the issuer cannot be reached they may be as old as `auth.jwks_stale_if_error`.
    pub(super) async fn current(
        &self,
        trusted: &TrustedIssuer,
        codec: &Rc<Codec>,
        host: &SharedHost,
    ) -> Result<KeySnapshot, KeysUnavailable> {
        let settings = self.settings;
        loop {
            let now = host.now();
            let held = self.held.borrow().clone();
            let age = held.as_ref().map(|held| now.since(held.fetched));
            let grace = settings
                .jwks_refresh_interval
                .saturating_add(settings.jwks_timeout);
            if let (Some(held), Some(age)) = (&held, age)
                && (self.is_fixed()
                    || age < settings.jwks_refresh_interval
                    || (age < grace && self.is_being_fetched(now)))
            {
                return Ok(held.clone());
            }
            let is_usable = age.is_some_and(|age| age < settings.jwks_stale_if_error);
            // A client that was told to retry is not told so twice for one failure.
            let pause = if is_usable {
                settings.jwks_cooldown
            } else {
                settings.jwks_cooldown.min(ISSUER_RETRY)
            };
            let failed_lately = is_within(pause, &self.failed, now);
            let failure = if failed_lately && !self.is_being_fetched(now) {
                FAILED_LATELY.to_owned()
            } else if let Some(lease) = self.take_lease(now) {
                match self.fetch(trusted, codec, host, lease, None).await {
                    Ok(held) => return Ok(held),
                    Err(error) => error.to_string(),
                }
            } else {
                host.sleep(LOOK_AGAIN).await;
                continue;
            };
            return match held {
                Some(held) if is_usable => Ok(held),
                _ => Err(KeysUnavailable {
                    issuer: trusted.config.name,
                    why: failure,
                }),
            };
        }
    }

    /// Keys of a later generation than `known`, because a token names one that is not among those. At most
    /// one fetch in `auth.jwks_cooldown`, whatever tokens arrive. An issuer that does not answer may have a
    /// new key, so that nothing is said about the token.
    pub(super) async fn newer(
        &self,
        known: u64,
        trusted: &TrustedIssuer,
        codec: &Rc<Codec>,
        host: &SharedHost,
    ) -> Result<Option<KeySnapshot>, KeysUnavailable> {
        let unavailable = |why: String| KeysUnavailable {
            issuer: trusted.config.name,
            why,
        };
        loop {
            let now = host.now();
            let Some(held) = self.held.borrow().clone() else {
                return Ok(None);
            };
            if held.generation > known {
                return Ok(Some(held));
            }
            let is_new = now.since(held.fetched) < self.settings.jwks_cooldown;
            if self.is_being_fetched(now) {
                host.sleep(LOOK_AGAIN).await;
                continue;
            }
            let interval = self.settings.jwks_cooldown;
            if is_within(interval, &self.failed, now) {
                return Err(unavailable(FAILED_LATELY.to_owned()));
            }
            if self.is_fixed() || is_new || is_within(interval, &self.tried, now) {
                return Ok(None);
            }
            let Some(lease) = self.take_lease(now) else {
                return Ok(None);
            };
            let fetched = self.fetch(trusted, codec, host, lease, Some(known)).await;
            let fetched = fetched.map_err(|error| unavailable(error.to_string()))?;
            return Ok((fetched.generation > known).then_some(fetched));
        }
    }

    /// Whether there are keys that may be used, even if the issuer cannot be reached.
    pub(super) fn is_usable(&self, now: Timestamp) -> bool {
        let held = self.held.borrow();
        let is_fresh =
            |held: &KeySnapshot| now.since(held.fetched) < self.settings.jwks_stale_if_error;
        held.as_ref()
            .is_some_and(|held| self.is_fixed() || is_fresh(held))
    }

    fn is_fixed(&self) -> bool {
        matches!(self.place, Place::Fixed)
    }

    fn is_being_fetched(&self, now: Timestamp) -> bool {
        self.lease.get().is_some_and(|until| now < until)
    }

    fn take_lease(&self, now: Timestamp) -> Option<Lease<'_>> {
        if self.is_being_fetched(now) {
            return None;
        }
        self.lease.set(Some(now.after(self.settings.jwks_timeout)));
        Some(Lease(self))
    }

    /// Gets the keys from the cache that instances share, or else from the issuer. Where keys of a later
    /// generation than `known` are wanted, the cache does if it has them, or if what it holds is new.
    async fn fetch(
        &self,
        trusted: &TrustedIssuer,
        codec: &Rc<Codec>,
        host: &SharedHost,
        _lease: Lease<'_>,
        known: Option<u64>,
    ) -> Result<KeySnapshot, JwksFetchError> {
        let good_for = match known {
            Some(_) => self.settings.jwks_cooldown,
            None => self.settings.jwks_refresh_interval,
        };
        let cached = jwks_cache::find(trusted, codec, host).await;
        let began = host.now();
        if let Some(cached) = &cached
            && (began.since(cached.fetched) < good_for
                || (known.is_some() && self.would_serve(cached, began)))
        {
            let held = self.hold(&cached.published, cached.fetched)?;
            let is_later = known.is_none_or(|known| held.generation > known);
            if is_later || began.since(cached.fetched) < good_for {
                return Ok(held);
            }
        }
        self.tried.set(Some(began));
        let url = match &self.place {
            Place::At(url) => Some(url.as_str()),
            Place::Discovered | Place::Fixed => None,
        };
        let timeout = self.settings.jwks_timeout;
        let fetched = metadata::fetch(&trusted.url, url, timeout, host).await;
        let held = fetched.and_then(|published| {
            let held = self.hold(&published, began)?;
            Ok((held, published))
        });
        self.failed.set(held.is_err().then_some(began));
        let (held, published) = match (held, cached) {
            (Ok(fetched), _) => fetched,
            (Err(_), Some(cached)) if self.would_serve(&cached, began) => {
                return self.hold(&cached.published, cached.fetched);
            }
            (Err(error), _) => return Err(error),
        };
        jwks_cache::keep(
            trusted,
            published,
            began,
            self.settings.jwks_stale_if_error,
            codec,
            host,
        );
        Ok(held)
    }

    /// Whether keys from the cache are younger than those that are here, and young enough to be of use.
    fn would_serve(&self, cached: &CachedKeys, now: Timestamp) -> bool {
        let held = self.held.borrow();
        now.since(cached.fetched) < self.settings.jwks_stale_if_error
            && held
                .as_ref()
                .is_none_or(|held| held.fetched < cached.fetched)
    }

    /// Takes up a key set. One that has not changed stays as it is, and so do the keys already read from it.
    fn hold(&self, published: &str, fetched: Timestamp) -> Result<KeySnapshot, JwksFetchError> {
        let earlier = self.held.borrow().clone();
        let held = match earlier {
            Some(earlier) if *earlier.published == *published => KeySnapshot { fetched, ..earlier },
            earlier => KeySnapshot {
                keys: Rc::new(
                    KeySet::parse(published.as_bytes())
                        .map_err(|error| JwksFetchError::KeySet(error.to_string()))?,
                ),
                generation: earlier.map_or(1, |earlier| earlier.generation.saturating_add(1)),
                fetched,
                published: published.into(),
            },
        };
        self.held.replace(Some(held.clone()));
        Ok(held)
    }
}

/// Whether something happened, and no longer ago than `time`.
fn is_within(time: Duration, event: &Cell<Option<Timestamp>>, now: Timestamp) -> bool {
    event.get().is_some_and(|at| now.since(at) < time)
}

/// The right to fetch, given back when its holder ends or is dropped.
struct Lease<'a>(&'a KeySource);

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        self.0.lease.set(None);
    }
}
