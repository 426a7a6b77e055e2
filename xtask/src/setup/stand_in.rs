//! The stand-in for Spin, a workspace of its own: compiled once for what its folder holds, as a tool is installed.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result};

use super::{announce, lock};
use crate::{process, workspace};

const NAME: &str = "spin-stand-in";
/// Its own target directory, in the one of the workspace.
const TARGET: &str = "tools/spin-stand-in";

/// A `cargo` command in its folder.
pub fn cargo(arguments: &[&str]) -> Result<Command> {
    let mut command = workspace::cargo(arguments);
    command
        .arg("--locked")
        .current_dir(folder())
        .env("CARGO_TARGET_DIR", workspace::target_folder(TARGET)?);
    Ok(command)
}

/// The program, compiled unless it was compiled before from the same sources by the same compiler.
pub fn install() -> Result<PathBuf> {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    if let Some(program) = PROGRAM.get() {
        return Ok(program.clone());
    }
    let _lock = lock(NAME)?;
    let made = workspace::target().join(TARGET).join("debug").join(NAME);
    // Apart from where its tests and lints compile it again.
    let program = workspace::target_folder("tools/bin")?.join(NAME);
    let stamp = workspace::target_folder(TARGET)?.join("compiled");
    let wanted = sources()?;
    if !program.is_file() || !std::fs::read_to_string(&stamp).is_ok_and(|made| made == wanted) {
        announce(
            NAME,
            "it runs Spin components in tests where there is no `spin` in PATH",
        );
        process::run(&mut cargo(&["build", "--quiet"])?)?;
        std::fs::copy(&made, &program)
            .with_context(|| format!("cannot copy {}", made.display()))?;
        workspace::write(&stamp, &wanted)?;
    }
    Ok(PROGRAM.get_or_init(|| program).clone())
}

/// Its sources.
pub fn folder() -> PathBuf {
    workspace::root().join("tests").join(NAME)
}

/// The text of every file that it is compiled from, and the compiler's version.
fn sources() -> Result<String> {
    let mut files = vec![folder().join("Cargo.toml"), folder().join("Cargo.lock")];
    let folder = folder().join("src");
    let entries =
        std::fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        files.extend(Some(entry?.path()).filter(|path| path.extension() == Some("rs".as_ref())));
    }
    files.sort();
    let mut sources = process::output(Command::new("rustc").arg("-vV"))?;
    for file in files {
        sources += &format!("\n{}\n{}", file.display(), workspace::read(&file)?);
    }
    Ok(sources)
}
