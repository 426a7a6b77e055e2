//! A server that `mcp-edge new` has made: in the target directory, and no part of the workspace, as a user's would be.

use std::process::Command;

use anyhow::{Context, Result};
use toml::{Table, Value};

use crate::{process, workspace};

/// Its name.
pub const SERVER: &str = "made-server";

/// The program `mcp-edge`, in the folder that servers are made in.
pub fn program() -> Result<Command> {
    process::run(&mut workspace::cargo(&[
        "build",
        "--quiet",
        "--package",
        "mcp-edge-cli",
    ]))?;
    let mut program = Command::new(workspace::target().join("debug/mcp-edge"));
    program
        .current_dir(workspace::target_folder(workspace::MADE)?)
        .env("CARGO_TARGET_DIR", workspace::target());
    workspace::forget_package(&mut program);
    Ok(program)
}

/// Makes it anew, on this checkout.
pub fn make() -> Result<()> {
    let folder = workspace::target_folder(workspace::MADE)?;
    let server = folder.join(SERVER);
    if server.exists() {
        std::fs::remove_dir_all(&server)
            .with_context(|| format!("cannot remove {}", server.display()))?;
    }
    process::run(
        program()?
            .args(["new", SERVER, "--path"])
            .arg(workspace::root()),
    )?;
    // The versions that everything else is built with, so that little has to be compiled again.
    let lock = workspace::read(&workspace::root().join("Cargo.lock"))?;
    workspace::write(&server.join("Cargo.lock"), &lock)?;
    let settings = workspace::target_folder(format!("{}/.cargo", workspace::MADE))?;
    workspace::write(&settings.join("config.toml"), &profiles()?)
}

/// Settings of cargo with which it is built as the workspace is, as far as both have the same crates, and else quickly: what
/// is ours has to be compiled again, being no part of its workspace.
fn profiles() -> Result<String> {
    let manifest: Table = workspace::read(&workspace::root().join("Cargo.toml"))?
        .parse()
        .context("Cargo.toml is not TOML")?;
    let debug = manifest
        .get("profile")
        .and_then(|profiles| profiles.get("dev"))
        .context("Cargo.toml has no profile `dev`")?;
    let quick = Table::from_iter([("opt-level".to_owned(), Value::from(0))]);
    let ours = [
        SERVER,
        "mcp-edge",
        "mcp-edge-runtime",
        "mcp-edge-spin",
        "mcp-edge-workers",
    ];
    let package = Table::from_iter(ours.map(|name| (name.to_owned(), Value::from(quick.clone()))));
    let release = Table::from_iter([("package".to_owned(), Value::from(package))]);
    let profiles = Table::from_iter([
        ("dev".to_owned(), debug.clone()),
        ("release".to_owned(), Value::from(release)),
    ]);
    Ok(Table::from_iter([("profile".to_owned(), Value::from(profiles))]).to_string())
}
