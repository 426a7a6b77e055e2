//! A server that `mcp-edge new` has made: in the target directory, and no part of the workspace, as a user's would be.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use toml::{Table, Value};

use crate::{process, workspace};

/// The name of the one that runs on every host.
pub const SERVER: &str = "made-server";

/// The program `mcp-edge`, in the folder that servers are made in: the one in `MCP_EDGE_PROGRAM`, or else built now.
pub fn program() -> Result<Command> {
    let mut program = Command::new(path_of_program()?);
    program
        .current_dir(workspace::target_folder(workspace::MADE)?)
        .env("CARGO_TARGET_DIR", workspace::target());
    workspace::forget_package(&mut program);
    Ok(program)
}

fn path_of_program() -> Result<PathBuf> {
    if let Some(program) = std::env::var_os("MCP_EDGE_PROGRAM") {
        return Ok(PathBuf::from(program));
    }
    let build = ["build", "--quiet", "--package", "mcp-edge-cli"];
    process::run(&mut workspace::cargo(&build))?;
    Ok(workspace::target().join("debug/mcp-edge"))
}

/// The folder that the program is in.
pub fn folder_of_program() -> Result<PathBuf> {
    let program = path_of_program()?;
    let folder = program.parent().context("the program is in no folder")?;
    Ok(folder.to_owned())
}

/// Makes the server `name`, on this checkout, in place of an earlier one.
pub fn make(name: &str) -> Result<()> {
    let folder = workspace::target_folder(workspace::MADE)?;
    let server = folder.join(name);
    if server.exists() {
        std::fs::remove_dir_all(&server)
            .with_context(|| format!("cannot remove {}", server.display()))?;
    }
    process::run(
        program()?
            .args(["new", name, "--path"])
            .arg(workspace::root()),
    )?;
    // The versions that everything else is built with, so that little has to be compiled again.
    let lock = workspace::read(&workspace::root().join("Cargo.lock"))?;
    workspace::write(&server.join("Cargo.lock"), &lock)?;
    use_profiles_of_workspace(&folder)
}

/// Makes servers in `folder` compile as the workspace does.
pub(crate) fn use_profiles_of_workspace(folder: &Path) -> Result<()> {
    let settings = folder.join(".cargo");
    std::fs::create_dir_all(&settings)
        .with_context(|| format!("cannot make {}", settings.display()))?;
    workspace::write(&settings.join("config.toml"), &profiles()?)
}

/// The workspace's own profile `dev`, so that nothing of it that the server needs has to be compiled again. What the server is
/// released with is in its own manifest.
fn profiles() -> Result<String> {
    let manifest = workspace::table(&workspace::root().join("Cargo.toml"))?;
    let dev = manifest
        .get("profile")
        .and_then(|profiles| profiles.get("dev"))
        .context("Cargo.toml has no profile `dev`")?;
    let profiles = Table::from_iter([("dev".to_owned(), dev.clone())]);
    Ok(Table::from_iter([("profile".to_owned(), Value::from(profiles))]).to_string())
}
