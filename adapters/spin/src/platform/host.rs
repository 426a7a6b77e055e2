//! The runtime's outside world, on Spin.

use std::io::{self, Write as _};
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use mcp_edge_runtime::host::{
    Cache, Data, DataName, DocumentPlace, FetchError, FetchOptions, Host, HostError, Limiter,
    Outbox, Timestamp,
};
use spin_sdk::variables;
use spin_sdk::wasip3::{clocks::monotonic_clock, spawn};

use super::cache::StoreCache;
use super::data;
use super::fetch;
use super::limiter::StoreLimiter;
use super::outbox::StoreOutbox;
use super::store;

/// Spin. It keeps nothing: everything it gives comes from the host at the moment it is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spin;

impl Host for Spin {
    fn name(&self) -> &'static str {
        "spin"
    }

    fn now(&self) -> Timestamp {
        now()
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), HostError> {
        getrandom::fill(buffer).map_err(|error| HostError {
            operation: "give random bytes".to_owned(),
            reason: error.to_string(),
        })
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()> {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        Box::pin(monotonic_clock::wait_for(nanos))
    }

    fn fetch(
        &self,
        request: http::Request<Bytes>,
        options: FetchOptions,
    ) -> LocalBoxFuture<'static, Result<http::Response<Bytes>, FetchError>> {
        Box::pin(fetch::fetch(request, options))
    }

    /// Runs `work` beside the request that asks for it, from its next turn on.
    ///
    /// Sending the response does not wait for it, and the instance stays until it has ended: Spin sets no
    /// limit to it unless it was started with one for requests. It is lost when a panic ends the instance
    /// or when Spin stops. Call it while the request or its stream is being served: work belongs to the
    /// task that is running. That includes the moment at which a stream is dropped because its reader has left.
    fn after_response(&self, work: LocalBoxFuture<'static, ()>) {
        spawn(work);
    }

    fn variable(&self, name: &str) -> LocalBoxFuture<'static, Result<Option<String>, HostError>> {
        let name = name.to_owned();
        Box::pin(async move {
            match variables::get(name.to_ascii_lowercase()).await {
                // Spin's only optional variable is one with an empty default.
                Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
                Err(variables::Error::Undefined(_) | variables::Error::InvalidName(_)) => Ok(None),
                Err(variables::Error::Provider(reason) | variables::Error::Other(reason)) => {
                    Err(HostError {
                        operation: format!("read the variable {name}"),
                        reason,
                    })
                }
            }
        })
    }

    fn data(
        &self,
        name: DataName<'_>,
    ) -> LocalBoxFuture<'static, io::Result<Option<Rc<dyn Data>>>> {
        Box::pin(std::future::ready(data::open(name)))
    }

    fn document(
        &self,
        place: DocumentPlace<'_>,
        max_bytes: usize,
    ) -> LocalBoxFuture<'static, Result<Option<Bytes>, HostError>> {
        let DocumentPlace::KeyValue { store, key } = place else {
            return Box::pin(std::future::ready(Err(place.unsupported(self.name()))));
        };
        let (store, key) = (store.to_owned(), key.to_owned());
        Box::pin(async move {
            let read = store::read_document(&store, &key, max_bytes).await;
            Ok(read?.map(Bytes::from))
        })
    }

    fn log(&self, line: &str) {
        // There is nowhere to say that the log itself fails.
        let _ = writeln!(std::io::stdout(), "{line}");
    }

    fn cache(&self) -> Option<Rc<dyn Cache>> {
        Some(Rc::new(StoreCache))
    }

    fn limiter(&self) -> Option<Rc<dyn Limiter>> {
        Some(Rc::new(StoreLimiter))
    }

    fn outbox(&self) -> Option<Rc<dyn Outbox>> {
        Some(Rc::new(StoreOutbox))
    }
}

/// The wall clock.
pub(crate) fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = since_epoch.unwrap_or_default().as_millis();
    Timestamp::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
}
