//! What names the platform and its bindings: compiled for wasm32 only.

mod body;
mod cache;
mod data;
mod fetch;
#[doc(hidden)]
pub mod glue;
mod host;
mod limiter;
mod outbox;
mod request;
mod response;
mod store;

pub use host::Spin;
