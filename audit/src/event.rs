//! What is said of a request.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::canonical;

/// The version of [`Event`]. Members may be added within a version; what a member means changes only with a
/// new one.
pub const VERSION: u8 = 4;

/// The HTTP status of a request that was refused because no instance could start.
pub const MISCONFIGURED_STATUS: u16 = 500;

/// The reason of such a request's event.
pub const MISCONFIGURED_REASON: &str = "misconfigured";

/// A text that is often one of a few that are known when the server is compiled.
pub type EventText = Cow<'static, str>;

/// One line of the log.
///
/// Nothing in it is a token, a key or a session id, in any form; what a caller or a tool said is in it only as a digest,
/// unless the configuration asks for more. A member that has nothing to say is left out.
///
/// Its members are in the order of their names, so that what serde writes is canonical (RFC 8785) as it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Event {
    /// The arguments of a tool, prompt or completion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Captured>,
    /// Its place among the events of its instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chain: Option<ChainLink>,
    /// Where the client is: its IP address, as the host or a proxy of `access.trusted_proxies` says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_address: Option<String>,
    /// The client's name and version in its own words; nothing proves them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_info: Option<String>,
    /// What the policy decided: `allow`, `deny`, `step_up` or `authenticate`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<EventText>,
    /// The result of the delivery of other events; in events of the kinds `mcp.loss` and `mcp.late` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery: Option<DeliveryReport>,
    /// What the people who run the server should know and the caller not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// How long it took from the request's arrival until nothing was left to say, in milliseconds. On Workers the clock
    /// stands still between I/O, so that computation alone reads 0.
    pub duration_ms: u64,
    /// The environment of `mcp.toml` that the instance runs in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// `modern` (2026-07-28 and later) or `legacy`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub era: Option<EventText>,
    /// What kind of event it is.
    pub event: EventType,
    /// The host that ran the instance: `workers`, `spin`, `native`.
    pub host: EventText,
    /// Unique, so that a log that gets an event twice can tell: 32 hexadecimal digits.
    pub id: String,
    /// The live policy that the request was decided by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live_policy: Option<EventLivePolicy>,
    /// The JSON-RPC method, if the protocol has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<EventText>,
    /// The tool or prompt by name, or the resource by URI or template, if the server has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// SHA-256 of a method or name that the server does not have, in hexadecimal: it is the caller's word, and
    /// could be anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_sha256: Option<String>,
    /// How the request ended. Of an intent: `intended`.
    pub outcome: Outcome,
    /// The caller's span (W3C Trace Context).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_span_id: Option<String>,
    /// The path of a document, of the manifest or of the page; absent where the endpoint was asked, and where there is nothing
    /// at the path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// On whose behalf.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<EventPrincipal>,
    /// No rule names what was asked for, so no caller sees it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub quarantined: bool,
    /// The rate that the call was beyond.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<EventText>,
    /// Why it was refused, as the table of refusals names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<EventText>,
    /// The size of the request's body, in bytes.
    pub request_bytes: u64,
    /// The `id` of the event of the request that this one is about; of the kinds `mcp.intent` and `mcp.withheld` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The size of all messages of the answer together, in bytes, without a receipt; of a document the size of the body.
    pub response_bytes: u64,
    /// The result of a tool, prompt, resource or completion: its members without those that every result has, `_meta`,
    /// `resultType`, `ttlMs` and `cacheScope`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Captured>,
    /// The protocol revision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<EventText>,
    /// The policy's rule that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<EventText>,
    /// The server's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// The span of this request (W3C Trace Context).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span_id: Option<String>,
    /// The HTTP status of the response. Of a message in a stream or a batch: what it would have been alone.
    pub status: u16,
    /// When the request arrived (RFC 3339, UTC).
    pub time: String,
    /// What was wrong with a token; callers are told only that it does not serve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_error: Option<EventText>,
    /// The caller's trace, or else a new one (W3C Trace Context).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// Requests that the handler sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream: Option<UpstreamCalls>,
    /// The version of this type, [`VERSION`].
    pub version: u8,
}

/// What kind of event it is.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum EventType {
    /// A request that has ended. Every request has exactly one.
    #[default]
    #[serde(rename = "mcp.request")]
    Request,
    /// A destructive tool is about to run; its request has an event of its own once it has ended.
    #[serde(rename = "mcp.intent")]
    Intent,
    /// What a request had for an answer was kept from its caller, since a required sink did not have its event.
    #[serde(rename = "mcp.withheld")]
    Withheld,
    /// Events that a sink will never get.
    #[serde(rename = "mcp.loss")]
    Loss,
    /// Events that a sink got later than `audit.late_after` allows.
    #[serde(rename = "mcp.late")]
    Late,
    /// The instance has ended in good order. It is the last event of its chain.
    #[serde(rename = "mcp.end")]
    End,
}

/// How a request ended.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// With a result.
    Ok,
    /// With a tool's own failure.
    ToolError,
    /// With an error, since the request was not one that can be served.
    ProtocolError,
    /// With questions to the caller.
    InputRequired,
    /// Nothing was to be answered.
    Accepted,
    /// The caller may not do it, or not now.
    Refused,
    /// The caller went away, or the host stopped the work.
    #[default]
    Cancelled,
    /// With an error of the server's own.
    Failed,
    /// It has not begun yet.
    Intended,
}

impl Outcome {
    /// Every one of them.
    pub const ALL: [Self; 9] = [
        Self::Ok,
        Self::ToolError,
        Self::ProtocolError,
        Self::InputRequired,
        Self::Accepted,
        Self::Refused,
        Self::Cancelled,
        Self::Failed,
        Self::Intended,
    ];

    /// The word for it in an event.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::ToolError => "tool_error",
            Self::ProtocolError => "protocol_error",
            Self::InputRequired => "input_required",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
            Self::Intended => "intended",
        }
    }
}

impl EventType {
    /// Every one of them.
    pub const ALL: [Self; 6] = [
        Self::Request,
        Self::Intent,
        Self::Withheld,
        Self::Loss,
        Self::Late,
        Self::End,
    ];

    /// The word for it in an event.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Request => "mcp.request",
            Self::Intent => "mcp.intent",
            Self::Withheld => "mcp.withheld",
            Self::Loss => "mcp.loss",
            Self::Late => "mcp.late",
            Self::End => "mcp.end",
        }
    }
}

/// On whose behalf a request came, as a verified access token says it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct EventPrincipal {
    /// Those who act for the subject, the one who acts now first (RFC 8693, 4.1).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actors: Vec<String>,
    /// The caller is not authenticated.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub anonymous: bool,
    /// The client that the issuer says acts for the subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// Who vouches for all this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Who it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
}

/// What a caller or a tool said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Captured {
    /// The words themselves as canonical JSON, redacted, where `[[capture]]` asks for them. A text and not an object,
    /// so that no log on the way changes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// SHA-256 of the canonical JSON (RFC 8785) before anything was redacted, in hexadecimal. A reader who guesses the
    /// words can check the guess; `audit.digests = false` leaves it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// An event's place among those of its instance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChainLink {
    /// The chain, and with it the instance that wrote it: 32 hexadecimal digits, random.
    pub id: String,
    /// The `hash` of the event before it; absent in the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
    /// 0 for the first, and one more for each that follows.
    pub sequence: u64,
}

/// The result of the delivery of events to one sink.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct DeliveryReport {
    /// The chain of `sequences`, if it is not the event's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chain: Option<String>,
    /// How many events.
    pub events: u64,
    /// When the oldest of them happened (RFC 3339, UTC).
    pub oldest: String,
    /// Those of one chain, as ranges of sequence numbers with both ends included; there may be more than
    /// are listed. If the ranges have more than `events`, the receiver did not say which of them it refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sequences: Vec<(u64, u64)>,
    /// The sink, as `mcp.toml` names it.
    pub sink: EventText,
}

/// A live policy. The first event of a chain that was decided by it has its digest and key as well.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct EventLivePolicy {
    /// SHA-256 of the signed document, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// The id of the key that signed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Its version.
    pub version: u64,
}

/// Requests that a handler sent. All but `calls` and `failed` is about the last one to an upstream of the gateway.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct UpstreamCalls {
    /// The audience or resource that the token was for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// The authority of the request, as `authority.type` of the upstream names it; absent where the upstream has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority: Option<EventText>,
    /// How many, those to token endpoints included.
    pub calls: u64,
    /// How long it took until the whole response was there, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// How many of them got no answer.
    pub failed: u64,
    /// The upstream, as `mcp.toml` names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<EventText>,
    /// The HTTP status of the response; absent where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}

impl Event {
    /// Its canonical JSON (RFC 8785), which its hash is made of.
    pub fn to_canonical(&self) -> Vec<u8> {
        // A map whose keys are not strings would fail, and there is none.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Whether it is about a request that had ended, rather than about the log itself.
    pub fn is_request(&self) -> bool {
        self.event == EventType::Request
    }

    /// Whether a server writes such an event outside a chain: a request that arrived before an instance had started, and
    /// that was refused for that reason or cancelled. Nothing else is known of such a request, neither its caller nor its
    /// method.
    pub fn is_before_start(&self) -> bool {
        let refused = (
            Outcome::Failed,
            MISCONFIGURED_STATUS,
            Some(MISCONFIGURED_REASON),
        );
        let cancelled = (Outcome::Cancelled, 0, None);
        let ended = (self.outcome, self.status, self.reason.as_deref());
        (ended == refused || (ended == cancelled && self.detail.is_none()))
            && *self
                == Self {
                    detail: self.detail.clone(),
                    duration_ms: self.duration_ms,
                    host: self.host.clone(),
                    id: self.id.clone(),
                    outcome: self.outcome,
                    reason: self.reason.clone(),
                    response_bytes: self.response_bytes,
                    span_id: self.span_id.clone(),
                    status: self.status,
                    time: self.time.clone(),
                    trace_id: self.trace_id.clone(),
                    version: self.version,
                    ..Self::default()
                }
    }
}

/// The name of every member of an [`Event`], in order.
pub const MEMBERS: [&str; 38] = [
    "arguments",
    "chain",
    "client_address",
    "client_info",
    "decision",
    "delivery",
    "detail",
    "duration_ms",
    "environment",
    "era",
    "event",
    "host",
    "id",
    "live_policy",
    "method",
    "name",
    "name_sha256",
    "outcome",
    "parent_span_id",
    "path",
    "principal",
    "quarantined",
    "rate_limit",
    "reason",
    "request_bytes",
    "request_id",
    "response_bytes",
    "result",
    "revision",
    "rule",
    "server",
    "span_id",
    "status",
    "time",
    "token_error",
    "trace_id",
    "upstream",
    "version",
];

/// The canonical JSON (RFC 8785) of an event as it was found in a log, without what is not part of its hash.
pub fn canonical_of(found: &serde_json::Map<String, serde_json::Value>) -> Vec<u8> {
    let mut hashed = found.clone();
    for outside in ["hash", "seal"] {
        hashed.remove(outside);
    }
    canonical::to_vec(&serde_json::Value::Object(hashed))
}
