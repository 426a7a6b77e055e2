//! The audit event of mcp-edge, and what proves that a log of events is complete and unchanged.
//!
//! [`Event`] describes one request. An instance links its events into a [`chain`] and signs the newest one of each batch
//! ([`evidence`]), so that a reader of the log can tell whether events are missing or were changed. `mcp-edge-verify` is that
//! reader.
//!
//! ```
//! use mcp_edge_audit::Event;
//! use mcp_edge_audit::chain::{Chain, ChainedEvent};
//!
//! let mut chain = Chain::new([7; 16]);
//! let first = chain.link(Event::default());
//! let second = chain.link(Event::default());
//! let link = second.event.chain.as_ref().expect("it is in a chain");
//! assert_eq!(link.previous.as_ref(), Some(&first.hash));
//! // A line of the log is the event, as long as it is unchanged.
//! assert!(ChainedEvent::restore(&second.json).is_some());
//! assert!(ChainedEvent::restore(&second.json.replace("\"sequence\":1", "\"sequence\":2")).is_none());
//! ```
//!
//! [`canonical`] is the form that is hashed (RFC 8785).
#![cfg_attr(test, allow(clippy::string_slice, clippy::arithmetic_side_effects))]

/// The examples of the README, which rustdoc compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub mod canonical;
pub mod chain;
pub mod digest;
pub mod event;
pub mod evidence;
mod time;

pub use event::Event;
pub use time::Timestamp;
