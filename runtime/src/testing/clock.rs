//! A clock that a test moves, and the tasks that wait for it.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use futures_util::future::LocalBoxFuture;

use crate::host::Timestamp;

/// The clock, and an executor whose tasks cannot tell that no time passes while they run.
pub(super) struct Clock {
    millis: Cell<u64>,
    timers: RefCell<BTreeMap<(u64, u64), Waker>>,
    next_timer: Cell<u64>,
    /// Work alongside and after requests.
    work: RefCell<VecDeque<LocalBoxFuture<'static, ()>>>,
}

impl Clock {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            millis: Cell::new(now.as_millis()),
            timers: RefCell::default(),
            next_timer: Cell::new(0),
            work: RefCell::default(),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.millis.get())
    }

    /// Moves the clock, and wakes the timers that are due.
    pub(super) fn set(&self, now: Timestamp) {
        self.millis.set(now.as_millis());
        let later = self
            .timers
            .borrow_mut()
            .split_off(&(now.as_millis().saturating_add(1), 0));
        for waker in self.timers.replace(later).into_values() {
            waker.wake();
        }
    }

    pub(super) fn sleep(self: &Rc<Self>, duration: Duration) -> Sleep {
        let number = self.next_timer.get();
        self.next_timer.set(number + 1);
        Sleep {
            clock: Rc::clone(self),
            key: (self.now().after(duration).as_millis(), number),
        }
    }

    pub(super) fn spawn(&self, work: LocalBoxFuture<'static, ()>) {
        self.work.borrow_mut().push_back(work);
    }

    /// Runs `task` and the work until `task` is done. The clock moves to the next timer whenever nothing else can run.
    pub(super) fn run<T>(&self, task: impl Future<Output = T>) -> T {
        let mut task = std::pin::pin!(task);
        loop {
            let done = self.turn(|context| match task.as_mut().poll(context) {
                Poll::Ready(done) => Some(done),
                Poll::Pending => None,
            });
            if let Some(done) = done {
                return done;
            }
            assert!(
                self.move_to_next_timer(),
                "the test waits for something that never happens: an upstream that is silent, or a future that the TestHost does not \
                 run"
            );
        }
    }

    /// Runs the work until it is done or waits for something else than the clock.
    pub(super) fn settle(&self) {
        loop {
            self.turn(|_| None::<()>);
            if self.is_idle() || !self.move_to_next_timer() {
                return;
            }
        }
    }

    /// Lets `duration` pass, and runs the work that it wakes.
    pub(super) fn advance(&self, duration: Duration) {
        let end = self.now().after(duration);
        loop {
            self.turn(|_| None::<()>);
            match self.next_due() {
                Some(due) if due <= end => self.set(due),
                _ => return self.set(end),
            }
        }
    }

    pub(super) fn is_idle(&self) -> bool {
        self.work.borrow().is_empty()
    }

    pub(super) fn drop_work(&self) {
        self.work.take();
    }

    pub(super) fn forget_work(&self) {
        std::mem::forget(self.work.take());
        // No forgotten task may move the clock.
        self.timers.borrow_mut().clear();
    }

    /// Polls everything until it waits for the clock.
    fn turn<T>(&self, mut poll: impl FnMut(&mut Context<'_>) -> Option<T>) -> Option<T> {
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let mut context = Context::from_waker(&waker);
        loop {
            woken.0.store(false, Ordering::Relaxed);
            if let Some(done) = poll(&mut context) {
                return Some(done);
            }
            // Work that is added meanwhile has its turn afterwards.
            for mut work in self.work.take() {
                match work.as_mut().poll(&mut context) {
                    Poll::Ready(()) => woken.0.store(true, Ordering::Relaxed),
                    Poll::Pending => self.work.borrow_mut().push_back(work),
                }
            }
            if !woken.0.load(Ordering::Relaxed) {
                return None;
            }
        }
    }

    fn next_due(&self) -> Option<Timestamp> {
        let timers = self.timers.borrow();
        timers
            .keys()
            .next()
            .map(|(due, _)| Timestamp::from_millis(*due))
    }

    fn move_to_next_timer(&self) -> bool {
        let due = self.next_due();
        due.map(|due| self.set(due)).is_some()
    }
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Completes at a time of the clock.
pub(super) struct Sleep {
    clock: Rc<Clock>,
    key: (u64, u64),
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.clock.millis.get() >= self.key.0 {
            return Poll::Ready(());
        }
        let mut timers = self.clock.timers.borrow_mut();
        timers.insert(self.key, context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.clock.timers.borrow_mut().remove(&self.key);
    }
}
