//! What it costs a server that its events go somewhere: for a call, natively and on workerd, and for the upload; and how fast a
//! log is verified.

use std::process::Command;
use std::time::Instant;

use anyhow::{Result, ensure};

use super::aim::{Aim, Bound, figure};
use super::bundle::{self, Bundle, Main, Source};
use super::load::{self, Case, Rates};
use super::median::median;
use super::report::Section;
use super::request::CALL;
use super::server::{Server, Serving};
use super::tokens::PACKAGE;
use super::{Effort, build, native, workerd};
use crate::process::Group;
use crate::{process, workspace};

const LOG: &str = "the host's log";
const SINK: &str = "an OpenTelemetry collector";

/// Where benches/one-sink sends its events.
const COLLECTOR: &str = "127.0.0.1:19318";

const CASES: [Case; 2] = [Case::new(CALL, 1), Case::new(CALL, 16)];

/// How many times as long a call may take whose event goes to a sink afterwards.
const MAX_RATIO: f64 = 1.1;

/// How many events the log has that is verified, and how many of them each second should be.
const EVENTS: u32 = 200_000;
const EACH_SECOND: f64 = 200_000.0;

/// One server under three configurations.
const SOURCES: [Source; 3] = [
    Source {
        name: LOG,
        main: Main::Built("examples/hello"),
        flags: &["enable_request_signal"],
    },
    Source {
        name: SINK,
        main: Main::Built("benches/one-sink"),
        flags: &["enable_request_signal"],
    },
    Source {
        name: "all nine that are spoken to by HTTP, signed",
        main: Main::Built("benches/all-sinks"),
        flags: &["enable_request_signal"],
    },
];

pub(super) fn measure(effort: &Effort) -> Result<Section> {
    build::ours()?;
    build::others()?;
    let bundles = bundle::built(&SOURCES)?;
    let workerd = workerd::workerd()?;
    // Answers everything alike, so that what is measured is not a collector.
    let mut collector = Command::new(workspace::target().join("release/hyper-floor"));
    let _collector = Group::start(collector.arg(COLLECTOR))?;

    let natively = compare(
        [
            native::ours("hello")?,
            native::ours("mcp-edge-bench-one-sink")?,
        ],
        effort,
    )?;
    let worker = |place: usize| workerd::command(&bundles[place], &workerd);
    let on_workerd = compare([worker(0), worker(1)], effort)?;
    let verified = Verified::measure(effort)?;
    let mut aims: Vec<Aim> = [("natively", &natively), ("workerd", &on_workerd)]
        .into_iter()
        .flat_map(|(host, rates)| CASES.map(|case| aim(host, rates, case)))
        .collect();
    aims.push(verified.aim());
    Ok(Section {
        text: text(&natively, &on_workerd, &bundles, &verified),
        aims,
    })
}

fn compare(commands: [Box<dyn Fn(u16) -> Command>; 2], effort: &Effort) -> Result<Rates> {
    let serving: Vec<Serving> = [LOG, SINK]
        .into_iter()
        .zip(commands)
        .map(|(name, command)| {
            let server = Server {
                name,
                command,
                authorization: None,
                authorizations: None,
            };
            server.start()
        })
        .collect::<Result<_>>()?;
    load::compare(&serving, &CASES, effort)
}

/// How long it takes to verify a log.
struct Verified {
    /// Seconds of the verifier.
    verifying: f64,
    /// Times as long as `sha256sum` takes for the same file.
    over_reading: f64,
}

impl Verified {
    fn measure(effort: &Effort) -> Result<Self> {
        let release = workspace::target().join("release");
        let folder = workspace::target_folder("bench")?;
        let (log, keys) = (folder.join("log.ndjson"), folder.join("keys.json"));
        let mut write = Command::new(release.join(PACKAGE));
        process::run(write.arg("log").arg(EVENTS.to_string()).args([&log, &keys]))?;

        let (mut verifying, mut ratios) = (Vec::new(), Vec::new());
        for _ in 0..effort.rounds {
            let mut verify = Command::new(release.join("mcp-edge"));
            let verify = seconds(
                verify
                    .args(["audit", "verify", "--keys"])
                    .args([&keys, &log]),
            )?;
            let read = seconds(Command::new("sha256sum").arg(&log))?;
            verifying.push(verify);
            ratios.push(verify / read);
        }
        Ok(Self {
            verifying: median(verifying),
            over_reading: median(ratios),
        })
    }

    fn each_second(&self) -> f64 {
        f64::from(EVENTS) / self.verifying
    }

    fn aim(&self) -> Aim {
        Aim {
            what: "events verified each second".to_owned(),
            bound: Bound::AtLeast(EACH_SECOND),
            measured: self.each_second(),
            unit: "",
        }
    }
}

fn seconds(command: &mut Command) -> Result<f64> {
    let began = Instant::now();
    let output = command.output()?;
    let elapsed = began.elapsed();
    ensure!(
        output.status.success(),
        "{command:?} failed:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(elapsed.as_secs_f64())
}

fn text(natively: &Rates, on_workerd: &Rates, bundles: &[Bundle], verified: &Verified) -> String {
    let times = |rates: &Rates| {
        let names = [LOG, SINK].into_iter();
        rates.table(&CASES, names, |server| (LOG, server))
    };
    format!(
        "\
## Sinks

How long a call takes whose event goes to a sink after the response, as a multiple of one whose event goes to the host's log.
The receiver answers everything alike and shares the cores with the server and the load. Natively:

{}
On workerd:

{}
What sinks add to the upload, gzipped, as `wrangler deploy --dry-run` says it:

{}
`mcp-edge audit verify` checks a log of {EVENTS} events, in chains of 1,000 that are sealed every 20 events, at {} events each second, in
{} times as long as `sha256sum` takes to read it.
",
        times(natively),
        times(on_workerd),
        bundle::uploads(bundles, "the log"),
        figure(verified.each_second(), ""),
        figure(verified.over_reading, ""),
    )
}

fn aim(host: &str, rates: &Rates, case: Case) -> Aim {
    Aim {
        what: format!("{host}: {}, {SINK}, over {LOG}", case.name()),
        bound: Bound::AtMost(MAX_RATIO),
        // Of two rates the greater is the lesser time.
        measured: rates.ratio(case, LOG, SINK),
        unit: "",
    }
}
