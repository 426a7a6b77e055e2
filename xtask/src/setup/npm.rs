//! Packages from npm, in groups, so that a command does not wait for what it does not use.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::{announce, lock};
use crate::{process, workspace};

/// Packages that are installed together; each is a folder in `xtask/npm` with its exact versions.
#[derive(Debug, Clone, Copy)]
pub enum Group {
    /// Node itself, for systems whose own is too old.
    Node,
    /// What builds and runs a Worker.
    Workers,
    /// The official conformance suite.
    Conformance,
    /// The official TypeScript clients and server.
    Clients,
    /// The OpenID provider of the tests.
    Provider,
    /// What drives a browser, and judges a page.
    Browser,
    /// The TypeScript servers that ours is measured beside.
    Bench,
    /// Public OpenAPI documents.
    Corpus,
    /// What validates requests against an OpenAPI document.
    Prism,
}

impl Group {
    fn folder(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Workers => "workers",
            Self::Conformance => "conformance",
            Self::Clients => "clients",
            Self::Provider => "provider",
            Self::Browser => "browser",
            Self::Bench => "bench",
            Self::Corpus => "corpus",
            Self::Prism => "prism",
        }
    }

    fn why(self) -> &'static str {
        match self {
            Self::Node => "this system's Node is too old for wrangler and the conformance suite",
            Self::Workers => "wrangler, workerd, wasm-opt and esbuild build and run a Worker",
            Self::Conformance => "the official conformance suite",
            Self::Clients => "the official TypeScript clients and server",
            Self::Provider => "the certified OpenID provider that tests sign in at",
            Self::Browser => "playwright drives a browser to the page for people, axe judges it",
            Self::Bench => "the TypeScript servers to measure beside",
            Self::Corpus => "public OpenAPI documents, 400 MB of them",
            Self::Prism => "Prism validates the requests that are built from OpenAPI documents",
        }
    }
}

/// Installs a group and returns its `node_modules`.
pub fn install(group: Group) -> Result<PathBuf> {
    let _lock = lock(group.folder())?;
    let source = workspace::root().join("xtask/npm").join(group.folder());
    let folder = workspace::target_folder("tools/npm")?.join(group.folder());
    let packages = folder.join("node_modules");
    let wanted = workspace::read(&source.join("package.json"))?;
    let stamp = folder.join("installed.json");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(packages);
    }

    announce(&format!("npm packages ({})", group.folder()), group.why());
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    workspace::write(&folder.join("package.json"), &wanted)?;
    // A lock file would name the packages of the platform that wrote it, and fail on the others.
    // Nothing here needs its install script, so that no package runs code before it is used.
    process::run(
        Command::new("npm")
            .args(["install", "--no-package-lock", "--ignore-scripts"])
            .args([
                "--no-audit",
                "--no-fund",
                "--no-progress",
                "--loglevel=error",
            ])
            .current_dir(&folder),
    )?;
    workspace::write(&stamp, &wanted)?;
    Ok(packages)
}
