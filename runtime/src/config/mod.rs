//! The settings of a server, as `mcp.toml` sets them.
//!
//! The types and their defaults are those of the table in `mcp_edge_settings`. `config!` reads `mcp.toml` while a server is built
//! and leaves one constant of these types. A program that gets its settings when it starts decodes them with
//! [`Settings::decode`]. No server parses TOML.

mod decode;
mod driver;
mod owned;
mod upstream;

use std::net::IpAddr;
use std::time::Duration;

pub use mcp_edge_audit::event::Outcome;
pub use mcp_edge_settings::{
    AuthorityType, ClientAuthentication, DeliveryMode, Effect, Encoding, Exposure,
    SigningAlgorithm, TokenType,
};

pub use self::decode::{DecodeError, Drivers};
pub use self::driver::{
    Algorithm, CardRenderer, DeliveryError, Destination, Format, LivePolicyReader, PageRenderer,
    Protocol, Report, ReportFn, Scheme, Sign, SigningKeysSecret, SinkContext, SinkDriver,
    SinkSettings, admits, is_one_of,
};
pub(crate) use self::driver::{
    Authenticate, AuthenticationError, AuthenticatorFuture, CardContent, LivePolicy,
    LivePolicyError, PageContent, ReadLivePolicy, RenderedCard, RenderedPage, Revocations,
};
pub(crate) use self::owned::{OwnedRule, SwitchedOff, Words};
pub use self::upstream::{TokenClientSettings, UpstreamCredential};
use crate::host::Timestamp;
pub use crate::host::{RateLimit, RateLimitKey};
pub use crate::start::{ENVIRONMENT_VARIABLE, SIGN_IN_VARIABLE, TextSetting, UnknownEnvironment};
use crate::structure::Empty;

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

mcp_edge_settings::sections!(structure);
mcp_edge_settings::issuer!(structure);
mcp_edge_settings::rule!(structure);
mcp_edge_settings::capture!(structure);
mcp_edge_settings::sink!(structure);
mcp_edge_settings::upstream!(structure);

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

impl Settings {
    /// Whether the server is open: it has neither an issuer nor a policy rule nor a live policy, so that any caller may do
    /// everything.
    pub fn is_open(&self) -> bool {
        self.issuers.is_empty() && self.policy.is_empty() && self.live.enabled.is_none()
    }
}

impl Connections {
    /// How many times [`body_timeout`](Self::body_timeout) a whole request body may take.
    pub const BODY_TIMEOUTS: u32 = 4;
}

impl Empty for TextSetting {
    const EMPTY: Self = Self::Literal("");
}

impl Empty for TenantSource {
    const EMPTY: Self = Self::None;
}

impl Empty for Protocol {
    const EMPTY: Self = Self::LOG;
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
            .ok_or_else(|| {
                let known = self.environments.iter().map(|known| known.name);
                UnknownEnvironment::new(name, known)
            })
    }
}
