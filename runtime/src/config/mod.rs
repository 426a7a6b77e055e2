//! What `mcp.toml` says, in the form in which it is compiled into a server.
//!
//! Nothing here is parsed at run time: `serve!` reads the file while the server is built, refuses what
//! is wrong with it, and leaves one constant of these types.

mod driver;

use std::net::IpAddr;
use std::time::Duration;

pub use mcp_edge_audit::event::Outcome;

pub use self::driver::{
    Algorithm, DeliveryError, Destination, Format, PageRenderer, Protocol, Report, ReportFn, Sign,
    SigningKeysSecret, SinkContext, SinkDriver, SinkSettings, admits, is_one_of,
};
pub(crate) use self::driver::{PageContent, RenderedPage};
use crate::auth::Scheme;
use crate::host::Timestamp;
pub use crate::host::{RateLimit, RateLimitKey};
pub use crate::start::{ENVIRONMENT_VARIABLE, TextSetting, UnknownEnvironment};

/// The settings of every environment of one `mcp.toml`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Configuration {
    /// What holds where no environment is named.
    pub base: Settings,
    /// The overlays, each already laid over the base.
    pub environments: &'static [Environment],
}

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
    /// `[card]`
    pub card: Card,
    /// `[page]`
    pub page: Page,
    /// `[approvals]`
    pub approvals: Approvals,
    /// `[access]`
    pub access: Access,
    /// `[limits]`
    pub limits: Limits,
    /// `[connections]`
    pub connections: Connections,
    /// `[tokens]`
    pub tokens: Tokens,
    /// `[streams]`
    pub streams: Streams,
    /// `[lists]`
    pub lists: Lists,
    /// `[auth]`
    pub auth: Auth,
    /// `[issuers.NAME]`
    pub issuers: &'static [Issuer],
    /// `[[policy]]`
    pub policy: &'static [Rule],
    /// `[[rate_limit]]`
    pub rate_limits: &'static [RateLimit],
    /// `[audit]`
    pub audit: Audit,
    /// `[[capture]]`
    pub capture: &'static [Capture],
    /// `[sinks.NAME]`
    pub sinks: &'static [Sink],
}

/// `[server]`: where the server is found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Server {
    /// The public URL of the MCP endpoint, as clients and identity providers know it.
    pub url: Option<TextSetting>,
}

/// `[card]`: what registries and clients learn without connecting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Card {
    /// Whether there is a Server Card and an AI catalog.
    pub publish: bool,
    /// What the server is for, in at most 100 characters; without it, what the server says of itself.
    pub description: Option<&'static str>,
    /// Where the server's source is found.
    pub repository: Option<&'static str>,
    /// Pictures of the server.
    pub icons: &'static [&'static str],
    /// Whether the card also stands where drafts of the standard had it.
    pub legacy_paths: bool,
}

/// `[page]`: what people see who open the server's URL.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Page {
    /// What writes the page; `None`: there is no page.
    pub publish: Option<PageRenderer>,
}

/// `[approvals]`: the approved definitions of what the server offers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Approvals {
    /// The digests of the tools that are not in quarantine. Empty: none is.
    pub tools: &'static [&'static str],
}

/// `[access]`: how the server may be reached.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Access {
    /// Whether an open server, which has neither an issuer nor a policy rule, serves on hosts that are reachable from other
    /// machines.
    pub public: bool,
    /// Origins that may call besides the server's own, as `https://app.example.com`, without a path;
    /// `*` allows every origin.
    pub allowed_origins: &'static [&'static str],
    /// Host names (with a port where it is not the default) that requests may name. Empty: any,
    /// except that a server on a loopback address then answers to loopback names and its own only.
    pub allowed_hosts: &'static [&'static str],
    /// The proxies that are believed when they say in a header where a client is.
    pub trusted_proxies: &'static [Network],
}

/// A network of addresses: those that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// The network of `address`, in which its first `prefix` bits are the same.
    pub const fn new(address: IpAddr, prefix: u8) -> Self {
        Self { address, prefix }
    }

    /// Whether `address` is in it. An IPv4 address is in no network of IPv6 addresses, however it is written.
    pub fn contains(&self, address: IpAddr) -> bool {
        // Bits that are not the network's are shifted out; all of them, where the network is every address.
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let host = 32_u32.saturating_sub(self.prefix.into());
                let differing = own.to_bits() ^ other.to_bits();
                differing.checked_shr(host).unwrap_or(0) == 0
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let host = 128_u32.saturating_sub(self.prefix.into());
                let differing = own.to_bits() ^ other.to_bits();
                differing.checked_shr(host).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

/// `[limits]`: what one request may cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// The greatest request body, in bytes.
    pub body_bytes: usize,
    /// How deep arrays and objects may nest in a request.
    pub json_depth: usize,
    /// How many JSON values a request may hold.
    pub json_values: usize,
    /// How many requests to the endpoint a native process serves at once.
    pub in_flight: usize,
    /// How many messages a batch of revision 2025-03-26 may hold.
    pub batch_messages: usize,
    /// How many entries one page of a list holds.
    pub page_size: usize,
    /// The greatest journal of a handler with memory, in bytes.
    pub state_bytes: usize,
    /// What must be free in that journal before a step runs, in bytes.
    pub step_reserve_bytes: usize,
    /// The greatest body of an answer to an outbound request, in bytes.
    pub fetch_bytes: usize,
}

/// `[connections]`: what one connection may cost, on a host that accepts connections itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Connections {
    /// The maximum time for the head of a request, from its first byte, or from the moment a new connection is accepted.
    pub header_timeout: Duration,
    /// After how long a connection without a request is closed.
    pub idle_timeout: Duration,
    /// The maximum wait for the next part of a request body. The whole body may take [`BODY_TIMEOUTS`](Self::BODY_TIMEOUTS)
    /// times as long.
    pub body_timeout: Duration,
    /// The maximum time in which a client accepts no byte of a response.
    pub write_timeout: Duration,
    /// How long requests in flight and sinks together may take once the process is told to stop.
    pub shutdown_timeout: Duration,
    /// How many connections a process serves at once.
    pub max: usize,
    /// How many connections a process serves at once for one client address; 0: as many as `max`.
    pub max_per_address: usize,
}

/// `[tokens]`: resumption tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tokens {
    /// The name of the secret that holds the keyring: `keys = { secret = "MCP_EDGE_KEYS" }`.
    pub keys: &'static str,
    /// How long a legacy session lasts.
    pub session_ttl: Duration,
    /// How long a caller may take to answer a question.
    pub request_state_ttl: Duration,
    /// How long a list cursor works.
    pub cursor_ttl: Duration,
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
    pub stream_after: Duration,
    /// How often a stream without news sends a comment.
    pub heartbeat_interval: Duration,
}

/// `[lists]`: cache hints of 2026-07-28 (basic/utilities/caching).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lists {
    /// How long clients and gateways may keep a list, a discovery or a resource.
    pub ttl: Duration,
}

/// `[auth]`: how callers prove who they are. It matters once there is an issuer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Auth {
    /// The scopes that a client is told to ask for when it signs in. Empty: all that a rule or a tool asks for.
    pub scopes: &'static [&'static str],
    /// Scopes that include others, each with those it includes.
    pub implied_scopes: &'static [(&'static str, &'static [&'static str])],
    /// The longest access token, in bytes.
    pub token_bytes: usize,
    /// How far an issuer's clock and the host's may be apart.
    pub leeway: Duration,
    /// How many verified tokens an instance remembers.
    pub token_cache_size: usize,
    /// How long an issuer's keys are used before they are fetched again.
    pub jwks_refresh_interval: Duration,
    /// How long to wait at least before a token with an unknown key makes them be fetched again.
    pub jwks_cooldown: Duration,
    /// How long keys are used when the issuer cannot be reached.
    pub jwks_stale_if_error: Duration,
    /// How long one fetch of keys may take.
    pub jwks_timeout: Duration,
}

/// `[issuers.NAME]`: an authorization server whose access tokens are accepted (RFC 9068).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Issuer {
    /// The name that rules and events call it by.
    pub name: &'static str,
    /// `issuer`: what its tokens say in `iss`. `{tenant}` in it stands for any tenant of `tenants`.
    pub url: TextSetting,
    /// `aliases`: what its tokens may say in `iss` instead. The issuer is `url` all the same.
    pub aliases: &'static [&'static str],
    /// What a token's `aud` must contain one of. Empty: the server's public URL.
    pub audiences: &'static [TextSetting],
    /// The signature algorithms (RFC 7518) that its tokens may use. Only those listed anywhere are
    /// compiled into the server.
    pub algorithms: &'static [Algorithm],
    /// The media types that the header's `typ` may name; an empty text allows it to be left out.
    pub types: &'static [&'static str],
    /// Where its public keys come from.
    pub jwks: JwksSource,
    /// Which claims say what.
    pub claims: Claims,
    /// Which tenant a token belongs to.
    pub tenant: TenantSource,
    /// The tenants whose tokens are accepted. Empty or `*`: every tenant.
    pub tenants: &'static [&'static str],
    /// The header in which a proxy in front hands over the token; `None` is `Authorization: Bearer`.
    pub header: Option<&'static str>,
    /// The local issuer for development, which a server with a public URL refuses.
    pub development: bool,
    /// How its tokens are verified.
    pub scheme: Scheme,
}

/// Where an issuer's public keys come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JwksSource {
    /// The issuer's metadata names them (OpenID Connect Discovery 1.0, RFC 8414).
    Discovery,
    /// A JSON Web Key Set at a URL (RFC 7517, 5).
    Url(TextSetting),
    /// The JSON Web Key Set itself.
    Set(TextSetting),
}

/// Which claims of an issuer's tokens say what; the first that is there counts. A name that begins with `/` is
/// a JSON pointer (RFC 6901) into the claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claims {
    /// Who it is.
    pub subject: &'static [&'static str],
    /// What was granted: a text with spaces between, or a list.
    pub scopes: &'static [&'static str],
    /// The roles.
    pub roles: &'static [&'static str],
    /// The groups.
    pub groups: &'static [&'static str],
    /// The client that acts for the subject.
    pub client: &'static [&'static str],
    /// Who acts, where that is another party than the subject (RFC 8693, 4.1).
    pub actor: &'static [&'static str],
}

/// Which tenant a token belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TenantSource {
    /// None: the issuer has no tenants.
    None,
    /// Always this one.
    Fixed(&'static str),
    /// The one that this claim names.
    Claim(&'static str),
}

/// One `[[policy]]` rule. A list that is empty asks for nothing; of a list's entries one has to fit, of
/// `scopes` all. Entries may hold `*` for any text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// What events and explanations call it.
    pub name: &'static str,
    /// What it decides.
    pub effect: Effect,
    /// Whether it also holds for callers who have proven nothing.
    pub anonymous: bool,
    /// Names of issuers.
    pub issuers: &'static [&'static str],
    /// Tenants.
    pub tenants: &'static [&'static str],
    /// Subjects.
    pub subjects: &'static [&'static str],
    /// Clients.
    pub clients: &'static [&'static str],
    /// Roles.
    pub roles: &'static [&'static str],
    /// Groups.
    pub groups: &'static [&'static str],
    /// Scopes, all of them.
    pub scopes: &'static [&'static str],
    /// Whether a caller who lacks nothing but scopes is told to ask for them.
    pub step_up: bool,
    /// Tools, by name.
    pub tools: &'static [&'static str],
    /// Prompts, by name.
    pub prompts: &'static [&'static str],
    /// Resources by URI, resource templates by their template.
    pub resources: &'static [&'static str],
    /// Only tools that say so of themselves (`readOnlyHint`).
    pub read_only: Option<bool>,
    /// Only tools that say so of themselves (`destructiveHint`); one that says nothing may be destructive
    /// unless it is read-only (2026-07-28, `ToolAnnotations`).
    pub destructive: Option<bool>,
    /// What must be true of the arguments: a JSON Schema. A template's variables are its arguments.
    pub arguments: Option<&'static str>,
}

/// What a rule decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The caller may.
    Allow,
    /// The caller may not.
    Deny,
}

/// `[audit]`: what is said of every request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Audit {
    /// What signs events. Without it they are chained and not signed.
    pub signing_keys: Option<SigningKeysSecret>,
    /// Whether a result carries a receipt.
    pub receipts: bool,
    /// Whether an event holds digests of arguments and results.
    pub digests: bool,
    /// When a sink has got an event late.
    pub late_after: Duration,
    /// The maximum size of an event as JSON, in bytes, without its hash and seal.
    pub max_event_bytes: usize,
    /// Patterns of what is redacted in every text that a caller or a handler said.
    pub redact_patterns: &'static [&'static str],
}

/// One `[[capture]]`: whose contents are in events, and what is left out of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Capture {
    /// Tools, by name; entries may hold `*`.
    pub tools: &'static [&'static str],
    /// Prompts, by name.
    pub prompts: &'static [&'static str],
    /// Resources by URI, templates by their text.
    pub resources: &'static [&'static str],
    /// Whether the arguments do.
    pub arguments: bool,
    /// Whether the result does.
    pub result: bool,
    /// JSON pointers (RFC 6901) into the arguments or the result, `*` standing for any one member, to what is redacted.
    pub redact_paths: &'static [&'static str],
    /// Patterns of what is redacted in every text in them.
    pub redact_patterns: &'static [&'static str],
    /// The longest text of either, in bytes; a longer one is left out.
    pub max_bytes: usize,
}

/// One `[sinks.NAME]`: where events go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sink {
    /// What events and errors call it.
    pub name: &'static str,
    /// `type`: how its receiver is spoken to.
    pub protocol: Protocol,
    /// Where the receiver is.
    pub url: Option<TextSetting>,
    /// Whether an `http` URL may lead to another machine.
    pub allow_http: bool,
    /// The name of the secret that it knows us by.
    pub token: Option<&'static str>,
    /// The header that the secret goes into, where the receiver wants another than its protocol's own.
    pub header: Option<&'static str>,
    /// What stands before the secret in that header.
    pub auth_scheme: Option<&'static str>,
    /// How an event is written, where the protocol leaves that open.
    pub format: Format,
    /// How OTLP is encoded.
    pub encoding: Encoding,
    /// Whether a request waits for it.
    pub delivery: DeliveryMode,
    /// Tools whose calls wait for it whatever `delivery` says; entries may hold `*`.
    pub required_tools: &'static [&'static str],
    /// Whether events that it does not take are kept in the host's store for it.
    pub outbox: bool,
    /// Only events of these tools; entries may hold `*`. Empty: all events.
    pub tools: &'static [&'static str],
    /// Only events that ended like this. Empty: all events.
    pub outcomes: &'static [Outcome],
    /// How long it may take to answer.
    pub timeout: Duration,
    /// How often it is asked again.
    pub retries: usize,
    /// How long an event waits for others to go with it.
    pub linger: Duration,
    /// The most events that go together.
    pub batch_events: usize,
    /// The most bytes of events that go together.
    pub batch_bytes: usize,
    /// The most events that wait in an instance.
    pub buffer_events: usize,
    /// Kafka: the topic.
    pub topic: Option<&'static str>,
    /// Elasticsearch, Splunk: the index.
    pub index: Option<&'static str>,
    /// S3: the bucket.
    pub bucket: Option<&'static str>,
    /// S3: the region.
    pub region: &'static str,
    /// S3: the id of the access key; its secret is `token`.
    pub access_key_id: Option<TextSetting>,
    /// S3, R2: what the names of objects begin with.
    pub prefix: &'static str,
    /// Queues, R2: the binding of the Worker.
    pub binding: Option<&'static str>,
}

/// Whether a request waits for a sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryMode {
    /// Events leave after the response.
    BestEffort,
    /// No answer leaves before the sink, or its outbox, has the event.
    Required,
}

/// How OTLP is encoded (OpenTelemetry Protocol, OTLP/HTTP).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// JSON.
    Json,
    /// Protocol buffers.
    Protobuf,
}

impl Settings {
    /// Whether the server is open: it has neither an issuer nor a policy rule, so that any caller may do everything.
    pub fn is_open(&self) -> bool {
        self.issuers.is_empty() && self.policy.is_empty()
    }

    /// The settings of a server whose `mcp.toml` is empty.
    pub const DEFAULT: Self = Self {
        server: Server { url: None },
        card: Card {
            publish: true,
            description: None,
            repository: None,
            icons: &[],
            legacy_paths: false,
        },
        page: Page {
            publish: Some(PageRenderer::HTML),
        },
        approvals: Approvals { tools: &[] },
        access: Access {
            public: false,
            allowed_origins: &[],
            allowed_hosts: &[],
            trusted_proxies: &[],
        },
        limits: Limits {
            body_bytes: 1 << 20,
            json_depth: 64,
            json_values: 10_000,
            in_flight: 1024,
            batch_messages: 32,
            page_size: 100,
            state_bytes: 32 << 10,
            step_reserve_bytes: 4 << 10,
            fetch_bytes: 4 << 20,
        },
        connections: Connections {
            header_timeout: Duration::from_secs(15),
            idle_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            shutdown_timeout: Duration::from_secs(30),
            max: 4096,
            max_per_address: 0,
        },
        tokens: Tokens {
            keys: "MCP_EDGE_KEYS",
            session_ttl: Duration::from_secs(7 * 24 * 60 * 60),
            request_state_ttl: Duration::from_secs(10 * 60),
            cursor_ttl: Duration::from_secs(60 * 60),
            not_before: None,
            not_before_tenant: &[],
            not_before_principal: &[],
        },
        streams: Streams {
            stream_after: Duration::from_secs(2),
            heartbeat_interval: Duration::from_secs(5),
        },
        lists: Lists {
            ttl: Duration::from_secs(5 * 60),
        },
        auth: Auth {
            scopes: &[],
            implied_scopes: &[],
            token_bytes: 16 << 10,
            leeway: Duration::from_secs(30),
            token_cache_size: 1024,
            jwks_refresh_interval: Duration::from_secs(10 * 60),
            jwks_cooldown: Duration::from_secs(30),
            jwks_stale_if_error: Duration::from_secs(24 * 60 * 60),
            jwks_timeout: Duration::from_secs(5),
        },
        issuers: &[],
        policy: &[],
        rate_limits: &[],
        audit: Audit {
            signing_keys: None,
            receipts: false,
            digests: true,
            late_after: Duration::from_secs(5 * 60),
            max_event_bytes: 8 << 10,
            redact_patterns: &[],
        },
        capture: &[],
        sinks: &[Sink {
            name: "log",
            ..Sink::DEFAULT
        }],
    };
}

impl Connections {
    /// How many times [`body_timeout`](Self::body_timeout) a whole request body may take.
    pub const BODY_TIMEOUTS: u32 = 4;
}

impl Capture {
    /// Contents of nothing.
    pub const DEFAULT: Self = Self {
        tools: &[],
        prompts: &[],
        resources: &[],
        arguments: false,
        result: false,
        redact_paths: &[],
        redact_patterns: &[],
        max_bytes: 2 << 10,
    };
}

impl Sink {
    /// The host's log.
    pub const DEFAULT: Self = Self {
        name: "",
        protocol: Protocol::LOG,
        url: None,
        allow_http: false,
        token: None,
        header: None,
        auth_scheme: None,
        format: Format::EVENT,
        encoding: Encoding::Json,
        delivery: DeliveryMode::BestEffort,
        required_tools: &[],
        outbox: false,
        tools: &[],
        outcomes: &[],
        timeout: Duration::from_secs(5),
        retries: 3,
        linger: Duration::from_secs(1),
        batch_events: 500,
        batch_bytes: 512 << 10,
        buffer_events: 10_000,
        topic: None,
        index: None,
        bucket: None,
        region: "auto",
        access_key_id: None,
        prefix: "",
        binding: None,
    };
}

impl Issuer {
    /// An issuer of which nothing is said but its name.
    pub const DEFAULT: Self = Self {
        name: "",
        url: TextSetting::Literal(""),
        aliases: &[],
        audiences: &[],
        algorithms: &[],
        types: &["at+jwt"],
        jwks: JwksSource::Discovery,
        claims: Claims {
            subject: &["sub"],
            scopes: &["scope"],
            roles: &["roles"],
            groups: &["groups"],
            client: &["client_id"],
            actor: &["act"],
        },
        tenant: TenantSource::None,
        tenants: &[],
        header: None,
        development: false,
        scheme: Scheme::JWT,
    };
}

impl Rule {
    /// A rule that asks for nothing and names nothing.
    pub const DEFAULT: Self = Self {
        name: "",
        effect: Effect::Allow,
        anonymous: false,
        issuers: &[],
        tenants: &[],
        subjects: &[],
        clients: &[],
        roles: &[],
        groups: &[],
        scopes: &[],
        step_up: true,
        tools: &[],
        prompts: &[],
        resources: &[],
        read_only: None,
        destructive: None,
        arguments: None,
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
