//! Programs that are asked one question.

use std::ffi::OsStr;
use std::io::{ErrorKind, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::{CheckResult, Problem, Project};
use crate::style::shown;

/// What a program says of its version is much shorter.
const MAX_OUTPUT_BYTES: u64 = 16 << 10;
/// How often it is asked whether it has ended.
const PAUSE: Duration = Duration::from_millis(5);

/// Why a program gave no answer.
pub(super) enum ProgramError {
    /// There is no such program in PATH.
    Missing,
    /// It could not be started, failed, or took too long.
    Failed(String),
}

/// What `program` prints when it is asked with `arguments`.
pub(super) fn ask(
    here: &Project<'_>,
    program: impl AsRef<OsStr>,
    arguments: &[&str],
) -> Result<String, ProgramError> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(&here.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| match error.kind() {
        ErrorKind::NotFound => ProgramError::Missing,
        _ => ProgramError::Failed(format!("cannot be started: {error}")),
    })?;
    let answer = listen(&mut child, here.timeout);
    if answer.is_err() {
        // One that has ended meanwhile cannot be killed.
        let _ = child.kill();
    }
    // A killed process has ended.
    let _ = child.wait();
    answer
}

/// The output of `child`, which has `timeout` to end well.
fn listen(child: &mut Child, timeout: Duration) -> Result<String, ProgramError> {
    let late = || ProgramError::Failed(format!("has not answered within {timeout:?}"));
    let began = Instant::now();
    let (sender, receiver) = mpsc::channel();
    if let Some(output) = child.stdout.take() {
        // A program may leave its output to one that does not end; that one is not waited for.
        thread::spawn(move || {
            let mut text = Vec::new();
            let read = output.take(MAX_OUTPUT_BYTES).read_to_end(&mut text);
            let _ = sender.send(read.map(|_| text));
        });
    }
    let text = receiver.recv_timeout(timeout).map_err(|_| late())?;
    let text = text.map_err(|error| ProgramError::Failed(format!("cannot be read: {error}")))?;
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => break,
            Ok(Some(status)) => return Err(ProgramError::Failed(format!("failed ({status})"))),
            Ok(None) if began.elapsed() < timeout => thread::sleep(PAUSE),
            Ok(None) => return Err(late()),
            Err(error) => {
                return Err(ProgramError::Failed(format!(
                    "cannot be waited for: {error}"
                )));
            }
        }
    }
    Ok(String::from_utf8_lossy(&text).trim().to_owned())
}

/// What `program` says of its version; what is missing or does not work comes to what `lacking` makes of it.
pub(super) fn version(
    here: &Project<'_>,
    program: impl AsRef<OsStr>,
    lacking: impl FnOnce(String) -> Problem,
) -> CheckResult {
    match ask(here, program, &["--version"]) {
        Ok(text) => Ok(shown(text.lines().next().unwrap_or_default())),
        Err(ProgramError::Missing) => Err(lacking("it is not in PATH".to_owned())),
        Err(ProgramError::Failed(why)) => Err(lacking(format!("it {why}"))),
    }
}
