//! Waiting for JavaScript to call.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use js_sys::Function;
use wasm_bindgen::prelude::*;

/// Completes when JavaScript calls its function.
///
/// Unlike a promise that never settles, it leaves nothing behind when it is dropped. The code that passed the function
/// on takes it back first.
pub(crate) struct Callback {
    state: Rc<RefCell<State>>,
    closure: Closure<dyn FnMut()>,
}

#[derive(Default)]
struct State {
    called: bool,
    waker: Option<Waker>,
}

impl Callback {
    pub(crate) fn new() -> Self {
        let state = Rc::<RefCell<State>>::default();
        let calling = Rc::clone(&state);
        let closure = Closure::new(move || {
            let waker = {
                let mut state = calling.borrow_mut();
                state.called = true;
                state.waker.take()
            };
            if let Some(waker) = waker {
                waker.wake();
            }
        });
        Self { state, closure }
    }

    pub(crate) fn function(&self) -> &Function {
        self.closure.as_ref().unchecked_ref()
    }
}

impl Future for Callback {
    type Output = ();

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<()> {
        let mut state = self.state.borrow_mut();
        if state.called {
            return Poll::Ready(());
        }
        state.waker = Some(task.waker().clone());
        Poll::Pending
    }
}
