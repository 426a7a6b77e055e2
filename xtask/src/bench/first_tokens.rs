//! What a token costs that an instance has not seen before, under load; and what verifying costs the upload.

use anyhow::{Result, anyhow};

use super::aim::{Aim, Bound};
use super::bundle::{self, Bundle};
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

/// How much issuers may add to the upload, in KiB, gzipped.
const MAX_UPLOAD: f64 = 12.0;

pub(super) fn measure(effort: &Effort) -> Result<Section> {
    build::ours()?;
    let [unguarded, one, all] = bundle::built(&identity::SOURCES)?
        .try_into()
        .map_err(|_| anyhow!("a bundle is missing"))?;
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
                        _ => workerd::command(&all, &workerd),
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
    aims.extend([&one, &all].map(|guarded| upload(guarded, &unguarded)));
    let text = format!(
        "\
## Tokens seen for the first time

Requests per second with tokens that the server has not seen, each of another subject, as a multiple of those with one token that
it remembers; the issuer's keys are at hand.

{}
What an issuer adds to the upload, gzipped, as `wrangler deploy --dry-run` says it, of the same server with no issuer, with
one of a single algorithm, and with one of all nine:

{}",
        sections.join("\n"),
        bundle::uploads(&[unguarded, one, all], "none"),
    );
    Ok(Section { text, aims })
}

/// How much more a server with issuers may upload than one without.
fn upload(guarded: &Bundle, unguarded: &Bundle) -> Aim {
    Aim {
        what: format!("upload with {}, over {}", guarded.name, unguarded.name),
        bound: Bound::AtMost(MAX_UPLOAD),
        measured: guarded.upload - unguarded.upload,
        unit: "KiB",
    }
}

fn table(rates: &Rates) -> String {
    let names = ALGORITHMS.map(|(_, _, first)| first);
    rates.table(&CASES, names.into_iter(), |first| {
        let found = ALGORITHMS.iter().find(|(_, _, name)| *name == first);
        (first, found.map_or(first, |(_, remembered, _)| *remembered))
    })
}
