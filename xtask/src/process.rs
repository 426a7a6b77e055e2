//! Child processes, each in a process group of its own, so that what it starts itself ends with it.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SendError};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;

use crate::output;

/// The groups that run now, for the signal handler.
static RUNNING: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

/// How long a stopped group may take to finish its work before it is killed.
const GRACE: Duration = Duration::from_secs(5);

/// The same for the children of a program that is stopped itself. Shorter, so that it ends before its parent kills it.
const GRACE_OF_CHILDREN: Duration = Duration::from_secs(2);

/// How long what a child leaves behind may hold its output open.
const DRAIN: Duration = Duration::from_secs(5);

/// Longer than anything takes that runs to its end, on a machine that is busy with something else: only what hangs meets it.
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// Between two looks at a child.
const INTERVAL: Duration = Duration::from_millis(10);

/// Makes Ctrl-C and SIGTERM end every child before the program itself.
pub fn stop_children_on_signal() -> Result<()> {
    ctrlc::set_handler(|| {
        // Held to the end, so that no other thread reports the end of a child.
        let groups = running();
        stop(&groups);
        std::process::exit(130);
    })
    .context("cannot listen for Ctrl-C")
}

/// Ends every child that still runs: one that a `static` holds is not dropped at the end of the program.
pub fn stop_children() {
    let mut groups = running();
    stop(&groups);
    groups.clear();
}

fn stop(groups: &BTreeSet<i32>) {
    for group in groups {
        // A group that has ended by itself is no error.
        let _ = killpg(Pid::from_raw(*group), Signal::SIGTERM);
    }
    let deadline = Instant::now() + GRACE_OF_CHILDREN;
    while groups.iter().any(|group| is_alive(*group)) && Instant::now() < deadline {
        std::thread::sleep(INTERVAL);
    }
    for group in groups {
        let _ = killpg(Pid::from_raw(*group), Signal::SIGKILL);
    }
}

/// Whether anybody is left in a group, but for a child that has ended and was only not yet asked how.
fn is_alive(group: i32) -> bool {
    let group = Pid::from_raw(group);
    let _ = waitpid(group, Some(WaitPidFlag::WNOHANG));
    killpg(group, None).is_ok()
}

fn running() -> MutexGuard<'static, BTreeSet<i32>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A running child and everything that it started; dropping it ends them all.
#[derive(Debug)]
pub struct Group {
    child: Child,
    id: i32,
}

impl Group {
    /// Starts `command` with nothing to read.
    pub fn start(command: &mut Command) -> Result<Self> {
        let shown = show(command);
        // Held while it starts, so that the handler of signals misses none.
        let mut groups = running();
        let child = command
            .stdin(Stdio::null())
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start `{shown}`"))?;
        let id = i32::try_from(child.id()).context("a process id that does not fit")?;
        groups.insert(id);
        Ok(Self { child, id })
    }

    /// The child's process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the child's own end, and meanwhile does `work` with what arrives from `pieces`. It then ends whatever else is
    /// left of the group. An error when the child takes longer than anything may.
    fn end<T>(
        mut self,
        shown: &str,
        pieces: &Receiver<T>,
        mut work: impl FnMut(T),
    ) -> Result<ExitStatus> {
        let deadline = Instant::now() + LIMIT;
        let mut is_open = true;
        let status = loop {
            if is_open {
                match pieces.recv_timeout(INTERVAL) {
                    Ok(piece) => work(piece),
                    Err(RecvTimeoutError::Disconnected) => is_open = false,
                    Err(RecvTimeoutError::Timeout) => {}
                }
            } else {
                std::thread::sleep(INTERVAL);
            }
            if let Some(status) = self.ended()? {
                break status;
            }
            if Instant::now() > deadline {
                bail!(
                    "`{shown}` did not end within {} minutes, and was stopped",
                    LIMIT.as_secs() / 60
                );
            }
        };
        drop(self);
        // A process of another group may have the child's output as well: it is not waited for for long.
        let deadline = Instant::now() + DRAIN;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match pieces.recv_timeout(left) {
                Ok(piece) if !left.is_zero() => work(piece),
                _ => return Ok(status),
            }
        }
    }

    /// Waits for the child's own end.
    fn wait(&mut self) -> Result<ExitStatus> {
        let status = self
            .child
            .wait()
            .context("cannot wait for a child process")?;
        running().remove(&self.id);
        Ok(status)
    }

    /// How the child ended, or `None` while it runs.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        let _groups = running();
        self.child
            .try_wait()
            .context("cannot ask after a child process")
    }

    /// Ends the child and everything that it started as a power cut would, without a last word.
    pub fn kill(mut self) -> Result<()> {
        killpg(Pid::from_raw(self.id), Signal::SIGKILL).context("cannot kill a child process")?;
        self.wait().map(drop)
    }

    /// Asks the child and everything that it started to end, and waits for how the child ends.
    pub fn terminate(mut self) -> Result<ExitStatus> {
        killpg(Pid::from_raw(self.id), Signal::SIGTERM).context("cannot stop a child process")?;
        self.wait()
    }

    /// Does what Ctrl-C in a terminal does, and waits for how the child ends.
    pub fn interrupt(mut self) -> Result<ExitStatus> {
        killpg(Pid::from_raw(self.id), Signal::SIGINT)
            .context("cannot interrupt a child process")?;
        self.wait()
    }

    fn stop(&mut self) {
        let id = Pid::from_raw(self.id);
        // An error means that no process is left in the group.
        if killpg(id, Signal::SIGTERM).is_ok() {
            let deadline = Instant::now() + GRACE;
            while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
                std::thread::sleep(INTERVAL);
            }
            let _ = killpg(id, Signal::SIGKILL);
        }
        let _ = self.child.wait();
        running().remove(&self.id);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Runs `command` to its end, its output where this thread's goes; an error unless it succeeds.
pub fn run(command: &mut Command) -> Result<()> {
    let shown = show(command);
    command.stdout(output::stdio()?).stderr(output::stdio()?);
    let (_, nothing) = mpsc::channel::<()>();
    let status = Group::start(command)?.end(&shown, &nothing, drop)?;
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

/// Runs `command` to its end and hands each line of both its outputs to `line`.
pub fn run_lines(command: &mut Command, mut line: impl FnMut(&str)) -> Result<ExitStatus> {
    let shown = show(command);
    let (reader, writer) = std::io::pipe().context("cannot make a pipe")?;
    let other = writer.try_clone().context("cannot make a pipe")?;
    let group = Group::start(command.stdout(writer).stderr(other))?;
    // The command still holds the writing ends, which would keep the pipe open.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let (sender, lines) = mpsc::channel();
    read_lines(reader, move |bytes| sender.send(bytes));
    group.end(&shown, &lines, |bytes: Vec<u8>| {
        line(String::from_utf8_lossy(&bytes).trim_end());
    })
}

/// Sends each line from a thread of its own, which ends with the output, or with the receiver.
fn read_lines<T>(
    reader: impl Read + Send + 'static,
    send: impl Fn(Vec<u8>) -> Result<(), SendError<T>> + Send + 'static,
) {
    std::thread::spawn(move || {
        let mut reader = BufReader::new(reader);
        loop {
            let mut bytes = Vec::new();
            // An output that cannot be read has ended.
            let read = reader.read_until(b'\n', &mut bytes).unwrap_or(0);
            if read == 0 || send(bytes).is_err() {
                return;
            }
        }
    });
}

/// What `command` prints on its standard output; an error unless it succeeds.
pub fn output(command: &mut Command) -> Result<String> {
    let shown = show(command);
    let (output, writer) = std::io::pipe().context("cannot make a pipe")?;
    let (errors, other) = std::io::pipe().context("cannot make a pipe")?;
    let group = Group::start(command.stdout(writer).stderr(other))?;
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let (sender, lines) = mpsc::channel();
    let other = sender.clone();
    read_lines(output, move |line| sender.send((false, line)));
    read_lines(errors, move |line| other.send((true, line)));
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    let status = group.end(&shown, &lines, |(is_error, line)| {
        let text = if is_error { &mut errors } else { &mut output };
        text.extend(line);
    })?;
    if !status.success() {
        bail!(
            "`{shown}` failed ({status}): {}",
            String::from_utf8_lossy(&errors).trim()
        );
    }
    Ok(String::from_utf8_lossy(&output).trim().to_owned())
}

/// Where `program` is in PATH.
pub fn find(program: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}

/// The command without its environment, which may hold keys.
fn show(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    let mut shown = name.display().to_string();
    for argument in command.get_args() {
        shown.push(' ');
        shown.push_str(&argument.display().to_string());
    }
    shown
}
