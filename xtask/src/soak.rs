//! `cargo xtask soak`: a native server under mixed load for a long time.

use std::ops::RangeInclusive;
use std::process::{Command, ExitCode};

use anyhow::{Result, bail};
use lexopt::Arg::{Long, Short};
use lexopt::ValueExt;

use crate::audit::SERVER;
use crate::host::Host;
use crate::{process, workspace};

/// A command that runs for much longer is stopped.
const MINUTES: RangeInclusive<u32> = 1..=25;

/// The program in `tests/soak`.
const PROGRAM: &str = "mcp-edge-soak";

const HELP: &str = "\
Puts a native server under mixed load: good clients over HTTP/1.1 and HTTP/2, early refusals, and clients that leave, do not
read their answers, send nothing or take their requests back. Prints its resident memory and its open file descriptors over
time, from /proc, so that it needs Linux.

Fails when a good client or a refused one loses an answer; when memory or descriptors grow: the median of the last third of
the run is more than 5% and 2 MiB (32 descriptors) above that of the second third; or when connections stay open after their
clients have left. It is not a part of `cargo xtask test`.

Usage: cargo xtask soak [OPTIONS]

Options:
  --minutes NUMBER  How long it runs, from 1 to 25 [default: 10]
";

/// Builds the server and the load, and runs both.
pub fn main(mut arguments: lexopt::Parser) -> Result<ExitCode> {
    let mut minutes = 10_u32;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("minutes") => minutes = arguments.value()?.parse()?,
            Long("help") | Short('h') => {
                print!("{HELP}");
                return Ok(ExitCode::SUCCESS);
            }
            _ => return Err(argument.unexpected().into()),
        }
    }
    if !MINUTES.contains(&minutes) {
        let (least, most) = (MINUTES.start(), MINUTES.end());
        bail!("--minutes must be from {least} to {most}, got {minutes}");
    }
    Host::Native.build(SERVER)?;
    let mut build = workspace::cargo(&["build", "--package", "mcp-edge-tests"]);
    process::run(build.args(["--bin", PROGRAM]))?;
    let program = workspace::target().join("debug").join(PROGRAM);
    let mut soak = Command::new(program);
    soak.arg(minutes.to_string())
        .env("MCP_EDGE_HOST", Host::Native.to_string());
    process::run(&mut soak)?;
    Ok(ExitCode::SUCCESS)
}
