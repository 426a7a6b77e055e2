//! `cargo xtask conformance`: the official suite against one host.

pub mod mounted;
mod results;

use std::fmt;
use std::process::ExitCode;
use std::str::FromStr;

use anyhow::{Context, Result, bail};
use lexopt::Arg::{Long, Short};
use lexopt::ValueExt;

use self::results::{Results, ScenarioResult};
use crate::host::{self, Host};
use crate::setup::{node, npm};
use crate::tally::Tally;
use crate::{process, say, workspace};

/// The example that has the fixtures which the suite looks for.
pub const EXAMPLE: &str = "conformance";

const HELP: &str = "\
Runs the official conformance suite against examples/conformance on one host.

Usage: cargo xtask conformance [OPTIONS]

Options:
  --host HOST          native, workers or spin [default: native]
  --revision REVISION  2026-07-28 or 2025-11-25 [default: 2026-07-28]

Scenarios that are expected to fail are in tests/conformance/<revision>.yaml. Reports and logs: target/conformance, target/logs.
";

/// A revision that the suite has requirements for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revision {
    /// 2026-07-28.
    Modern,
    /// 2025-11-25.
    Legacy,
}

impl Revision {
    /// Scenarios that the suite runs and does not score, but that we promise.
    fn promised(self) -> &'static [&'static str] {
        match self {
            Self::Modern => &[
                "http-header-validation",
                "http-custom-header-server-validation",
                "json-schema-2020-12",
            ],
            Self::Legacy => &[],
        }
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Modern => "2026-07-28",
            Self::Legacy => "2025-11-25",
        })
    }
}

impl FromStr for Revision {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "2026-07-28" => Ok(Self::Modern),
            "2025-11-25" => Ok(Self::Legacy),
            _ => bail!(
                "the suite has no requirements for `{name}`; it has them for 2026-07-28 and 2025-11-25"
            ),
        }
    }
}

/// Runs the suite; its last line is `N passed, N failed`, in scenarios.
pub fn main(mut arguments: lexopt::Parser) -> Result<ExitCode> {
    let mut host = Host::Native;
    let mut revision = Revision::Modern;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("host") => host = arguments.value()?.parse()?,
            Long("revision") => revision = arguments.value()?.parse()?,
            Long("help") | Short('h') => {
                print!("{HELP}");
                return Ok(ExitCode::SUCCESS);
            }
            _ => return Err(argument.unexpected().into()),
        }
    }
    host.build(EXAMPLE)?;
    let server = host::start_for_test(host, EXAMPLE)?;
    let tally = judge(server.url(), &host.to_string(), revision)?;
    drop(server);
    println!("{tally}");
    Ok(if tally.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Runs the suite against the server `name` at `url` and counts the scenarios that are required or promised.
pub fn judge(url: &str, name: &str, revision: Revision) -> Result<Tally> {
    let suite = npm::install(npm::Group::Conformance)?.join("@modelcontextprotocol/conformance");
    let baseline = workspace::root()
        .join("tests/conformance")
        .join(format!("{revision}.yaml"));
    let reports = workspace::target().join(format!("conformance/{name}-{revision}"));
    if reports.exists() {
        // Reports carry the time in their names: those of the run before would mix with these.
        std::fs::remove_dir_all(&reports)
            .with_context(|| format!("cannot remove {}", reports.display()))?;
    }
    std::fs::create_dir_all(&reports)
        .with_context(|| format!("cannot make the folder {}", reports.display()))?;

    let mut log = String::new();
    let status = process::run_lines(
        node::command()?
            .arg(suite.join("dist/index.js"))
            .args(["server", "--url", url])
            .args(["--requirements", &revision.to_string(), "--output-dir"])
            .arg(&reports)
            .arg("--expected-failures")
            .arg(&baseline),
        |line| {
            log.push_str(line);
            log.push('\n');
        },
    )?;
    workspace::write(&reports.join("output.txt"), &log)?;

    let required = workspace::read(&suite.join(format!("requirements/{revision}.yaml")))?;
    let results = Results::read(
        &reports,
        results::server_list(&required).chain(revision.promised().iter().copied()),
    )?;
    let verdict = ScenarioResult::new(&results, &workspace::read(&baseline)?);
    say!("{verdict}");
    let mut tally = verdict.tally();
    if !status.success() && tally.failed == 0 {
        say!(
            "the suite itself is not content ({status}); see {}",
            reports.join("output.txt").display()
        );
        tally.failed = 1;
    }
    Ok(tally)
}
