//! What `mcp.toml` says, in the form in which it is compiled into a server.
//!
//! Nothing here is parsed at run time: `serve!` reads the file while the server is built, refuses what
//! is wrong with it, and leaves one constant of these types.

use std::time::Duration;

use crate::host::Timestamp;

/// The settings of every environment of one `mcp.toml`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Configuration {
    /// What holds where no environment is named.
    pub base: Settings,
    /// The overlays, each already laid over the base.
    pub environments: &'static [Environment],
}

/// The variable with which a host names the environment it runs in.
pub const ENVIRONMENT_VARIABLE: &str = "MCP_EDGE_ENV";

/// One `[environments.NAME]` of `mcp.toml`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Environment {
    /// The name, as the variable `MCP_EDGE_ENV` gives it.
    pub name: &'static str,
    /// The base with this environment's changes.
    pub settings: Settings,
}

/// One environment's settings. Each field is a section of `mcp.toml`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// `[server]`
    pub server: Server,
    /// `[access]`
    pub access: Access,
    /// `[limits]`
    pub limits: Limits,
    /// `[tokens]`
    pub tokens: Tokens,
    /// `[streams]`
    pub streams: Streams,
    /// `[lists]`
    pub lists: Lists,
}

/// `[server]`: where the server is found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Server {
    /// The public URL of the MCP endpoint, as clients and identity providers know it.
    pub url: Option<&'static str>,
    /// The path of that URL; `/mcp` where there is none.
    pub path: &'static str,
}

/// `[access]`: which browsers and which names may reach the server.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Access {
    /// Origins that may call besides the server's own, as `https://app.example.com`, without a path;
    /// `*` allows every origin.
    pub origins: &'static [&'static str],
    /// Host names (with a port where it is not the default) that requests may name. Empty: any,
    /// except that a server on a loopback address then answers to loopback names and its own only.
    pub hosts: &'static [&'static str],
}

/// `[limits]`: what one request may cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// The greatest request body, in bytes.
    pub body_bytes: usize,
    /// How deep arrays and objects may nest in a request.
    pub json_depth: usize,
    /// How many messages a batch of revision 2025-03-26 may hold.
    pub batch: usize,
    /// How many entries one page of a list holds.
    pub page: usize,
    /// The greatest journal of a handler with memory, in bytes.
    pub state_bytes: usize,
    /// What must be free in that journal before a step runs, in bytes.
    pub step_bytes: usize,
    /// The greatest body of an answer to an outbound request, in bytes.
    pub fetch_bytes: usize,
}

/// `[tokens]`: resumption tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tokens {
    /// The name of the secret that holds the keyring: `keys = { secret = "MCP_EDGE_KEYS" }`.
    pub keys: &'static str,
    /// How long a legacy session lasts.
    pub session: Duration,
    /// How long a caller may take to answer a question.
    pub request_state: Duration,
    /// How long a list cursor works.
    pub cursor: Duration,
    /// Tokens issued before this are refused.
    pub not_before: Option<Timestamp>,
    /// The same for the tokens of one tenant, by its name.
    pub not_before_tenant: &'static [(&'static str, Timestamp)],
    /// The same for the tokens of one principal, by `issuer subject`.
    pub not_before_principal: &'static [(&'static str, Timestamp)],
}

/// `[streams]`: answers that take their time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Streams {
    /// After how long without an answer a call becomes a stream.
    pub patience: Duration,
    /// How often a stream without news sends a comment.
    pub heartbeat: Duration,
}

/// `[lists]`: cache hints of 2026-07-28 (basic/utilities/caching).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lists {
    /// How long clients and gateways may keep a list, a discovery or a resource.
    pub ttl: Duration,
}

impl Settings {
    /// The settings of a server whose `mcp.toml` is empty.
    pub const DEFAULT: Self = Self {
        server: Server {
            url: None,
            path: "/mcp",
        },
        access: Access {
            origins: &[],
            hosts: &[],
        },
        limits: Limits {
            body_bytes: 1 << 20,
            json_depth: 64,
            batch: 32,
            page: 100,
            state_bytes: 32 << 10,
            step_bytes: 4 << 10,
            fetch_bytes: 4 << 20,
        },
        tokens: Tokens {
            keys: "MCP_EDGE_KEYS",
            session: Duration::from_secs(7 * 24 * 60 * 60),
            request_state: Duration::from_secs(10 * 60),
            cursor: Duration::from_secs(60 * 60),
            not_before: None,
            not_before_tenant: &[],
            not_before_principal: &[],
        },
        streams: Streams {
            patience: Duration::from_secs(2),
            heartbeat: Duration::from_secs(5),
        },
        lists: Lists {
            ttl: Duration::from_secs(5 * 60),
        },
    };
}

impl Configuration {
    /// The configuration of a server whose `mcp.toml` is empty.
    pub const DEFAULT: Self = Self {
        base: Settings::DEFAULT,
        environments: &[],
    };

    /// The settings of `environment`, or of none; an unknown name is an error that lists the known ones.
    pub fn settings(&self, environment: Option<&str>) -> Result<&Settings, UnknownEnvironment> {
        let Some(name) = environment else {
            return Ok(&self.base);
        };
        self.environments
            .iter()
            .find(|candidate| candidate.name == name)
            .map(|found| &found.settings)
            .ok_or_else(|| UnknownEnvironment {
                name: name.to_owned(),
                known: self.environments.iter().map(|known| known.name).collect(),
            })
    }
}

/// The host names an environment that `mcp.toml` does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{ENVIRONMENT_VARIABLE} is `{name}`, but mcp.toml has {}; add [environments.{name}] or correct the variable",
    if known.is_empty() { "no environments".to_owned() } else { format!("only {}", known.join(", ")) }
)]
pub struct UnknownEnvironment {
    name: String,
    known: Vec<&'static str>,
}
