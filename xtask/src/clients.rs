//! Official clients for tests, which are programs in `tests/clients`.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::setup::{node, npm, python};
use crate::workspace;

/// A program in `tests/clients/typescript`, with the packages of both clients.
pub fn typescript(program: &str) -> Result<Command> {
    let mut command = node::command()?;
    command
        .arg(folder().join("typescript").join(program))
        .env("NODE_PATH", npm::install(npm::Group::Clients)?);
    Ok(command)
}

/// A program in `tests/clients/python`.
pub fn python(program: &str) -> Result<Command> {
    let mut command = Command::new(python::install(python::Group::Client)?.join("python"));
    command.arg(folder().join("python").join(program));
    Ok(command)
}

fn folder() -> PathBuf {
    workspace::root().join("tests/clients")
}
