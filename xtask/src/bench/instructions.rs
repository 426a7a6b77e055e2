//! How many instructions a request takes, which does not depend on the machine's mood.

use std::process::Command;

use anyhow::{Context, Result};

use super::Effort;
use super::aim::figure;
use super::build;
use super::report::{Section, table};
use super::request::{CALL, LIST, Request};
use crate::{process, setup, workspace};

const PACKAGE: &str = "mcp-edge-bench-instructions";

pub(super) fn measure(effort: &Effort) -> Result<Section> {
    setup::system::program("valgrind", "valgrind", "counts instructions")?;
    build::ours()?;
    let mut rows = Vec::new();
    for request in [CALL, LIST] {
        let serve = per_request("serve", request, effort.requests)?;
        let parse = per_request("parse", request, effort.requests)?;
        rows.push(vec![
            request.method.to_owned(),
            figure(serve, ""),
            figure(serve / parse, ""),
        ]);
    }
    let heads = ["", "instructions", "over parsing"].map(str::to_owned);
    Ok(Section {
        text: format!(
            "\
## Instructions

How many instructions the runtime takes for a request, natively, under callgrind, with a host that costs nothing; and how
many times as many that is as building the same request and reading its body with serde_json takes:

{}",
            table(&heads, rows)
        ),
        aims: Vec::new(),
    })
}

/// What one more request takes: what twice as many take, less what starting takes.
fn per_request(way: &str, request: Request, count: u32) -> Result<f64> {
    let once = total(way, request, count)?;
    let twice = total(way, request, count * 2)?;
    Ok((twice - once) / f64::from(count))
}

fn total(way: &str, request: Request, count: u32) -> Result<f64> {
    let profile = workspace::target_folder("bench")?.join("callgrind.out");
    let mut valgrind = Command::new("valgrind");
    valgrind
        .args(["--tool=callgrind", "--quiet"])
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(workspace::target().join("release").join(PACKAGE))
        .args([way, &count.to_string(), &request.body()]);
    for (name, value) in request.headers() {
        valgrind.args([name, value]);
    }
    process::output(&mut valgrind)?;
    workspace::read(&profile)?
        .lines()
        .find_map(|line| line.strip_prefix("totals: ")?.trim().parse().ok())
        .context("callgrind tells no total")
}
