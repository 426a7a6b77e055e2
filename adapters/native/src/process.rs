//! The process: threads, connections handed to them in turn, and its end.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::pin::pin;
use std::process::ExitCode;
use std::rc::Rc;
use std::thread;
use std::time::Duration;

use futures_util::future::select;
use mcp_edge_runtime::host::SharedHost;
use mcp_edge_runtime::{Runtime, StartError, StartSummary, config};
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::LocalSet;
use tokio::time::{Instant, timeout};

use crate::arguments::Arguments;
use crate::census::{Census, Place};
use crate::connections::Connections;
use crate::host::Native;
use crate::stores::Store;
use crate::tally::Tally;
use crate::thread::Thread;
use crate::{descriptors, development, listen, log};

/// Makes the runtime of a thread.
type Make = fn() -> Runtime;

/// The part of `connections.shutdown_timeout` that requests in flight leave to the delivery of events, and its maximum.
const DELIVERY_SHARE: u32 = 4;
const MAX_DELIVERY: Duration = Duration::from_secs(5);
/// What a thread gets at least for what handlers left to do and for the last lines of the log.
const LAST_LINES: Duration = Duration::from_millis(100);
/// The exit status of a process that was told to stop and has lost events.
const LOST_EVENTS: u8 = 3;
/// The exit status of a process of which a thread has failed.
const BROKEN: u8 = 4;

/// Serves until the process is told to stop. `serve!` calls it, with the name and the version of the server's package.
pub fn main(runtime: Make, program: &str) -> ExitCode {
    let arguments = std::env::args_os().skip(1);
    let arguments = arguments.map(|argument| argument.to_string_lossy().into_owned());
    let done = Arguments::parse(arguments, program).and_then(|arguments| match arguments {
        Arguments::Serve { listen } => run(runtime, listen.as_deref()),
        Arguments::Describe => describe(runtime),
        Arguments::Print(text) => {
            // An error means that standard output is closed.
            let _ = write!(std::io::stdout(), "{text}");
            Ok(ExitCode::SUCCESS)
        }
    });
    match done {
        Ok(status) => status,
        Err(sentence) => {
            log::say(format_args!("{sentence}"));
            ExitCode::FAILURE
        }
    }
}

fn describe(runtime: Make) -> Result<ExitCode, String> {
    let described = on_this_thread(Native::new(true, Store::default()), async |host| {
        runtime().describe(&host).await
    })?
    .map_err(|error| error.to_string())?;
    // An error means that standard output is closed.
    let _ = writeln!(std::io::stdout(), "{described}");
    Ok(ExitCode::SUCCESS)
}

/// Runs `task` before there are threads that serve. What it logs is written, and what it started ends with it.
fn on_this_thread<T>(host: Native, task: impl AsyncFnOnce(SharedHost) -> T) -> Result<T, String> {
    let executor = executor()?;
    Ok(LocalSet::new().block_on(&executor, task(Rc::new(host))))
}

fn executor() -> Result<tokio::runtime::Runtime, String> {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start: {error}"))
}

/// The end of a process that served: its last words and its status.
fn log_end(lost: &BTreeMap<String, u64>, is_broken: bool) -> (String, ExitCode) {
    let (mut words, mut status) = ("stopped".to_owned(), ExitCode::SUCCESS);
    if !lost.is_empty() {
        let all = lost
            .values()
            .fold(0_u64, |sum, events| sum.saturating_add(*events));
        let each: Vec<_> = lost
            .iter()
            .map(|(sink, events)| format!("{events} for the sink `{sink}`"))
            .collect();
        let word = if all == 1 { "event" } else { "events" };
        words = format!("stopped, and lost {all} {word}: {}", each.join(", "));
        status = ExitCode::from(LOST_EVENTS);
    }
    if is_broken {
        words.push_str("; a thread failed, and the events that it had not delivered are lost");
        status = ExitCode::from(BROKEN);
    }
    (words, status)
}

/// Starts the server once before there are threads. One for development that has no keys gets some.
fn start(runtime: Make, address: SocketAddr, shared: &Store) -> Result<StartSummary, String> {
    let start = || {
        let host = Native::new(address.ip().is_loopback(), shared.clone());
        on_this_thread(host, async |host| runtime().start(&host).await)
    };
    let refusal = match start()? {
        Ok(started) => return Ok(started),
        Err(refusal) => refusal,
    };
    let StartError::NoKeys(secret) = refusal else {
        return Err(refusal.to_string());
    };
    let made = shared.ephemeral_keys.make(secret);
    made.map_err(|error| format!("cannot make keys: {error}"))?;
    let started = start()?.map_err(|error| error.to_string())?;
    if !development::may_make_keys(address, started.settings) {
        return Err(refusal.to_string());
    }
    log::say(format_args!(
        "{secret} is not set, so the server has made keys for this run, for development only: clients start again when it restarts"
    ));
    Ok(started)
}

fn run(runtime: Make, listen: Option<&str>) -> Result<ExitCode, String> {
    let address = listen::address(listen)?;
    let shared = Store::default();
    let started = start(runtime, address, &shared)?;
    let settings = started.settings;
    let tally = Tally::default();
    let census = census(&settings.connections, &tally);

    // Only now: a client that can connect can be served.
    let listener = listen::bind(address)?;
    let address = listener
        .local_addr()
        .map_err(|error| format!("cannot tell the listening address: {error}"))?;
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut queues = Vec::with_capacity(cores);
    let mut threads = Vec::with_capacity(cores);
    for number in 0..cores {
        let (connections, queue) = unbounded_channel();
        let shared = shared.clone();
        let worker = Worker {
            settings,
            is_first: number == 0,
            census: census.clone(),
            tally: tally.clone(),
            queue,
        };
        let thread = thread::Builder::new()
            .name("mcp-edge".to_owned())
            .spawn(move || {
                let host = Native::new(address.ip().is_loopback(), shared);
                work(runtime(), host, worker)
            })
            .map_err(|error| format!("cannot start a thread: {error}"))?;
        queues.push(connections);
        threads.push(thread);
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
    let accepted = executor()?.block_on(accept(listener, &queues, &census));
    shared.stopping.begin();
    let deadline = Instant::now().checked_add(settings.connections.shutdown_timeout);
    census.stop(deadline.unwrap_or_else(Instant::now));
    // All threads stop at once: at the end of their queues, by the deadline that is set.
    drop(queues);
    accepted?;
    let mut lost = BTreeMap::new();
    let mut is_broken = false;
    for thread in threads {
        // A thread that failed has said so itself.
        let Ok(Some(of_thread)) = thread.join() else {
            is_broken = true;
            continue;
        };
        for (sink, events) in of_thread {
            let all = lost.entry(sink).or_insert(0_u64);
            *all = all.saturating_add(events);
        }
    }
    let (words, status) = log_end(&lost, is_broken);
    log::say(format_args!("{words}"));
    Ok(status)
}

/// The connections that there may be: as many as the process can have.
fn census(connections: &config::Connections, tally: &Tally) -> Census {
    let descriptors = descriptors::raise();
    let max = descriptors::connections(connections.max, descriptors);
    if let (true, Some(descriptors)) = (max < connections.max, descriptors) {
        log::say(format_args!(
            "warning: connections.max is {}, but the process may open {descriptors} descriptors, so it serves {max} connections \
             at once; raise the limit (`ulimit -n`, LimitNOFILE), or lower connections.max",
            connections.max
        ));
    }
    Census::new(max, connections.max_per_address, tally.clone())
}

/// A connection on its way to the thread that serves it.
type Accepted = (TcpStream, Place);

/// Hands connections to the threads in turn, until a signal says to stop, or a thread has failed.
async fn accept(
    listener: TcpListener,
    queues: &[UnboundedSender<Accepted>],
    census: &Census,
) -> Result<(), String> {
    let listener = tokio::net::TcpListener::from_std(listener)
        .map_err(|error| format!("cannot listen: {error}"))?;
    let on = |kind| signal(kind).map_err(|error| format!("cannot wait for signals: {error}"));
    let mut terminate = on(SignalKind::terminate())?;
    let mut interrupt = on(SignalKind::interrupt())?;
    let mut turn = queues.iter().cycle();
    loop {
        tokio::select! {
            biased;
            _ = terminate.recv() => return Ok(()),
            _ = interrupt.recv() => return Ok(()),
            accepted = listener.accept() => match accepted {
                Ok((connection, client)) => {
                    let Some(place) = census.admit(client.ip()).await else {
                        continue;
                    };
                    if let (Ok(connection), Some(queue)) = (connection.into_std(), turn.next()) {
                        // Its receiver lives as long as the thread.
                        if queue.send((connection, place)).is_err() {
                            return Ok(());
                        }
                    }
                }
                // Out of descriptors, most likely: wait for one to be closed.
                Err(_) => {
                    census.displace(None);
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
        }
    }
}

/// What one thread gets.
struct Worker {
    settings: &'static config::Settings,
    is_first: bool,
    census: Census,
    tally: Tally,
    queue: UnboundedReceiver<Accepted>,
}

/// One thread's work: a server of its own, and the connections it is handed. Gives the number of events that each sink has lost,
/// or nothing if it could not begin.
fn work(runtime: Runtime, host: Native, worker: Worker) -> Option<BTreeMap<String, u64>> {
    let executor = match Builder::new_current_thread().enable_all().build() {
        Ok(executor) => executor,
        Err(error) => {
            log::say(format_args!("cannot start a thread's executor: {error}"));
            return None;
        }
    };
    let Worker {
        settings,
        is_first,
        census,
        tally,
        mut queue,
    } = worker;
    let host = Rc::new(host);
    let thread = Rc::new(Thread::new(
        runtime,
        Rc::clone(&host),
        settings,
        tally.clone(),
    ));
    let tasks = LocalSet::new();
    let served = tasks.run_until(async {
        // One is enough: the threads share the outbox and the tally.
        if is_first {
            let shared = Rc::clone(&host) as SharedHost;
            if let Err(error) = thread.runtime.resume(shared).await {
                log::say(format_args!("{error}"));
            }
        }
        let connections = Connections::new(Rc::clone(&thread));
        let serve = async {
            while let Some((connection, place)) = queue.recv().await {
                connections.serve(connection, place);
            }
        };
        if is_first {
            let report = pin!(tally.report(host.as_ref()));
            select(pin!(serve), report).await;
        } else {
            serve.await;
        }
        let deadline = census.deadline().unwrap_or_else(Instant::now);
        let delivery = settings
            .connections
            .shutdown_timeout
            .checked_div(DELIVERY_SHARE)
            .map_or(MAX_DELIVERY, |share| share.min(MAX_DELIVERY));
        let requests = deadline.checked_sub(delivery).unwrap_or(deadline);
        connections.finish(&census, requests).await;
        if is_first {
            tally.flush(host.as_ref());
        }
        let left = deadline.saturating_duration_since(Instant::now());
        let lost = thread.runtime.finish(left, host as SharedHost).await;
        (lost, deadline)
    });
    let (lost, deadline) = executor.block_on(served);
    // What handlers left to do after their responses, and the last lines of the log.
    let left = deadline.saturating_duration_since(Instant::now());
    let _ = executor.block_on(async { timeout(left.max(LAST_LINES), tasks).await });
    Some(lost)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_tells_how_a_process_ended() {
        let none = BTreeMap::new();
        assert_eq!(
            log_end(&none, false),
            ("stopped".to_owned(), ExitCode::SUCCESS)
        );
        let lost = BTreeMap::from([("siem".to_owned(), 3)]);
        let words = "stopped, and lost 3 events: 3 for the sink `siem`";
        assert_eq!(
            log_end(&lost, false),
            (words.to_owned(), ExitCode::from(LOST_EVENTS))
        );
        for lost in [none, lost] {
            let (words, status) = log_end(&lost, true);
            assert_eq!(status, ExitCode::from(BROKEN));
            assert!(words.contains("a thread failed"), "{words}");
        }
    }
}
