//! A host with an issuer that a test can rotate, stop and count.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{FutureExt as _, LocalBoxFuture, pending, ready};
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};

use super::{NOW, URL};
use crate::host::{Cache, FetchError, Host, HostError, SharedHost, Timestamp};

/// What the issuer does with a request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::auth) enum Issuing {
    /// It answers.
    Up,
    /// It answers with an error.
    Down,
    /// It takes the request and says nothing.
    Silent,
}

/// The world of one or more instances.
pub(in crate::auth) struct World {
    millis: Cell<u64>,
    issuing: Cell<Issuing>,
    published: RefCell<Value>,
    /// What stands at other places than that of the keys, by URL.
    placed: RefCell<BTreeMap<String, (StatusCode, String)>>,
    /// Where the metadata say that the keys are.
    jwks_uri: RefCell<String>,
    fetched: RefCell<Vec<String>>,
    cache: Option<Rc<Shelf>>,
}

/// What is in the cache.
#[derive(Default)]
pub(in crate::auth) struct Shelf(pub(in crate::auth) RefCell<BTreeMap<String, String>>);

impl World {
    pub(in crate::auth) fn new(keys: &[Value]) -> Rc<Self> {
        Self::with_cache(keys, None)
    }

    pub(in crate::auth) fn with_cache(keys: &[Value], cache: Option<Rc<Shelf>>) -> Rc<Self> {
        let world = Self {
            millis: Cell::new(NOW * 1000),
            issuing: Cell::new(Issuing::Up),
            published: RefCell::new(Value::Null),
            placed: RefCell::default(),
            jwks_uri: RefCell::new(format!("{URL}/keys")),
            fetched: RefCell::default(),
            cache,
        };
        world.publish(keys);
        Rc::new(world)
    }

    /// Lets the issuer publish these keys and no others.
    pub(in crate::auth) fn publish(&self, keys: &[Value]) {
        self.published.replace(json!({ "keys": keys }));
    }

    /// Lets something else than the metadata stand at `url`.
    pub(in crate::auth) fn place(&self, url: &str, status: StatusCode, body: &str) {
        let placed = (status, body.to_owned());
        self.placed.borrow_mut().insert(url.to_owned(), placed);
    }

    /// Lets the issuer's metadata name this place as that of the keys.
    pub(in crate::auth) fn names(&self, jwks_uri: &str) {
        self.jwks_uri.replace(jwks_uri.to_owned());
    }

    pub(in crate::auth) fn set(&self, issuing: Issuing) {
        self.issuing.set(issuing);
    }

    pub(in crate::auth) fn pass(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap();
        self.millis.set(self.millis.get() + millis);
    }

    /// How often the keys were fetched.
    pub(in crate::auth) fn key_fetches(&self) -> usize {
        let fetched = self.fetched.borrow();
        fetched.iter().filter(|url| url.ends_with("/keys")).count()
    }

    /// How often anything was fetched.
    pub(in crate::auth) fn fetches(&self) -> usize {
        self.fetched.borrow().len()
    }

    /// The world as one request sees it.
    pub(in crate::auth) fn host(self: &Rc<Self>) -> SharedHost {
        Rc::new(Here(Rc::clone(self)))
    }
}

/// Lets everything else have so many turns.
async fn turns(mut turns: u32) {
    std::future::poll_fn(|task| {
        if turns == 0 {
            return std::task::Poll::Ready(());
        }
        turns -= 1;
        task.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

struct Here(Rc<World>);

impl Host for Here {
    fn name(&self) -> &'static str {
        "test"
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.millis.get())
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), HostError> {
        buffer.fill(7);
        Ok(())
    }

    /// Passes the time, once everything else has had its turn.
    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()> {
        let world = Rc::clone(&self.0);
        turns(10).map(move |()| world.pass(duration)).boxed_local()
    }

    fn fetch(
        &self,
        request: Request<Bytes>,
        limit: usize,
    ) -> LocalBoxFuture<'static, Result<Response<Bytes>, FetchError>> {
        let world = &self.0;
        let url = request.uri().to_string();
        world.fetched.borrow_mut().push(url.clone());
        let placed = world.placed.borrow().get(&url).cloned();
        let (status, body) = match placed {
            Some(placed) => placed,
            None if url.ends_with("/keys") => {
                (StatusCode::OK, world.published.borrow().to_string())
            }
            None => {
                let metadata = json!({ "issuer": URL, "jwks_uri": *world.jwks_uri.borrow() });
                (StatusCode::OK, metadata.to_string())
            }
        };
        if body.len() > limit {
            return ready(Err(FetchError::TooLarge(limit))).boxed_local();
        }
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = status;
        match world.issuing.get() {
            Issuing::Up => {}
            Issuing::Down => *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE,
            Issuing::Silent => return pending().boxed_local(),
        }
        // Not at once, so that others come between.
        turns(1).map(|()| Ok(response)).boxed_local()
    }

    fn after_response(&self, work: LocalBoxFuture<'static, ()>) {
        assert!(work.now_or_never().is_some(), "nothing in it waits");
    }

    fn variable(&self, _: &str) -> LocalBoxFuture<'static, Result<Option<String>, HostError>> {
        ready(Ok(None)).boxed_local()
    }

    fn log(&self, _: &str) {}

    fn cache(&self) -> Option<Rc<dyn Cache>> {
        let shelf = self.0.cache.clone()?;
        Some(shelf)
    }
}

impl Cache for Shelf {
    fn get(&self, key: &str) -> LocalBoxFuture<'static, Result<Option<String>, HostError>> {
        ready(Ok(self.0.borrow().get(key).cloned())).boxed_local()
    }

    fn put(
        &self,
        key: &str,
        value: String,
        _: Duration,
    ) -> LocalBoxFuture<'static, Result<(), HostError>> {
        self.0.borrow_mut().insert(key.to_owned(), value);
        ready(Ok(())).boxed_local()
    }
}
