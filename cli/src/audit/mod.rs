//! `mcp-edge audit`: what a log proves, who called what, and a sealed log that proves what a log was.

mod append;
mod command;
mod csv;
mod log;
mod report;
mod table;
mod verify;

pub(crate) use command::{Arguments, run};
