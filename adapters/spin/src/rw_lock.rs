//! Turns at what the requests of an instance share, where one use excludes all others.
//!
//! A future cannot wake one of another request: the bindings to WASI that `spin-sdk` 7 builds on do not support it (their feature
//! `inter-task-wakeup` traps on wasmtime 48). Requests that wait therefore ask again after a pause of their own. Turns are taken
//! in the order in which they were asked for.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The uses in progress and the queue. An instance has one thread, so the mutex never blocks.
pub(crate) struct RwLock(Mutex<State>);

struct State {
    /// Tickets of waiting requests, in their order.
    waiting: VecDeque<(u64, LockMode)>,
    next_ticket: u64,
    shared: usize,
    is_exclusive: bool,
}

/// How something is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LockMode {
    /// Beside other such uses.
    Shared,
    /// Beside none.
    Exclusive,
}

/// A turn, or a place in the queue for one; dropping it gives it up.
pub(crate) struct LockGuard<'a> {
    turns: &'a RwLock,
    ticket: u64,
    kind: LockMode,
    has_begun: bool,
}

impl RwLock {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(State {
            waiting: VecDeque::new(),
            next_ticket: 0,
            shared: 0,
            is_exclusive: false,
        }))
    }

    /// Waits for a turn, and for `pause` between one look and the next.
    pub(crate) async fn take(&self, kind: LockMode, pause: impl AsyncFn()) -> LockGuard<'_> {
        let mut turn = self.queue(kind);
        while !turn.begin() {
            pause().await;
        }
        turn
    }

    fn queue(&self, kind: LockMode) -> LockGuard<'_> {
        let mut state = self.state();
        let ticket = state.next_ticket;
        state.next_ticket = ticket.wrapping_add(1);
        state.waiting.push_back((ticket, kind));
        LockGuard {
            turns: self,
            ticket,
            kind,
            has_begun: false,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Whole changes are made under the lock, so that what a panic left behind is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LockGuard<'_> {
    /// Begins the turn unless it excludes a use in progress, or an earlier request in the queue.
    fn begin(&mut self) -> bool {
        let mut state = self.turns.state();
        let excludes =
            |other: LockMode| self.kind == LockMode::Exclusive || other == LockMode::Exclusive;
        let mut before = state
            .waiting
            .iter()
            .take_while(|(ticket, _)| *ticket != self.ticket);
        let is_free = !state.is_exclusive
            && (state.shared == 0 || self.kind == LockMode::Shared)
            && !before.any(|(_, other)| excludes(*other));
        if is_free {
            state.waiting.retain(|(ticket, _)| *ticket != self.ticket);
            match self.kind {
                LockMode::Shared => state.shared = state.shared.saturating_add(1),
                LockMode::Exclusive => state.is_exclusive = true,
            }
            self.has_begun = true;
        }
        is_free
    }
}

impl Drop for LockGuard<'_> {
    fn drop(&mut self) {
        let mut state = self.turns.state();
        match (self.has_begun, self.kind) {
            (false, _) => state.waiting.retain(|(ticket, _)| *ticket != self.ticket),
            (true, LockMode::Shared) => state.shared = state.shared.saturating_sub(1),
            (true, LockMode::Exclusive) => state.is_exclusive = false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn an_exclusive_turn_is_alone() {
        let turns = RwLock::new();
        let (mut one, mut other) = (turns.queue(LockMode::Shared), turns.queue(LockMode::Shared));
        assert!(other.begin() && one.begin());
        let mut alone = turns.queue(LockMode::Exclusive);
        assert!(!alone.begin());
        drop(one);
        assert!(!alone.begin());
        drop(other);
        assert!(alone.begin());
        let (mut next, mut shared) = (
            turns.queue(LockMode::Exclusive),
            turns.queue(LockMode::Shared),
        );
        assert!(!next.begin() && !shared.begin());
        drop(alone);
        assert!(!shared.begin());
        assert!(next.begin());
    }

    #[test]
    fn turns_are_taken_in_their_order() {
        let turns = RwLock::new();
        let mut first = turns.queue(LockMode::Shared);
        assert!(first.begin());
        let mut alone = turns.queue(LockMode::Exclusive);
        let (mut after, mut later) = (turns.queue(LockMode::Shared), turns.queue(LockMode::Shared));
        // Otherwise shared uses could starve an exclusive one.
        assert!(!after.begin());
        drop(first);
        assert!(!later.begin());
        assert!(alone.begin());
        drop(alone);
        assert!(later.begin() && after.begin());
    }

    #[test]
    fn a_dropped_place_blocks_no_later_turn() {
        let turns = RwLock::new();
        let mut first = turns.queue(LockMode::Shared);
        assert!(first.begin());
        let given_up = turns.queue(LockMode::Exclusive);
        let mut after = turns.queue(LockMode::Shared);
        assert!(!after.begin());
        drop(given_up);
        assert!(after.begin());
    }

    #[test]
    fn a_waiter_waits_until_its_turn() {
        // Pending once: then it is time to look again.
        let pause = async || {
            let mut has_waited = false;
            poll_fn(|_| match std::mem::replace(&mut has_waited, true) {
                true => Poll::Ready(()),
                false => Poll::Pending,
            })
            .await;
        };
        let turns = RwLock::new();
        let turn = turns.take(LockMode::Exclusive, pause).now_or_never();
        assert!(turn.is_some());
        let mut cx = Context::from_waker(Waker::noop());
        let mut waiting = pin!(turns.take(LockMode::Shared, pause));
        for _ in 0..9 {
            assert!(waiting.as_mut().poll(&mut cx).is_pending());
        }
        drop(turn);
        assert!(waiting.as_mut().poll(&mut cx).is_ready());
    }
}
