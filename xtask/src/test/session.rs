//! One run: its lanes, what they share, and the result of each stage.

use std::collections::BTreeMap;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result};

use super::Tally;
use super::builds::{Builds, Examples};
use super::stages::{Lane, STAGES, Scope, Stage, Work};
use super::summary::{Cell, Summary};
use crate::host::{self, Host, Running};
use crate::{output, say, workspace};

/// What the stages of one run share.
pub(super) struct Session {
    pub(super) hosts: Vec<Host>,
    pub(super) scope: Scope,
    pub(super) builds: Builds,
    servers: Mutex<BTreeMap<(Host, &'static str), Running>>,
    summary: Mutex<Summary>,
    start: Instant,
    logs: PathBuf,
}

impl Session {
    pub(super) fn new(hosts: Vec<Host>, scope: Scope) -> Result<Self> {
        Ok(Self {
            summary: Mutex::new(Summary::new(&hosts)),
            hosts,
            scope,
            builds: Builds::default(),
            servers: Mutex::default(),
            start: Instant::now(),
            logs: workspace::target_folder("logs/test")?,
        })
    }

    /// Runs the stages that are wanted, each lane in a thread of its own.
    pub(super) fn run(&mut self, is_wanted: impl Fn(&Stage) -> bool) {
        let wanted: Vec<_> = STAGES.iter().filter(|stage| is_wanted(stage)).collect();
        self.builds.examples = match wanted.iter().any(|stage| stage.name == "deploy") {
            false => Examples::Plain,
            true if self.scope == Scope::Full => Examples::EachUploaded,
            true => Examples::Uploaded,
        };
        let session = &*self;
        std::thread::scope(|scope| {
            for lane in Lane::ALL {
                let wanted = &wanted;
                scope.spawn(move || {
                    for stage in wanted {
                        session.run_stage(stage, lane);
                    }
                });
            }
        });
    }

    /// Runs what a stage has to do in a lane, if anything.
    fn run_stage(&self, stage: &'static Stage, lane: Lane) {
        match (&stage.work, lane) {
            (Work::Once(own, work), lane) if *own == lane => {
                self.attempt(stage, None, || work(self));
            }
            (Work::OnEachHost(work), Lane::On(host)) if self.hosts.contains(&host) => {
                self.attempt(stage, Some(host), || work(self, host));
            }
            _ => {}
        }
    }

    /// Runs a stage. Its output goes into a file, and from there to the terminal at its end: lanes would mix it.
    fn attempt(
        &self,
        stage: &'static Stage,
        host: Option<Host>,
        work: impl FnOnce() -> Result<Tally>,
    ) {
        let place = host.map(|host| format!(" on {host}")).unwrap_or_default();
        let name = format!("{}{place}", stage.name);
        let path = self.logs.join(format!("{}.log", name.replace(' ', "-")));
        let log = File::create(&path)
            .with_context(|| format!("cannot open {}", path.display()))
            .map(Arc::new);
        println!("... {name}: {}", stage.about);
        let start = Instant::now();
        let tally = output::redirect(log.as_ref().ok().cloned(), || {
            // A mistake in this program fails the stage that it is in, and no other.
            let done = catch_unwind(AssertUnwindSafe(|| log.and_then(|_| work())));
            match done {
                Ok(Ok(tally)) => tally,
                Ok(Err(error)) => {
                    say!("error: {error:#}");
                    Tally::FAILED
                }
                Err(_) => {
                    say!("error: the stage panicked; see above its start on the terminal");
                    Tally::FAILED
                }
            }
        });
        let time = start.elapsed();
        let said = workspace::read_lossy(&path);
        println!(
            "\n=== {name}: {}\n{said}=== {name}: {tally} in {:.1} s",
            stage.about,
            time.as_secs_f32()
        );
        let mut summary = self.summary.lock().unwrap_or_else(PoisonError::into_inner);
        summary.record(Cell {
            stage,
            host,
            tally,
            start: start.duration_since(self.start),
            time,
        });
    }

    /// The suite `name`, to be run in the folder where cargo would run it.
    pub(super) fn suite(&self, name: &str) -> Result<Command> {
        let mut suite = Command::new(self.builds.native()?.suite(name)?);
        suite
            .arg("--quiet")
            .current_dir(workspace::root().join("tests"));
        Ok(suite)
    }

    /// The endpoint of a server on a host, started on first use and kept for later stages.
    pub(super) fn server(&self, host: Host, example: &'static str) -> Result<String> {
        self.builds.servers(host)?;
        let key = (host, example);
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mut server) = servers.remove(&key) {
            if !server.has_ended()? {
                let url = server.url().to_owned();
                servers.insert(key, server);
                return Ok(url);
            }
            say!("`{example}` on {host} had ended and is started again");
        }
        // Other lanes need not wait until it answers.
        drop(servers);
        let server = host::start_for_test(host, example)?;
        let url = server.url().to_owned();
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        servers.insert(key, server);
        Ok(url)
    }

    /// Shows the summary and keeps the times; the exit code says whether all passed.
    pub(super) fn finish(self) -> ExitCode {
        drop(self.servers);
        let summary = self
            .summary
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let minutes = self.start.elapsed().as_secs_f32() / 60.0;
        let kept = workspace::write(&self.logs.join("times.tsv"), &summary.times());
        if let Err(error) = kept {
            println!("\nthe times are not kept: {error:#}");
        }
        println!("\n{summary}\n{minutes:.1} minutes");
        // The last line is the total, for readers of the end alone.
        println!("{}", summary.total());
        if summary.total().failed == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}
