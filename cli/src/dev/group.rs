//! A child process in a process group of its own, so that everything it starts ends with it.

use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::output::Failure;

/// How long a stopped group may take to end before it is killed.
const GRACE: Duration = Duration::from_secs(5);
/// Between two looks at a child.
pub(super) const INTERVAL: Duration = Duration::from_millis(20);

/// A running child and everything that it started; dropping it ends them all.
pub(super) struct Group(Child);

impl Group {
    /// Starts `command` with nothing to read.
    pub(super) fn start(command: &mut Command) -> Result<Self, Failure> {
        command.stdin(Stdio::null());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let program = command.get_program().display().to_string();
        match command.spawn() {
            Ok(child) => Ok(Self(child)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(Failure::usage(format!(
                    "there is no program `{program}`; install it, or see what `mcp-edge doctor` says of this machine"
                )))
            }
            Err(error) => Err(Failure::usage(format!("cannot start `{program}`: {error}"))),
        }
    }

    pub(super) fn child(&mut self) -> &mut Child {
        &mut self.0
    }

    /// How the child ended, or `None` while it runs. One that cannot be asked counts as running.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        self.0.try_wait().ok().flatten()
    }

    #[cfg(unix)]
    fn signal(&self, signal: nix::sys::signal::Signal) {
        let group = i32::try_from(self.0.id()).map(nix::unistd::Pid::from_raw);
        // A group that has ended by itself is no error.
        let _ = group.map(|group| nix::sys::signal::killpg(group, signal));
    }
}

impl Drop for Group {
    #[cfg(unix)]
    fn drop(&mut self) {
        use nix::sys::signal::Signal;
        self.signal(Signal::SIGTERM);
        let deadline = Instant::now().checked_add(GRACE);
        while self.ended().is_none() && deadline.is_some_and(|end| Instant::now() < end) {
            std::thread::sleep(INTERVAL);
        }
        self.signal(Signal::SIGKILL);
        let _ = self.0.wait();
    }

    #[cfg(not(unix))]
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
