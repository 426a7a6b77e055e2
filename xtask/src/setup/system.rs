//! Programs that only the system's own package manager has.

use std::process::Command;

use anyhow::{Result, bail};

use super::announce;
use crate::process;

/// Sees that `program` is there. It comes in the Debian package `package`, which only root can install.
pub fn program(program: &str, package: &str, why: &str) -> Result<()> {
    if process::find(program).is_some() {
        return Ok(());
    }
    let is_root = process::output(Command::new("id").arg("-u")).is_ok_and(|id| id == "0");
    if !is_root || process::find("apt-get").is_none() {
        bail!(
            "`{program}` is missing, which {why}; install it, on Debian with `sudo apt-get install {package}`, \
             and try again"
        );
    }
    announce(&format!("{package} (Debian)"), why);
    process::run(Command::new("apt-get").args(["install", "--yes", "--quiet", package]))
}
