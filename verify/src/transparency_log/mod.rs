//! A Merkle log of events, laid out as C2SP's tlog-tiles has it, with checkpoints as in its tlog-checkpoint.
//!
//! A party that keeps a checkpoint can tell later whether an event was in the log then, and whether the log has only grown since.
//! An entry is the line of an event without its seal; leaves and nodes are hashed as in RFC 6962.

mod append;
mod entry;
mod error;
mod folder;
mod key;
mod proof;

pub use append::{AppendReport, append};
pub use entry::{Entry, entries};
pub use error::LogError;
pub use folder::Folder;
pub use key::{Checkpoint, LogKey, PublicKey};
pub use proof::{check_consistency, check_inclusion, prove_consistency, prove_inclusion};
