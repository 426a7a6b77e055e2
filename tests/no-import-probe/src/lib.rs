//! The runtime behind a host that gives it nothing.
//!
//! `cargo xtask test --only pure` compiles this to wasm32-unknown-unknown and reads the module's import section, which must
//! be empty: whatever the runtime reached for besides its `Host` would stand there.

use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, pending, ready};
use mcp_edge_runtime::config::{Card, Configuration, Page, Settings};
use mcp_edge_runtime::host::{FetchError, FetchOptions, Host, HostError, Timestamp};
use mcp_edge_runtime::{Runtime, Server};

/// A server without a Server Card and without the page for people, so that nothing of either is linked.
const CONFIGURATION: Configuration = Configuration {
    base: Settings {
        card: Card {
            publish: None,
            ..Settings::DEFAULT.card
        },
        page: Page { publish: None },
        ..Settings::DEFAULT
    },
    environments: &[],
};

/// Serves a request, and returns its status; 0 when the answer has to wait for something.
// An exported name is what makes a linker keep the runtime, and Rust counts it as unsafe.
#[expect(unsafe_code)]
#[unsafe(no_mangle)]
pub extern "C" fn serve() -> u32 {
    let server = Server::builder("com.example/probe", "1.0.0").build();
    let runtime = Runtime::new(server, &CONFIGURATION);
    let request = http::Request::new(Bytes::new().into());
    runtime
        .serve(request, Rc::new(Nothing))
        .now_or_never()
        .map_or(0, |response| response.status().as_u16().into())
}

struct Nothing;

impl Host for Nothing {
    fn name(&self) -> &'static str {
        "nothing"
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_millis(0)
    }

    fn random(&self, _buffer: &mut [u8]) -> Result<(), HostError> {
        Err(HostError {
            operation: "make random bytes".to_owned(),
            reason: "it has none".to_owned(),
        })
    }

    fn sleep(&self, _duration: Duration) -> LocalBoxFuture<'static, ()> {
        pending().boxed_local()
    }

    fn fetch(
        &self,
        _request: http::Request<Bytes>,
        _options: FetchOptions,
    ) -> LocalBoxFuture<'static, Result<http::Response<Bytes>, FetchError>> {
        ready(Err(FetchError::Failed("there is no network".to_owned()))).boxed_local()
    }

    fn after_response(&self, _work: LocalBoxFuture<'static, ()>) {}

    fn variable(&self, _name: &str) -> LocalBoxFuture<'static, Result<Option<String>, HostError>> {
        ready(Ok(None)).boxed_local()
    }

    fn log(&self, _line: &str) {}
}
