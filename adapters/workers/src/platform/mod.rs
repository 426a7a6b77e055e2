//! What names the platform and its bindings: compiled for wasm32 only.

mod binding;
mod cache;
mod call;
mod consume;
mod departure;
mod entrance;
mod fetch;
#[doc(hidden)]
pub mod glue;
mod host;
mod limiter;
mod objects;
mod outbox;
mod queues;
mod read;
mod request;
mod response;
mod timer;

pub use host::Workers;
