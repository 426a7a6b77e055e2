//! A host that costs nothing, so that what is counted is the runtime alone.

use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::{LocalBoxFuture, pending, ready};
use mcp_edge::host::{FetchError, Host, HostError, Timestamp};

/// A key that signs nothing outside this program.
const KEYS: &str = "bench:sign:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU";

pub(crate) struct Free;

impl Host for Free {
    fn name(&self) -> &'static str {
        "bench"
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_secs(1_800_000_000)
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), HostError> {
        buffer.fill(7);
        Ok(())
    }

    fn sleep(&self, _: Duration) -> LocalBoxFuture<'static, ()> {
        pending().boxed_local()
    }

    fn fetch(
        &self,
        _: http::Request<Bytes>,
        _: usize,
    ) -> LocalBoxFuture<'static, Result<http::Response<Bytes>, FetchError>> {
        ready(Err(FetchError::Failed("there is no network".to_owned()))).boxed_local()
    }

    fn after_response(&self, _: LocalBoxFuture<'static, ()>) {}

    fn variable(&self, name: &str) -> LocalBoxFuture<'static, Result<Option<String>, HostError>> {
        let value = (name == "MCP_EDGE_KEYS").then(|| KEYS.to_owned());
        ready(Ok(value)).boxed_local()
    }

    fn log(&self, _: &str) {}
}
