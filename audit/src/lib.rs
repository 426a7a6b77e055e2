//! The audit event of mcp-edge, and what proves that a log of events is complete and unchanged.
//!
//! [`Event`] describes one request. An instance links its events into a [`chain`] and signs the newest one of each batch
//! ([`evidence`]), so that a reader of the log can tell whether events are missing or were changed. `mcp-edge-verify` is that
//! reader.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::arithmetic_side_effects
    )
)]

pub mod canonical;
pub mod chain;
pub mod digest;
pub mod event;
pub mod evidence;
mod time;

pub use event::Event;
pub use time::Timestamp;
