//! Timers.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::callback::Callback;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(handler: &Function, millis: u32) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timeout: &JsValue);
}

/// The longest that JavaScript can wait, in milliseconds; anything longer fires at once.
const MAX_MILLIS: u32 = i32::MAX.unsigned_abs();

/// Completes after a time; dropped before, its timer is taken back.
pub(crate) struct Timer {
    timeout: JsValue,
    fired: Callback,
}

impl Timer {
    pub(crate) fn after(duration: Duration) -> Self {
        // Part of a millisecond counts as a whole one: never early.
        let millis = duration.as_nanos().div_ceil(1_000_000);
        let millis = u32::try_from(millis).unwrap_or(MAX_MILLIS).min(MAX_MILLIS);
        let fired = Callback::new();
        Self {
            timeout: set_timeout(fired.function(), millis),
            fired,
        }
    }
}

impl Future for Timer {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.fired).poll(task)
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.timeout);
    }
}
