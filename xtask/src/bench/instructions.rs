//! How many instructions a request takes, which does not depend on the machine's mood.

use std::process::Command;

use anyhow::{Context, Result};

use super::Effort;
use super::access;
use super::aim::figure;
use super::build;
use super::report::{Section, table};
use super::request::{CALL, LIST, Request};
use crate::{process, setup, workspace};

const PACKAGE: &str = "mcp-edge-bench-instructions";

pub(super) fn measure(effort: &Effort) -> Result<Section> {
    setup::system::program("valgrind", &["valgrind"], "counts instructions")?;
    build::ours()?;
    let mut rows = Vec::new();
    let authorization = access::authorization()?;
    let token = Some(authorization.as_str());
    for (way, tools, request, authorization, who) in [
        ("serve", 1, CALL, None, ""),
        ("serve", 1, LIST, None, ""),
        ("guard", 1, CALL, None, ", guarded, by an anonymous caller"),
        ("guard", 10, CALL, None, ", the same, with 10 tools"),
        ("guard", 100, CALL, None, ", the same, with 100 tools"),
        ("guard", 1000, CALL, None, ", the same, with 1,000 tools"),
        (
            "guard",
            1,
            CALL,
            token,
            ", guarded, with a remembered token",
        ),
    ] {
        let count = |way| per_request(way, tools, request, authorization, effort.requests);
        let (serve, parse) = (count(way)?, count("parse")?);
        rows.push(vec![
            format!("{}{who}", request.label()),
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
many times as many that is as building the same request and reading its body with serde_json takes. A guarded server has an
issuer and a policy that allows one tool, the last of its list. callgrind knows no instructions for SHA-256, which a processor has
and wasm has not, so that recognizing a token counts for more here than it costs natively:

{}",
            table(&heads, rows)
        ),
        aims: Vec::new(),
    })
}

/// What one more request takes: what twice as many take, less what starting takes.
fn per_request(
    way: &str,
    tools: usize,
    request: Request,
    authorization: Option<&str>,
    count: u32,
) -> Result<f64> {
    let once = total(way, tools, request, authorization, count)?;
    let twice = total(way, tools, request, authorization, count * 2)?;
    Ok((twice - once) / f64::from(count))
}

fn total(
    way: &str,
    tools: usize,
    request: Request,
    authorization: Option<&str>,
    count: u32,
) -> Result<f64> {
    let profile = workspace::target_folder("bench")?.join("callgrind.out");
    let mut valgrind = Command::new("valgrind");
    valgrind
        .args(["--tool=callgrind", "--quiet"])
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(workspace::target().join("release").join(PACKAGE))
        .args([way, &tools.to_string(), &count.to_string(), &request.body()]);
    for (name, value) in request.headers(authorization) {
        valgrind.args([name, value]);
    }
    process::output(&mut valgrind)?;
    workspace::read(&profile)?
        .lines()
        .find_map(|line| line.strip_prefix("totals: ")?.trim().parse().ok())
        .context("callgrind tells no total")
}
