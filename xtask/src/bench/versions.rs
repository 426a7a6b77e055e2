//! What was measured, exactly.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::setup::{node, npm};
use crate::{process, workspace};

/// Of the programs and libraries that take part.
pub(super) fn section() -> Result<String> {
    let workers = npm::install(npm::Group::Workers)?;
    let bench = npm::install(npm::Group::Bench)?;
    let mut names = Vec::new();
    for (packages, package) in [
        (&workers, "workerd"),
        (&workers, "wrangler"),
        (&workers, "binaryen"),
        (&bench, "@modelcontextprotocol/server"),
        (&bench, "agents"),
        (&bench, "zod"),
    ] {
        names.push(format!("{package} {}", version_in(packages, package)?));
    }
    for package in [
        "rmcp",
        "axum",
        "hyper",
        "tokio",
        "jsonwebtoken",
        "worker",
        "wasm-bindgen",
    ] {
        let version = workspace::locked_version_in("benches/Cargo.lock", package)?;
        names.push(format!("{package} {version}"));
    }
    names.push(format!(
        "Node {}",
        process::output(node::command()?.arg("--version"))?
    ));
    for program in ["rustc", "valgrind"] {
        names.push(process::output(Command::new(program).arg("--version"))?);
    }
    names.push(wrk()?);
    Ok(format!(
        "## What was measured\n\n{}. On {}.\n",
        names.join(", "),
        machine()
    ))
}

/// Of what the gateway is measured with, on its own.
pub(super) fn of_gateway(nginx: Option<&str>) -> Result<String> {
    let workers = npm::install(npm::Group::Workers)?;
    let mut names: Vec<String> = nginx.map(str::to_owned).into_iter().collect();
    for package in ["workerd", "wrangler"] {
        names.push(format!("{package} {}", version_in(&workers, package)?));
    }
    names.push(process::output(Command::new("rustc").arg("--version"))?);
    names.push(wrk()?);
    Ok(format!("{}, on {}", names.join(", "), machine()))
}

/// The version of an npm package in a folder of packages.
fn version_in(packages: &Path, package: &str) -> Result<String> {
    let manifest = workspace::read(&packages.join(package).join("package.json"))?;
    let manifest: Value = serde_json::from_str(&manifest)?;
    let version = manifest["version"].as_str().context("no version")?;
    Ok(version.to_owned())
}

/// It says its version, and then fails.
fn wrk() -> Result<String> {
    let output = Command::new("wrk").arg("--version").output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(text
        .split(" [")
        .next()
        .unwrap_or_default()
        .trim()
        .to_owned())
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let described = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = described
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or(std::env::consts::ARCH, |(_, model)| model);
    format!("{cores} cores ({model}), {}", std::env::consts::OS)
}
