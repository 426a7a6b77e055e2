//! What takes long says on a terminal how far it is.

use std::io::{IsTerminal, Write, stderr};

/// One line on standard error that is written over. It is there only on a terminal.
pub(crate) struct Progress {
    is_shown: bool,
}

/// Goes to the beginning of the line and empties it.
const EMPTY: &str = "\r\u{1b}[2K";

impl Progress {
    /// `wanted` is whether the answer is for people.
    pub(crate) fn new(wanted: bool) -> Self {
        Self {
            is_shown: wanted && stderr().is_terminal(),
        }
    }

    /// Whether anybody sees it.
    pub(crate) fn is_shown(&self) -> bool {
        self.is_shown
    }

    /// Shows `text` in place of what was shown before.
    pub(crate) fn show(&self, text: &str) {
        self.write(&format!("{EMPTY}{text}"));
    }

    /// Leaves nothing of it.
    pub(crate) fn clear(&self) {
        self.write(EMPTY);
    }

    fn write(&self, text: &str) {
        if self.is_shown {
            let mut out = stderr();
            // Progress that cannot be shown is no reason to stop.
            let _ = out.write_all(text.as_bytes());
            let _ = out.flush();
        }
    }
}
