//! Verifies audit logs of mcp-edge.
//!
//! [`Log`] takes lines in and [judges](Log::judge) them; it reads no file and prints nothing, so that the `mcp-edge` program,
//! tests and other programs verify alike. A [`Report`] states what the log proves of each chain, each line and each receipt, and
//! never more.
//!
//! ```
//! use mcp_edge_verify::{Lines, Log, LogVerdict, Options, PublicKeys};
//!
//! // The server's `/.well-known/jwks.json`, fetched once and kept: keys in the log itself prove nothing.
//! let keys = PublicKeys::parse(
//!     r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"e1","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#,
//! )?;
//! let mut log = Log::new(Some(keys), Options::default());
//! log.add(Lines::read("a line that is not an event\n"));
//! let report = log.judge(&[]);
//! assert_eq!((report.events, report.other_lines), (0, 1));
//! assert_ne!(report.verdict, LogVerdict::Contradicted);
//! # Ok::<(), mcp_edge_verify::KeysError>(())
//! ```
//!
//! - [`read`] adds the lines of a file on all processors, and [`read_with`] gives the caller each event as well;
//!   [`find_receipts`] finds the receipts in an answer.
//! - [`ChainEnds`] is what one run knows for the next: where each chain ended, so that a later log cannot be shorter.
//! - [`transparency_log`] keeps events in a signed Merkle tree, for proofs that outlive the files.
//!
//! This crate depends on the event, its envelopes and their signatures, and on nothing that serves requests.
#![cfg_attr(test, allow(clippy::string_slice, clippy::arithmetic_side_effects))]

/// The examples of the README, which rustdoc compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod chain;
mod digest;
mod ends;
mod envelope;
mod input;
mod log;
mod logged_event;
mod misplaced;
mod options;
mod public_keys;
mod ranges;
mod receipts;
mod report;
mod summary;
pub mod transparency_log;
mod unique;

pub use chain::printable;
pub use digest::Digest;
pub use ends::{ChainEnd, ChainEnds};
pub use input::{read, read_with};
pub use log::{Lines, Log};
pub use options::Options;
pub use public_keys::{Checked, KeysError, PublicKeys};
pub use receipts::find as find_receipts;
pub use report::{
    ChainReport, ChainVerdict, End, Finding, LogVerdict, ReceiptReport, ReceiptVerdict, Report,
    Signed,
};
pub use summary::number;
