//! `mcp-edge audit`: what a log proves, and a sealed log that proves what a log was.

mod append;
mod command;
mod table;
mod verify;

pub(crate) use command::{Arguments, run};
