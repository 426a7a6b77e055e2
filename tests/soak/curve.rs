//! What a process occupies over time, and whether that grows.

use std::fmt;
use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result};

/// How many rows the table has.
const ROWS: usize = 20;
/// How much more the last third may have than the second: a share of it, and so much besides.
const SHARE: usize = 5;
const KIB: usize = 2_048;
const DESCRIPTORS: usize = 32;

/// What a process occupies at one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    /// Its resident memory, in KiB.
    pub(crate) memory: usize,
    /// Its open file descriptors.
    pub(crate) descriptors: usize,
}

impl Sample {
    /// From `/proc` (proc_pid_status(5), proc_pid_fd(5)).
    pub(crate) fn take(process: u32) -> Result<Self> {
        let path = format!("/proc/{process}/status");
        let status = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
        let memory = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"))
            .with_context(|| format!("{path} has no VmRSS"))?;
        let path = format!("/proc/{process}/fd");
        let descriptors = fs::read_dir(&path).with_context(|| format!("cannot read {path}"))?;
        Ok(Self {
            memory: memory.parse()?,
            descriptors: descriptors.count(),
        })
    }
}

/// Samples in the order of their time.
pub(crate) struct Curve(Vec<Point>);

struct Point {
    time: Duration,
    served: u64,
    sample: Sample,
}

/// Whether one measure is flat.
pub(crate) struct Verdict {
    name: &'static str,
    unit: &'static str,
    second: usize,
    last: usize,
    most: usize,
    pub(crate) is_flat: bool,
}

impl Curve {
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn add(&mut self, time: Duration, served: u64, sample: Sample) {
        self.0.push(Point {
            time,
            served,
            sample,
        });
    }

    /// The first third is for what a server allocates once.
    pub(crate) fn verdicts(&self) -> [Verdict; 2] {
        let third = self.0.len() / 3;
        let verdict = |name, unit, room, measure: fn(&Sample) -> usize| {
            let second = median(&self.0[third..2 * third], measure);
            let last = median(&self.0[2 * third..], measure);
            let most = second + second * SHARE / 100 + room;
            Verdict {
                name,
                unit,
                second,
                last,
                most,
                is_flat: last <= most,
            }
        };
        [
            verdict("memory", " KiB", KIB, |sample| sample.memory),
            verdict("descriptors", "", DESCRIPTORS, |sample| sample.descriptors),
        ]
    }
}

fn median(points: &[Point], measure: fn(&Sample) -> usize) -> usize {
    let mut values: Vec<_> = points.iter().map(|point| measure(&point.sample)).collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

impl fmt::Display for Curve {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "| time | answers | memory, KiB | descriptors |")?;
        writeln!(formatter, "|---:|---:|---:|---:|")?;
        for points in self.0.chunks(self.0.len().div_ceil(ROWS).max(1)) {
            let Some(Point { time, served, .. }) = points.last() else {
                continue;
            };
            let (minutes, seconds) = (time.as_secs() / 60, time.as_secs() % 60);
            let memory = median(points, |sample| sample.memory);
            let descriptors = median(points, |sample| sample.descriptors);
            writeln!(
                formatter,
                "| {minutes}:{seconds:02} | {served} | {memory} | {descriptors} |"
            )?;
        }
        Ok(())
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            unit,
            second,
            last,
            most,
            is_flat,
        } = self;
        let word = if *is_flat { "flat" } else { "grows" };
        write!(
            formatter,
            "{name}: {word}; the median of the last third is {last}{unit}, of the second {second}{unit}, and {most}{unit} is the limit"
        )
    }
}
