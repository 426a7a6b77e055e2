//! The stages of `cargo xtask test`, in order: what fails quickly comes first.

use anyhow::Result;

use super::{Session, Tally, audit, clients, code, deploy, identity, page, pure, served};
use crate::conformance::Revision;
use crate::host::Host;

/// One row of the summary.
pub(super) struct Stage {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) work: Work,
}

/// How often a stage runs.
pub(super) enum Work {
    Once(fn(&mut Session) -> Result<Tally>),
    OnEachHost(fn(&mut Session, Host) -> Result<Tally>),
}

pub(super) const STAGES: &[Stage] = &[
    Stage {
        name: "fmt",
        about: "formatting",
        work: Work::Once(|_| code::fmt()),
    },
    Stage {
        name: "clippy",
        about: "lints, for every compile target",
        work: Work::Once(|_| code::clippy()),
    },
    Stage {
        name: "docs",
        about: "documentation without warnings",
        work: Work::Once(|_| code::docs()),
    },
    Stage {
        name: "unit",
        about: "unit, property and documentation tests",
        work: Work::Once(|_| code::unit()),
    },
    Stage {
        name: "pure",
        about: "the runtime on wasm32 without an adapter and without an import",
        work: Work::Once(|_| pure::check()),
    },
    Stage {
        name: "deploy",
        about: "`wrangler deploy --dry-run`, at the root and for every example",
        work: Work::Once(deploy::dry_run),
    },
    Stage {
        name: "build",
        about: "the servers that the stages after this one talk to",
        work: Work::OnEachHost(served::build),
    },
    Stage {
        name: "black-box",
        about: "the suite over HTTP",
        work: Work::OnEachHost(served::black_box),
    },
    Stage {
        name: "conformance-2026-07-28",
        about: "the official suite, newest revision",
        work: Work::OnEachHost(|session, host| {
            served::conformance(session, host, Revision::Modern)
        }),
    },
    Stage {
        name: "conformance-2025-11-25",
        about: "the official suite, last revision with `initialize`",
        work: Work::OnEachHost(|session, host| {
            served::conformance(session, host, Revision::Legacy)
        }),
    },
    Stage {
        name: "clients",
        about: "official clients: TypeScript, Python, Rust",
        work: Work::OnEachHost(clients::check),
    },
    Stage {
        name: "identity",
        about: "stock clients sign in at an OpenID provider",
        work: Work::OnEachHost(identity::check),
    },
    Stage {
        name: "page",
        about: "the page for people, in a real browser",
        work: Work::OnEachHost(page::check),
    },
    Stage {
        name: "audit",
        about: "every request is on record, whatever becomes of it and of the receivers",
        work: Work::OnEachHost(audit::check),
    },
    Stage {
        name: "stateless",
        about: "one conversation, every request to another host",
        work: Work::Once(served::stateless),
    },
    Stage {
        name: "new",
        about: "what `mcp-edge new` makes passes its own checks, and answers on every host",
        work: Work::Once(served::new),
    },
];
