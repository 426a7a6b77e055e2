//! Runs an mcp-edge server as a process of its own.
//!
//! [`serve!`] defines `pub fn main`. What holds there:
//!
//! - **Every core has one thread** with an executor and a server of its own; connections go to them in turn,
//!   and the threads share nothing but a cache and the counts of the rate limiter, which is exact.
//! - **It listens** where `--listen` or `MCP_EDGE_LISTEN` says, `127.0.0.1:8787` by default, for HTTP/1.1 and HTTP/2
//!   without TLS; put a proxy in front for that. `PORT` changes the port alone.
//! - **Keys** that it signs with may be missing on a loopback address in the environment `dev`: it then makes some, and says so.
//!   In no environment it does so only without an issuer, `access.public` and a live policy.
//! - **A client's address** is that of the other end of the connection, whatever a header says.
//! - **Variables** are environment variables, and the log is standard output, one line for each request.
//! - **Data files** are those of the folder that `MCP_EDGE_DATA` names, `data` in the working directory by default. A file is
//!   opened once: rename a new one over it, and start the process again.
//! - **The outbox** is the folder that `MCP_EDGE_OUTBOX` names, with one file for each parcel of events. It must be there;
//!   processes and machines may share it. A parcel is on the disk, synchronized, before the request that waits for it continues.
//!   What a process before this one left is sent when this one starts.
//! - **Signatures** are verified and made by ring.
//! - **It refuses to start** when the server is put together or configured wrongly, with a sentence that
//!   says what to change, and exit status 1.
//! - **Every wait for a client ends**: `[connections]` has the timeouts, and the number of connections. The limit of descriptors
//!   is raised to the hard one.
//! - **On SIGTERM or SIGINT** it takes no new connection, tells clients to close theirs, lets requests in flight finish and sinks
//!   take their events for `connections.shutdown_timeout` together, and ends.
//! - **A panic in a handler** ends its connection, or over HTTP/2 its stream, and nothing else.
//! - **A caller who leaves** is noticed when its connection closes; the work for it is dropped.

#![cfg_attr(test, allow(clippy::arithmetic_side_effects))]

mod arguments;
mod body;
mod census;
mod clock;
mod connection;
mod connections;
mod data;
mod descriptors;
mod development;
mod document;
mod exchange;
mod fetch;
mod frames;
mod host;
mod ledger;
mod listen;
mod log;
mod process;
mod rest;
mod sign;
mod socket;
mod stores;
mod streams;
mod tally;
mod thread;

#[doc(hidden)]
pub use mcp_edge_runtime::Runtime;
#[doc(hidden)]
pub use process::main;

/// Makes the calling crate a native server: defines `pub fn main`, which serves `$server`.
///
/// `$server` is a function that returns `Result<Server, BuildError>`; it runs once on every thread.
/// `$configuration` is a `&'static Configuration`.
///
/// With `start = $start` a server that is made, with its settings, by [`Runtime::deferred`].
#[macro_export]
macro_rules! serve {
    (start = $start:path) => {
        $crate::serve!(@runtime $crate::Runtime::deferred($start));
    };
    (@runtime $runtime:expr) => {
        /// Serves until the process is told to stop.
        pub fn main() -> ::std::process::ExitCode {
            $crate::main(
                || $runtime,
                ::core::concat!(::core::env!("CARGO_PKG_NAME"), " ", ::core::env!("CARGO_PKG_VERSION")),
            )
        }
    };
    ($server:path, $configuration:expr) => {
        $crate::serve!(@runtime $crate::Runtime::new($server(), $configuration));
    };
}
