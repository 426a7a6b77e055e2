//! The process: threads, connections handed to them in turn, and its end.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::rc::Rc;
use std::thread;
use std::time::Duration;

use mcp_edge_runtime::config::Configuration;
use mcp_edge_runtime::host::SharedHost;
use mcp_edge_runtime::{BuildError, Runtime, Server};
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::LocalSet;

use crate::connections::Connections;
use crate::host::Native;
use crate::shared::Shared;
use crate::{listen, log};

type Build = fn() -> Result<Server, BuildError>;

/// How long each kind of work that is left may take once the process has been told to stop.
const GRACE: Duration = Duration::from_secs(30);
/// The exit status of a process that was told to stop and has lost events.
const LOST_EVENTS: u8 = 3;

/// Serves until the process is told to stop. `serve!` calls it.
pub fn main(server: Build, configuration: &'static Configuration) -> ExitCode {
    let done = match std::env::args().nth(1).as_deref() {
        None => run(server, configuration),
        Some("describe") => describe(server),
        Some(_) => Err("the only argument is `describe`, which prints what the server offers as JSON; without it the server runs".to_owned()),
    };
    match done {
        Ok(status) => status,
        Err(sentence) => {
            log::say(format_args!("{sentence}"));
            ExitCode::FAILURE
        }
    }
}

fn describe(server: Build) -> Result<ExitCode, String> {
    let server = server().map_err(|error| error.to_string())?;
    // An error means that standard output is closed.
    let _ = writeln!(std::io::stdout(), "{}", server.describe());
    Ok(ExitCode::SUCCESS)
}

/// The end of a process that served: its last words and its status.
fn farewell(lost: &BTreeMap<String, u64>) -> (String, ExitCode) {
    if lost.is_empty() {
        return ("stopped".to_owned(), ExitCode::SUCCESS);
    }
    let all = lost
        .values()
        .fold(0_u64, |sum, events| sum.saturating_add(*events));
    let each: Vec<_> = lost
        .iter()
        .map(|(sink, events)| format!("{events} for the sink `{sink}`"))
        .collect();
    let word = if all == 1 { "event" } else { "events" };
    let words = format!("stopped, and lost {all} {word}: {}", each.join(", "));
    (words, ExitCode::from(LOST_EVENTS))
}

fn run(server: Build, configuration: &'static Configuration) -> Result<ExitCode, String> {
    let address = listen::address()?;
    let executor = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start: {error}"))?;

    let shared = Shared::default();
    let host = Native::new(address.ip().is_loopback(), shared.clone());
    let started = executor
        .block_on(Runtime::new(server(), configuration).start(&host))
        .map_err(|error| error.to_string())?;

    // Only now: whoever can connect can be served.
    let listener = listen::bind(address)?;
    let address = listener
        .local_addr()
        .map_err(|error| format!("cannot tell the listening address: {error}"))?;
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut workers = Vec::with_capacity(cores);
    for number in 0..cores {
        let (connections, queue) = unbounded_channel();
        let shared = shared.clone();
        let is_first = number == 0;
        let thread = thread::Builder::new()
            .name("mcp-edge".to_owned())
            .spawn(move || {
                let host = Native::new(address.ip().is_loopback(), shared);
                let runtime = Runtime::new(server(), configuration);
                work(runtime, host, is_first, queue)
            })
            .map_err(|error| format!("cannot start a thread: {error}"))?;
        workers.push((connections, thread));
    }
    log::say(format_args!("callers: {}", started.callers));
    if let Some(refusal) = &started.refusal {
        log::say(format_args!(
            "warning: {address} is not a loopback address, so every request is answered with 503. {refusal}"
        ));
    }
    log::say(format_args!(
        "listening on http://{address}{}",
        started.path
    ));
    let queues: Vec<_> = workers.iter().map(|(queue, _)| queue.clone()).collect();
    executor.block_on(accept(listener, &queues))?;
    shared.stopping.begin();
    drop(queues);
    let mut lost = BTreeMap::new();
    for (connections, thread) in workers {
        drop(connections);
        // A thread that panicked has said so itself.
        for (sink, events) in thread.join().unwrap_or_default() {
            let all = lost.entry(sink).or_insert(0_u64);
            *all = all.saturating_add(events);
        }
    }
    let (words, status) = farewell(&lost);
    log::say(format_args!("{words}"));
    Ok(status)
}

/// Hands connections to the threads in turn, until a signal says to stop.
async fn accept(
    listener: TcpListener,
    queues: &[UnboundedSender<TcpStream>],
) -> Result<(), String> {
    let listener = tokio::net::TcpListener::from_std(listener)
        .map_err(|error| format!("cannot listen: {error}"))?;
    let on = |kind| signal(kind).map_err(|error| format!("cannot wait for signals: {error}"));
    let mut terminate = on(SignalKind::terminate())?;
    let mut interrupt = on(SignalKind::interrupt())?;
    let mut turn = queues.iter().cycle();
    loop {
        tokio::select! {
            _ = terminate.recv() => return Ok(()),
            _ = interrupt.recv() => return Ok(()),
            accepted = listener.accept() => match accepted {
                Ok((connection, _)) => {
                    if let (Ok(connection), Some(queue)) = (connection.into_std(), turn.next()) {
                        let _ = queue.send(connection);
                    }
                }
                // Out of descriptors, most likely: wait for some to be closed.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
        }
    }
}

/// One thread's work: a server of its own, and the connections it is handed. Gives the number of events that each sink has lost.
fn work(
    runtime: Runtime,
    host: Native,
    is_first: bool,
    mut queue: UnboundedReceiver<TcpStream>,
) -> BTreeMap<String, u64> {
    let executor = match Builder::new_current_thread().enable_all().build() {
        Ok(executor) => executor,
        Err(error) => {
            log::say(format_args!("cannot start a thread's executor: {error}"));
            return BTreeMap::new();
        }
    };
    let (runtime, host) = (Rc::new(runtime), Rc::new(host));
    let tasks = LocalSet::new();
    let served = tasks.run_until(async {
        // One is enough: the threads share the outbox.
        if is_first && let Err(error) = runtime.resume(Rc::clone(&host) as SharedHost).await {
            log::say(format_args!("{error}"));
        }
        let connections = Connections::new(Rc::clone(&runtime), Rc::clone(&host));
        while let Some(connection) = queue.recv().await {
            connections.serve(connection);
        }
        connections.finish().await;
        runtime.finish(GRACE, host).await
    });
    let lost = executor.block_on(served);
    // What handlers left to do after their responses, and the last lines of the log.
    let _ = executor.block_on(async { tokio::time::timeout(GRACE, tasks).await });
    lost
}
