//! `cargo xtask soak`: a native server under mixed load, its memory and its descriptors over time.

mod curve;
mod load;

use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use mcp_edge_tests::audited::Hosting;
use mcp_edge_tests::recorder::wait_for;
use xtask::host::Host;
use xtask::process;

use crate::curve::{Curve, Sample};
use crate::load::Load;

/// How many samples are taken in all.
const SAMPLES: u32 = 120;
/// How many descriptors a server at rest may have more than before its first request: what it connects to, and its log.
const REST: usize = 8;

fn main() -> Result<ExitCode> {
    process::stop_children_on_signal()?;
    let minutes = std::env::args().nth(1);
    let minutes: u64 = minutes
        .context("the argument is a number of minutes")?
        .parse()?;
    let hosting = Hosting::from_environment()?;
    ensure!(
        hosting.host == Host::Native,
        "only a native server is under load"
    );
    let server = hosting.server("attacked", &[]);
    let before = Sample::take(server.id())?;

    let time = Duration::from_secs(60 * minutes);
    let mut curve = Curve::new();
    let load = Load::start(&server.endpoint);
    let start = Instant::now();
    let mut failure = None;
    while start.elapsed() < time && failure.is_none() {
        thread::sleep(time / SAMPLES);
        let sample = Sample::take(server.id()).context("the server has ended")?;
        curve.add(start.elapsed(), load.served(), sample);
        failure = load.failure();
    }
    println!("{curve}");
    drop(load);
    if let Some(failure) = failure {
        println!("failed: {failure}");
        return Ok(ExitCode::FAILURE);
    }
    wait_for("the descriptors of connections to be closed", || {
        let sample = Sample::take(server.id()).ok()?;
        (sample.descriptors <= before.descriptors + REST).then_some(())
    });
    let mut passed = true;
    for verdict in curve.verdicts() {
        println!("{verdict}");
        passed &= verdict.is_flat;
    }
    Ok(if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
