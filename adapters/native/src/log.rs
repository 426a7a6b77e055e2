//! The log: standard output, off the path of requests.

use std::cell::RefCell;
use std::fmt;
use std::io::Write as _;
use std::rc::Rc;

use tokio::task::{spawn_local, yield_now};

/// Writes a line to standard error. `eprintln!` panics when it is closed.
pub(crate) fn say(words: fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "mcp-edge: {words}");
}

/// Lines of one thread that are about to be written.
///
/// A write for each line would cost a request more than the rest of its answer. So lines that are logged
/// while the thread has other work wait for it, and are written together.
#[derive(Default)]
pub(crate) struct Log(Rc<RefCell<Vec<u8>>>);

impl Log {
    pub(crate) fn write(&self, line: &str) {
        let first = {
            let mut waiting = self.0.borrow_mut();
            let first = waiting.is_empty();
            waiting.extend_from_slice(line.as_bytes());
            waiting.push(b'\n');
            first
        };
        if first {
            let waiting = Rc::clone(&self.0);
            spawn_local(async move {
                yield_now().await;
                print(&waiting.take());
            });
        }
    }
}

/// The lines of a thread whose tasks have ended.
impl Drop for Log {
    fn drop(&mut self) {
        print(&self.0.take());
    }
}

fn print(lines: &[u8]) {
    // An error: the reader closed standard output and does not want the log.
    let _ = std::io::stdout().lock().write_all(lines);
}
