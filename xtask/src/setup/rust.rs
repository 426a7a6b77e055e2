//! Compile targets and programs that come through Rust's own tools.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::{announce, lock};
use crate::{process, workspace};

/// Adds a compile target to the toolchain in use.
pub fn target(triple: &str, why: &str) -> Result<()> {
    let _lock = lock("rust-target")?;
    let sysroot = process::output(Command::new("rustc").args(["--print", "sysroot"]))?;
    if Path::new(&sysroot)
        .join("lib/rustlib")
        .join(triple)
        .is_dir()
    {
        return Ok(());
    }
    announce(&format!("the Rust target {triple}"), why);
    process::run(Command::new("rustup").args(["target", "add", triple]))
}

/// Installs `program` of `package` in exactly `version`, and returns its path.
pub fn tool(package: &str, program: &str, version: &str, why: &str) -> Result<PathBuf> {
    // One for all: they share a record of what is installed, and a target directory.
    let _lock = lock("rust-tools")?;
    let tools = workspace::target_folder("tools")?;
    let path = tools.join("bin").join(program);
    if path.is_file() && is_installed(&tools, package, version) {
        return Ok(path);
    }
    announce(&format!("{package} {version}"), why);
    // Without `--locked`: a tool's own lock file may name versions that were withdrawn since.
    let mut install = workspace::cargo(&["install", "--quiet", package]);
    install
        .args(["--bin", program])
        .args(["--version", &format!("={version}"), "--force", "--root"])
        .arg(&tools)
        .arg("--target-dir")
        .arg(tools.join("build"))
        // Optimised code would take twice as long to make, and save 0.1 s in each run.
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_LTO", "off");
    process::run(&mut install)?;
    Ok(path)
}

/// Whether cargo's own record says so: asking `cargo install` again would ask the network.
fn is_installed(tools: &Path, package: &str, version: &str) -> bool {
    std::fs::read_to_string(tools.join(".crates.toml"))
        .is_ok_and(|record| record.contains(&format!("\"{package} {version} (")))
}
