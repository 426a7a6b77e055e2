//! Every setting there is.

use std::time::Duration;

use crate::kind::{Holder, Kind, Value};

/// One setting of `mcp.toml`.
#[derive(Debug)]
pub struct Key {
    /// Where it stands in the file: `limits.body_bytes`.
    pub path: &'static str,
    /// The field that it fills in the runtime's struct for its section.
    pub field: &'static str,
    /// What it may hold.
    pub kind: Kind,
    /// What holds where it is not set, as TOML; the runtime's defaults are in force, this says them.
    pub default: Option<&'static str>,
    /// What it is for.
    pub help: &'static str,
}

impl Key {
    /// The key with this path.
    pub fn find(path: &str) -> Option<&'static Self> {
        KEYS.iter().find(|key| key.path == path)
    }

    /// The section it stands in: `limits`.
    pub fn section(&self) -> &'static str {
        self.path
            .split_once('.')
            .map_or(self.path, |(section, _)| section)
    }

    /// What holds where it is not set.
    pub fn default_value(&self) -> Option<Value> {
        let default = toml::de::DeValue::parse(self.default?).ok()?;
        self.kind.read(default.get_ref()).ok()
    }
}

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// All of Workers' memory: no request of any host can be allowed more.
const MEMORY: u64 = 128 << 20;

/// Every setting, in the order of the file.
pub const KEYS: &[Key] = &[
    Key {
        path: "server.url",
        field: "url",
        kind: Kind::Url,
        default: None,
        help: "The public URL of the MCP endpoint, as clients and identity providers know it. Its path is where the \
               server answers; without this setting that is `/mcp`.",
    },
    Key {
        path: "access.origins",
        field: "origins",
        kind: Kind::Origins,
        default: Some("[]"),
        help: "Web origins that may call the server besides its own, as `https://app.example.com`. `*` allows every \
               origin.",
    },
    Key {
        path: "access.hosts",
        field: "hosts",
        kind: Kind::Hosts,
        default: Some("[]"),
        help: "Host names that requests may name, with a port where it is not the scheme's own. Empty: any, except \
               that a server on a loopback address then answers to loopback names and its own only.",
    },
    Key {
        path: "limits.body_bytes",
        field: "body_bytes",
        kind: Kind::Number {
            least: 1 << 10,
            most: MEMORY,
        },
        default: Some("1_048_576"),
        help: "The greatest request body, in bytes.",
    },
    Key {
        path: "limits.json_depth",
        field: "json_depth",
        kind: Kind::Number {
            least: 4,
            most: 128,
        },
        default: Some("64"),
        help: "How deep arrays and objects may nest in a request, in levels.",
    },
    Key {
        path: "limits.batch",
        field: "batch",
        kind: Kind::Number {
            least: 1,
            most: 1_000,
        },
        default: Some("32"),
        help: "How many messages a batch of revision 2025-03-26 may hold.",
    },
    Key {
        path: "limits.page",
        field: "page",
        kind: Kind::Number {
            least: 1,
            most: 10_000,
        },
        default: Some("100"),
        help: "How many entries one page of a list holds.",
    },
    Key {
        path: "limits.state_bytes",
        field: "state_bytes",
        kind: Kind::Number {
            least: 1 << 10,
            most: 64 << 10,
        },
        default: Some("32_768"),
        help: "The greatest journal of a handler with memory, in bytes: at most 65536, and at most half of \
               `limits.body_bytes`, since it travels in the request body, encoded.",
    },
    Key {
        path: "limits.step_bytes",
        field: "step_bytes",
        kind: Kind::Number {
            least: 1,
            most: MEMORY,
        },
        default: Some("4_096"),
        help: "What must be free in that journal before a step runs, in bytes; at most `limits.state_bytes`.",
    },
    Key {
        path: "limits.fetch_bytes",
        field: "fetch_bytes",
        kind: Kind::Number {
            least: 1,
            most: MEMORY,
        },
        default: Some("4_194_304"),
        help: "The greatest body of an answer to an outbound request, in bytes.",
    },
    Key {
        path: "tokens.keys",
        field: "keys",
        kind: Kind::Secret,
        default: Some("{ secret = \"MCP_EDGE_KEYS\" }"),
        help: "The name of the host's secret that holds the keyring.",
    },
    Key {
        path: "tokens.session",
        field: "session",
        kind: Kind::Duration {
            least: MINUTE,
            most: DAY.saturating_mul(365),
        },
        default: Some("\"7d\""),
        help: "How long a legacy session lasts.",
    },
    Key {
        path: "tokens.request_state",
        field: "request_state",
        kind: Kind::Duration {
            least: SECOND,
            most: DAY.saturating_mul(30),
        },
        default: Some("\"10m\""),
        help: "How long a caller may take to answer a question.",
    },
    Key {
        path: "tokens.cursor",
        field: "cursor",
        kind: Kind::Duration {
            least: SECOND,
            most: DAY.saturating_mul(30),
        },
        default: Some("\"1h\""),
        help: "How long a list cursor works.",
    },
    Key {
        path: "tokens.not_before.all",
        field: "not_before",
        kind: Kind::Time,
        default: None,
        help: "Tokens issued before this time are refused.",
    },
    Key {
        path: "tokens.not_before.tenants",
        field: "not_before_tenant",
        kind: Kind::Times(Holder::Tenant),
        default: Some("{}"),
        help: "The same for the tokens of one tenant, by its name.",
    },
    Key {
        path: "tokens.not_before.principals",
        field: "not_before_principal",
        kind: Kind::Times(Holder::Principal),
        default: Some("{}"),
        help: "The same for the tokens of one principal, by its issuer and subject with a space between.",
    },
    Key {
        path: "streams.patience",
        field: "patience",
        kind: Kind::Duration {
            least: Duration::ZERO,
            most: MINUTE,
        },
        default: Some("\"2s\""),
        help: "After how long without an answer a call becomes a stream.",
    },
    Key {
        path: "streams.heartbeat",
        field: "heartbeat",
        kind: Kind::Duration {
            least: Duration::from_millis(100),
            most: MINUTE,
        },
        default: Some("\"5s\""),
        help: "How often a stream without news sends a comment. A caller that left is noticed within this time.",
    },
    Key {
        path: "lists.ttl",
        field: "ttl",
        kind: Kind::Duration {
            least: Duration::ZERO,
            most: DAY.saturating_mul(30),
        },
        default: Some("\"5m\""),
        help: "How long clients and gateways may keep a list, a discovery or a resource.",
    },
];
