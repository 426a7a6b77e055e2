//! Programs that only the system's own package manager has.

use std::process::Command;

use anyhow::{Result, bail};

use super::{announce, lock};
use crate::process;

/// Sees that `program` is there. It comes in the first of these Debian packages, and works with the others; only root can install
/// them.
pub fn program(program: &str, packages: &[&str], why: &str) -> Result<()> {
    let _lock = lock("system")?;
    if process::find(program).is_some() {
        return Ok(());
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
    )
}
