//! Callers who leave.

use std::pin::Pin;
use std::task::{Context, Poll};

use web_sys::AbortSignal;

use super::callback::Callback;

/// Completes when the caller of a request has left, where the Worker is told: with the compatibility flag
/// `enable_request_signal`. Without it, it never completes.
pub(crate) struct ClientAbort {
    signal: AbortSignal,
    aborted: Callback,
}

impl ClientAbort {
    pub(crate) fn of(signal: AbortSignal) -> Self {
        let aborted = Callback::new();
        signal.set_onabort(Some(aborted.function()));
        Self { signal, aborted }
    }
}

impl Future for ClientAbort {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<()> {
        if self.signal.aborted() {
            return Poll::Ready(());
        }
        Pin::new(&mut self.aborted).poll(task)
    }
}

impl Drop for ClientAbort {
    fn drop(&mut self) {
        self.signal.set_onabort(None);
    }
}
