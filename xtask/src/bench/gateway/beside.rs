//! The gateway beside one proxy.

use anyhow::{Result, ensure};

use super::super::Effort;
use super::super::aim::{Aim, Bound, figure};
use super::super::load::{self, Case, Rates};
use super::super::report::table;
use super::super::request::CALL;
use super::super::server::{Server, Serving};
use super::{BESIDE, DIRECT, EXCHANGED, OURS, UNSIGNED};

const CASES: [Case; 2] = [Case::new(CALL, 1), Case::new(CALL, 16)];

/// How many of a plain proxy's requests per second the gateway reaches at least.
const MIN_RATIO: f64 = 0.5;

/// How many times as much as a call with a secret one with an exchanged token may take.
const MAX_EXCHANGED: f64 = 1.15;

/// What a proxy that is not there has in place of figures.
const ABSENT: &str = "not installed";

/// What the API, the proxy and the gateway reach.
pub(super) struct Beside {
    proxy: &'static str,
    rates: Rates,
    /// Why there is no proxy.
    absent: Option<String>,
}

impl Beside {
    /// Loads the API, the proxy if there is one, and both gateways.
    pub(super) fn measure(
        name: &'static str,
        proxy: Result<Server>,
        gateways: &[Server],
        api: &Serving,
        effort: &Effort,
    ) -> Result<Self> {
        let names: Vec<_> = gateways.iter().map(|gateway| gateway.name).collect();
        ensure!(names == BESIDE.map(|(name, _)| name), "{names:?}");
        let gateways: Vec<Serving> = gateways.iter().map(Server::start).collect::<Result<_>>()?;
        let absent = proxy.as_ref().err().map(|error| format!("{error:#}"));
        let proxy = proxy.ok().map(|proxy| proxy.start()).transpose()?;
        let servers: Vec<&Serving> = [Some(api), proxy.as_ref()]
            .into_iter()
            .flatten()
            .chain(&gateways)
            .collect();
        Ok(Self {
            proxy: name,
            rates: load::compare(&servers, &CASES, effort)?,
            absent,
        })
    }

    /// Requests per second, as a multiple of the proxy's.
    pub(super) fn rates(&self) -> String {
        let reference = match self.absent {
            Some(_) => DIRECT,
            None => self.proxy,
        };
        let ratio = |case, server: &str| figure(self.rates.ratio(case, server, reference), "");
        let mut text = self.table(&[DIRECT, self.proxy, OURS, UNSIGNED, EXCHANGED], ratio);
        if let Some(why) = &self.absent {
            text.push_str(&format!(
                "\n{} was not measured, and the figures are multiples of {DIRECT}: {why}.\n",
                self.proxy
            ));
        }
        text
    }

    /// Microseconds over a direct call.
    pub(super) fn added(&self) -> String {
        let added = |case, server: &str| figure(self.rates.added(case, server, DIRECT), "µs");
        self.table(&[self.proxy, OURS, UNSIGNED, EXCHANGED], added)
    }

    fn table(&self, names: &[&'static str], cell: impl Fn(Case, &str) -> String) -> String {
        let heads: Vec<String> = std::iter::once(String::new())
            .chain(CASES.iter().map(Case::name))
            .collect();
        let rows = names.iter().map(|name| {
            let cells = CASES.iter().map(|case| match &self.absent {
                Some(_) if *name == self.proxy => ABSENT.to_owned(),
                _ => cell(*case, name),
            });
            std::iter::once((*name).to_owned()).chain(cells).collect()
        });
        table(&heads, rows)
    }

    /// Without a proxy, there is nothing to reach of it.
    pub(super) fn aims(&self, host: &str) -> Vec<Aim> {
        let cases = CASES.iter().filter(|_| self.absent.is_none());
        let beside_proxy =
            cases.map(|case| self.rates.aim(host, *case, OURS, self.proxy, MIN_RATIO));
        let exchanged = CASES.iter().map(|case| Aim {
            what: format!(
                "{host}: {}, time of {EXCHANGED}, of that of {OURS}",
                case.name()
            ),
            bound: Bound::AtMost(MAX_EXCHANGED),
            // Of two rates the greater is the lesser time.
            measured: self.rates.ratio(*case, OURS, EXCHANGED),
            unit: "",
        });
        beside_proxy.chain(exchanged).collect()
    }
}
