//! Programs that only the system's own package manager has.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{announce, lock};
use crate::process;

/// Where Debian has servers, which is not in the PATH of a user other than root.
const SERVERS: &str = "/usr/sbin";

/// Installs `program` unless it is there, and gives its path. It comes in the first of these Debian packages, and works with the
/// others; only root can install them.
pub fn program(program: &str, packages: &[&str], why: &str) -> Result<PathBuf> {
    let _lock = lock("system")?;
    if let Some(path) = find(program) {
        return Ok(path);
    }
    let names = packages.join(" ");
    let is_root = process::output(Command::new("id").arg("-u")).is_ok_and(|id| id == "0");
    if !is_root || process::find("apt-get").is_none() {
        bail!(
            "`{program}` is missing, which {why}; install it, on Debian with `sudo apt-get install {names}`, \
             and try again"
        );
    }
    announce(&format!("{names} (Debian)"), why);
    // A new machine knows no packages, or those of the day when it was made.
    process::run(Command::new("apt-get").args(["update", "--quiet"]))?;
    process::run(
        Command::new("apt-get")
            .args(["install", "--yes", "--quiet", "--no-install-recommends"])
            .args(packages),
    )?;
    find(program).with_context(|| format!("`{program}` is not in the packages {names}"))
}

fn find(program: &str) -> Option<PathBuf> {
    process::find(program).or_else(|| {
        let path = PathBuf::from(SERVERS).join(program);
        path.is_file().then_some(path)
    })
}
