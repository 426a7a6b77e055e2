//! Runs an mcp-edge server as a Cloudflare Worker.
//!
//! [`serve!`] exports the `fetch` that worker-build 0.8 makes a Worker of. What holds there:
//!
//! - **One instance serves many requests at once**, on one thread, and each request owns its timers and its
//!   connections: none waits for another's future, because the platform ends a request that does. An instance
//!   is made by its first request, since before it there are neither clock nor random numbers.
//! - **The clock stands still** between one input or output and the next.
//! - **A caller who leaves is noticed** by a stream at once if the connection breaks, otherwise by its next
//!   write; the stream is then dropped. A call that has not begun to answer is dropped when `request.signal`
//!   says so, which wants the compatibility flag `enable_request_signal`: without it such a call may vanish
//!   without its line in the log. `wrangler dev` notices a broken connection only when it writes, so there
//!   such a call becomes a stream first.
//! - **A panic ends the instance**: every request in it ends, those without a response yet with status 500,
//!   streams without their last chunk. The shim of worker-build makes a new instance for the next request.
//!   What the requests of the old one were to log is lost.
//! - **Work after the response** ends 30 seconds after the response, or after its caller left; it is stopped, and not dropped.
//!   It may begin as late as at the end of a stream.
//! - **Queues and stores of objects** are the Worker's bindings of Queues and R2.
//! - **The outbox** is the queue bound to `MCP_EDGE_OUTBOX`, which the same Worker has to consume: its `queue` hands each message
//!   over, and acknowledges it or gives it back by itself, to be tried again after 10 seconds and then ever later, up to an
//!   hour. The queue gives a message up after `max_retries`, 3 unless the consumer says otherwise; let it say 100, and name
//!   a `dead_letter_queue`:
//!
//!   ```toml
//!   [[queues.producers]]
//!   binding = "MCP_EDGE_OUTBOX"
//!   queue = "outbox"
//!
//!   [[queues.consumers]]
//!   queue = "outbox"
//!   max_retries = 100
//!   dead_letter_queue = "undelivered"
//!   ```
//!
//!   A Worker that writes to the queue and does not consume it is not found out about.
//! - **Variables** are variables and secrets of the Worker, under the same name; anything else that a Worker
//!   can be bound to is an error.
//! - **Data files** are modules of type `Data`, which the Worker's entry module imports and puts into `globalThis.mcpEdgeData` by
//!   their names. Only the ranges that are read get into the memory of the wasm.
//! - **The cache** is `caches.default`, that of the location; **the rate limiter** is the rate limiting binding
//!   that a rate names, which counts for the location as well. Running calls cannot be counted.
//! - **A client's address** is `CF-Connecting-IP`, which the platform sets.
//! - **Signatures** are verified and made by WebCrypto, so that no algorithm is in the wasm.
//! - **Outbound requests** do not follow redirects.

// Natively, only tests call the plain functions. What is dead, clippy finds where the adapter runs.
#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]

mod batches;
mod cache_url;
mod client_address;
mod headers;
mod retry_delay;
mod serve;
mod target;
mod usable_rate;

#[cfg(target_arch = "wasm32")]
mod platform;
#[cfg(target_arch = "wasm32")]
pub use platform::{Workers, glue};
