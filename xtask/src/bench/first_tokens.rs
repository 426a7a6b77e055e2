//! What a token costs that an instance has not seen before, under load.

use anyhow::{Context, Result};

use super::bundle;
use super::load::{self, Case, Rates};
use super::report::Section;
use super::request::CALL;
use super::server::Server;
use super::{Effort, access, build, identity, native, workerd};

const SERVER: &str = "mcp-edge-bench-all-algorithms";

/// Many times as many as the server remembers, so that a token is new again when its turn comes again.
const COUNT: usize = 2_000;

const CASES: [Case; 2] = [Case::new(CALL, 1), Case::new(CALL, 16)];

/// An algorithm, and what its rows are called.
const ALGORITHMS: [(&str, &str, &str); 3] = [
    ("RS256", "RS256, remembered", "RS256, first seen"),
    ("ES256", "ES256, remembered", "ES256, first seen"),
    ("ES384", "ES384, remembered", "ES384, first seen"),
];

/// The algorithms that nearly every provider uses, and how many of the requests with a remembered token those with a new one
/// reach at least.
const AIMED_AT: usize = 2;
const MIN_RATIO: f64 = 0.6;

pub(super) fn measure(effort: &Effort) -> Result<Section> {
    build::ours()?;
    let [.., source] = &identity::SOURCES;
    let bundles = bundle::built(std::slice::from_ref(source))?;
    let worker = bundles.first().context("a bundle is missing")?;
    let workerd = workerd::workerd()?;
    let mut sections = Vec::new();
    let mut aims = Vec::new();
    for (host, title) in [("native", "Natively"), ("workerd", "On workerd")] {
        let mut serving = Vec::new();
        for (algorithm, remembered, first) in ALGORITHMS {
            for (name, count) in [(remembered, 1), (first, COUNT)] {
                let authorizations = access::authorizations(algorithm, count)?;
                let server = Server {
                    name,
                    command: match host {
                        "native" => native::ours(SERVER)?,
                        _ => workerd::command(worker, &workerd),
                    },
                    authorization: None,
                    authorizations: Some(authorizations),
                };
                serving.push(server.start()?);
            }
        }
        let rates = load::compare(&serving, &CASES, effort)?;
        for (_, remembered, first) in ALGORITHMS.into_iter().take(AIMED_AT) {
            let case = CASES[1];
            let host = format!("{host}: {first}");
            aims.push(rates.aim(&host, case, first, remembered, MIN_RATIO));
        }
        sections.push(format!("{title}:\n\n{}", table(&rates)));
    }
    let text = format!(
        "\
## Tokens seen for the first time

Requests per second with tokens that the server has not seen, each of another subject, as a multiple of those with one token that
it remembers; the issuer's keys are at hand.

{}",
        sections.join("\n"),
    );
    Ok(Section { text, aims })
}

fn table(rates: &Rates) -> String {
    let names = ALGORITHMS.map(|(_, _, first)| first);
    rates.table(&CASES, names.into_iter(), |first| {
        let found = ALGORITHMS.iter().find(|(_, _, name)| *name == first);
        (first, found.map_or(first, |(_, remembered, _)| *remembered))
    })
}
