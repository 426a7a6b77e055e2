//! The table at the end of a test run.

use std::fmt;
use std::time::Duration;

use super::Tally;
use crate::host::Host;

/// What each stage came to, where.
pub(super) struct Summary {
    hosts: Vec<Host>,
    rows: Vec<Row>,
}

struct Row {
    stage: &'static str,
    cells: Vec<Cell>,
}

struct Cell {
    host: Option<Host>,
    tally: Tally,
    time: Duration,
}

impl Summary {
    pub(super) fn new(hosts: &[Host]) -> Self {
        Self {
            hosts: hosts.to_vec(),
            rows: Vec::new(),
        }
    }

    pub(super) fn record(
        &mut self,
        stage: &'static str,
        host: Option<Host>,
        tally: Tally,
        time: Duration,
    ) {
        let cell = Cell { host, tally, time };
        match self.rows.last_mut() {
            Some(row) if row.stage == stage => row.cells.push(cell),
            _ => self.rows.push(Row {
                stage,
                cells: vec![cell],
            }),
        }
    }

    pub(super) fn total(&self) -> Tally {
        let mut total = Tally::default();
        for cell in self.rows.iter().flat_map(|row| &row.cells) {
            total += cell.tally;
        }
        total
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:<24}{:>18}", "stage", "any host")?;
        for host in &self.hosts {
            write!(formatter, "{host:>18}")?;
        }
        writeln!(formatter, "{:>10}", "time")?;

        for row in &self.rows {
            write!(formatter, "{:<24}", row.stage)?;
            let columns = std::iter::once(None).chain(self.hosts.iter().copied().map(Some));
            for column in columns {
                let cell = row.cells.iter().find(|cell| cell.host == column);
                write!(formatter, "{:>18}", cell.map(shown).unwrap_or_default())?;
            }
            let time: Duration = row.cells.iter().map(|cell| cell.time).sum();
            writeln!(formatter, "{:>8.0} s", time.as_secs_f32())?;
        }

        let time: Duration = self
            .rows
            .iter()
            .flat_map(|row| &row.cells)
            .map(|cell| cell.time)
            .sum();
        write!(formatter, "{:.1} minutes", time.as_secs_f32() / 60.0)
    }
}

fn shown(cell: &Cell) -> String {
    match cell.tally {
        Tally { passed, failed: 0 } => format!("{passed} ok"),
        Tally { passed, failed } => format!("{failed} FAILED, {passed} ok"),
    }
}
