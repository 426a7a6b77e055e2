//! Mixed load: good clients, refusals, and clients that leave, stall or attack.

use std::io::Write as _;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Result, ensure};
use mcp_edge_tests::good::{GoodClient, repeat};
use mcp_edge_tests::http2::{Frame, Http2, headers, kind};
use mcp_edge_tests::{Endpoint, Request, modern};
use serde_json::json;

/// How many good clients there are.
const GOOD: usize = 6;
/// Between two steps of a client that is not good.
const PAUSE: Duration = Duration::from_millis(50);
/// How long a client that does not read holds its connections.
const STALL: Duration = Duration::from_secs(3);
const CANCEL: u32 = 8;

/// Everything that calls the server. Dropping it ends them all.
pub(crate) struct Load {
    good: Vec<GoodClient>,
    others: Vec<JoinHandle<()>>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    refused: AtomicU64,
    failure: Mutex<Option<String>>,
}

impl Load {
    pub(crate) fn start(endpoint: &Endpoint) -> Self {
        let shared = Arc::<Shared>::default();
        let start = |step: fn(&Endpoint, u64) -> Result<u64>, must_succeed: bool| {
            let (own, endpoint) = (Arc::clone(&shared), endpoint.clone());
            thread::spawn(move || own.repeat(&endpoint, step, must_succeed))
        };
        Self {
            good: (0..GOOD)
                .map(|_| GoodClient::start(endpoint.clone()))
                .collect(),
            others: vec![
                start(refuse, true),
                start(stall, false),
                start(stall_over_http2, false),
                start(leave, false),
                start(stay_silent, false),
                start(reset, false),
            ],
            shared,
        }
    }

    /// How many requests were answered, refusals among them.
    pub(crate) fn served(&self) -> u64 {
        let good: u64 = self.good.iter().map(GoodClient::served).sum();
        good + self.shared.refused.load(Ordering::Relaxed)
    }

    /// What a good client, or one that is to be refused, did not get.
    pub(crate) fn failure(&self) -> Option<String> {
        let good = self.good.iter().find_map(GoodClient::failure);
        good.or_else(|| self.shared.failure().clone())
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        for thread in self.others.drain(..) {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn failure(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn repeat(
        &self,
        endpoint: &Endpoint,
        step: fn(&Endpoint, u64) -> Result<u64>,
        must_succeed: bool,
    ) {
        let mut turn = 0;
        while !self.stop.load(Ordering::Relaxed) {
            match step(endpoint, turn) {
                Ok(answers) => _ = self.refused.fetch_add(answers, Ordering::Relaxed),
                Err(error) if must_succeed => {
                    *self.failure() = Some(format!("{error:#}"));
                    return;
                }
                Err(_) => {}
            }
            turn += 1;
            thread::sleep(PAUSE);
        }
    }
}

/// One early refusal, of a small body or a large one.
fn refuse(endpoint: &Endpoint, turn: u64) -> Result<u64> {
    let bytes = if turn.is_multiple_of(2) { 160 } else { 60_000 };
    let request = repeat(bytes);
    let (request, status) = match turn % 5 {
        0 => (request.bearer("not-a-token"), 401),
        1 => (request.header("Origin", "https://attacker.example"), 403),
        2 => (request.path("/nothing"), 404),
        3 => (request.header("Accept", "text/html"), 406),
        _ => (request.header("Content-Type", "text/plain"), 415),
    };
    let answer = endpoint.try_send(&request)?;
    ensure!(
        answer.status == status,
        "{} in place of {status}",
        answer.status
    );
    Ok(1)
}

/// A stream of more than the buffers of a connection hold.
fn large() -> Request {
    let arguments = json!({ "reports": 10_000, "bytes": 10_000, "pause_millis": 0 });
    let call = json!({ "name": "report", "arguments": arguments });
    modern("tools/call", call).meta("progressToken", json!("reports"))
}

fn stall(endpoint: &Endpoint, _: u64) -> Result<u64> {
    let connections: Result<Vec<_>> = (0..5).map(|_| endpoint.open(&large())).collect();
    thread::sleep(STALL);
    connections.map(|_| 0)
}

fn stall_over_http2(endpoint: &Endpoint, _: u64) -> Result<u64> {
    let mut connection = Http2::connect_with(endpoint, 0)?;
    for _ in 0..5 {
        connection.begin(&large(), &[])?;
    }
    thread::sleep(STALL);
    Ok(0)
}

/// Hangs up in a head, in a body, and in an answer.
fn leave(endpoint: &Endpoint, turn: u64) -> Result<u64> {
    if turn.is_multiple_of(3) {
        let mut connection = endpoint.open(&large())?;
        connection.next_event()?;
        return Ok(0);
    }
    let (head, body) = endpoint.write(&repeat(1_000), "keep-alive");
    let whole = [head, body].concat();
    let part = if turn % 3 == 1 { 50 } else { whole.len() - 50 };
    endpoint.connect()?.write_all(&whole[..part])?;
    Ok(0)
}

fn stay_silent(endpoint: &Endpoint, _: u64) -> Result<u64> {
    let connections: Result<Vec<_>> = (0..20).map(|_| endpoint.connect()).collect();
    thread::sleep(STALL);
    connections.map(|_| 0)
}

/// Requests that their client takes back at once.
fn reset(endpoint: &Endpoint, _: u64) -> Result<u64> {
    let mut connection = Http2::connect(endpoint)?;
    let head = connection.head(&repeat(10), &[]);
    for _ in 0..20 {
        let stream = connection.reserve();
        connection.send(&headers(stream, &head, true))?;
        let reset = Frame::new(kind::RST_STREAM, CANCEL.to_be_bytes());
        connection.send(&[reset.of(stream, 0)])?;
    }
    Ok(0)
}
