//! Gateways that differ in the number of their operations.

use anyhow::{Result, ensure};

use super::super::Effort;
use super::super::aim::{Aim, Bound, figure};
use super::super::load::{self, Case, Rates};
use super::super::report::table;
use super::super::request::CALL;
use super::super::server::{Server, Serving};
use super::super::starts::Starts;

/// How many operations catalogs have, and what their rows are called; the smallest first.
pub(super) const CATALOGS: [(usize, &str); 3] = [
    (10, "10 operations"),
    (100, "100 operations"),
    (1000, "1,000 operations"),
];

const CASES: [Case; 1] = [Case::new(CALL, 16)];

/// How many times as much as the smallest catalog the largest may cost.
const MAX_GROWTH: f64 = 1.25;

/// What each catalog costs.
pub(super) struct Catalogs {
    starts: Starts,
    /// Megabytes after the first answer.
    idle: Vec<f64>,
    rates: Rates,
}

impl Catalogs {
    /// Starts each of `servers` several times, and loads all; they have the names of [`CATALOGS`].
    pub(super) fn measure(servers: &[Server], effort: &Effort) -> Result<Self> {
        let names: Vec<_> = servers.iter().map(|server| server.name).collect();
        ensure!(names == CATALOGS.map(|(_, name)| name), "{names:?}");
        let starts = Starts::measure(servers, effort)?;
        let serving: Vec<Serving> = servers.iter().map(Server::start).collect::<Result<_>>()?;
        let idle = serving.iter().map(Serving::memory).collect::<Result<_>>()?;
        let rates = load::compare(&serving, &CASES, effort)?;
        Ok(Self {
            starts,
            idle,
            rates,
        })
    }

    /// A row for each catalog, with its upload in KiB where there is one.
    pub(super) fn table(&self, uploads: Option<&[f64]>) -> String {
        let mut heads = vec![
            String::new(),
            "start".to_owned(),
            "memory idle".to_owned(),
            format!("time of a call, of that with {}", SMALLEST),
        ];
        heads.extend(uploads.map(|_| "upload".to_owned()));
        let rows = CATALOGS.iter().enumerate().map(|(place, (_, name))| {
            let mut row = vec![
                (*name).to_owned(),
                figure(self.starts.of(name), "ms"),
                figure(self.idle[place], "MB"),
                figure(self.time(name), ""),
            ];
            row.extend(uploads.map(|uploads| figure(uploads[place], "KiB")));
            row
        });
        table(&heads, rows)
    }

    /// Of two rates the greater is the lesser time.
    fn time(&self, name: &str) -> f64 {
        self.rates.ratio(CASES[0], SMALLEST, name)
    }

    pub(super) fn aims(&self, host: &str) -> Vec<Aim> {
        let last = self.idle.len() - 1;
        [
            ("start", self.starts.of(LARGEST) / self.starts.of(SMALLEST)),
            ("memory", self.idle[last] / self.idle[0]),
            ("time of a call", self.time(LARGEST)),
        ]
        .into_iter()
        .map(|(what, measured)| Aim {
            what: format!("{host}: {what} with {LARGEST}, of that with {SMALLEST}"),
            bound: Bound::AtMost(MAX_GROWTH),
            measured,
            unit: "",
        })
        .collect()
    }
}

const SMALLEST: &str = CATALOGS[0].1;
const LARGEST: &str = CATALOGS[2].1;
