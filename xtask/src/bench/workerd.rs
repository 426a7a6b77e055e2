//! On workerd: a Worker that answers a constant, the TypeScript handlers, and ours.
//!
//! workerd runs by itself: the proxy that `wrangler dev` puts before it would cost more than what is measured.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::Effort;
use super::aim::{Aim, Bound, figure};
use super::build;
use super::bundle::{self, Bundle, Main, Source};
use super::load::{self, Case, Rates};
use super::report::{Section, table};
use super::request::{CALL, LIST};
use super::server::{Server, Serving};
use super::starts::Starts;
use crate::process;
use crate::setup::{node, npm};

pub(super) const FLOOR: &str = "a constant";
const TYPESCRIPT: &str = "TypeScript server";
const AGENTS: &str = "`agents`";
const OURS: &str = "mcp-edge";
const QUIET: &str = "mcp-edge without its log";

/// What workerd itself costs.
pub(super) const CONSTANT: Source = Source {
    name: FLOOR,
    main: Main::JavaScript("floor.js"),
    flags: &[],
};

const SOURCES: [Source; 5] = [
    CONSTANT,
    Source {
        name: TYPESCRIPT,
        main: Main::JavaScript("typescript.js"),
        flags: &[],
    },
    Source {
        name: AGENTS,
        main: Main::JavaScript("agents.js"),
        // It imports `node:async_hooks`.
        flags: &["nodejs_compat"],
    },
    Source {
        name: OURS,
        main: Main::Built("examples/hello"),
        flags: &["enable_request_signal"],
    },
    Source {
        name: QUIET,
        main: Main::JavaScript("quiet.js"),
        flags: &["enable_request_signal"],
    },
];

const CASES: [Case; 4] = [
    Case::new(CALL, 1),
    Case::new(CALL, 16),
    Case::new(LIST, 1),
    Case::new(LIST, 16),
];

pub(super) fn measure(effort: &Effort) -> Result<Section> {
    build::worker("examples/hello")?;
    let bundles = bundle::all(&SOURCES)?;
    let workerd = workerd()?;
    let servers: Vec<Server> = bundles
        .iter()
        .map(|bundle| Server {
            name: bundle.name,
            command: command(bundle, &workerd),
            authorization: None,
            authorizations: None,
        })
        .collect();

    let starts = Starts::measure(&servers, effort)?;
    let serving: Vec<Serving> = servers.iter().map(Server::start).collect::<Result<_>>()?;
    let memory = || -> Result<Vec<f64>> { serving.iter().map(Serving::memory).collect() };
    let idle = memory()?;
    let rates = load::compare(&serving, &CASES, effort)?;
    let loaded = memory()?;
    let costs: Vec<Cost> = (bundles.iter().zip(idle).zip(loaded))
        .map(|((bundle, idle), loaded)| Cost {
            name: bundle.name,
            start: starts.of(bundle.name),
            start_over: starts.over(bundle.name, FLOOR),
            idle,
            loaded,
            upload: bundle.upload,
        })
        .collect();
    Ok(Section {
        text: text(&rates, &costs),
        aims: aims(&rates, &costs),
    })
}

/// What a server costs besides the time of its requests.
struct Cost {
    name: &'static str,
    /// Milliseconds to the first answer.
    start: f64,
    /// The same, over the floor's.
    start_over: f64,
    /// Megabytes after the first answer.
    idle: f64,
    /// Megabytes after the load.
    loaded: f64,
    /// KiB, compressed.
    upload: f64,
}

fn text(rates: &Rates, costs: &[Cost]) -> String {
    let names = costs.iter().map(|cost| cost.name);
    let floor = floor(costs);
    let rows = costs.iter().map(|cost| {
        vec![
            cost.name.to_owned(),
            figure(cost.start, "ms"),
            figure(cost.start_over, "ms"),
            figure(cost.idle - floor.idle, "MB"),
            figure(cost.loaded, "MB"),
            figure(cost.loaded - floor.loaded, "MB"),
            figure(cost.upload, "KiB"),
        ]
    });
    let heads = [
        "",
        "start",
        "start, over",
        "memory idle, over",
        "memory loaded",
        "memory loaded, over",
        "upload",
    ];
    format!(
        "\
## On workerd

Requests per second, as a multiple of what a JavaScript Worker reaches that answers a constant:

{}
Requests per second of mcp-edge, as a multiple of what the others reach. It writes a line to the log for each request; the
last row says what writing it costs, though not what putting it together does:

{}
From the start of the process to the first answer, resident memory after it and after the load above, and the upload, gzipped,
as `wrangler deploy --dry-run` says it; `over` is the difference to the constant's. The faster a server is, the more requests
the load made it answer:

{}",
        rates.table(&CASES, names, |server| (server, FLOOR)),
        rates.table(&CASES, [TYPESCRIPT, AGENTS, QUIET].into_iter(), |other| (
            OURS, other
        )),
        table(&heads.map(str::to_owned), rows),
    )
}

fn aims(rates: &Rates, costs: &[Cost]) -> Vec<Aim> {
    let at_most = |what: &str, limit, measured, unit| Aim {
        what: what.to_owned(),
        bound: Bound::AtMost(limit),
        measured,
        unit,
    };
    let floor = floor(costs);
    let mut aims = Vec::new();
    for cost in costs.iter().filter(|cost| cost.name == OURS) {
        aims.extend([
            at_most("upload of `hello`, gzipped", 200.0, cost.upload, "KiB"),
            at_most(
                "workerd: start, over a constant's",
                15.0,
                cost.start_over,
                "ms",
            ),
            at_most(
                "workerd: memory after load, over a constant's",
                30.0,
                cost.loaded - floor.loaded,
                "MB",
            ),
        ]);
    }
    for case in CASES.into_iter().filter(|case| case.connections == 16) {
        for (reference, least) in [(FLOOR, 0.5), (TYPESCRIPT, 3.0)] {
            aims.push(rates.aim("workerd", case, OURS, reference, least));
        }
    }
    aims
}

/// The first of `SOURCES`.
fn floor(costs: &[Cost]) -> &Cost {
    &costs[0]
}

/// The program itself: what npm puts into PATH is a script that starts it.
pub(super) fn workerd() -> Result<PathBuf> {
    let packages = npm::install(npm::Group::Workers)?;
    let path = process::output(
        node::command()?
            .args(["--print", "require('workerd').default"])
            .current_dir(packages),
    )?;
    Ok(path.into())
}

/// What serves a Worker on a port of 127.0.0.1.
pub(super) fn command(bundle: &Bundle, workerd: &Path) -> Box<dyn Fn(u16) -> Command> {
    let (workerd, config) = (workerd.to_owned(), bundle.config.clone());
    Box::new(move |port| {
        let mut command = Command::new(&workerd);
        command
            .arg("serve")
            .arg(&config)
            .arg(format!("--socket-addr=http=127.0.0.1:{port}"));
        command
    })
}
