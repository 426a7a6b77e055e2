//! Settings that hold one of a few words.

use crate::is_same;

/// One word that a setting may hold.
#[derive(Debug, PartialEq, Eq)]
pub struct Choice {
    /// The word: `RS256`.
    pub name: &'static str,
    /// The constant that it stands for, in the crate `mcp-edge`: `config::Algorithm::RS256`.
    pub constant: &'static str,
}

/// Enums whose variants are all that there is.
macro_rules! closed {
    ($($(#[$about:meta])+ $choice:ident { $($(#[$what:meta])+ $variant:ident = $name:literal,)+ })+) => { $(
        $(#[$about])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $choice {
            $($(#[$what])+ $variant,)+
        }

        impl $choice {
            /// Every word, with the variant that it stands for.
            pub const CHOICES: &'static [Choice] = &[$(Choice {
                name: $name,
                constant: concat!("config::", stringify!($choice), "::", stringify!($variant)),
            }),+];

            /// The word for it in `mcp.toml`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The one that a word of `mcp.toml` stands for.
            pub const fn named(name: &str) -> Option<Self> {
                $(if is_same(name.as_bytes(), $name.as_bytes()) {
                    return Some(Self::$variant);
                })+
                None
            }

            /// The same for the table of settings. It is for constants: another word fails the build.
            #[allow(clippy::panic)]
            pub const fn constant(name: &str) -> Self {
                match Self::named(name) {
                    Some(choice) => choice,
                    None => panic!("not one of the words"),
                }
            }
        }
    )+ };
}

/// Words for constants of other crates: a server links those that its settings name.
macro_rules! open {
    ($($(#[$about:meta])+ $choice:ident { $($name:literal = $constant:literal,)+ })+) => { $(
        $(#[$about])+
        #[derive(Debug)]
        pub enum $choice {}

        impl $choice {
            /// Every word, with the constant that it stands for.
            pub const CHOICES: &'static [Choice] = &[$(Choice { name: $name, constant: $constant }),+];
        }
    )+ };
}

closed! {
    /// What a rule decides.
    Effect {
        /// The caller may.
        Allow = "allow",
        /// The caller may not.
        Deny = "deny",
    }

    /// What a rate counts apart.
    RateLimitKey {
        /// Each subject of each issuer, whatever client or session it uses.
        Principal = "principal",
        /// Each tenant.
        Tenant = "tenant",
        /// Each client of each issuer.
        Client = "client",
        /// Each tool, prompt or resource.
        Tool = "tool",
        /// Each upstream. What has none is counted together.
        Upstream = "upstream",
        /// Each network address, as the host vouches for it.
        Address = "address",
    }

    /// How OTLP is encoded (OpenTelemetry Protocol, OTLP/HTTP).
    Encoding {
        /// JSON.
        Json = "json",
        /// Protocol buffers.
        Protobuf = "protobuf",
    }

    /// How clients find the tools of an upstream.
    Exposure {
        /// In `tools/list`.
        List = "list",
        /// With three tools that search, describe and call the others.
        Search = "search",
    }

    /// What a tool declares of its results.
    OutputPolicy {
        /// A schema, and structured content.
        Schema = "schema",
        /// Structured content.
        Open = "open",
        /// Nothing: results are text.
        Text = "text",
    }

    /// How requests to an upstream get their authority.
    AuthorityType {
        /// A token of the gateway itself (RFC 6749, 4.4).
        ClientCredentials = "client_credentials",
        /// A token for the caller, in exchange for its access token (RFC 8693).
        TokenExchange = "token_exchange",
        /// A token for the caller, with its access token as the authorization grant (RFC 7523, 2.1).
        JwtBearer = "jwt_bearer",
        /// A token for the caller by an identity assertion grant of its identity provider (ID-JAG).
        CrossAppAccess = "cross_app_access",
        /// An assertion that the gateway signs itself.
        Assertion = "assertion",
    }

    /// How a client authenticates to a token endpoint (RFC 7591, 2; OpenID Connect Core 1.0, 9).
    ClientAuthentication {
        /// Its secret in `Authorization: Basic`.
        Basic = "client_secret_basic",
        /// Its secret in the form.
        Post = "client_secret_post",
        /// A signed assertion (RFC 7523, 2.2).
        PrivateKeyJwt = "private_key_jwt",
    }

    /// Signature algorithms with which a server signs (RFC 7518, RFC 8037).
    SigningAlgorithm {
        /// ECDSA on P-256.
        Es256 = "ES256",
        /// Ed25519.
        EdDsa = "EdDSA",
        /// RSASSA-PKCS1-v1_5.
        Rs256 = "RS256",
        /// RSASSA-PSS.
        Ps256 = "PS256",
    }

    /// Types of tokens (RFC 8693, 3).
    TokenType {
        /// An access token.
        AccessToken = "access_token",
        /// A JWT.
        Jwt = "jwt",
    }

    /// Whether a request waits for a sink.
    DeliveryMode {
        /// Events leave after the response.
        BestEffort = "best-effort",
        /// No answer leaves before the sink, or its outbox, has the event.
        Required = "required",
    }
}

open! {
    /// Signature algorithms for access tokens (RFC 7518, RFC 8037): none that a public key could be mistaken for the secret of.
    Algorithm {
        "RS256" = "config::Algorithm::RS256",
        "RS384" = "config::Algorithm::RS384",
        "RS512" = "config::Algorithm::RS512",
        "PS256" = "config::Algorithm::PS256",
        "PS384" = "config::Algorithm::PS384",
        "PS512" = "config::Algorithm::PS512",
        "ES256" = "config::Algorithm::ES256",
        "ES384" = "config::Algorithm::ES384",
        "EdDSA" = "config::Algorithm::EDDSA",
    }

    /// How a sink's receiver is spoken to.
    Protocol {
        "log" = "config::Protocol::LOG",
        "otlp" = "sinks::OTLP_LOGS",
        "otlp-traces" = "sinks::OTLP_TRACES",
        "otlp-metrics" = "sinks::OTLP_METRICS",
        "splunk" = "sinks::SPLUNK",
        "elasticsearch" = "sinks::ELASTICSEARCH",
        "kafka" = "sinks::KAFKA",
        "datadog" = "sinks::DATADOG",
        "webhook" = "sinks::WEBHOOK",
        "s3" = "sinks::S3",
        "queue" = "sinks::QUEUE",
        "r2" = "sinks::R2",
    }

    /// How a sink writes an event.
    Format {
        "event" = "config::Format::EVENT",
        "ocsf" = "sinks::OCSF",
        "cloudevents" = "sinks::CLOUD_EVENTS",
    }

    /// How a request ends, in the words of its event.
    Outcome {
        "ok" = "config::Outcome::Ok",
        "tool_error" = "config::Outcome::ToolError",
        "protocol_error" = "config::Outcome::ProtocolError",
        "input_required" = "config::Outcome::InputRequired",
        "accepted" = "config::Outcome::Accepted",
        "refused" = "config::Outcome::Refused",
        "cancelled" = "config::Outcome::Cancelled",
        "failed" = "config::Outcome::Failed",
    }
}
