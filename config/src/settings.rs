//! Every setting there is.

mod capture;
mod issuer;
mod rate_limit;
mod rule;
mod sink;

use std::time::Duration;

use crate::item::TextKind;
use crate::kind::{Kind, TimeSubject};
use crate::value::Value;

pub use capture::CONTENTS;
pub use issuer::ISSUER;
pub use rate_limit::RATE;
pub use rule::RULE;
pub use sink::SINK;

/// One setting of `mcp.toml`.
#[derive(Debug, PartialEq, Eq)]
pub struct Key {
    /// Where it is in the file, or in its [`Table`]: `limits.body_bytes`, `claims.subject`.
    pub path: &'static str,
    /// The field that it fills in the runtime's struct for its section.
    pub field: &'static str,
    /// What it may hold.
    pub kind: Kind,
    /// What holds where it is not set.
    pub default: DefaultValue,
    /// What it is for.
    pub help: &'static str,
}

/// What holds where a setting is not set; the runtime's defaults are in force, this says them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultValue {
    /// This value, as TOML.
    Value(&'static str),
    /// Nothing: the runtime's field is an `Option`.
    Nothing,
    /// What this sentence says.
    Otherwise(&'static str),
}

/// A table that a file may hold many of: under names of its own choice, or one after another.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// The runtime's struct for one of them: `Issuer`.
    pub entry: &'static str,
    /// How one begins: `[issuers.okta]`.
    pub example: &'static str,
    /// What each may hold, with paths that begin inside it.
    pub keys: &'static [Key],
}

impl Key {
    /// The one of `keys` with this path.
    pub fn find(keys: &'static [Self], path: &str) -> Option<&'static Self> {
        keys.iter().find(|key| key.path == path)
    }

    /// The section that contains it, if there is one: `limits`.
    pub fn section(&self) -> Option<&'static str> {
        self.path.split_once('.').map(|(section, _)| section)
    }

    /// What holds where it is not set, where that is a value.
    pub fn default_value(&self) -> Option<Value> {
        let DefaultValue::Value(default) = self.default else {
            return None;
        };
        let default = toml::de::DeValue::parse(default).ok()?;
        self.kind.read(default.get_ref()).ok()
    }
}

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// All of Workers' memory: no request of any host can be allowed more.
const MEMORY: u64 = 128 << 20;

/// Every setting, in the order of the file.
pub const KEYS: &[Key] = &[
    Key {
        path: "server.url",
        field: "url",
        kind: Kind::Text(TextKind::ServerUrl),
        default: DefaultValue::Nothing,
        help: "The public URL of the MCP endpoint, as clients and identity providers know it. Its path is where the \
               server answers; without this setting that is `/mcp`. Needed once there is an issuer.",
    },
    Key {
        path: "card.publish",
        field: "publish",
        kind: Kind::Flag,
        default: DefaultValue::Value("true"),
        help: "Whether everybody may read the Server Card and the AI catalog. They need `server.url`, and a server whose \
               name has a namespace, as `com.example/fraud-rules`.",
    },
    Key {
        path: "card.description",
        field: "description",
        kind: Kind::Word(TextKind::Summary),
        default: DefaultValue::Nothing,
        help: "What the server is for, in 1 to 100 characters. Without it the card has the server's own description, \
               where that is short enough.",
    },
    Key {
        path: "card.repository",
        field: "repository",
        kind: Kind::Word(TextKind::WebUrl),
        default: DefaultValue::Nothing,
        help: "Where the server's source is found.",
    },
    Key {
        path: "card.icons",
        field: "icons",
        kind: Kind::Words(TextKind::WebUrl),
        default: DefaultValue::Value("[]"),
        help: "Pictures of the server: `.png`, `.jpg`, `.svg` or `.webp`.",
    },
    Key {
        path: "card.legacy_paths",
        field: "legacy_paths",
        kind: Kind::Flag,
        default: DefaultValue::Value("false"),
        help: "Whether the card also stands where drafts of the standard had it: `/.well-known/mcp/server-card.json`, \
               `/.well-known/mcp/server-card` and `/.well-known/mcp.json`.",
    },
    Key {
        path: "page.publish",
        field: "publish",
        kind: Kind::Driver("config::PageRenderer::HTML"),
        default: DefaultValue::Value("true"),
        help: "Whether a browser that opens the server's URL gets a page: what the server is, what it offers those who prove \
               nothing, and how to connect clients.",
    },
    Key {
        path: "approvals.tools",
        field: "tools",
        kind: Kind::Words(TextKind::Digest),
        default: DefaultValue::Value("[]"),
        help: "The digests of the approved tools, as `mcp-edge manifest approve` prints them. \
               Every other tool is in quarantine: no caller sees it. Empty: all tools are approved.",
    },
    Key {
        path: "access.public",
        field: "public",
        kind: Kind::Flag,
        default: DefaultValue::Value("false"),
        help: "Whether a server with neither an issuer nor a policy rule may be called by anyone who reaches it. Without \
               this setting such a server serves on a loopback address only; elsewhere it answers every request with 503.",
    },
    Key {
        path: "access.allowed_origins",
        field: "allowed_origins",
        kind: Kind::Words(TextKind::Origin),
        default: DefaultValue::Value("[]"),
        help: "Web origins that may call the server besides its own, as `https://app.example.com`. `*` allows every \
               origin.",
    },
    Key {
        path: "access.allowed_hosts",
        field: "allowed_hosts",
        kind: Kind::Words(TextKind::Host),
        default: DefaultValue::Value("[]"),
        help: "Host names that requests may name, with a port where it is not the scheme's own. Empty: any, except \
               that a server on a loopback address then answers to loopback names and its own only.",
    },
    Key {
        path: "access.trusted_proxies",
        field: "trusted_proxies",
        kind: Kind::Networks,
        default: DefaultValue::Value("[]"),
        help: "The networks of proxies whose `Forwarded` and `X-Forwarded-For` say where a client is, as `10.0.0.0/8` or \
               `2001:db8::/32`. Only a process reads it; Workers and Spin take the platform's word. Empty: no header is \
               read.",
    },
    Key {
        path: "limits.body_bytes",
        field: "body_bytes",
        kind: Kind::Number {
            least: 1 << 10,
            most: MEMORY,
        },
        default: DefaultValue::Value("1_048_576"),
        help: "The greatest request body, in bytes.",
    },
    Key {
        path: "limits.json_depth",
        field: "json_depth",
        kind: Kind::Number {
            least: 4,
            most: 128,
        },
        default: DefaultValue::Value("64"),
        help: "How deep arrays and objects may nest in a request, in levels.",
    },
    Key {
        path: "limits.json_values",
        field: "json_values",
        kind: Kind::Number {
            least: 100,
            most: 10_000_000,
        },
        default: DefaultValue::Value("10_000"),
        help: "How many JSON values a request may hold: each array and object, and each value in one. While a tool runs, an \
               argument takes up to 800 bytes of memory for each value, however short it is in the request.",
    },
    Key {
        path: "limits.in_flight",
        field: "in_flight",
        kind: Kind::Number {
            least: 1,
            most: 1_000_000,
        },
        default: DefaultValue::Value("1024"),
        help: "How many requests to the endpoint a native process serves at once, a batch counting as one; one more is \
               refused with 503. Workers and Spin bound what an instance serves themselves.",
    },
    Key {
        path: "limits.batch_messages",
        field: "batch_messages",
        kind: Kind::Number {
            least: 1,
            most: 1_000,
        },
        default: DefaultValue::Value("32"),
        help: "How many messages a batch of revision 2025-03-26 may hold.",
    },
    Key {
        path: "limits.page_size",
        field: "page_size",
        kind: Kind::Number {
            least: 1,
            most: 10_000,
        },
        default: DefaultValue::Value("100"),
        help: "How many entries one page of a list holds.",
    },
    Key {
        path: "limits.state_bytes",
        field: "state_bytes",
        kind: Kind::Number {
            least: 1 << 10,
            most: 64 << 10,
        },
        default: DefaultValue::Value("32_768"),
        help: "The greatest journal of a handler with memory, in bytes: at most 65536, and at most half of \
               `limits.body_bytes`, since it travels in the request body, encoded.",
    },
    Key {
        path: "limits.step_reserve_bytes",
        field: "step_reserve_bytes",
        kind: Kind::Number {
            least: 1,
            most: MEMORY,
        },
        default: DefaultValue::Value("4_096"),
        help: "What must be free in that journal before a step runs, in bytes; at most `limits.state_bytes`.",
    },
    Key {
        path: "limits.fetch_bytes",
        field: "fetch_bytes",
        kind: Kind::Number {
            least: 1,
            most: MEMORY,
        },
        default: DefaultValue::Value("4_194_304"),
        help: "The greatest body of an answer to an outbound request, in bytes.",
    },
    Key {
        path: "connections.header_timeout",
        field: "header_timeout",
        kind: Kind::Duration {
            least: Duration::from_millis(100),
            most: MINUTE.saturating_mul(5),
        },
        default: DefaultValue::Value("\"15s\""),
        help: "The maximum time for the head of a request, over HTTP/1.1 and HTTP/2: from its first byte, or from the moment \
               that a new connection is accepted. Like all of `[connections]` it applies to a native process; Workers and Spin \
               accept no connections themselves.",
    },
    Key {
        path: "connections.idle_timeout",
        field: "idle_timeout",
        kind: Kind::Duration {
            least: Duration::from_millis(100),
            most: MINUTE.saturating_mul(5),
        },
        default: DefaultValue::Value("\"30s\""),
        help: "After how long a connection without a request in flight is closed.",
    },
    Key {
        path: "connections.body_timeout",
        field: "body_timeout",
        kind: Kind::Duration {
            least: Duration::from_millis(100),
            most: MINUTE.saturating_mul(5),
        },
        default: DefaultValue::Value("\"30s\""),
        help: "The maximum wait for the next part of a request body. The whole body may take four times as long.",
    },
    Key {
        path: "connections.write_timeout",
        field: "write_timeout",
        kind: Kind::Duration {
            least: Duration::from_millis(100),
            most: MINUTE.saturating_mul(5),
        },
        default: DefaultValue::Value("\"30s\""),
        help: "The maximum time in which a client accepts no byte of a response. HTTP/2 connections are also sent a PING when \
               they have been silent that long, and are closed without an answer to it.",
    },
    Key {
        path: "connections.shutdown_timeout",
        field: "shutdown_timeout",
        kind: Kind::Duration {
            least: Duration::from_millis(100),
            most: MINUTE.saturating_mul(5),
        },
        default: DefaultValue::Value("\"30s\""),
        help: "How long requests in flight and the delivery of events may take together once the process is told to stop.",
    },
    Key {
        path: "connections.max",
        field: "max",
        kind: Kind::Number {
            least: 16,
            most: 1_000_000,
        },
        default: DefaultValue::Value("4_096"),
        help: "How many connections a native process serves at once. One more closes the connection that has been without a \
               request for longest; where every connection serves a request, the new one is refused. It is lowered where the \
               process may not open as many descriptors.",
    },
    Key {
        path: "connections.max_per_address",
        field: "max_per_address",
        kind: Kind::Number {
            least: 0,
            most: 1_000_000,
        },
        default: DefaultValue::Value("0"),
        help: "How many of them one client address may have; an IPv6 network of 64 bits is one address. 0: as many as \
               `connections.max`. Behind a proxy every connection has the address of the proxy.",
    },
    Key {
        path: "tokens.keys",
        field: "keys",
        kind: Kind::Secret,
        default: DefaultValue::Value("{ secret = \"MCP_EDGE_KEYS\" }"),
        help: "The name of the host's secret that holds the keyring.",
    },
    Key {
        path: "tokens.session_ttl",
        field: "session_ttl",
        kind: Kind::Duration {
            least: MINUTE,
            most: DAY.saturating_mul(365),
        },
        default: DefaultValue::Value("\"7d\""),
        help: "How long a legacy session lasts.",
    },
    Key {
        path: "tokens.request_state_ttl",
        field: "request_state_ttl",
        kind: Kind::Duration {
            least: SECOND,
            most: DAY.saturating_mul(30),
        },
        default: DefaultValue::Value("\"10m\""),
        help: "How long a caller may take to answer a question.",
    },
    Key {
        path: "tokens.cursor_ttl",
        field: "cursor_ttl",
        kind: Kind::Duration {
            least: SECOND,
            most: DAY.saturating_mul(30),
        },
        default: DefaultValue::Value("\"1h\""),
        help: "How long a list cursor works.",
    },
    Key {
        path: "tokens.not_before.all",
        field: "not_before",
        kind: Kind::Time,
        default: DefaultValue::Nothing,
        help: "Tokens issued before this time are refused.",
    },
    Key {
        path: "tokens.not_before.tenants",
        field: "not_before_tenant",
        kind: Kind::Times(TimeSubject::Tenant),
        default: DefaultValue::Value("{}"),
        help: "The same for the tokens of one tenant, by its name.",
    },
    Key {
        path: "tokens.not_before.principals",
        field: "not_before_principal",
        kind: Kind::Times(TimeSubject::Principal),
        default: DefaultValue::Value("{}"),
        help: "The same for the tokens of one principal, by its issuer and subject with a space between.",
    },
    Key {
        path: "streams.stream_after",
        field: "stream_after",
        kind: Kind::Duration {
            least: Duration::ZERO,
            most: MINUTE,
        },
        default: DefaultValue::Value("\"2s\""),
        help: "After how long without an answer a call becomes a stream.",
    },
    Key {
        path: "streams.heartbeat_interval",
        field: "heartbeat_interval",
        kind: Kind::Duration {
            least: Duration::from_millis(100),
            most: MINUTE,
        },
        default: DefaultValue::Value("\"5s\""),
        help: "How often a stream without news sends a comment. A caller that left is noticed within this time.",
    },
    Key {
        path: "lists.ttl",
        field: "ttl",
        kind: Kind::Duration {
            least: Duration::ZERO,
            most: DAY.saturating_mul(30),
        },
        default: DefaultValue::Value("\"5m\""),
        help: "How long clients and gateways may keep a list, a discovery or a resource.",
    },
    Key {
        path: "auth.scopes",
        field: "scopes",
        kind: Kind::Words(TextKind::Scope),
        default: DefaultValue::Value("[]"),
        help: "The scopes that a client is told to ask for when it signs in. Empty: all that a rule or a tool asks \
               for.",
    },
    Key {
        path: "auth.implied_scopes",
        field: "implied_scopes",
        kind: Kind::Includes,
        default: DefaultValue::Value("{}"),
        help: "Scopes that include others, each with those it includes: a token with the one has the others.",
    },
    Key {
        path: "auth.token_bytes",
        field: "token_bytes",
        kind: Kind::Number {
            least: 1 << 10,
            most: 64 << 10,
        },
        default: DefaultValue::Value("16_384"),
        help: "The longest access token, in bytes.",
    },
    Key {
        path: "auth.leeway",
        field: "leeway",
        kind: Kind::Duration {
            least: Duration::ZERO,
            most: MINUTE.saturating_mul(5),
        },
        default: DefaultValue::Value("\"30s\""),
        help: "How far an issuer's clock and the host's may be apart.",
    },
    Key {
        path: "auth.token_cache_size",
        field: "token_cache_size",
        kind: Kind::Number {
            least: 0,
            most: 64 << 10,
        },
        default: DefaultValue::Value("1024"),
        help: "How many verified tokens an instance remembers.",
    },
    Key {
        path: "auth.jwks_refresh_interval",
        field: "jwks_refresh_interval",
        kind: Kind::Duration {
            least: MINUTE,
            most: DAY,
        },
        default: DefaultValue::Value("\"10m\""),
        help: "How long an issuer's keys are used before they are fetched again.",
    },
    Key {
        path: "auth.jwks_cooldown",
        field: "jwks_cooldown",
        kind: Kind::Duration {
            least: SECOND,
            most: HOUR,
        },
        default: DefaultValue::Value("\"30s\""),
        help: "How long to wait at least before a token with an unknown key makes them be fetched again.",
    },
    Key {
        path: "auth.jwks_stale_if_error",
        field: "jwks_stale_if_error",
        kind: Kind::Duration {
            least: Duration::ZERO,
            most: DAY.saturating_mul(30),
        },
        default: DefaultValue::Value("\"24h\""),
        help: "How long keys are used when the issuer cannot be reached.",
    },
    Key {
        path: "auth.jwks_timeout",
        field: "jwks_timeout",
        kind: Kind::Duration {
            least: Duration::from_millis(100),
            most: SECOND.saturating_mul(30),
        },
        default: DefaultValue::Value("\"5s\""),
        help: "How long one fetch of keys may take.",
    },
    Key {
        path: "issuers",
        field: "issuers",
        kind: Kind::Named(&ISSUER),
        default: DefaultValue::Otherwise("Without any, every caller is anonymous."),
        help: "The authorization servers whose access tokens are accepted, by the names that rules and events call \
               them.",
    },
    Key {
        path: "policy",
        field: "policy",
        kind: Kind::Each(&RULE),
        default: DefaultValue::Otherwise(
            "Without any, and without an issuer, everybody may do everything.",
        ),
        help: "The rules that say who may do what; the first that fits decides. Once there is an issuer or a rule, \
               what no rule allows is refused.",
    },
    Key {
        path: "rate_limit",
        field: "rate_limits",
        kind: Kind::Each(&RATE),
        default: DefaultValue::Otherwise("Without any, nothing is counted."),
        help: "How often something may be called. A call must be within every rate that holds for it.",
    },
    Key {
        path: "audit.signing_keys",
        field: "signing_keys",
        kind: Kind::Evidence,
        default: DefaultValue::Nothing,
        help: "The name of the host's secret that holds the keys of evidence, which `mcp-edge keys --audit` makes. \
               Without them events are chained and not signed.",
    },
    Key {
        path: "audit.receipts",
        field: "receipts",
        kind: Kind::Flag,
        default: DefaultValue::Value("false"),
        help: "Whether a result carries a signed receipt of its event, in `_meta` as `mcp-edge/receipt`. Needs \
               `audit.signing_keys`.",
    },
    Key {
        path: "audit.digests",
        field: "digests",
        kind: Kind::Flag,
        default: DefaultValue::Value("true"),
        help: "Whether an event holds digests of arguments and result. A reader who guesses the words can check the \
               guess.",
    },
    Key {
        path: "audit.late_after",
        field: "late_after",
        kind: Kind::Duration {
            least: SECOND,
            most: DAY,
        },
        default: DefaultValue::Value("\"5m\""),
        help: "An event that a sink gets later than this is reported by an event of its own.",
    },
    Key {
        path: "audit.max_event_bytes",
        field: "max_event_bytes",
        kind: Kind::Number {
            least: 4 << 10,
            most: 512 << 10,
        },
        default: DefaultValue::Value("8_192"),
        help: "The maximum size of an event as JSON, in bytes, without its hash and seal, which add up to 400. From a longer \
               event recorded contents are left out first, the longer first, then the end of `detail`. Set it below what the \
               receivers cut off.",
    },
    Key {
        path: "audit.redact_patterns",
        field: "redact_patterns",
        kind: Kind::Words(TextKind::Expression),
        default: DefaultValue::Value("[]"),
        help: "Regular expressions of what is redacted in everything that is recorded of a caller's or a handler's \
               words.",
    },
    Key {
        path: "capture",
        field: "capture",
        kind: Kind::Each(&CONTENTS),
        default: DefaultValue::Otherwise("Without any, events contain no arguments and results."),
        help: "Whose arguments and results are in events, and what is redacted in them; the first that names the \
               tool, prompt or resource and asks for the one or the other counts.",
    },
    Key {
        path: "sinks",
        field: "sinks",
        kind: Kind::Named(&SINK),
        default: DefaultValue::Otherwise("Without any, events go to the host's log."),
        help: "Where events go, by names that events and errors call them.",
    },
];
