//! The table at the end of a test run, and the file that keeps its times.

use std::fmt;
use std::time::Duration;

use super::Tally;
use super::stages::{STAGES, Stage};
use crate::host::Host;

/// What each stage came to, where.
pub(super) struct Summary {
    hosts: Vec<Host>,
    cells: Vec<Cell>,
}

/// What one stage came to on one host, or without one.
pub(super) struct Cell {
    pub(super) stage: &'static Stage,
    pub(super) host: Option<Host>,
    pub(super) tally: Tally,
    /// Since the run began.
    pub(super) start: Duration,
    pub(super) time: Duration,
}

impl Summary {
    pub(super) fn new(hosts: &[Host]) -> Self {
        Self {
            hosts: hosts.to_vec(),
            cells: Vec::new(),
        }
    }

    pub(super) fn record(&mut self, cell: Cell) {
        self.cells.push(cell);
    }

    pub(super) fn total(&self) -> Tally {
        self.cells.iter().map(|cell| cell.tally).sum()
    }

    /// The cells by stage, in the order of [`STAGES`].
    fn rows(&self) -> impl Iterator<Item = (&'static str, Vec<&Cell>)> {
        STAGES.iter().filter_map(|stage| {
            let of_stage = |cell: &&Cell| cell.stage.name == stage.name;
            let cells: Vec<_> = self.cells.iter().filter(of_stage).collect();
            (!cells.is_empty()).then_some((stage.name, cells))
        })
    }

    /// One line a stage and host: its name, the host, when it began and how long it took, in seconds, and its checks.
    pub(super) fn times(&self) -> String {
        let mut lines = "stage\thost\tstart\tseconds\tpassed\tfailed\tskipped\n".to_owned();
        for cell in self.rows().flat_map(|(_, cells)| cells) {
            let host = cell.host.map_or("-".to_owned(), |host| host.to_string());
            lines += &format!(
                "{}\t{host}\t{:.1}\t{:.1}\t{}\t{}\t{}\n",
                cell.stage.name,
                cell.start.as_secs_f32(),
                cell.time.as_secs_f32(),
                cell.tally.passed,
                cell.tally.failed,
                cell.tally.skipped
            );
        }
        lines
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:<24}{:>24}", "stage", "any host")?;
        for host in &self.hosts {
            write!(formatter, "{host:>24}")?;
        }
        for (name, cells) in self.rows() {
            write!(formatter, "\n{name:<24}")?;
            let columns = std::iter::once(None).chain(self.hosts.iter().copied().map(Some));
            for column in columns {
                let cell = cells.iter().find(|cell| cell.host == column);
                let shown = cell.map(|cell| shown(cell)).unwrap_or_default();
                write!(formatter, "{shown:>24}")?;
            }
        }
        Ok(())
    }
}

fn shown(cell: &Cell) -> String {
    let seconds = cell.time.as_secs_f32();
    let Tally {
        passed,
        failed,
        skipped,
    } = cell.tally;
    let mut shown = match failed {
        0 => format!("{passed} ok"),
        failed => format!("{failed} FAILED, {passed} ok"),
    };
    if skipped > 0 {
        shown += &format!(", {skipped} skipped");
    }
    shown + &format!(", {seconds:.0} s")
}
