//! The key-value store behind the cache, the limiter and the outbox.

use mcp_edge_runtime::host::HostError;
use spin_sdk::key_value::{Error, Store};
use spin_sdk::wasip3::clocks::monotonic_clock;

use crate::rw_lock::{LockGuard, LockMode, RwLock};
use crate::store_error::Reason;

/// A listing has the store to itself; every other operation runs beside its like.
///
/// Spin 4.1 lists the keys of its SQLite store from a thread that holds the store's only connection while it waits for the
/// component to read them, and every other operation waits for that connection by blocking the thread that runs the component.
/// An instance that lists for one request and writes for another would then stop for good.
static TURNS: RwLock = RwLock::new();

/// How long a request waits before it asks again whether the store is free, in nanoseconds.
const PAUSE: u64 = 1_000_000;

async fn turn(kind: LockMode) -> LockGuard<'static> {
    TURNS
        .take(kind, async || monotonic_clock::wait_for(PAUSE).await)
        .await
}

/// The text under `key` in the store `default`; bytes that are no text count as nothing.
pub(crate) async fn read(key: &str) -> Result<Option<String>, HostError> {
    let _turn = turn(LockMode::Shared).await;
    let store = open_default().await?;
    let value = store
        .get(key)
        .await
        .map_err(|error| failed("read from the key-value store", error))?;
    Ok(value.and_then(|bytes| String::from_utf8(bytes).ok()))
}

/// The bytes under `key` in a store, of which there are at most `max_bytes`.
pub(crate) async fn read_document(
    store: &str,
    key: &str,
    max_bytes: usize,
) -> Result<Option<Vec<u8>>, HostError> {
    let operation = format!("read `{key}` from the key-value store `{store}`");
    let _turn = turn(LockMode::Shared).await;
    let store = Store::open(store).await;
    let store = store.map_err(|error| failed(&operation, error))?;
    let value = store.get(key).await;
    match value.map_err(|error| failed(&operation, error))? {
        Some(bytes) if bytes.len() > max_bytes => Err(HostError {
            operation,
            reason: format!("it is longer than {max_bytes} bytes"),
        }),
        value => Ok(value),
    }
}

/// Puts `value` under `key` in the store `default`.
pub(crate) async fn write(key: &str, value: &str) -> Result<(), HostError> {
    let _turn = turn(LockMode::Shared).await;
    let store = open_default().await?;
    store
        .set(key, value)
        .await
        .map_err(|error| failed("write to the key-value store", error))
}

/// Removes what is under `key` in the store `default`, if there is something.
pub(crate) async fn delete(key: &str) -> Result<(), HostError> {
    let _turn = turn(LockMode::Shared).await;
    let store = open_default().await?;
    store
        .delete(key)
        .await
        .map_err(|error| failed("delete from the key-value store", error))
}

/// Shows every key of the store `default` to `see`, in no order. It reads them all at once: other operations wait meanwhile.
pub(crate) async fn list(mut see: impl FnMut(String)) -> Result<(), HostError> {
    let _turn = turn(LockMode::Exclusive).await;
    let store = open_default().await?;
    let mut keys = store.get_keys().await;
    while let Some(key) = keys.next().await {
        see(key);
    }
    keys.result()
        .await
        .map_err(|error| failed("list the key-value store", error))
}

/// Whether the store `default` can be opened; the error says what to change in the manifest.
pub(crate) async fn check() -> Result<(), HostError> {
    let _turn = turn(LockMode::Shared).await;
    open_default().await.map(drop)
}

async fn open_default() -> Result<Store, HostError> {
    Store::open_default()
        .await
        .map_err(|error| failed("open the key-value store `default`", error))
}

fn failed(operation: &str, error: Error) -> HostError {
    let reason = match error {
        Error::AccessDenied => Reason::AccessDenied,
        Error::NoSuchStore => Reason::NoSuchStore,
        Error::StoreTableFull => Reason::StoreTableFull,
        Error::Other(reason) => Reason::Other(reason),
    };
    reason.error(operation)
}
