//! The outside world of a process.

use std::io;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use mcp_edge_runtime::host::{
    Cache, ConcurrencyPermit, Data, DataName, DocumentPlace, FetchError, FetchOptions, Host,
    HostError, Limiter, Outbox, Timestamp,
};
use mcp_edge_runtime::signature::{
    self, PrivateKey, PublicKey, SignKey, SignatureAlgorithm, SignatureError, SigningAlgorithm,
    VerifyKey,
};

use crate::clock::now;
use crate::data::DataFolder;
use crate::development::EphemeralKeys;
use crate::document;
use crate::fetch::Client;
use crate::log::Log;
use crate::sign::sign_key;
use crate::stores::{FolderOutbox, Semaphore, Stopping, Store};

/// A process, as one of its threads sees it.
pub(crate) struct Native {
    loopback_only: bool,
    client: Client,
    log: Log,
    data: DataFolder,
    cache: Rc<dyn Cache>,
    limiter: Rc<dyn Limiter>,
    places: Semaphore,
    stopping: Stopping,
    outbox: Rc<dyn Outbox>,
    ephemeral_keys: EphemeralKeys,
}

impl Native {
    pub(crate) fn new(loopback_only: bool, shared: Store) -> Self {
        Self {
            loopback_only,
            client: Client::default(),
            log: Log::default(),
            data: DataFolder::from_variable(),
            cache: Rc::new(shared.cache),
            limiter: Rc::new(shared.limiter),
            places: shared.places,
            stopping: shared.stopping,
            outbox: Rc::new(FolderOutbox::from_variable()),
            ephemeral_keys: shared.ephemeral_keys,
        }
    }
}

impl Host for Native {
    fn name(&self) -> &'static str {
        "native"
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
        Box::pin(tokio::time::sleep(duration))
    }

    fn fetch(
        &self,
        request: http::Request<Bytes>,
        options: FetchOptions,
    ) -> LocalBoxFuture<'static, Result<http::Response<Bytes>, FetchError>> {
        Box::pin(self.client.fetch(request, options))
    }

    fn after_response(&self, work: LocalBoxFuture<'static, ()>) {
        tokio::task::spawn_local(work);
    }

    fn works_on(&self) -> bool {
        true
    }

    fn variable(&self, name: &str) -> LocalBoxFuture<'static, Result<Option<String>, HostError>> {
        let value = match std::env::var(name) {
            Ok(value) if !value.trim().is_empty() => Ok(Some(value)),
            Ok(value) => Ok(self.ephemeral_keys.get(name).or(Some(value))),
            Err(std::env::VarError::NotPresent) => Ok(self.ephemeral_keys.get(name)),
            Err(std::env::VarError::NotUnicode(_)) => Err(HostError {
                operation: format!("read the variable {name}"),
                reason: "it is not UTF-8".to_owned(),
            }),
        };
        Box::pin(std::future::ready(value))
    }

    fn data(
        &self,
        name: DataName<'_>,
    ) -> LocalBoxFuture<'static, io::Result<Option<Rc<dyn Data>>>> {
        Box::pin(std::future::ready(self.data.open(name)))
    }

    fn document(
        &self,
        place: DocumentPlace<'_>,
        max_bytes: usize,
    ) -> LocalBoxFuture<'static, Result<Option<Bytes>, HostError>> {
        match place {
            DocumentPlace::File { path } => document::read(path, max_bytes),
            other => Box::pin(std::future::ready(Err(other.unsupported(self.name())))),
        }
    }

    fn log(&self, line: &str) {
        self.log.write(line);
    }

    fn loopback_only(&self) -> bool {
        self.loopback_only
    }

    fn is_stopping(&self) -> bool {
        self.stopping.has_begun()
    }

    fn acquire_permit(&self, limit: usize) -> Option<ConcurrencyPermit> {
        self.places.take(limit)
    }

    fn verify_key(
        &self,
        algorithm: SignatureAlgorithm,
        key: &PublicKey,
    ) -> Option<Rc<dyn VerifyKey>> {
        signature::ring::verify_key(algorithm, key)
    }

    fn sign_key(
        &self,
        algorithm: SigningAlgorithm,
        key: &PrivateKey,
    ) -> Result<Option<Rc<dyn SignKey>>, SignatureError> {
        sign_key(algorithm, key)
    }

    fn cache(&self) -> Option<Rc<dyn Cache>> {
        Some(Rc::clone(&self.cache))
    }

    fn limiter(&self) -> Option<Rc<dyn Limiter>> {
        Some(Rc::clone(&self.limiter))
    }

    fn outbox(&self) -> Option<Rc<dyn Outbox>> {
        Some(Rc::clone(&self.outbox))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_thread_learns_that_the_process_stops() {
        let shared = Store::default();
        let threads = [(); 2].map(|()| Native::new(true, shared.clone()));
        assert!(threads.iter().all(|thread| !thread.is_stopping()));
        shared.stopping.begin();
        assert!(threads.iter().all(Host::is_stopping));
    }
}
