//! `cargo xtask test`: every check, in order, with a summary at the end.

mod audit;
mod clients;
mod code;
mod deploy;
mod identity;
mod page;
mod pure;
mod served;
mod stages;
mod summary;
mod tally;

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};
use lexopt::Arg::{Long, Short};
use lexopt::ValueExt;

use self::stages::{STAGES, Stage, Work};
use self::summary::Summary;
pub use self::tally::Tally;
use crate::host::{self, Host, Running};
use crate::parallel;

fn help() -> String {
    let mut help = "\
Runs every check, on every host. A failed stage does not stop the ones that do not need it.

Usage: cargo xtask test [OPTIONS]

Options:
  --only STAGE[,STAGE]  Only these stages
  --host HOST[,HOST]    Only on native, workers or spin [default: all three]

Stages:
"
    .to_owned();
    for Stage { name, about, .. } in STAGES {
        help.push_str(&format!("  {name:<23} {about}\n"));
    }
    help
}

/// Runs the stages that are asked for; fails when one of them does.
pub fn main(mut arguments: lexopt::Parser) -> Result<ExitCode> {
    let mut only = None;
    let mut hosts = host::ALL.to_vec();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("only") => only = Some(known_stages(&arguments.value()?.string()?)?),
            Long("host") => {
                hosts = list(&arguments.value()?.string()?)
                    .map(str::parse)
                    .collect::<Result<_>>()?;
            }
            Long("help") | Short('h') => {
                print!("{}", help());
                return Ok(ExitCode::SUCCESS);
            }
            _ => return Err(argument.unexpected().into()),
        }
    }

    let mut session = Session::new(hosts);
    for stage in STAGES {
        if only.as_ref().is_none_or(|names| names.contains(stage.name)) {
            session.run(stage);
        }
    }
    Ok(session.finish())
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim)
}

fn known_stages(text: &str) -> Result<BTreeSet<String>> {
    for name in list(text) {
        if !STAGES.iter().any(|stage| stage.name == name) {
            bail!("there is no stage `{name}`; `cargo xtask test --help` lists them");
        }
    }
    Ok(list(text).map(str::to_owned).collect())
}

/// What the stages of one run share.
struct Session {
    hosts: Vec<Host>,
    built: BTreeSet<(Host, &'static str)>,
    servers: BTreeMap<(Host, &'static str), Running>,
    /// Hosts that could not be built: what needs them is not tried.
    broken: BTreeSet<Host>,
    summary: Summary,
}

impl Session {
    fn new(hosts: Vec<Host>) -> Self {
        Self {
            summary: Summary::new(&hosts),
            hosts,
            built: BTreeSet::new(),
            servers: BTreeMap::new(),
            broken: BTreeSet::new(),
        }
    }

    fn run(&mut self, stage: &Stage) {
        match stage.work {
            Work::Once(work) => self.attempt(stage, None, work),
            Work::OnEachHost(work) => {
                for host in self.hosts.clone() {
                    self.attempt(stage, Some(host), |session| {
                        if session.broken.contains(&host) {
                            bail!("not run: there is no build for {host}");
                        }
                        work(session, host)
                    });
                }
            }
        }
    }

    fn attempt(
        &mut self,
        stage: &Stage,
        host: Option<Host>,
        work: impl FnOnce(&mut Self) -> Result<Tally>,
    ) {
        let place = host.map(|host| format!(" on {host}")).unwrap_or_default();
        println!("\n=== {}{place}: {}", stage.name, stage.about);
        let start = Instant::now();
        let tally = work(self).unwrap_or_else(|error| {
            println!("error: {error:#}");
            Tally::FAILED
        });
        let time = start.elapsed();
        println!(
            "=== {}{place}: {tally} in {:.1} s",
            stage.name,
            time.as_secs_f32()
        );
        self.summary.record(stage.name, host, tally, time);
    }

    /// Compiles an example for a host, once.
    fn build(&mut self, host: Host, example: &'static str) -> Result<()> {
        self.build_all(host, &[example])
    }

    /// Compiles examples for a host, each once.
    fn build_all(&mut self, host: Host, examples: &[&'static str]) -> Result<()> {
        let mut missing = examples.to_vec();
        missing.retain(|example| !self.built.contains(&(host, *example)));
        let built = parallel::each(&missing, |example| host.build(example));
        for (example, built) in missing.into_iter().zip(built) {
            built?;
            self.built.insert((host, example));
        }
        Ok(())
    }

    /// The endpoint of an example on a host, started on first use and kept for later stages.
    fn server(&mut self, host: Host, example: &'static str) -> Result<String> {
        if let Some(server) = self.servers.get_mut(&(host, example)) {
            if !server.has_ended()? {
                return Ok(server.url().to_owned());
            }
            println!("`{example}` on {host} had ended and is started again");
        }
        self.build(host, example)?;
        let server = host::start_for_test(host, example)?;
        let url = server.url().to_owned();
        self.servers.insert((host, example), server);
        Ok(url)
    }

    fn finish(self) -> ExitCode {
        drop(self.servers);
        println!("\n{}", self.summary);
        // The very last line, for whoever reads only that.
        println!("{}", self.summary.total());
        if self.summary.total().failed == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}
