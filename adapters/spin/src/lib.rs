//! Runs an mcp-edge server as a Spin component.
//!
//! [`serve!`] exports `wasi:http/handler@0.3.0`, which Spin 4.1 and later run. What holds there:
//!
//! - **One instance serves many requests**, up to 16 of them at once and 128 in all, and is dropped after a
//!   second without any. What an instance keeps is a cache under load and nothing else.
//! - **A panic ends the instance**: every request in it ends, and a stream that had begun ends cleanly, with
//!   status 200, so that a caller sees only that its last message is missing.
//! - **A caller who leaves is noticed by the next write.** The stream behind a response is then dropped; an
//!   answer that has not begun is computed to its end.
//! - **Variables** are Spin variables in lower case: `MCP_EDGE_KEYS` is `mcp_edge_keys` in the component's
//!   `[component.<id>.variables]`. Spin knows no optional variable except one with an empty default, so an
//!   empty value counts as not set.
//! - **Data files** are the component's files in `/data`: `files = [{ source = "data", destination = "/data" }]`.
//! - **The cache, the rate limiter and the outbox** are the key-value store `default`, where the component has
//!   `key_value_stores = ["default"]`. Counting is approximate; running calls cannot be counted. What an instance kept in
//!   the outbox is sent by whichever instance next has an event for the same sink.
//! - **Work after the response** keeps its instance alive, for as long as it takes, and is lost when that panics or Spin
//!   stops.
//! - **A client's address** is what Spin says in the last `spin-client-addr`.
//! - **Signatures** are verified and made by code in the component, since Spin has none. A handler cannot sign with RS256 or
//!   PS256: RSA code in wasm would reveal the private key by its timing.
//! - **Outbound hosts** must be in the component's `allowed_outbound_hosts`.

// Natively, only tests call the plain functions. What is dead, clippy finds where the adapter runs.
#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]

mod cache_entry;
mod client_address;
mod outbox_keys;
mod rw_lock;
mod serve;
mod store_error;
mod window;

#[cfg(target_arch = "wasm32")]
mod platform;
#[cfg(target_arch = "wasm32")]
pub use platform::{Spin, glue};
