//! What it costs a server to know who is calling: for a call, natively and on workerd.

use std::process::Command;

use anyhow::Result;

use super::aim::{Aim, Bound};
use super::bundle::{self, Main, Source};
use super::load::{self, Case, Rates};
use super::report::Section;
use super::request::CALL;
use super::server::{Server, Serving};
use super::{Effort, access, build, native, workerd};

/// Not guarded: it has no issuers and no policy.
const OPEN: &str = "a server without issuers";
const ANONYMOUS: &str = "an anonymous caller";
const REMEMBERED: &str = "a remembered token";

const ONE_ALGORITHM: &str = "mcp-edge-bench-one-algorithm";

const CASES: [Case; 2] = [Case::new(CALL, 1), Case::new(CALL, 16)];

/// How many times as much as an anonymous call one with a remembered token may cost.
const MAX_RATIO: f64 = 1.1;

/// One server under three configurations, the one without issuers first.
pub(super) const SOURCES: [Source; 3] = [
    Source {
        name: OPEN,
        main: Main::Built("examples/hello"),
        flags: &["enable_request_signal"],
    },
    Source {
        name: "an issuer of RS256",
        main: Main::Built("benches/one-algorithm"),
        flags: &["enable_request_signal"],
    },
    Source {
        name: "an issuer of all algorithms",
        main: Main::Built("benches/all-algorithms"),
        flags: &["enable_request_signal"],
    },
];

pub(super) fn measure(effort: &Effort) -> Result<Section> {
    build::ours()?;
    let bundles = bundle::built(&SOURCES[..2])?;
    let workerd = workerd::workerd()?;

    let natively = compare(
        [
            native::ours("hello")?,
            native::ours(ONE_ALGORITHM)?,
            native::ours(ONE_ALGORITHM)?,
        ],
        effort,
    )?;
    let worker = |place: usize| workerd::command(&bundles[place], &workerd);
    let on_workerd = compare([worker(0), worker(1), worker(1)], effort)?;
    Ok(Section {
        text: text(&natively, &on_workerd),
        aims: [("natively", &natively), ("workerd", &on_workerd)]
            .into_iter()
            .flat_map(|(host, rates)| CASES.map(|case| aim(host, rates, case)))
            .collect(),
    })
}

/// Loads the server without issuers, and the one with an issuer by callers of both kinds.
fn compare(commands: [Box<dyn Fn(u16) -> Command>; 3], effort: &Effort) -> Result<Rates> {
    let authorizations = [None, None, Some(access::authorization()?)];
    let serving: Vec<Serving> = [OPEN, ANONYMOUS, REMEMBERED]
        .into_iter()
        .zip(commands)
        .zip(authorizations)
        .map(|((name, command), authorization)| {
            let server = Server {
                name,
                command,
                authorization,
                authorizations: None,
            };
            server.start()
        })
        .collect::<Result<_>>()?;
    load::compare(&serving, &CASES, effort)
}

fn text(natively: &Rates, on_workerd: &Rates) -> String {
    let times = |rates: &Rates| {
        let names = [OPEN, ANONYMOUS, REMEMBERED].into_iter();
        rates.table(&CASES, names, |server| (ANONYMOUS, server))
    };
    format!(
        "\
## Identity

How long a call takes, as a multiple of an anonymous call to the same server, which has an issuer of RS256 and one rule that
lets everybody call the tool. The token is verified with the first request, and remembered from then on. Natively:

{}
On workerd:

{}",
        times(natively),
        times(on_workerd),
    )
}

fn aim(host: &str, rates: &Rates, case: Case) -> Aim {
    Aim {
        what: format!("{host}: {}, {REMEMBERED}, over {ANONYMOUS}", case.name()),
        bound: Bound::AtMost(MAX_RATIO),
        // Of two rates the greater is the lesser time.
        measured: rates.ratio(case, ANONYMOUS, REMEMBERED),
        unit: "",
    }
}
