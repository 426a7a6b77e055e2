//! The programs of the gateway, for every host: those that tests deploy, and those of a release archive.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::host::{GATEWAY as PROGRAM, Host};
use crate::{process, say, setup, workspace};

/// The component of the gateway, as cargo names it.
const COMPONENT: &str = "mcp_edge_gateway.wasm";

/// How the programs are compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Profile {
    /// Quickly: natively without optimisation, for Workers without wasm-opt.
    Test,
    /// As they are released.
    Release,
}

/// Compiles the gateway for `host` as tests run it, and gives the folder with its programs, which `mcp-edge gateway build` takes
/// as `--prebuilt`.
pub fn build_for_tests(host: Host) -> Result<PathBuf> {
    let folder = workspace::target_folder("gateway")?;
    build(host, Profile::Test, &folder)?;
    Ok(folder)
}

/// Compiles the gateway for `hosts` as it is released, and gives the folder with its programs.
pub fn build_for_release(hosts: &[Host]) -> Result<PathBuf> {
    let folder = workspace::target_folder("bench/gateway/programs")?;
    for host in hosts {
        build(*host, Profile::Release, &folder)?;
    }
    Ok(folder)
}

fn build(host: Host, profile: Profile, folder: &Path) -> Result<()> {
    let source = workspace::root().join("gateway");
    match host {
        Host::Native => {
            let mut command = workspace::cargo(&["build", "--package", PROGRAM, "--bins"]);
            if profile == Profile::Release {
                command.arg("--release");
            }
            process::run(&mut command)?;
            let program = built("", profile).join(PROGRAM);
            replace(&program, &folder.join(PROGRAM))
        }
        Host::Workers => {
            let mut command = Command::new("worker-build");
            setup::workers(&mut command)?;
            command
                .arg("--release")
                .current_dir(&source)
                .env("CARGO_TARGET_DIR", workspace::target());
            if profile == Profile::Test {
                command.arg("--no-opt");
            }
            process::run(&mut command)?;
            copy_folder(&source.join("build"), &folder.join("worker"))
        }
        Host::Spin => {
            setup::rust::target("wasm32-wasip2", "Spin runs it")?;
            process::run(&mut workspace::cargo(&[
                "build",
                "--package",
                PROGRAM,
                "--lib",
                "--release",
                "--target",
                "wasm32-wasip2",
            ]))?;
            let component = built("wasm32-wasip2", Profile::Release).join(COMPONENT);
            replace(&component, &folder.join("gateway.wasm"))
        }
    }
}

fn built(target: &str, profile: Profile) -> PathBuf {
    workspace::target().join(target).join(match profile {
        Profile::Test => "debug",
        Profile::Release => "release",
    })
}

/// A copy that takes the place of the file there: a program that runs cannot be overwritten.
fn replace(from: &Path, to: &Path) -> Result<()> {
    let copy = || {
        let new = to.with_extension("new");
        std::fs::copy(from, &new)?;
        std::fs::rename(new, to)
    };
    copy().with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    let context = || format!("cannot copy {} to {}", from.display(), to.display());
    if to.exists() {
        std::fs::remove_dir_all(to).with_context(context)?;
    }
    std::fs::create_dir_all(to).with_context(context)?;
    for entry in std::fs::read_dir(from).with_context(context)? {
        let entry = entry.with_context(context)?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy_folder(&from, &to)?;
        } else {
            replace(&from, &to)?;
        }
    }
    Ok(())
}

const HELP: &str = "\
Builds a release archive: the program `mcp-edge` and the gateway for every host, with which a gateway is built and deployed without
Rust.

Usage: cargo xtask archive [--out DIR]

Options:
  --out DIR  Where the folder and its .tar.gz are written [default: target/archive]
";

/// `cargo xtask archive`
pub fn archive(mut arguments: lexopt::Parser) -> Result<std::process::ExitCode> {
    let mut out = None;
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Long("out") => out = Some(PathBuf::from(arguments.value()?)),
            lexopt::Arg::Long("help") | lexopt::Arg::Short('h') => {
                print!("{HELP}");
                return Ok(std::process::ExitCode::SUCCESS);
            }
            other => bail!(other.unexpected()),
        }
    }
    let out = match out {
        Some(out) => out,
        None => workspace::target_folder("archive")?,
    };
    let archive = write_archive(&out)?;
    say!("{}", archive.display());
    Ok(std::process::ExitCode::SUCCESS)
}

/// Writes the folder of a release, and packs it.
fn write_archive(out: &Path) -> Result<PathBuf> {
    let name = format!(
        "mcp-edge-{}-{}-{}",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::ARCH,
        std::env::consts::OS
    );
    let folder = out.join(&name);
    let programs = folder.join("gateway");
    for part in [&programs, &folder.join("bin")] {
        std::fs::create_dir_all(part)
            .with_context(|| format!("cannot make the folder {}", part.display()))?;
    }
    process::run(&mut workspace::cargo(&[
        "build",
        "--release",
        "--package",
        "mcp-edge-cli",
        "--bin",
        "mcp-edge",
    ]))?;
    replace(
        &built("", Profile::Release).join("mcp-edge"),
        &folder.join("bin/mcp-edge"),
    )?;
    for host in crate::host::ALL {
        build(host, Profile::Release, &programs)?;
    }
    for file in ["LICENSE", "gateway/README.md"] {
        let name = Path::new(file).file_name().unwrap_or_default();
        replace(&workspace::root().join(file), &folder.join(name))?;
    }
    copy_folder(&workspace::root().join("docs"), &folder.join("docs"))?;
    copy_folder(
        &workspace::root().join("gateway/openapi"),
        &folder.join("openapi"),
    )?;
    let packed = out.join(format!("{name}.tar.gz"));
    process::run(
        Command::new("tar")
            .arg("--create")
            .arg("--gzip")
            .arg("--file")
            .arg(&packed)
            .arg("--directory")
            .arg(out)
            .arg(&name),
    )?;
    Ok(packed)
}
