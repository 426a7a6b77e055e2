//! The built program: every command, as somebody who types it sees it.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod audit;
mod check;
mod explain;
mod help;
mod keys;
mod run;
mod token;
