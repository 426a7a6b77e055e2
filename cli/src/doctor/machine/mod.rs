//! This machine: the programs that build and deploy a server, and the files of the server in this folder.

mod folder;
mod git;
mod node;
mod program;
mod rust;
mod secrets;
mod spin;
mod targets;
mod version;
mod worker_build;
mod wrangler;

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::finding::{CheckResult, Problem, error, must, warning};
use super::report::Report;
use crate::file::File;
use crate::progress::Progress;

/// What the checks look at.
struct Project<'a> {
    folder: PathBuf,
    file: &'a File,
    /// How long a program may take to say its version.
    timeout: Duration,
}

/// One thing to look at.
struct Check {
    /// Its name, which stays.
    id: &'static str,
    look: fn(&Project<'_>) -> CheckResult,
}

const CHECKS: [Check; 14] = [
    Check {
        id: "rustc",
        look: rust::rustc,
    },
    Check {
        id: "cargo",
        look: rust::cargo,
    },
    Check {
        id: "wasm32-unknown-unknown",
        look: targets::workers,
    },
    Check {
        id: "wasm32-wasip2",
        look: targets::spin,
    },
    Check {
        id: "node",
        look: node::check,
    },
    Check {
        id: "worker-build",
        look: worker_build::check,
    },
    Check {
        id: "wrangler",
        look: wrangler::check,
    },
    Check {
        id: "spin",
        look: spin::check,
    },
    Check {
        id: "git",
        look: git::check,
    },
    Check {
        id: "mcp.toml",
        look: folder::configuration,
    },
    Check {
        id: "callers",
        look: folder::callers,
    },
    Check {
        id: "wrangler.toml",
        look: folder::workers,
    },
    Check {
        id: "spin.toml",
        look: folder::spin,
    },
    Check {
        id: "secrets",
        look: secrets::check,
    },
];

pub(super) fn look(file: &File, timeout: Duration, progress: &Progress) -> Report {
    let here = Project {
        // The folder of a file that is named without one.
        folder: Path::new(".").join(file.folder()),
        file,
        timeout,
    };
    let mut report = Report::new("this machine");
    for check in CHECKS {
        progress.show(check.id);
        report.add(check.id, (check.look)(&here));
    }
    report
}

impl Project<'_> {
    fn has(&self, file: &str) -> bool {
        self.folder.join(file).is_file()
    }

    /// Whether the server here is deployed to Workers.
    fn is_for_workers(&self) -> bool {
        crate::wrangler::file(&self.folder).is_file()
    }

    /// Whether the server here is deployed to Spin.
    fn is_for_spin(&self) -> bool {
        self.has("spin.toml")
    }

    /// What comes of lacking something that is needed for one host alone; `is_for_it` is whether the server here is for it.
    fn lacking(&self, is_for_it: bool, sentence: String, fix: &str) -> Problem {
        match (self.is_for_workers(), self.is_for_spin()) {
            // It may be deployed to the other host alone.
            (true, true) | (false, false) => warning(sentence, fix),
            _ if is_for_it => error(sentence, fix),
            // It is for the other host.
            _ => Problem::Skipped,
        }
    }

    /// Whether there is a server here at all.
    fn is_server(&self) -> bool {
        self.is_for_workers() || self.is_for_spin() || self.file.path().is_file()
    }
}
