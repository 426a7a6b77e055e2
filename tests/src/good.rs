//! A client that behaves, while others attack the server.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use crate::answer::Answer;
use crate::http::{Connection, Endpoint};
use crate::http2::Http2;
use crate::recorder::wait_for;
use crate::request::{Request, modern};

/// Between two requests.
const PAUSE: Duration = Duration::from_millis(50);
/// A client that takes longer than this to send its request may meet a timeout of a server under attack, which is twice as long,
/// or be the one that has been idle for longest: the machine was busy, and the server did as it should.
pub const LATE: Duration = Duration::from_millis(500);
/// How long a request is that a server reads in several pieces. Its answer, which has it twice, fits into the first window of a
/// connection (RFC 9113, 6.9.2) and into the buffers of the system, so that a client on a busy machine delays nothing.
const LARGE: usize = 20_000;

/// Sends one request after the other, over both protocols, until it is dropped.
#[derive(Debug)]
pub struct GoodClient {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    served: AtomicU64,
    stop: AtomicBool,
    failure: Mutex<Option<String>>,
}

impl GoodClient {
    /// Starts to call a server of a tool `repeat` that anyone may call.
    pub fn start(endpoint: Endpoint) -> Self {
        let shared = Arc::new(Shared::default());
        let own = Arc::clone(&shared);
        let thread = thread::spawn(move || own.call(&endpoint));
        Self {
            shared,
            thread: Some(thread),
        }
    }

    /// How many requests were answered so far.
    pub fn served(&self) -> u64 {
        self.shared.served.load(Ordering::Relaxed)
    }

    /// Waits until it has been served after `before`, by a request over each protocol that was not under way then.
    ///
    /// # Panics
    ///
    /// When a request failed.
    #[track_caller]
    pub fn is_served_after(&self, before: u64) {
        wait_for("a good client's answer", || {
            if let Some(failure) = self.failure() {
                panic!("a good client was not served: {failure}");
            }
            (self.served() > before + 3).then_some(())
        });
    }

    /// Why a request was not served, if one was not. Then it sends no more.
    pub fn failure(&self) -> Option<String> {
        let failure = self.shared.failure.lock();
        failure.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for GoodClient {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn call(&self, endpoint: &Endpoint) {
        let small = repeat(10);
        let large = repeat(LARGE);
        let mut turn = 0_u64;
        while !self.stop.load(Ordering::Relaxed) {
            let request = if turn % 3 == 2 { &large } else { &small };
            let start = Instant::now();
            let mut sent_after = None;
            let mut is_sent = || sent_after = Some(start.elapsed());
            let answered = match turn % 2 {
                0 => plain(endpoint, request, &mut is_sent),
                _ => http2(endpoint, request, &mut is_sent),
            };
            match answered {
                Ok(()) => _ = self.served.fetch_add(1, Ordering::Relaxed),
                Err(_) if sent_after.unwrap_or_else(|| start.elapsed()) > LATE => {}
                Err(error) => {
                    let error = format!("request {turn}: {error:#}");
                    let failure = self.failure.lock();
                    *failure.unwrap_or_else(PoisonError::into_inner) = Some(error);
                    return;
                }
            }
            turn += 1;
            thread::sleep(PAUSE);
        }
    }
}

/// A call with so many bytes of arguments, which come back.
pub fn repeat(bytes: usize) -> Request {
    let arguments = json!({ "words": "x".repeat(bytes) });
    let call = json!({ "name": "repeat", "arguments": arguments });
    modern("tools/call", call).client("good")
}

fn plain(endpoint: &Endpoint, request: &Request, is_sent: &mut dyn FnMut()) -> Result<()> {
    let stream = endpoint.sent(request)?;
    is_sent();
    let answer = Answer::read(Connection::read_head(stream)?, request)?;
    ensure!(
        answer.status == 200,
        "{}: {:?}",
        answer.status,
        answer.events
    );
    Ok(())
}

fn http2(endpoint: &Endpoint, request: &Request, is_sent: &mut dyn FnMut()) -> Result<()> {
    let mut connection = Http2::connect_at_once(endpoint)?;
    let stream = connection.begin(request, &[]);
    is_sent();
    let answer = connection.answer(stream?).context("over HTTP/2")?;
    ensure!(answer.status == Some(200), "over HTTP/2: {answer:?}");
    Ok(())
}
