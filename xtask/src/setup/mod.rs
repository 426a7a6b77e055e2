//! Installs what a command needs and the system does not have, each once, into `target/tools`.

pub mod node;
pub mod npm;
pub mod python;
pub mod rust;
pub mod stand_in;
pub mod system;

use std::ffi::OsString;
use std::fs::File;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::workspace;

/// Says what is being installed, since it takes a while and needs the network.
fn announce(what: &str, why: &str) {
    eprintln!("installing {what}: {why}");
}

/// Lets one thread of one process at a time install what is called `name`; released when the file is dropped.
fn lock(name: &str) -> Result<File> {
    let path = workspace::target_folder("tools/locks")?.join(name);
    let file = File::create(&path).with_context(|| format!("cannot open {}", path.display()))?;
    file.lock()
        .with_context(|| format!("cannot lock {}", path.display()))?;
    Ok(file)
}

/// Puts `folders` before everything else in the PATH of `command`.
pub fn prepend_path(command: &mut Command, folders: Vec<PathBuf>) -> Result<()> {
    let path = command
        .get_envs()
        .find(|(name, _)| *name == "PATH")
        .and_then(|(_, value)| value.map(OsString::from))
        .or_else(|| std::env::var_os("PATH"))
        .unwrap_or_default();
    let all = folders.into_iter().chain(std::env::split_paths(&path));
    command.env(
        "PATH",
        std::env::join_paths(all).context("a folder's name that cannot be in PATH")?,
    );
    Ok(())
}

/// Installs what builds and runs a Worker, and gives it to `command` the way `worker-build` and
/// `wrangler` look for it.
pub fn workers(command: &mut Command) -> Result<()> {
    rust::target("wasm32-unknown-unknown", "Workers run it")?;
    let wasm_bindgen = rust::tool(
        "wasm-bindgen-cli",
        "wasm-bindgen",
        &workspace::locked_version("wasm-bindgen")?,
        "writes the JavaScript beside a Worker's wasm",
    )?;
    // Both are released together and must agree.
    let worker_build = rust::tool(
        "worker-build",
        "worker-build",
        &workspace::locked_version("worker")?,
        "builds a Worker",
    )?;
    let node = node::folder()?;
    let packages = npm::install(npm::Group::Workers)?;

    let programs = packages.join(".bin");
    command
        .env("WASM_BINDGEN_BIN", &wasm_bindgen)
        .env("WASM_OPT_BIN", programs.join("wasm-opt"))
        .env("ESBUILD_BIN", programs.join("esbuild"))
        // A Worker in development needs nothing from the network.
        .env("WRANGLER_SEND_METRICS", "false")
        .env("CLOUDFLARE_CF_FETCH_ENABLED", "false")
        .env("WRANGLER_LOG_PATH", workspace::target_folder("logs")?)
        // A quarter less of what a start of wrangler takes.
        .env(
            "NODE_COMPILE_CACHE",
            workspace::target_folder("tools/node-cache")?,
        );
    let tools = worker_build.parent().map(PathBuf::from);
    prepend_path(
        command,
        [node, Some(programs), tools]
            .into_iter()
            .flatten()
            .collect(),
    )
}
