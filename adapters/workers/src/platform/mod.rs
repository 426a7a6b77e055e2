//! What names the platform and its bindings: compiled for wasm32 only.

mod abort;
mod binding;
mod cache;
mod callback;
mod data;
mod document;
mod entry;
mod fetch;
#[doc(hidden)]
pub mod glue;
mod host;
mod limiter;
mod outbox;
mod queue_consumer;
mod queues;
mod r2;
mod read;
mod request;
mod response;
mod signature;
mod timer;

pub use host::Workers;
