//! A host in memory and a client for tests. Only with the feature `testing`, which belongs in `[dev-dependencies]`.
//!
//! [`Client`] sends HTTP requests to a server without a network: through the same checks, authentication, policy and audit log as
//! in a deployment. [`TestHost`] is everything around the server: a clock that stands still until the test moves it, random bytes
//! that are the same in each run, scripted answers of other HTTP servers, variables and secrets, and the log.
//!
//! Both belong to one thread and need no async runtime: every call returns when it is done.
// An assertion that fails ends the test, so these panic with a sentence instead of returning an error.
#![allow(
    clippy::panic,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod capabilities;
mod client;
mod clock;
mod data;
mod host;
mod issuer;
mod limiter;
mod message;
pub(crate) mod sign;
mod upstream;

#[cfg(test)]
mod tests;

pub use capabilities::{Capability, StoredObject};
pub use client::{Client, ClientBuilder};
pub use host::TestHost;
pub use issuer::TestIssuer;
pub use message::{CallError, CallResult};
pub use upstream::{Reply, UpstreamRequest};
