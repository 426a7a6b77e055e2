//! Where things are.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use toml::Table;

/// The folder that holds the workspace's `Cargo.toml`.
pub fn root() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}

/// Cargo's target directory: `CARGO_TARGET_DIR`, or `target` in the workspace.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(directory) => root().join(directory),
        None => root().join("target"),
    }
}

/// A folder in the target directory, made when it is missing.
pub fn target_folder(path: impl AsRef<Path>) -> Result<PathBuf> {
    let folder = target().join(path);
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    Ok(folder)
}

/// A `cargo` command in the workspace.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    forget_package(&mut command);
    command
}

/// `command` at a lower priority, so that it does not delay others.
pub fn at_low_priority(command: &Command) -> Command {
    let mut niced = Command::new("nice");
    niced.arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        niced.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => niced.env(name, value),
            None => niced.env_remove(name),
        };
    }
    niced
}

/// The workspace of what is measured.
pub fn benches() -> PathBuf {
    root().join("benches")
}

/// A `cargo` command in the workspace of what is measured, which builds it among everything else.
pub fn cargo_for_benches(arguments: &[&str]) -> Command {
    let mut command = cargo(arguments);
    command
        .current_dir(benches())
        .env("CARGO_TARGET_DIR", target());
    command
}

/// A `git` command in the workspace.
pub fn git(arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.args(arguments).current_dir(root());
    command
}

/// Cargo describes to a program the package it is from. Build scripts that look at that would run again whenever another
/// program of ours calls cargo.
pub fn forget_package(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name.as_ref());
        }
    }
}

/// Where servers are: those to learn from, and those that tests talk to.
const SERVERS: [&str; 2] = ["examples", "tests"];

/// The folder in the target directory where servers are created.
pub const MADE: &str = "new";

/// A `cargo` command in the folder of a server, which builds it among everything else.
pub fn cargo_for(server: &str, arguments: &[&str]) -> Result<Command> {
    let mut command = cargo(arguments);
    command
        .current_dir(self::server(server)?)
        .env("CARGO_TARGET_DIR", target());
    Ok(command)
}

/// The folder of a server, by the name of its package; or an error that lists the examples there are.
pub fn server(name: &str) -> Result<PathBuf> {
    let mut folders = SERVERS
        .map(|group| root().join(group))
        .into_iter()
        .chain([target().join(MADE)])
        .map(|group| group.join(name));
    if let Some(folder) = folders.find(|folder| folder.join("Cargo.toml").is_file()) {
        return Ok(folder);
    }
    let examples = root().join("examples");
    let entries = std::fs::read_dir(&examples)
        .with_context(|| format!("cannot list {}", examples.display()))?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    anyhow::bail!(
        "there is no example `{name}`; there are: {}",
        names.join(", ")
    )
}

/// The text of the file at `path`; the error says which path it was.
pub fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// The TOML in the file at `path`; the error says which path it was.
pub fn table(path: &Path) -> Result<Table> {
    read(path)?
        .parse()
        .with_context(|| format!("{} is not TOML", path.display()))
}

/// The text of a log, as far as it is there and is text.
pub fn read_lossy(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Writes `text` to the file at `path`; the error says which path it was.
pub fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// Copies the files of a folder into another.
pub fn copy_files(from: &Path, to: &Path) -> Result<()> {
    let copy = || {
        std::fs::create_dir_all(to)?;
        for entry in std::fs::read_dir(from)? {
            let entry = entry?;
            std::fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
        std::io::Result::Ok(())
    };
    copy().with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))
}

/// The version of a package that `Cargo.lock` settled on.
pub fn locked_version(package: &str) -> Result<String> {
    locked_version_in("Cargo.lock", package)
}

/// The version of a package that the lock file at `path` settled on.
pub fn locked_version_in(path: &str, package: &str) -> Result<String> {
    let lock = table(&root().join(path))?;
    lock.get("package")
        .and_then(toml::Value::as_array)
        .and_then(|packages| {
            packages
                .iter()
                .find(|entry| entry.get("name").and_then(toml::Value::as_str) == Some(package))
        })
        .and_then(|entry| entry.get("version")?.as_str())
        .map(str::to_owned)
        .with_context(|| format!("{path} has no package `{package}`"))
}
