//! The workflow for continuous integration of a new server.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use xtask::host::{ALL, Host};
use xtask::scaffolded::{self, SERVER};
use xtask::{process, setup, workspace};

/// Runs every `run:` line in order, in the server as it has just been made, as the workflow's shell would; without the builds
/// for hosts that are not among `hosts`. Where those are this machine and one other, the program is not installed, but the one
/// that is there already checks the server.
pub(crate) fn pass(hosts: &[Host]) -> Result<()> {
    let folder = workspace::server(SERVER)?;
    let workflow = workspace::read(&folder.join(".github/workflows/ci.yml"))?;
    let lines = lines(&workflow);
    ensure!(
        lines.len() == workflow.matches("run:").count() && lines.len() > 8,
        "ci.yml has steps that are not read: {lines:?}"
    );
    let installs = hosts.len() == 1 || hosts == ALL;
    let installed = workspace::target_folder("new/installed")?;
    let program = match installs {
        true => installed.join("bin"),
        false => scaffolded::folder_of_program()?,
    };
    for line in lines {
        if let Some(targets) = line.strip_prefix("rustup target add ") {
            // As rustup does, except that it does not ask the network for a target that is there.
            for target in targets.split_whitespace() {
                setup::rust::target(target, "the workflow of a new server adds it")?;
            }
            continue;
        }
        if line.starts_with("cargo install") && !installs {
            continue;
        }
        let mut shell = Command::new("bash");
        shell
            .args(["-e", "-o", "pipefail", "-c", line])
            .current_dir(&folder)
            .env("CARGO_TARGET_DIR", workspace::target())
            .env("CARGO_INSTALL_ROOT", &installed);
        workspace::forget_package(&mut shell);
        match edge_host(line) {
            Some(host) if !hosts.contains(&host) => continue,
            Some(Host::Workers) => setup::workers(&mut shell)?,
            _ => {}
        }
        setup::prepend_path(&mut shell, vec![program.clone()])?;
        println!("$ {line}");
        process::run(&mut shell).with_context(|| format!("`{line}` of ci.yml"))?;
    }
    Ok(())
}

fn lines(workflow: &str) -> Vec<&str> {
    let lines = workflow.lines().map(str::trim);
    lines
        .filter_map(|line| line.strip_prefix("- run: "))
        .collect()
}

/// The host that a line builds for, unless that is this machine.
fn edge_host(line: &str) -> Option<Host> {
    if line.contains("worker-build") {
        Some(Host::Workers)
    } else if line.contains("--target wasm32-wasip2") {
        Some(Host::Spin)
    } else {
        None
    }
}
