//! What the gateway signs, verified by a library of others.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process;
use crate::setup::python::{Group, install};
use crate::workspace;

/// What `gateway/assertion/verify.py` says of an assertion and its request, in the form of `gateway/assertion/vector.json`.
pub fn verify(given: &Value) -> Result<Value> {
    run("gateway/assertion/verify.py", given)
}

/// What `tests/authority/client.py` says of a client's assertion.
pub fn authenticate(given: &Value) -> Result<Value> {
    run("tests/authority/client.py", given)
}

fn run(script: &str, given: &Value) -> Result<Value> {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let python = install(Group::Assertions)?.join("python");
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("assertion-{}-{number}.json", std::process::id());
    let file = workspace::target_folder("tmp")?.join(name);
    workspace::write(&file, &given.to_string())?;
    let mut command = Command::new(python);
    let said = process::output(command.arg(workspace::root().join(script)).arg(&file));
    // What is left is removed with `target`.
    let _ = std::fs::remove_file(&file);
    let said = said?;
    serde_json::from_str(&said).with_context(|| format!("not JSON: {said}"))
}
