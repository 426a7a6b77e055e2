//! The Server Card, which a registry reads of every server again and again: natively and on workerd.

use std::process::Command;

use anyhow::Result;

use super::bundle::{self, Main, Source};
use super::load::{self, Case, Rates};
use super::report::Section;
use super::request::CARD;
use super::server::{Server, Serving};
use super::{Effort, build, native, workerd};

const OURS: &str = "mcp-edge";

const CASES: [Case; 2] = [Case::new(CARD, 1), Case::new(CARD, 16)];

/// At least so much of what a constant reaches.
const MIN_RATIO: f64 = 0.9;

/// It has a public URL, and so a card.
const SERVER: &str = "mcp-edge-bench-one-algorithm";

const SOURCES: [Source; 2] = [
    workerd::CONSTANT,
    Source {
        name: OURS,
        main: Main::Built("benches/one-algorithm"),
        flags: &["enable_request_signal"],
    },
];

pub(super) fn measure(effort: &Effort) -> Result<Section> {
    build::ours()?;
    build::others()?;
    build::worker("benches/one-algorithm")?;
    let bundles = bundle::all(&SOURCES)?;
    let workerd = workerd::workerd()?;

    let natively = compare([native::floor(), ours(native::ours(SERVER)?)], effort)?;
    let [floor, own] = &bundles[..] else {
        anyhow::bail!("as many bundles as sources");
    };
    let floor = Server {
        name: floor.name,
        command: workerd::command(floor, &workerd),
        authorization: None,
        authorizations: None,
    };
    let on_workerd = compare([floor, ours(workerd::command(own, &workerd))], effort)?;
    Ok(Section {
        text: text(&natively, &on_workerd),
        aims: [
            ("natively", &natively, native::FLOOR),
            ("workerd", &on_workerd, workerd::FLOOR),
        ]
        .into_iter()
        .flat_map(|(host, rates, floor)| {
            CASES.map(|case| rates.aim(host, case, OURS, floor, MIN_RATIO))
        })
        .collect(),
    })
}

fn ours(command: Box<dyn Fn(u16) -> Command>) -> Server {
    Server {
        name: OURS,
        command,
        authorization: None,
        authorizations: None,
    }
}

fn compare(servers: [Server; 2], effort: &Effort) -> Result<Rates> {
    let serving: Vec<Serving> = servers.iter().map(Server::start).collect::<Result<_>>()?;
    load::compare(&serving, &CASES, effort)
}

fn text(natively: &Rates, on_workerd: &Rates) -> String {
    let table =
        |rates: &Rates, floor| rates.table(&CASES, std::iter::once(OURS), |server| (server, floor));
    format!(
        "\
## The card

How often the Server Card is read each second, as a multiple of what hyper reaches that answers a constant:

{}
And of what a JavaScript Worker reaches that does:

{}
It is made when an instance is first asked for it, and no part of a start.
",
        table(natively, native::FLOOR),
        table(on_workerd, workerd::FLOOR),
    )
}
