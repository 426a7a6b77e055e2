//! Servers as their authors write them, asked without a network.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod deferred;
mod discovery;
mod health;
mod host;
mod macros;
mod redaction;
mod resource_metadata;
mod seals;
mod sources;
