//! Load, from `wrk`: every server has its turn in every round, so that what disturbs the machine disturbs them alike.

use std::borrow::Borrow;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::Effort;
use super::aim::{Aim, Bound, figure};
use super::median::median;
use super::report::table;
use super::request::{CALL, Request};
use super::server::Serving;
use crate::{process, setup, workspace};

/// One kind of load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Case {
    pub(super) request: Request,
    pub(super) connections: u32,
}

impl Case {
    pub(super) const fn new(request: Request, connections: u32) -> Self {
        Self {
            request,
            connections,
        }
    }

    pub(super) fn name(&self) -> String {
        let plural = if self.connections == 1 { "" } else { "s" };
        format!(
            "{}, {} connection{plural}",
            self.request.label(),
            self.connections
        )
    }
}

/// How many requests per second each server answered, in every round of every case.
pub(super) struct Rates(Vec<Turn>);

struct Turn {
    round: usize,
    case: Case,
    server: &'static str,
    rate: f64,
}

/// Loads all servers with all cases.
pub(super) fn compare(
    servers: &[impl Borrow<Serving>],
    cases: &[Case],
    effort: &Effort,
) -> Result<Rates> {
    let servers: Vec<&Serving> = servers.iter().map(Borrow::borrow).collect();
    setup::system::program("wrk", &["wrk"], "puts servers under load")?;
    for server in &servers {
        for case in cases {
            case.request
                .ask(server.port, server.authorization.as_deref())
                .with_context(|| server.name)?;
        }
        // Just-in-time compilers compile while this runs.
        load(server, CALL, 16, effort.seconds)?;
    }
    let mut turns = Vec::new();
    for round in 0..effort.rounds {
        for case in cases {
            // No server is always first.
            for place in 0..servers.len() {
                let server = servers[(round + place) % servers.len()];
                turns.push(Turn {
                    round,
                    case: *case,
                    server: server.name,
                    rate: load(server, case.request, case.connections, effort.seconds)?,
                });
            }
        }
    }
    Ok(Rates(turns))
}

impl Rates {
    /// The rate of one server as a multiple of another's: the median over the rounds.
    pub(super) fn ratio(&self, case: Case, server: &str, reference: &str) -> f64 {
        median(
            self.pairs(case, server, reference)
                .map(|(server, reference)| server / reference),
        )
    }

    /// How many microseconds longer than with `reference` a request takes: the median over the rounds.
    pub(super) fn added(&self, case: Case, server: &str, reference: &str) -> f64 {
        // Each connection waits for one answer at a time.
        let each = |rate: f64| f64::from(case.connections) / rate * 1e6;
        median(
            self.pairs(case, server, reference)
                .map(|(server, reference)| each(server) - each(reference)),
        )
    }

    /// The rates of two servers in each round.
    fn pairs<'a>(
        &'a self,
        case: Case,
        server: &'a str,
        reference: &'a str,
    ) -> impl Iterator<Item = (f64, f64)> {
        let of = move |name, round| {
            let mut turns = self.0.iter();
            let turn =
                turns.find(|turn| turn.case == case && turn.server == name && turn.round == round);
            turn.map(|turn| turn.rate)
        };
        (0..).map_while(move |round| Some((of(server, round)?, of(reference, round)?)))
    }

    /// A row for each of `names`, a column for each case; `pair` says of which server to which other a row is.
    pub(super) fn table(
        &self,
        cases: &[Case],
        names: impl Iterator<Item = &'static str>,
        pair: impl Fn(&'static str) -> (&'static str, &'static str),
    ) -> String {
        let heads: Vec<String> = std::iter::once(String::new())
            .chain(cases.iter().map(Case::name))
            .collect();
        let rows = names.map(|name| {
            let (server, reference) = pair(name);
            let ratios = cases
                .iter()
                .map(|case| self.ratio(*case, server, reference));
            let ratios = ratios.map(|ratio| figure(ratio, ""));
            std::iter::once(name.to_owned()).chain(ratios).collect()
        });
        table(&heads, rows)
    }

    /// That `server` reaches at least so many times the rate of `reference`.
    pub(super) fn aim(
        &self,
        host: &str,
        case: Case,
        server: &str,
        reference: &str,
        least: f64,
    ) -> Aim {
        Aim {
            what: format!("{host}: {}, over {reference}", case.name()),
            bound: Bound::AtLeast(least),
            measured: self.ratio(case, server, reference),
            unit: "",
        }
    }
}

/// Requests per second.
fn load(server: &Serving, request: Request, connections: u32, seconds: u32) -> Result<f64> {
    let mut wrk = Command::new("wrk");
    // One thread: `wrk` shares the cores with the server.
    wrk.args(["--threads", "1", "--connections", &connections.to_string()])
        .args(["--duration", &format!("{seconds}s"), "--script"])
        .arg(workspace::root().join("benches/load.lua"))
        .arg(format!(
            "http://127.0.0.1:{}{}",
            server.port,
            request.path()
        ))
        .args(["--", request.http_method(), &request.body()]);
    for (name, value) in request.headers(server.authorization.as_deref()) {
        wrk.args([name, value]);
    }
    if let Some(path) = &server.authorizations {
        wrk.env("AUTHORIZATIONS", path);
    }
    let output = process::output(&mut wrk)?;
    let measured: Vec<f64> = output
        .lines()
        .last()
        .into_iter()
        .flat_map(str::split_whitespace)
        .map_while(|number| number.parse().ok())
        .collect();
    let [requests, microseconds, failed] = measured[..] else {
        anyhow::bail!("wrk said:\n{output}");
    };
    ensure!(failed == 0.0, "{} failed {failed} requests", server.name);
    Ok(requests / microseconds * 1e6)
}
