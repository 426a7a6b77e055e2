//! Everything around a server, in memory and in the hands of a test.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{LocalBoxFuture, pending, ready};
use http::{Request, Response};
use serde_json::Value;

use super::capabilities::{CacheEntry, Capabilities, Capability, StoredObject};
use super::clock::Clock;
use super::data::TestData;
use super::sign::rsa_sign_key;
use super::upstream::{Reply, UpstreamRequest, Upstreams};
use crate::host::{
    Cache, ConcurrencyPermit, Data, DataName, FetchError, FetchOptions, Host, HostError, Limiter,
    ObjectStore, Outbox, Queues, SharedHost, Timestamp, yield_now,
};
use crate::signature::{PrivateKey, PrivateKeyNumbers, SignKey, SignatureError, SigningAlgorithm};

/// 2027-01-15T08:00:00Z.
const START: Timestamp = Timestamp::from_secs(1_800_000_000);

/// Keys that sign nothing outside tests.
const KEYS: [(&str, &str); 2] = [
    (
        "MCP_EDGE_KEYS",
        "k1:sign:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    ),
    // "this seed is public and proves 0", in base64.
    (
        "MCP_EDGE_AUDIT_KEYS",
        "e1:sign:UK5h6EH6xOj55AuvKtNuyGiSLqSDaMGPlTXkfbVt1/s=",
    ),
];

/// A [`Host`] in memory, for tests. Clones are the same host.
///
/// - **Clock**: starts at 2027-01-15T08:00:00Z and stands still while code runs. It moves when a test calls
///   [`advance`](Self::advance) or [`set_now`](Self::set_now), and when everything that [`run`](Self::run) runs waits for it: a
///   handler that sleeps for an hour returns at once, an hour later.
/// - **Randomness**: the same bytes in each run; [`seed`](Self::seed) selects others.
/// - **HTTP**: no network. A test scripts replies by URL, and reads the requests afterwards. A request without a reply fails.
/// - **Variables and secrets**: `MCP_EDGE_KEYS` and `MCP_EDGE_AUDIT_KEYS` hold keys for tests, all others are unset.
/// - **Capabilities**: a cache, a rate limiter, an outbox, signatures, and the queues and object stores that a test adds. A
///   signature is the same in each run.
/// - **Data files**: those that a test sets with [`set_data`](Self::set_data).
/// - **Address**: reachable from this machine only, so that a server without an issuer answers;
///   [`set_loopback_only`](Self::set_loopback_only) changes that.
#[derive(Clone)]
pub struct TestHost(Rc<World>);

struct World {
    clock: Rc<Clock>,
    random: Cell<u64>,
    upstreams: Upstreams,
    latency: Cell<Duration>,
    variables: RefCell<BTreeMap<String, String>>,
    data: TestData,
    log: RefCell<Vec<String>>,
    capabilities: Capabilities,
    requests_in_flight: Rc<Cell<usize>>,
    is_loopback_only: Cell<bool>,
    is_stopping: Cell<bool>,
    works_on: Cell<bool>,
}

impl Default for TestHost {
    fn default() -> Self {
        Self::new()
    }
}

impl TestHost {
    /// A host as described above.
    pub fn new() -> Self {
        let clock = Rc::new(Clock::new(START));
        let variables = KEYS.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self(Rc::new(World {
            random: Cell::new(0),
            upstreams: Upstreams::default(),
            latency: Cell::new(Duration::ZERO),
            variables: RefCell::new(variables.into()),
            data: TestData::default(),
            log: RefCell::default(),
            capabilities: Capabilities::new(&clock),
            requests_in_flight: Rc::default(),
            is_loopback_only: Cell::new(true),
            is_stopping: Cell::new(false),
            works_on: Cell::new(false),
            clock,
        }))
    }

    /// The same host without a capability.
    #[must_use]
    pub fn without(self, capability: Capability) -> Self {
        let absent = &self.0.capabilities.absent;
        absent.borrow_mut().insert(capability);
        self
    }

    /// The host as the runtime takes it.
    pub fn shared(&self) -> SharedHost {
        Rc::new(self.clone())
    }

    /// The time of the clock.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Sets the clock. Unlike [`advance`](Self::advance), it may go back, and nothing runs meanwhile.
    pub fn set_now(&self, now: Timestamp) {
        self.0.clock.set(now);
    }

    /// Lets `duration` pass: work in the background that waits for a time within it runs at that time.
    pub fn advance(&self, duration: Duration) {
        self.0.clock.advance(duration);
    }

    /// Selects the sequence of random bytes; the first is that of 0.
    pub fn seed(&self, seed: u64) {
        self.0.random.set(seed);
    }

    /// Runs `task` until it is done, and work in the background alongside. While everything waits for the clock, the clock moves.
    ///
    /// Panics if `task` waits for something that never happens.
    pub fn run<T>(&self, task: impl Future<Output = T>) -> T {
        self.0.clock.run(task)
    }

    /// Runs the work that handlers and the runtime left for after the response, for as long as it takes by the clock, until it is
    /// done or waits for something that never happens.
    pub fn run_after_response(&self) {
        self.0.clock.settle();
    }

    /// Whether no such work is left.
    pub fn is_idle(&self) -> bool {
        self.0.clock.is_idle()
    }

    /// Ends that work, as an edge host does when its time is up: its destructors run.
    pub fn drop_work(&self) {
        self.0.clock.drop_work();
    }

    /// Ends that work as a killed process does: nothing of it runs any more. Leaks its memory.
    pub fn forget_work(&self) {
        self.0.clock.forget_work();
    }

    /// Sets whether that work may go on for as long as the process lives; it may not by default, as at the edge.
    pub fn set_works_on(&self, works_on: bool) {
        self.0.works_on.set(works_on);
    }

    /// Answers every request to `url` with `reply`. A `url` without a query stands for every query. The most recent reply to a
    /// `url` counts.
    ///
    /// Panics if `url` is not absolute.
    pub fn reply(&self, url: &str, reply: impl Into<Reply>) {
        self.0.upstreams.always(url, reply.into());
    }

    /// Answers the next request to `url` with `reply`, before any [`reply`](Self::reply). Several are used in their order.
    ///
    /// Panics if `url` is not absolute.
    pub fn reply_once(&self, url: &str, reply: impl Into<Reply>) {
        self.0.upstreams.once(url, reply.into());
    }

    /// Answers every request to any other URL with what `answer` returns.
    pub fn reply_with(&self, answer: impl Fn(&UpstreamRequest) -> Reply + 'static) {
        self.0.upstreams.otherwise(Rc::new(answer));
    }

    /// Sets how long a request takes to arrive at another server; no time by default. A request that the caller cancels before
    /// does not arrive.
    pub fn set_latency(&self, latency: Duration) {
        self.0.latency.set(latency);
    }

    /// The HTTP requests that arrived, oldest first, whatever the reply.
    pub fn requests(&self) -> Vec<UpstreamRequest> {
        self.0.upstreams.requests.borrow().clone()
    }

    /// Sets a variable or secret, by its name in `SCREAMING_SNAKE_CASE`. The runtime reads its own when the server starts.
    pub fn set_variable(&self, name: &str, value: impl Into<String>) {
        let mut variables = self.0.variables.borrow_mut();
        variables.insert(name.to_owned(), value.into());
    }

    /// Unsets a variable or secret.
    pub fn remove_variable(&self, name: &str) {
        self.0.variables.borrow_mut().remove(name);
    }

    /// Sets a data file of the deployment.
    pub fn set_data(&self, name: &str, bytes: impl Into<Bytes>) {
        self.0.data.set(name, bytes.into());
    }

    /// Removes a data file.
    pub fn remove_data(&self, name: &str) {
        self.0.data.remove(name);
    }

    /// Sets whether no data file can be opened or read.
    pub fn set_data_broken(&self, is_broken: bool) {
        self.0.data.set_broken(is_broken);
    }

    /// The ranges that were read of data files, oldest first.
    pub fn data_reads(&self) -> Vec<(String, Range<u64>)> {
        self.0.data.reads()
    }

    /// The lines of the host's log: audit events of the sink `log`, and warnings.
    pub fn log_lines(&self) -> Vec<String> {
        self.0.log.borrow().clone()
    }

    /// The same, and empties the log.
    pub fn take_log_lines(&self) -> Vec<String> {
        self.0.log.take()
    }

    /// The audit events of the log. They are there if a sink has `type = "log"` in the default format, which is so unless
    /// `mcp.toml` names other sinks.
    pub fn events(&self) -> Vec<Value> {
        let log = self.0.log.borrow();
        let lines = log
            .iter()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines
            .filter(|line| line.get("event").is_some_and(Value::is_string))
            .collect()
    }

    /// Sets whether only this machine can reach the server; it is so by default. Elsewhere a server without an issuer answers
    /// 503 unless `access.public` is set.
    pub fn set_loopback_only(&self, is_loopback_only: bool) {
        self.0.is_loopback_only.set(is_loopback_only);
    }

    /// Sets whether the host has been told to stop.
    pub fn set_stopping(&self, is_stopping: bool) {
        self.0.is_stopping.set(is_stopping);
    }

    /// The entries of the cache that have not expired.
    pub fn cache_entries(&self) -> BTreeMap<String, String> {
        let now = self.0.clock.now();
        let entries = self.0.capabilities.cache.entries.borrow();
        let live = entries.iter().filter(|(_, entry)| now < entry.expires);
        live.map(|(key, entry)| (key.clone(), entry.value.clone()))
            .collect()
    }

    /// Puts an entry into the cache, as another writer could; it does not expire.
    pub fn set_cache_entry(&self, key: &str, value: impl Into<String>) {
        let entry = CacheEntry {
            value: value.into(),
            expires: Timestamp::from_millis(u64::MAX),
        };
        let mut entries = self.0.capabilities.cache.entries.borrow_mut();
        entries.insert(key.to_owned(), entry);
    }

    /// The parcels of events in the outbox, by their keys.
    pub fn outbox_parcels(&self) -> BTreeMap<String, String> {
        self.0.capabilities.outbox.parcels.borrow().clone()
    }

    /// Replaces what is in the outbox.
    pub fn set_outbox_parcels(&self, parcels: BTreeMap<String, String>) {
        self.0.capabilities.outbox.parcels.replace(parcels);
    }

    /// Sets whether every use of the outbox fails.
    pub fn set_outbox_broken(&self, is_broken: bool) {
        self.0.capabilities.outbox.is_broken.set(is_broken);
    }

    /// Limits the size of a parcel in the outbox.
    pub fn set_outbox_max_bytes(&self, max_bytes: usize) {
        let outbox = &self.0.capabilities.outbox;
        outbox.max_bytes.set(Some(max_bytes));
    }

    /// Adds an empty queue under the name of a binding.
    pub fn add_queue(&self, binding: &str) {
        let mut queues = self.0.capabilities.queues.0.borrow_mut();
        queues.entry(binding.to_owned()).or_default();
    }

    /// The messages in a queue, oldest first.
    ///
    /// Panics if there is no such queue.
    pub fn queue_messages(&self, binding: &str) -> Vec<String> {
        let queues = self.0.capabilities.queues.0.borrow();
        let queue = queues.get(binding);
        queue
            .unwrap_or_else(|| panic!("there is no queue `{binding}`; add it with add_queue"))
            .clone()
    }

    /// Adds an empty object store under the name of a binding.
    pub fn add_object_store(&self, binding: &str) {
        let mut stores = self.0.capabilities.objects.0.borrow_mut();
        stores.entry(binding.to_owned()).or_default();
    }

    /// The objects in a store, the most recently stored last.
    ///
    /// Panics if there is no such store.
    pub fn stored_objects(&self, binding: &str) -> Vec<StoredObject> {
        let stores = self.0.capabilities.objects.0.borrow();
        let store = stores.get(binding);
        store
            .unwrap_or_else(|| {
                panic!("there is no object store `{binding}`; add it with add_object_store")
            })
            .clone()
    }

    fn has<T: ?Sized>(&self, capability: Capability, given: Rc<T>) -> Option<Rc<T>> {
        self.0.capabilities.has(capability).then_some(given)
    }
}

impl Host for TestHost {
    /// The runtime's own tests verify by every implementation at once.
    #[cfg(test)]
    fn verify_key(
        &self,
        algorithm: crate::signature::SignatureAlgorithm,
        key: &crate::signature::PublicKey,
    ) -> Option<Rc<dyn crate::signature::VerifyKey>> {
        crate::signature::testing::verify_key(algorithm, key)
    }

    fn name(&self) -> &'static str {
        "test"
    }

    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// SplitMix64.
    fn random(&self, buffer: &mut [u8]) -> Result<(), HostError> {
        for chunk in buffer.chunks_mut(8) {
            let state = self.0.random.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
            self.0.random.set(state);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let bytes = (mixed ^ (mixed >> 31)).to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
        Ok(())
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()> {
        Box::pin(self.0.clock.sleep(duration))
    }

    fn fetch(
        &self,
        request: Request<Bytes>,
        options: FetchOptions,
    ) -> LocalBoxFuture<'static, Result<Response<Bytes>, FetchError>> {
        let host = self.clone();
        Box::pin(async move {
            let latency = host.0.latency.get();
            host.sleep(latency).await;
            let reply = host.0.upstreams.reply(request, host.now());
            host.sleep(reply.after()).await;
            // A network never answers at once.
            if (latency + reply.after()).is_zero() {
                yield_now().await;
            }
            match reply.into_answer(options.max_bytes) {
                Some(answer) => answer,
                None => pending().await,
            }
        })
    }

    fn after_response(&self, work: LocalBoxFuture<'static, ()>) {
        self.0.clock.spawn(work);
    }

    fn works_on(&self) -> bool {
        self.0.works_on.get()
    }

    fn variable(&self, name: &str) -> LocalBoxFuture<'static, Result<Option<String>, HostError>> {
        let value = self.0.variables.borrow().get(name).cloned();
        Box::pin(ready(Ok(value)))
    }

    fn data(
        &self,
        name: DataName<'_>,
    ) -> LocalBoxFuture<'static, io::Result<Option<Rc<dyn Data>>>> {
        Box::pin(ready(self.0.data.open(name.as_str())))
    }

    fn log(&self, line: &str) {
        self.0.log.borrow_mut().push(line.to_owned());
    }

    fn loopback_only(&self) -> bool {
        self.0.is_loopback_only.get()
    }

    fn is_stopping(&self) -> bool {
        self.0.is_stopping.get()
    }

    fn acquire_permit(&self, limit: usize) -> Option<ConcurrencyPermit> {
        let in_flight = Rc::clone(&self.0.requests_in_flight);
        if in_flight.get() >= limit {
            return None;
        }
        in_flight.set(in_flight.get() + 1);
        Some(ConcurrencyPermit::new(move || {
            in_flight.set(in_flight.get() - 1);
        }))
    }

    /// RSA is what only a platform signs with.
    fn sign_key(
        &self,
        algorithm: SigningAlgorithm,
        key: &PrivateKey,
    ) -> Result<Option<Rc<dyn SignKey>>, SignatureError> {
        let has_platform = self.0.capabilities.has(Capability::Signatures);
        if !has_platform || !matches!(key.numbers(), PrivateKeyNumbers::Rsa { .. }) {
            return Ok(None);
        }
        Ok(Some(rsa_sign_key(algorithm, key.pkcs8())?))
    }

    fn cache(&self) -> Option<Rc<dyn Cache>> {
        let cache = Rc::clone(&self.0.capabilities.cache);
        Some(self.has(Capability::Cache, cache)?)
    }

    fn limiter(&self) -> Option<Rc<dyn Limiter>> {
        let limiter = Rc::clone(&self.0.capabilities.limiter);
        Some(self.has(Capability::Limiter, limiter)?)
    }

    fn outbox(&self) -> Option<Rc<dyn Outbox>> {
        let outbox = Rc::clone(&self.0.capabilities.outbox);
        Some(self.has(Capability::Outbox, outbox)?)
    }

    fn queues(&self) -> Option<Rc<dyn Queues>> {
        let queues = Rc::clone(&self.0.capabilities.queues);
        Some(self.has(Capability::Queues, queues)?)
    }

    fn objects(&self) -> Option<Rc<dyn ObjectStore>> {
        let objects = Rc::clone(&self.0.capabilities.objects);
        Some(self.has(Capability::ObjectStore, objects)?)
    }
}
