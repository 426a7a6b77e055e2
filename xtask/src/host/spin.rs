//! Spin, where it is installed; in tests without it, the stand-in.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use toml::Value;

use super::{Host, Launch};
use crate::{keys, process, setup, workspace};

/// The `spin` in PATH.
pub(super) fn installed() -> Option<PathBuf> {
    process::find("spin")
}

pub(super) fn build(example: &str) -> Result<()> {
    setup::rust::target("wasm32-wasip2", "Spin runs it")?;
    process::run(&mut workspace::cargo_for(
        example,
        &["build", "--release", "--lib", "--target", "wasm32-wasip2"],
    )?)?;
    require_one()
}

/// Installs the stand-in where there is no Spin.
pub(super) fn require_one() -> Result<()> {
    if installed().is_none() {
        setup::stand_in::install()?;
    }
    Ok(())
}

pub(super) fn command(launch: &Launch<'_>) -> Result<Command> {
    let manifest = match launch.deployment {
        Some(folder) => folder.join("spin.toml"),
        None => {
            let folder = launch.folder(Host::Spin)?;
            let manifest = folder.join("spin.toml");
            workspace::write(&manifest, &manifest_of(launch.example)?)?;
            // A component's files must be in the manifest's folder.
            let data = workspace::server(launch.example)?.join("data");
            if data.is_dir() {
                workspace::copy_files(&data, &folder.join("data"))?;
            }
            manifest
        }
    };

    let mut command = match installed() {
        Some(spin) => {
            let mut command = Command::new(spin);
            // Not `--quiet`: what components print would then be in Spin's own files alone, and not in our log.
            command.args(["up", "--from"]);
            command
        }
        None => {
            let mut command = Command::new(setup::stand_in::install()?);
            // An absolute path, as the cache asks for.
            let cache = workspace::target_folder("hosts/spin/compiled")?;
            command.arg("--cache").arg(cache).arg("--from");
            command
        }
    };
    command
        .arg(manifest)
        .args(["--listen", &format!("127.0.0.1:{}", launch.port)])
        .args(["--variable", &variable(keys::SETTING, launch.keys)]);
    for (name, value) in &launch.variables {
        command.args(["--variable", &variable(name, value)]);
    }
    for (key, value) in launch.key_values {
        command.args(["--key-value", &format!("{key}={value}")]);
    }
    Ok(command)
}

/// Spin's variables are named in lower case.
fn variable(setting: &str, value: &str) -> String {
    format!("{}={value}", setting.to_lowercase())
}

/// The example's own `spin.toml`, with each component's file where this build put it.
fn manifest_of(example: &str) -> Result<String> {
    let path = workspace::server(example)?.join("spin.toml");
    let mut manifest = workspace::table(&path)?;
    let built = workspace::target().join("wasm32-wasip2/release");
    let components = manifest
        .get_mut("component")
        .and_then(Value::as_table_mut)
        .with_context(|| format!("{} has no component", path.display()))?;
    for (name, component) in components.iter_mut() {
        let source = component
            .get_mut("source")
            .with_context(|| format!("the component `{name}` has no source"))?;
        let file = source
            .as_str()
            .and_then(|source| Path::new(source).file_name())
            .with_context(|| format!("the source of the component `{name}` is no file"))?;
        *source = Value::String(built.join(file).display().to_string());
    }
    Ok(manifest.to_string())
}

/// Refuses to go on without a real Spin, in words that say what to do.
pub(super) fn require() -> Result<()> {
    if installed().is_none() {
        anyhow::bail!(
            "there is no `spin` in PATH. Install Spin 4.1 or newer (Spin's own guide says how; docs/guide/spin.md says why 4.1), \
             or use `--host native`. `cargo xtask test` needs no Spin: it runs the component on a stand-in"
        );
    }
    Ok(())
}
