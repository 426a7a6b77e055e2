//! An issuer that a test can rotate, stop and count, on a test host.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use super::{URL, now};
use crate::host::SharedHost;
use crate::testing::{Capability, Reply, TestHost, UpstreamRequest};

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
    pub(in crate::auth) host: TestHost,
    issuer: Rc<TestIssuer>,
}

struct TestIssuer {
    issuing: Cell<Issuing>,
    published: RefCell<Value>,
    /// Documents at other places than that of the keys, by URL.
    placed: RefCell<BTreeMap<String, (StatusCode, String)>>,
    /// Where the metadata say that the keys are.
    jwks_uri: RefCell<String>,
}

impl World {
    /// A world whose instances share no cache.
    pub(in crate::auth) fn new(keys: &[Value]) -> Rc<Self> {
        Self::on(TestHost::new().without(Capability::Cache), keys)
    }

    pub(in crate::auth) fn with_cache(keys: &[Value]) -> Rc<Self> {
        Self::on(TestHost::new(), keys)
    }

    fn on(host: TestHost, keys: &[Value]) -> Rc<Self> {
        host.set_now(now());
        let issuer = Rc::new(TestIssuer {
            issuing: Cell::new(Issuing::Up),
            published: RefCell::new(Value::Null),
            placed: RefCell::default(),
            jwks_uri: RefCell::new(format!("{URL}/keys")),
        });
        let asked = Rc::clone(&issuer);
        host.reply_with(move |request| asked.reply(request));
        let world = Self { host, issuer };
        world.publish(keys);
        Rc::new(world)
    }

    /// Lets the issuer publish these keys and no others.
    pub(in crate::auth) fn publish(&self, keys: &[Value]) {
        self.issuer.published.replace(json!({ "keys": keys }));
    }

    /// Lets something else than the metadata be at `url`.
    pub(in crate::auth) fn place(&self, url: &str, status: StatusCode, body: &str) {
        let placed = (status, body.to_owned());
        let mut places = self.issuer.placed.borrow_mut();
        places.insert(url.to_owned(), placed);
    }

    /// Lets the issuer's metadata name this place as that of the keys.
    pub(in crate::auth) fn names(&self, jwks_uri: &str) {
        self.issuer.jwks_uri.replace(jwks_uri.to_owned());
    }

    pub(in crate::auth) fn set(&self, issuing: Issuing) {
        self.issuer.issuing.set(issuing);
    }

    pub(in crate::auth) fn pass(&self, time: Duration) {
        self.host.advance(time);
    }

    /// How often the keys were fetched.
    pub(in crate::auth) fn key_fetches(&self) -> usize {
        let requests = self.host.requests();
        let keys = requests
            .iter()
            .filter(|request| request.uri.path() == "/keys");
        keys.count()
    }

    /// How often anything was fetched.
    pub(in crate::auth) fn fetches(&self) -> usize {
        self.host.requests().len()
    }

    /// The world as one request sees it.
    pub(in crate::auth) fn host(&self) -> SharedHost {
        self.host.shared()
    }
}

impl TestIssuer {
    fn reply(&self, request: &UpstreamRequest) -> Reply {
        let url = request.uri.to_string();
        let placed = self.placed.borrow().get(&url).cloned();
        let (status, body) = match placed {
            Some(placed) => placed,
            None if url.ends_with("/keys") => (StatusCode::OK, self.published.borrow().to_string()),
            None => {
                let metadata = json!({ "issuer": URL, "jwks_uri": *self.jwks_uri.borrow() });
                (StatusCode::OK, metadata.to_string())
            }
        };
        match self.issuing.get() {
            Issuing::Up => Reply::new(status.as_u16(), body),
            Issuing::Down => Reply::new(503, body),
            Issuing::Silent => Reply::silent(),
        }
    }
}
