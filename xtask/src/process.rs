//! Child processes, each in a process group of its own, so that what it starts itself ends with it.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// The groups that run now, for the signal handler.
static RUNNING: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

/// How long a stopped group may take to finish its work before it is killed.
const GRACE: Duration = Duration::from_secs(5);

/// Makes Ctrl-C and SIGTERM end every child before the program itself.
pub fn stop_children_on_signal() -> Result<()> {
    ctrlc::set_handler(|| {
        // Held to the end, so that nobody takes a child's end for news.
        let groups = running();
        for signal in [Signal::SIGTERM, Signal::SIGKILL] {
            for group in groups.iter() {
                // A group that has ended by itself is no error.
                let _ = killpg(Pid::from_raw(*group), signal);
            }
            std::thread::sleep(Duration::from_millis(500));
        }
        std::process::exit(130);
    })
    .context("cannot listen for Ctrl-C")
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
        let child = command
            .stdin(Stdio::null())
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start `{shown}`"))?;
        let id = i32::try_from(child.id()).context("a process id that does not fit")?;
        running().insert(id);
        Ok(Self { child, id })
    }

    /// The child's process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the child's own end.
    pub fn wait(&mut self) -> Result<ExitStatus> {
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

    fn stop(&mut self) {
        let id = Pid::from_raw(self.id);
        // An error means that nobody is left in the group.
        if killpg(id, Signal::SIGTERM).is_ok() {
            let deadline = Instant::now() + GRACE;
            while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(10));
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

/// Runs `command` to its end, its output on the terminal; an error unless it succeeds.
pub fn run(command: &mut Command) -> Result<()> {
    let shown = show(command);
    let status = Group::start(command)?.wait()?;
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

/// Runs `command` to its end and hands each line of both its outputs to `line`.
pub fn run_lines(command: &mut Command, mut line: impl FnMut(&str)) -> Result<ExitStatus> {
    let (reader, writer) = std::io::pipe().context("cannot make a pipe")?;
    let other = writer.try_clone().context("cannot make a pipe")?;
    let mut group = Group::start(command.stdout(writer).stderr(other))?;
    // The command still holds the writing ends, which would keep the pipe open for ever.
    command.stdout(Stdio::null()).stderr(Stdio::null());

    let mut reader = BufReader::new(reader);
    let mut bytes = Vec::new();
    while reader
        .read_until(b'\n', &mut bytes)
        .context("cannot read a child's output")?
        > 0
    {
        line(String::from_utf8_lossy(&bytes).trim_end());
        bytes.clear();
    }
    group.wait()
}

/// What `command` prints on its standard output; an error unless it succeeds.
pub fn output(command: &mut Command) -> Result<String> {
    let shown = show(command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start `{shown}`"))?;
    if !output.status.success() {
        bail!(
            "`{shown}` failed ({}): {}",
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
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
