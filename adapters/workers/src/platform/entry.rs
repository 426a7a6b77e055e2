//! How requests come in.

use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::{Either, select};
use http::StatusCode;
use js_sys::{Object, Promise};
use mcp_edge_runtime::Runtime;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;
use web_sys::Request;
use worker::worker_sys::Context;

use super::abort::ClientAbort;
use super::host::Workers;
use super::queue_consumer::{Batch, consume};
use super::{request, response};

/// A body of at most this length, in bytes, is read before the request crosses over from JavaScript, so that
/// most requests cross once.
const SMALL: u32 = 16 << 10;

/// Takes what JavaScript has found out about a request: its head, perhaps its body, and where it came from.
type Answer = dyn Fn(String, Option<Vec<u8>>, Request, Object, Context) -> Result<JsValue, JsValue>;

#[wasm_bindgen(module = "/src/platform/receive.js")]
extern "C" {
    fn receive(
        request: &Request,
        small: u32,
        environment: &Object,
        context: &Context,
        answer: &Closure<Answer>,
    ) -> Promise;
}

/// One for each instance: a function that JavaScript can call costs more to make than a request to answer.
pub struct EntryPoint {
    runtime: Rc<Runtime>,
    answer: Closure<Answer>,
}

impl EntryPoint {
    /// The entrance to `runtime`.
    pub fn new(runtime: Runtime) -> Self {
        let runtime = Rc::new(runtime);
        let own = Rc::clone(&runtime);
        let answer = Closure::new(move |head: String, body, request, environment, context| {
            let host = Workers::new(environment, context);
            answer(Rc::clone(&own), &head, body, request, host)
        });
        Self { runtime, answer }
    }

    /// A promise of the response to `request`.
    pub fn receive(&self, request: &Request, environment: &Object, context: &Context) -> Promise {
        receive(request, SMALL, environment, context, &self.answer)
    }

    /// A promise that what a queue hands out has been seen to.
    pub fn consume(&self, batch: Batch, environment: Object, context: Context) -> Promise {
        let host = Rc::new(Workers::new(environment, context));
        let runtime = Rc::clone(&self.runtime);
        future_to_promise(async move {
            consume(runtime, batch, host).await;
            Ok(JsValue::UNDEFINED)
        })
    }
}

/// The response, or a promise of it if it takes time.
fn answer(
    runtime: Rc<Runtime>,
    head: &str,
    body: Option<Vec<u8>>,
    request: Request,
    host: Workers,
) -> Result<JsValue, JsValue> {
    let received = match request::from_js(head, body, &request) {
        Ok(received) => received,
        Err(unusable) => return response::bare(unusable),
    };
    let mut serving = Box::pin(async move { runtime.serve(received, Rc::new(host)).await });
    // Most answers are there at once and need no task of their own.
    if let Some(response) = serving.as_mut().now_or_never() {
        return response::into_js(response);
    }
    let pending = future_to_promise(async move {
        match select(serving, ClientAbort::of(request.signal())).await {
            Either::Left((response, _)) => response::into_js(response),
            // It has no reader.
            Either::Right(_) => response::bare(StatusCode::REQUEST_TIMEOUT),
        }
    });
    Ok(pending.into())
}
