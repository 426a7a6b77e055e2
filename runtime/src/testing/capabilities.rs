//! What a host may have besides the network: a cache, a rate limiter, an outbox, queues and object stores.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{LocalBoxFuture, ready};

use super::clock::Clock;
use super::limiter::TestLimiter;
use crate::host::{Cache, HostError, ObjectStore, Outbox, Queues, Timestamp};

/// An optional capability of a host. A [`TestHost`](super::TestHost) has all of them, unless a test takes one away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Capability {
    /// A cache that instances share.
    Cache,
    /// A counter for `[[rate_limit]]`.
    Limiter,
    /// A store of events that have not been delivered.
    Outbox,
    /// Queues.
    Queues,
    /// Object stores.
    ObjectStore,
    /// Signatures by the platform. Without it, handlers sign with ES256 and EdDSA only, as on Spin.
    Signatures,
}

/// An object that a server has stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredObject {
    /// Its key.
    pub key: String,
    /// Its media type.
    pub content_type: &'static str,
    /// Its content.
    pub bytes: Bytes,
}

/// The capabilities of one host, with what is in them.
pub(super) struct Capabilities {
    pub(super) absent: RefCell<BTreeSet<Capability>>,
    pub(super) cache: Rc<TestCache>,
    pub(super) limiter: Rc<TestLimiter>,
    pub(super) outbox: Rc<TestOutbox>,
    pub(super) queues: Rc<TestQueues>,
    pub(super) objects: Rc<TestObjects>,
}

impl Capabilities {
    pub(super) fn new(clock: &Rc<Clock>) -> Self {
        Self {
            absent: RefCell::default(),
            cache: Rc::new(TestCache {
                clock: Rc::clone(clock),
                entries: RefCell::default(),
            }),
            limiter: Rc::default(),
            outbox: Rc::default(),
            queues: Rc::default(),
            objects: Rc::default(),
        }
    }

    pub(super) fn has(&self, capability: Capability) -> bool {
        !self.absent.borrow().contains(&capability)
    }
}

type Answer<T> = LocalBoxFuture<'static, Result<T, HostError>>;

fn answer<T: 'static>(result: Result<T, HostError>) -> Answer<T> {
    Box::pin(ready(result))
}

pub(super) struct TestCache {
    clock: Rc<Clock>,
    pub(super) entries: RefCell<BTreeMap<String, CacheEntry>>,
}

pub(super) struct CacheEntry {
    pub(super) value: String,
    pub(super) expires: Timestamp,
}

impl TestCache {
    pub(super) fn get_now(&self, key: &str) -> Option<String> {
        let entries = self.entries.borrow();
        let entry = entries.get(key)?;
        (self.clock.now() < entry.expires).then(|| entry.value.clone())
    }
}

impl Cache for TestCache {
    fn get(&self, key: &str) -> Answer<Option<String>> {
        answer(Ok(self.get_now(key)))
    }

    fn put(&self, key: &str, value: String, lifetime: Duration) -> Answer<()> {
        let entry = CacheEntry {
            value,
            expires: self.clock.now().after(lifetime),
        };
        self.entries.borrow_mut().insert(key.to_owned(), entry);
        answer(Ok(()))
    }
}

#[derive(Default)]
pub(super) struct TestOutbox {
    pub(super) parcels: RefCell<BTreeMap<String, String>>,
    pub(super) is_broken: Cell<bool>,
    pub(super) max_bytes: Cell<Option<usize>>,
}

impl TestOutbox {
    fn answer<T: 'static>(&self, done: T) -> Answer<T> {
        let broken = self.is_broken.get().then(|| HostError {
            operation: "use the outbox".to_owned(),
            reason: "it is broken".to_owned(),
        });
        answer(broken.map_or(Ok(done), Err))
    }
}

impl Outbox for TestOutbox {
    fn check(&self) -> Answer<()> {
        self.answer(())
    }

    fn longest(&self) -> usize {
        self.max_bytes.get().unwrap_or(usize::MAX)
    }

    fn put(&self, key: &str, parcel: String) -> Answer<()> {
        assert!(
            parcel.len() <= self.longest(),
            "a parcel of {} bytes is longer than the outbox allows",
            parcel.len()
        );
        if !self.is_broken.get() {
            self.parcels.borrow_mut().insert(key.to_owned(), parcel);
        }
        self.answer(())
    }

    fn keys(&self, prefix: &str, most: usize) -> Answer<Vec<String>> {
        let parcels = self.parcels.borrow();
        let keys = parcels.keys().filter(|key| key.starts_with(prefix));
        self.answer(keys.take(most).cloned().collect())
    }

    fn get(&self, key: &str) -> Answer<Option<String>> {
        self.answer(self.parcels.borrow().get(key).cloned())
    }

    fn remove(&self, key: &str) -> Answer<()> {
        self.parcels.borrow_mut().remove(key);
        self.answer(())
    }
}

/// An error for a binding that the test has not added.
fn unbound(binding: &str) -> HostError {
    HostError {
        operation: format!("use the binding {binding}"),
        reason: "there is none of that name".to_owned(),
    }
}

#[derive(Default)]
pub(super) struct TestQueues(pub(super) RefCell<BTreeMap<String, Vec<String>>>);

impl Queues for TestQueues {
    fn check(&self, binding: &'static str) -> Answer<()> {
        let is_bound = self.0.borrow().contains_key(binding);
        answer(is_bound.then_some(()).ok_or_else(|| unbound(binding)))
    }

    fn send(&self, binding: &'static str, messages: Vec<String>) -> Answer<()> {
        let mut queues = self.0.borrow_mut();
        let queue = queues.get_mut(binding).ok_or_else(|| unbound(binding));
        answer(queue.map(|queue| queue.extend(messages)))
    }
}

#[derive(Default)]
pub(super) struct TestObjects(pub(super) RefCell<BTreeMap<String, Vec<StoredObject>>>);

impl ObjectStore for TestObjects {
    fn check(&self, binding: &'static str) -> Answer<()> {
        let is_bound = self.0.borrow().contains_key(binding);
        answer(is_bound.then_some(()).ok_or_else(|| unbound(binding)))
    }

    fn put(
        &self,
        binding: &'static str,
        key: &str,
        content_type: &'static str,
        bytes: Bytes,
    ) -> Answer<()> {
        let object = StoredObject {
            key: key.to_owned(),
            content_type,
            bytes,
        };
        let mut stores = self.0.borrow_mut();
        let store = stores.get_mut(binding).ok_or_else(|| unbound(binding));
        answer(store.map(|store| {
            store.retain(|stored| stored.key != object.key);
            store.push(object);
        }))
    }
}
