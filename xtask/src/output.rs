//! Where a command's output goes: to the terminal, or, while stages of the tests run side by side, to a file of its own.

use std::cell::RefCell;
use std::fmt::Arguments;
use std::fs::File;
use std::io::Write;
use std::process::Stdio;
use std::sync::Arc;

use anyhow::{Context, Result};

thread_local! {
    static FILE: RefCell<Option<Arc<File>>> = const { RefCell::new(None) };
}

/// Prints a line to where this thread's output goes.
#[macro_export]
macro_rules! say {
    ($($words:tt)*) => { $crate::output::line(::core::format_args!($($words)*)) };
}

/// This thread's file; `None` for the terminal.
pub fn current() -> Option<Arc<File>> {
    FILE.with_borrow(Clone::clone)
}

/// Does `work` with this thread's output in `file`, or on the terminal.
pub fn redirect<T>(file: Option<Arc<File>>, work: impl FnOnce() -> T) -> T {
    let before = FILE.replace(file);
    let done = work();
    FILE.set(before);
    done
}

/// Prints a line.
pub fn line(words: Arguments<'_>) {
    match current() {
        // A log that cannot be written, on a full disk say, is no reason to give up what it is about.
        Some(file) => drop(file.as_ref().write_all(format!("{words}\n").as_bytes())),
        None => println!("{words}"),
    }
}

/// What a child process writes to.
pub fn stdio() -> Result<Stdio> {
    Ok(match current() {
        Some(file) => file.try_clone().context("cannot share a log file")?.into(),
        None => Stdio::inherit(),
    })
}
