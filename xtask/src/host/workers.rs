//! Workers: `worker-build` makes the module, `wrangler dev` runs it on workerd.

use std::process::Command;

use anyhow::{Context, Result, bail};
use toml::Value;

use super::{Host, Launch};
use crate::{keys, process, setup, workspace};

pub(super) fn build(example: &str) -> Result<()> {
    let mut command = Command::new("worker-build");
    setup::workers(&mut command)?;
    process::run(
        command
            .args(["--release", "--no-opt"])
            .current_dir(workspace::server(example)?)
            .env("CARGO_TARGET_DIR", workspace::target()),
    )
}

pub(super) fn command(launch: &Launch<'_>) -> Result<Command> {
    let folder = match launch.deployment {
        Some(folder) => folder.to_owned(),
        None => launch.folder(Host::Workers)?,
    };
    let manifest = folder.join("wrangler.toml");
    if launch.deployment.is_none() {
        workspace::write(&manifest, &manifest_of(launch.example)?)?;
    }
    // A file and not an argument, which every process on the machine could read.
    let secrets = folder.join(".dev.vars");
    workspace::write(&secrets, &lines(launch)?)?;

    let mut command = Command::new("wrangler");
    setup::workers(&mut command)?;
    command
        .args(["dev", "--local", "--show-interactive-dev-session=false"])
        .args(["--ip", "127.0.0.1", "--port", &launch.port.to_string()])
        .args(["--inspector-port", &super::free_port()?.to_string()])
        .arg("--config")
        .arg(manifest)
        // Otherwise servers of the same name that run at once take each other's queues for their own, and wait for each
        // other's files as they start.
        .env("WRANGLER_REGISTRY_PATH", folder.join("registry"))
        .current_dir(folder);
    // A Worker beside the server, for what the server hands to the platform.
    if launch.deployment.is_none() {
        let consumer = workspace::server(launch.example)?.join("consumer/wrangler.toml");
        if consumer.is_file() {
            command.arg("--config").arg(consumer);
        }
    }
    Ok(command)
}

/// The variables as `wrangler` reads them: between quotes a value is taken as it stands, line breaks included.
fn lines(launch: &Launch<'_>) -> Result<String> {
    let keys = (keys::SETTING, launch.keys);
    let others = launch.variables.iter();
    let mut lines = String::new();
    for (name, value) in
        std::iter::once(keys).chain(others.map(|(name, value)| (*name, value.as_str())))
    {
        if value.contains('\'') {
            bail!("the variable {name} has a quote in it, which `.dev.vars` cannot hold");
        }
        lines.push_str(&format!("{name}='{value}'\n"));
    }
    Ok(lines)
}

/// The example's own `wrangler.toml` for a module that is built already, so that every start is quick
/// and a build that fails leaves the running server alone.
pub(super) fn manifest_of(example: &str) -> Result<String> {
    let folder = workspace::server(example)?;
    let path = folder.join("wrangler.toml");
    let mut manifest = workspace::table(&path)?;
    manifest.remove("build");
    let main = manifest
        .get("main")
        .and_then(Value::as_str)
        .with_context(|| format!("{} has no `main`", path.display()))?;
    let main = folder.join(main).display().to_string();
    manifest.insert("main".to_owned(), Value::String(main));
    Ok(manifest.to_string())
}
