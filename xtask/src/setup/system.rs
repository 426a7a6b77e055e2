//! Programs that only the system's own package manager has.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{announce, lock};
use crate::{process, workspace};

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

/// The same for a server that ours is measured beside: without root, it is unpacked from the first of these packages. The error
/// says why it is not there.
pub fn measured(program: &str, packages: &[&str], why: &str) -> Result<PathBuf> {
    self::program(program, packages, why).or_else(|missing| {
        let package = packages.first().copied().unwrap_or(program);
        unpacked(program, package, why).with_context(|| format!("{missing:#}"))
    })
}

/// A server of a Debian package, without installing it.
fn unpacked(program: &str, package: &str, why: &str) -> Result<PathBuf> {
    let _lock = lock("system")?;
    let folder = workspace::target_folder(format!("tools/{package}"))?;
    let path = folder.join(SERVERS.trim_start_matches('/')).join(program);
    if path.is_file() {
        return Ok(path);
    }
    announce(&format!("{package} (Debian), unpacked"), why);
    process::run(
        Command::new("apt-get")
            .args(["download", "--quiet", package])
            .current_dir(&folder),
    )?;
    for entry in std::fs::read_dir(&folder)? {
        let archive = entry?.path();
        if archive.extension().is_some_and(|end| end == "deb") {
            process::run(
                Command::new("dpkg")
                    .arg("--extract")
                    .arg(&archive)
                    .arg(&folder),
            )?;
        }
    }
    if !path.is_file() {
        bail!("`{program}` is not in the package {package}");
    }
    Ok(path)
}

fn find(program: &str) -> Option<PathBuf> {
    process::find(program).or_else(|| {
        let path = PathBuf::from(SERVERS).join(program);
        path.is_file().then_some(path)
    })
}
