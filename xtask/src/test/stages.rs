//! The stages of `cargo xtask test`, and which of them run side by side.

use anyhow::Result;

use super::{
    Session, Tally, audit, clients, code, corpus, deploy, gateway, identity, modules, network,
    no_imports, oracle, page, served, style,
};
use crate::conformance::Revision;
use crate::host::Host;

/// One row of the summary.
pub(super) struct Stage {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) work: Work,
    pub(super) scope: Scope,
}

/// The shortest run that a stage is a part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scope {
    /// `--fast`.
    Fast,
    /// A run without options, as continuous integration has it.
    Usual,
    /// `--full`.
    Full,
}

/// How often a stage runs, and in which lane.
pub(super) enum Work {
    Once(Lane, fn(&Session) -> Result<Tally>),
    /// In the lane of each host.
    OnEachHost(fn(&Session, Host) -> Result<Tally>),
}

/// What runs one stage after the other, beside the other lanes. A lane that needs what another one builds waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// What compiles natively, all in one target directory, which cargo lets one command at a time write to.
    Code,
    /// What compiles for the edge and needs no running server.
    Edge,
    /// What one host serves.
    On(Host),
}

impl Lane {
    /// All that can run side by side.
    pub(super) const ALL: [Self; 5] = [
        Self::Code,
        Self::On(Host::Native),
        Self::On(Host::Workers),
        Self::On(Host::Spin),
        Self::Edge,
    ];
}

pub(super) const STAGES: &[Stage] = &[
    Stage {
        name: "style",
        about: "phrases, names of limits, and the width of prose",
        work: Work::Once(Lane::Code, |_| style::check()),
        scope: Scope::Fast,
    },
    Stage {
        name: "fmt",
        about: "formatting",
        work: Work::Once(Lane::Code, |_| code::fmt()),
        scope: Scope::Fast,
    },
    Stage {
        name: "modules",
        about: "no large import circles among the modules of a crate",
        work: Work::Once(Lane::Code, |_| modules::check()),
        scope: Scope::Fast,
    },
    Stage {
        name: "unit",
        about: "unit, property and documentation tests",
        work: Work::Once(Lane::Code, code::unit),
        scope: Scope::Fast,
    },
    Stage {
        name: "new",
        about: "what `mcp-edge new` makes passes its own checks, and answers",
        work: Work::Once(Lane::Code, served::new),
        scope: Scope::Usual,
    },
    Stage {
        name: "corpus",
        about: "public OpenAPI documents become tools, and every loss is reported",
        work: Work::Once(Lane::Code, corpus::check),
        scope: Scope::Usual,
    },
    Stage {
        name: "oracle",
        about: "Prism finds every request valid that is built from public OpenAPI documents",
        work: Work::Once(Lane::Code, oracle::check),
        scope: Scope::Usual,
    },
    Stage {
        name: "pure",
        about: "the runtime on wasm32 imports nothing, a verifier links no runtime, and a server links what its settings name",
        work: Work::Once(Lane::Code, |_| no_imports::check()),
        scope: Scope::Usual,
    },
    Stage {
        name: "clippy",
        about: "lints, natively",
        work: Work::Once(Lane::Code, code::clippy),
        scope: Scope::Fast,
    },
    Stage {
        name: "docs",
        about: "documentation without warnings; what pages show is what their commands print",
        work: Work::Once(Lane::Code, code::docs),
        scope: Scope::Usual,
    },
    Stage {
        name: "benches",
        about: "lints of what is measured",
        work: Work::Once(Lane::Code, code::benches),
        scope: Scope::Usual,
    },
    Stage {
        name: "clippy-edge",
        about: "lints, for Workers and Spin",
        work: Work::Once(Lane::Edge, code::clippy_on_the_edge),
        scope: Scope::Usual,
    },
    Stage {
        name: "stateless",
        about: "one conversation, every request to another host",
        work: Work::Once(Lane::Edge, served::stateless),
        scope: Scope::Usual,
    },
    Stage {
        name: "bench",
        about: "every benchmark once, too briefly to measure",
        work: Work::Once(Lane::Edge, served::bench),
        scope: Scope::Full,
    },
    Stage {
        name: "deploy",
        about: "`wrangler deploy --dry-run`, at the root and for every example",
        work: Work::Once(Lane::On(Host::Workers), deploy::dry_run),
        scope: Scope::Usual,
    },
    Stage {
        name: "build",
        about: "the servers that the stages after this one talk to",
        work: Work::OnEachHost(served::build),
        scope: Scope::Fast,
    },
    Stage {
        name: "black-box",
        about: "the suite over HTTP",
        work: Work::OnEachHost(served::black_box),
        scope: Scope::Fast,
    },
    Stage {
        name: "conformance-2026-07-28",
        about: "the official suite, newest revision",
        work: Work::OnEachHost(|session, host| {
            served::conformance(session, host, Revision::Modern)
        }),
        scope: Scope::Usual,
    },
    Stage {
        name: "conformance-2025-11-25",
        about: "the official suite, last revision with `initialize`",
        work: Work::OnEachHost(|session, host| {
            served::conformance(session, host, Revision::Legacy)
        }),
        scope: Scope::Usual,
    },
    Stage {
        name: "conformance-mounted",
        about: "the official suite, both revisions, with a catalog alongside the tools",
        work: Work::Once(Lane::On(Host::Native), served::mounted),
        scope: Scope::Usual,
    },
    Stage {
        name: "clients",
        about: "official clients: TypeScript, Python, Rust",
        work: Work::OnEachHost(clients::check),
        scope: Scope::Usual,
    },
    Stage {
        name: "identity",
        about: "stock clients sign in at an OpenID provider",
        work: Work::OnEachHost(identity::check),
        scope: Scope::Usual,
    },
    Stage {
        name: "page",
        about: "the page for people, in a real browser",
        work: Work::OnEachHost(page::check),
        scope: Scope::Usual,
    },
    Stage {
        name: "audit",
        about: "every request is on record, however it ends and whatever the receivers do",
        work: Work::OnEachHost(audit::check),
        scope: Scope::Usual,
    },
    Stage {
        name: "gateway",
        about: "folders that `mcp-edge gateway build` writes, before an API",
        work: Work::OnEachHost(gateway::check),
        scope: Scope::Usual,
    },
    Stage {
        name: "gateway-protocol",
        about: "the protocol part of the suite over HTTP, against a gateway with a catalog alone",
        work: Work::OnEachHost(gateway::protocol),
        scope: Scope::Usual,
    },
    Stage {
        name: "network",
        about: "attacks on the connections of the native server, and clients that lose no answer",
        work: Work::Once(Lane::On(Host::Native), network::check),
        scope: Scope::Usual,
    },
    Stage {
        name: "stand-in",
        about: "the stand-in for Spin by itself",
        work: Work::Once(Lane::On(Host::Spin), |_| code::stand_in()),
        scope: Scope::Usual,
    },
];
