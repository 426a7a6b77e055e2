//! `mcp-edge audit`: what a log proves, and a sealed log that proves what a log was.
//!
//! [`Log`] takes lines in and [judges](Log::judge) them; it reads no file and prints nothing, so that tests and other programs
//! can verify with it.

mod append;
mod chain;
mod command;
mod digest;
mod ends;
mod envelope;
mod input;
mod log;
mod logged_event;
mod misplaced;
mod public_keys;
mod ranges;
mod receipts;
mod report;
mod summary;
mod table;
pub mod transparency_log;
mod unique;
mod verify;

pub(crate) use command::{Arguments, run};
pub use digest::Digest;
pub use ends::{ChainEnd, ChainEnds};
pub use input::read;
pub use log::{Lines, Log, Options};
pub use public_keys::{Checked, KeysError, PublicKeys};
pub use receipts::find as find_receipts;
pub use report::{
    ChainReport, ChainVerdict, End, Finding, LogVerdict, ReceiptReport, ReceiptVerdict, Report,
    Signed,
};
