//! The runtime's outside world, on Workers.

use std::io;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use js_sys::{Object, Reflect};
use mcp_edge_runtime::host::{
    Cache, Data, DataName, DocumentPlace, FetchError, FetchOptions, Host, HostError, Limiter,
    ObjectStore, Outbox, Queues, Timestamp,
};
use mcp_edge_runtime::signature::{
    PrivateKey, PublicKey, SignKey, SignatureAlgorithm, SignatureError, SigningAlgorithm, VerifyKey,
};
use wasm_bindgen::prelude::*;
use worker::worker_sys::Context;

use super::cache::LocationCache;
use super::data;
use super::document;
use super::fetch;
use super::limiter::Bindings;
use super::outbox::QueueOutbox;
use super::queues::QueueBindings;
use super::r2::Buckets;
use super::signature;
use super::timer::Timer;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console)]
    fn log(line: &str);
}

/// Workers, as one request sees it: what may be read and how long work may last belong to the request.
#[derive(Debug)]
pub struct Workers {
    environment: Object,
    context: Context,
}

impl Workers {
    /// The outside world of the request that came with `environment` and `context`.
    pub fn new(environment: Object, context: Context) -> Self {
        Self {
            environment,
            context,
        }
    }
}

impl Host for Workers {
    fn name(&self) -> &'static str {
        "workers"
    }

    /// The wall clock, which stands still while a Worker computes.
    fn now(&self) -> Timestamp {
        // A cast of a float saturates, and the clock is whole and positive.
        Timestamp::from_millis(js_sys::Date::now() as u64)
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), HostError> {
        getrandom::fill(buffer).map_err(|error| HostError {
            operation: "give random bytes".to_owned(),
            reason: error.to_string(),
        })
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()> {
        Box::pin(Timer::after(duration))
    }

    fn fetch(
        &self,
        request: http::Request<Bytes>,
        options: FetchOptions,
    ) -> LocalBoxFuture<'static, Result<http::Response<Bytes>, FetchError>> {
        Box::pin(fetch::fetch(request, options, self.environment.clone()))
    }

    /// Runs `work` beside the request that asks for it. Workers stops it, without dropping it, 30 seconds after the response
    /// has been sent or its caller has left.
    ///
    /// It may be asked for late: when a stream ends, or is dropped because its reader has left. Only once the request and its
    /// work have ended does nothing hold it any more.
    fn after_response(&self, work: LocalBoxFuture<'static, ()>) {
        let done = wasm_bindgen_futures::future_to_promise(async move {
            work.await;
            Ok(JsValue::UNDEFINED)
        });
        // The work has begun in any case; the context may only have ended already.
        let _ = self.context.wait_until(&done);
    }

    fn variable(&self, name: &str) -> LocalBoxFuture<'static, Result<Option<String>, HostError>> {
        let unreadable = |reason: String| HostError {
            operation: format!("read the variable {name}"),
            reason,
        };
        let value = match Reflect::get(&self.environment, &name.into()) {
            Ok(value) if value.is_undefined() => Ok(None),
            Ok(value) => match value.as_string() {
                Some(text) => Ok(Some(text)),
                None => Err(unreadable(
                    "it is bound to something other than text".to_owned(),
                )),
            },
            Err(error) => Err(unreadable(message(&error))),
        };
        Box::pin(std::future::ready(value))
    }

    fn data(
        &self,
        name: DataName<'_>,
    ) -> LocalBoxFuture<'static, io::Result<Option<Rc<dyn Data>>>> {
        Box::pin(std::future::ready(data::open(name)))
    }

    fn document(
        &self,
        place: DocumentPlace<'_>,
        max_bytes: usize,
    ) -> LocalBoxFuture<'static, Result<Option<Bytes>, HostError>> {
        document::read(place, max_bytes, &self.environment)
    }

    fn log(&self, line: &str) {
        log(line);
    }

    fn verify_key(
        &self,
        algorithm: SignatureAlgorithm,
        key: &PublicKey,
    ) -> Option<Rc<dyn VerifyKey>> {
        signature::verify_key(algorithm, key)
    }

    fn sign_key(
        &self,
        algorithm: SigningAlgorithm,
        key: &PrivateKey,
    ) -> Result<Option<Rc<dyn SignKey>>, SignatureError> {
        Ok(Some(signature::sign_key(algorithm, key)))
    }

    fn cache(&self) -> Option<Rc<dyn Cache>> {
        Some(Rc::new(LocationCache))
    }

    fn limiter(&self) -> Option<Rc<dyn Limiter>> {
        Some(Rc::new(Bindings(self.environment.clone())))
    }

    fn outbox(&self) -> Option<Rc<dyn Outbox>> {
        Some(Rc::new(QueueOutbox(self.environment.clone())))
    }

    fn queues(&self) -> Option<Rc<dyn Queues>> {
        Some(Rc::new(QueueBindings(self.environment.clone())))
    }

    fn objects(&self) -> Option<Rc<dyn ObjectStore>> {
        Some(Rc::new(Buckets(self.environment.clone())))
    }
}

/// How many causes of an exception are told.
const MAX_CAUSES: usize = 4;

/// What a JavaScript exception says, with its causes.
pub(crate) fn message(error: &JsValue) -> String {
    let mut sentences: Vec<String> = Vec::new();
    let mut error = error.clone();
    while let Some(cause) = error.dyn_ref::<js_sys::Error>()
        && sentences.len() < MAX_CAUSES
    {
        sentences.push(cause.message().into());
        error = cause.cause();
    }
    if sentences.is_empty() {
        return "an exception without a message".to_owned();
    }
    sentences.join(": ")
}
