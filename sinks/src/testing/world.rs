//! A host whose clock moves only when nothing else can, with a receiver that does what a test tells it to.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{FutureExt as _, LocalBoxFuture, pending, ready};
use http::{Request, Response};
use mcp_edge_runtime::host::{
    FetchError, Host, HostError, ObjectStore, Outbox, Queues, SharedHost, Timestamp,
};
use serde_json::{Value, json};

use super::NOW;

/// What the receiver does with one request.
#[derive(Clone)]
pub(crate) enum Reply {
    /// Takes it, and says so.
    Accept,
    /// Says this, and takes nothing.
    Say(u16, &'static [(&'static str, &'static str)], &'static str),
    /// Says this to a request of which it takes the events at these places.
    Take(&'static [usize], u16, &'static str),
    /// Answers for each event, with these statuses in turn, and takes those with 201.
    Each(Vec<u16>),
    /// Takes it, and the connection breaks before it can say so.
    AcceptAndBreak,
    /// Cannot be reached.
    Unreachable,
    /// Never answers.
    Silent,
}

/// Everything outside the instances of a test.
pub(crate) struct World {
    millis: Cell<u64>,
    drawn: Cell<u64>,
    timers: RefCell<BTreeMap<(u64, u64), ()>>,
    work: RefCell<VecDeque<LocalBoxFuture<'static, ()>>>,
    variables: RefCell<BTreeMap<String, String>>,
    replies: RefCell<VecDeque<Reply>>,
    /// What it does when `replies` are used up.
    otherwise: RefCell<Reply>,
    /// Bodies of all requests, and when they came.
    requests: RefCell<Vec<(Timestamp, String)>>,
    /// Lines that the receiver has.
    received: RefCell<Vec<String>>,
    logged: RefCell<Vec<String>>,
    pub(crate) outbox: Shelf,
    /// How long the receiver takes to answer.
    pub(crate) latency: Cell<Duration>,
    /// Whether what runs after the response may continue permanently.
    pub(crate) works_on: Cell<bool>,
}

/// The outbox.
#[derive(Clone, Default)]
pub(crate) struct Shelf {
    pub(crate) parcels: Rc<RefCell<BTreeMap<String, String>>>,
    pub(crate) is_broken: Rc<Cell<bool>>,
    longest: Rc<Cell<Option<usize>>>,
}

impl World {
    pub(crate) fn new() -> Rc<Self> {
        Rc::new(Self {
            millis: Cell::new(NOW.as_millis()),
            drawn: Cell::new(0),
            timers: RefCell::default(),
            work: RefCell::default(),
            variables: RefCell::default(),
            replies: RefCell::default(),
            otherwise: RefCell::new(Reply::Accept),
            requests: RefCell::default(),
            received: RefCell::default(),
            logged: RefCell::default(),
            outbox: Shelf::default(),
            latency: Cell::default(),
            works_on: Cell::new(false),
        })
    }

    pub(crate) fn set(&self, variable: &str, value: &str) {
        let mut variables = self.variables.borrow_mut();
        variables.insert(variable.to_owned(), value.to_owned());
    }

    /// Has the receiver do this with every request from now on.
    pub(crate) fn always(&self, reply: Reply) {
        self.replies.borrow_mut().clear();
        self.otherwise.replace(reply);
    }

    /// Has the receiver do this with the next requests, and accept those after them.
    pub(crate) fn script(&self, replies: impl IntoIterator<Item = Reply>) {
        self.script_then(replies, Reply::Accept);
    }

    /// Has the receiver do this with the next requests, and `otherwise` with those after them.
    pub(crate) fn script_then(&self, replies: impl IntoIterator<Item = Reply>, otherwise: Reply) {
        self.replies.replace(replies.into_iter().collect());
        self.otherwise.replace(otherwise);
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.millis.get())
    }

    /// How many requests the receiver got, whatever the result.
    pub(crate) fn requests(&self) -> usize {
        self.requests.borrow().len()
    }

    /// When each of them came, counted from the first.
    pub(crate) fn pauses(&self) -> Vec<Duration> {
        let requests = self.requests.borrow();
        let pairs = requests.windows(2);
        pairs.map(|pair| pair[1].0.since(pair[0].0)).collect()
    }

    /// The events that the receiver has, in the order that they came in, repetitions included.
    pub(crate) fn received(&self) -> Vec<Value> {
        let received = self.received.borrow();
        let lines = received.iter().map(|line| serde_json::from_str(line));
        lines.collect::<Result<_, _>>().unwrap()
    }

    /// Lines of the host's log.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.logged.borrow().clone()
    }

    pub(crate) fn logged(&self, part: &str) -> usize {
        let logged = self.logged.borrow();
        logged.iter().filter(|line| line.contains(part)).count()
    }

    /// The world as one request sees it.
    pub(crate) fn host(self: &Rc<Self>) -> SharedHost {
        Rc::new(Here(Rc::clone(self)))
    }

    /// Runs `task`, and alongside what was left for after the response, until `task` is done.
    pub(crate) fn run<T>(&self, task: impl Future<Output = T>) -> T {
        let mut task = Box::pin(task);
        loop {
            let done = self.turn(|context| match task.as_mut().poll(context) {
                Poll::Ready(done) => Some(done),
                Poll::Pending => None,
            });
            if let Some(done) = done {
                return done;
            }
            assert!(self.advance(), "nothing moves any more");
        }
    }

    /// Runs what was left for after the response, for as long as it takes.
    pub(crate) fn settle(&self) {
        loop {
            self.turn(|_| None::<()>);
            if self.work.borrow().is_empty() || !self.advance() {
                return;
            }
        }
    }

    /// Lets the time pass, and what is to run in it run.
    pub(crate) fn pass(&self, time: Duration) {
        let end = self.now().after(time);
        loop {
            self.turn(|_| None::<()>);
            let next = self.timers.borrow().keys().next().map(|(due, _)| *due);
            match next {
                Some(due) if due <= end.as_millis() => self.millis.set(due),
                _ => {
                    self.millis.set(end.as_millis());
                    return;
                }
            }
        }
    }

    /// Stops what was left for after the response; if `drop` is false it is never dropped.
    pub(crate) fn kill(&self, drop: bool) {
        let work = self.work.take();
        if !drop {
            std::mem::forget(work);
            self.timers.borrow_mut().clear();
        }
    }

    /// Whether anything is left to run.
    pub(crate) fn is_idle(&self) -> bool {
        self.work.borrow().is_empty()
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
            // What is added meanwhile has its turn afterwards.
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

    /// Moves the clock to the next time that a task waits for.
    fn advance(&self) -> bool {
        let next = self.timers.borrow().keys().next().map(|(due, _)| *due);
        next.map(|due| self.millis.set(due)).is_some()
    }

    fn draw(&self) -> u64 {
        self.drawn.set(self.drawn.get() + 1);
        self.drawn.get()
    }

    fn reply(&self, request: &Request<Bytes>) -> Option<Result<Response<Bytes>, FetchError>> {
        let body = String::from_utf8(request.body().to_vec()).unwrap();
        self.requests.borrow_mut().push((self.now(), body.clone()));
        let reply = self.replies.borrow_mut().pop_front();
        let broken = || Err(FetchError::Failed("the connection broke".to_owned()));
        // The lines of a bulk request between those that say what to do with them.
        let lines = body.lines().filter(|line| !line.starts_with("{\"create\""));
        let lines: Vec<_> = lines.map(str::to_owned).collect();
        let answer = |status: u16, headers: &[(&'static str, &'static str)], body| {
            let mut answer = super::answer(status, body);
            for (name, value) in headers {
                let value = value.parse().unwrap();
                answer.headers_mut().insert(*name, value);
            }
            Ok(answer)
        };
        let mut received = self.received.borrow_mut();
        Some(
            match reply.unwrap_or_else(|| self.otherwise.borrow().clone()) {
                Reply::Accept => {
                    let items = vec![json!({ "create": { "status": 201 } }); lines.len()];
                    received.extend(lines);
                    let items = json!({ "items": items }).to_string();
                    answer(200, &[], "").map(|answer| answer.map(|_| items.into()))
                }
                Reply::Say(status, headers, body) => answer(status, headers, body),
                Reply::Take(places, status, body) => {
                    received.extend(places.iter().map(|place| lines[*place].clone()));
                    answer(status, &[], body)
                }
                Reply::Each(statuses) => {
                    let mut items = Vec::new();
                    for (line, status) in lines.into_iter().zip(statuses.into_iter().cycle()) {
                        items.push(json!({ "create": { "status": status } }));
                        received.extend((status == 201).then_some(line));
                    }
                    let items = json!({ "items": items }).to_string();
                    answer(200, &[], "").map(|answer| answer.map(|_| items.into()))
                }
                Reply::AcceptAndBreak => {
                    received.extend(lines);
                    broken()
                }
                Reply::Unreachable => broken(),
                Reply::Silent => return None,
            },
        )
    }
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

struct Timer {
    world: Rc<World>,
    key: (u64, u64),
}

impl Future for Timer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.world.millis.get() >= self.key.0 {
            return Poll::Ready(());
        }
        self.world.timers.borrow_mut().insert(self.key, ());
        Poll::Pending
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.world.timers.borrow_mut().remove(&self.key);
    }
}

struct Here(Rc<World>);

impl Host for Here {
    fn name(&self) -> &'static str {
        "test"
    }

    fn now(&self) -> Timestamp {
        self.0.now()
    }

    /// Never the same twice.
    fn random(&self, buffer: &mut [u8]) -> Result<(), HostError> {
        for chunk in buffer.chunks_mut(16) {
            let drawn = u128::from(self.0.draw()).to_be_bytes();
            let length = chunk.len();
            chunk.copy_from_slice(&drawn[16 - length..]);
        }
        Ok(())
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()> {
        let due = self.now().after(duration).as_millis();
        let timer = Timer {
            key: (due, self.0.draw()),
            world: Rc::clone(&self.0),
        };
        // Timers that are gone must not hold the clock up.
        let world = Rc::clone(&self.0);
        async move {
            timer.await;
            world
                .timers
                .borrow_mut()
                .retain(|(at, _), ()| *at > world.millis.get());
        }
        .boxed_local()
    }

    fn fetch(
        &self,
        request: Request<Bytes>,
        _: usize,
    ) -> LocalBoxFuture<'static, Result<Response<Bytes>, FetchError>> {
        let latency = self.0.latency.get();
        let sleep = (!latency.is_zero()).then(|| self.sleep(latency));
        let world = Rc::clone(&self.0);
        async move {
            if let Some(sleep) = sleep {
                sleep.await;
            }
            match world.reply(&request) {
                Some(answer) => answer,
                None => pending().await,
            }
        }
        .boxed_local()
    }

    fn after_response(&self, work: LocalBoxFuture<'static, ()>) {
        self.0.work.borrow_mut().push_back(work);
    }

    fn works_on(&self) -> bool {
        self.0.works_on.get()
    }

    fn variable(&self, name: &str) -> LocalBoxFuture<'static, Result<Option<String>, HostError>> {
        ready(Ok(self.0.variables.borrow().get(name).cloned())).boxed_local()
    }

    fn log(&self, line: &str) {
        self.0.logged.borrow_mut().push(line.to_owned());
    }

    fn outbox(&self) -> Option<Rc<dyn Outbox>> {
        Some(Rc::new(self.0.outbox.clone()))
    }

    fn queues(&self) -> Option<Rc<dyn Queues>> {
        Some(Rc::new(Bound(Rc::clone(&self.0))))
    }

    fn objects(&self) -> Option<Rc<dyn ObjectStore>> {
        Some(Rc::new(Bound(Rc::clone(&self.0))))
    }
}

impl Shelf {
    pub(crate) fn len(&self) -> usize {
        self.parcels.borrow().len()
    }

    pub(crate) fn holds_at_most(&self, bytes: usize) {
        self.longest.set(Some(bytes));
    }

    fn whole<T: 'static>(&self, done: T) -> LocalBoxFuture<'static, Result<T, HostError>> {
        let broken = self.is_broken.get().then(|| HostError {
            operation: "use the outbox".to_owned(),
            reason: "it is broken".to_owned(),
        });
        ready(broken.map_or(Ok(done), Err)).boxed_local()
    }
}

impl Outbox for Shelf {
    fn check(&self) -> LocalBoxFuture<'static, Result<(), HostError>> {
        self.whole(())
    }

    fn longest(&self) -> usize {
        self.longest.get().unwrap_or(usize::MAX)
    }

    fn put(&self, key: &str, parcel: String) -> LocalBoxFuture<'static, Result<(), HostError>> {
        assert!(parcel.len() <= self.longest(), "{} bytes", parcel.len());
        if !self.is_broken.get() {
            self.parcels.borrow_mut().insert(key.to_owned(), parcel);
        }
        self.whole(())
    }

    fn keys(
        &self,
        prefix: &str,
        most: usize,
    ) -> LocalBoxFuture<'static, Result<Vec<String>, HostError>> {
        let parcels = self.parcels.borrow();
        let keys = parcels.keys().filter(|key| key.starts_with(prefix));
        self.whole(keys.take(most).cloned().collect())
    }

    fn get(&self, key: &str) -> LocalBoxFuture<'static, Result<Option<String>, HostError>> {
        self.whole(self.parcels.borrow().get(key).cloned())
    }

    fn remove(&self, key: &str) -> LocalBoxFuture<'static, Result<(), HostError>> {
        self.parcels.borrow_mut().remove(key);
        self.whole(())
    }
}

/// A queue and a store of objects, both called `EVENTS`, which the receiver reads.
struct Bound(Rc<World>);

impl Bound {
    fn check(&self, binding: &str) -> LocalBoxFuture<'static, Result<(), HostError>> {
        let known = (binding == "EVENTS")
            .then_some(())
            .ok_or_else(|| HostError {
                operation: format!("use the binding {binding}"),
                reason: "there is none of that name".to_owned(),
            });
        ready(known).boxed_local()
    }
}

impl Queues for Bound {
    fn check(&self, binding: &'static str) -> LocalBoxFuture<'static, Result<(), HostError>> {
        Bound::check(self, binding)
    }

    fn send(
        &self,
        _: &'static str,
        messages: Vec<String>,
    ) -> LocalBoxFuture<'static, Result<(), HostError>> {
        self.0.received.borrow_mut().extend(messages);
        ready(Ok(())).boxed_local()
    }
}

impl ObjectStore for Bound {
    fn check(&self, binding: &'static str) -> LocalBoxFuture<'static, Result<(), HostError>> {
        Bound::check(self, binding)
    }

    fn put(
        &self,
        _: &'static str,
        _: &str,
        _: &'static str,
        bytes: Bytes,
    ) -> LocalBoxFuture<'static, Result<(), HostError>> {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let lines = text.lines().map(str::to_owned);
        self.0.received.borrow_mut().extend(lines);
        ready(Ok(())).boxed_local()
    }
}
