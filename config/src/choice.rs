//! Settings that hold one of a few words.

use crate::nearest::nearest;

/// One word that a setting may hold.
#[derive(Debug, PartialEq, Eq)]
pub struct Choice {
    /// The word: `RS256`.
    pub name: &'static str,
    /// The constant that it stands for, as the facade knows it: `auth::Algorithm::RS256`.
    pub constant: &'static str,
}

/// Signature algorithms for access tokens (RFC 7518, RFC 8037): none that a public key could be mistaken for
/// the secret of.
pub const ALGORITHMS: &[Choice] = &[
    choice("RS256", "config::Algorithm::RS256"),
    choice("RS384", "config::Algorithm::RS384"),
    choice("RS512", "config::Algorithm::RS512"),
    choice("PS256", "config::Algorithm::PS256"),
    choice("PS384", "config::Algorithm::PS384"),
    choice("PS512", "config::Algorithm::PS512"),
    choice("ES256", "config::Algorithm::ES256"),
    choice("ES384", "config::Algorithm::ES384"),
    choice("EdDSA", "config::Algorithm::EDDSA"),
];

/// What a rule decides.
pub const EFFECTS: &[Choice] = &[
    choice("allow", "config::Effect::Allow"),
    choice("deny", "config::Effect::Deny"),
];

/// What a rate counts apart.
pub const PER: &[Choice] = &[
    choice("principal", "config::RateLimitKey::Principal"),
    choice("tenant", "config::RateLimitKey::Tenant"),
    choice("client", "config::RateLimitKey::Client"),
    choice("tool", "config::RateLimitKey::Tool"),
    choice("address", "config::RateLimitKey::Address"),
];

/// How a sink's receiver is spoken to.
pub const PROTOCOLS: &[Choice] = &[
    choice("log", "config::Protocol::LOG"),
    choice("otlp", "sinks::OTLP_LOGS"),
    choice("otlp-traces", "sinks::OTLP_TRACES"),
    choice("otlp-metrics", "sinks::OTLP_METRICS"),
    choice("splunk", "sinks::SPLUNK"),
    choice("elasticsearch", "sinks::ELASTICSEARCH"),
    choice("kafka", "sinks::KAFKA"),
    choice("datadog", "sinks::DATADOG"),
    choice("webhook", "sinks::WEBHOOK"),
    choice("s3", "sinks::S3"),
    choice("queue", "sinks::QUEUE"),
    choice("r2", "sinks::R2"),
];

/// How a sink writes an event.
pub const FORMATS: &[Choice] = &[
    choice("event", "config::Format::EVENT"),
    choice("ocsf", "sinks::OCSF"),
    choice("cloudevents", "sinks::CLOUD_EVENTS"),
];

/// How OTLP is encoded.
pub const ENCODINGS: &[Choice] = &[
    choice("json", "config::Encoding::Json"),
    choice("protobuf", "config::Encoding::Protobuf"),
];

/// Whether a request waits for a sink.
pub const DELIVERIES: &[Choice] = &[
    choice("best-effort", "config::DeliveryMode::BestEffort"),
    choice("required", "config::DeliveryMode::Required"),
];

/// How a request ends.
pub const OUTCOMES: &[Choice] = &[
    choice("ok", "config::Outcome::Ok"),
    choice("tool_error", "config::Outcome::ToolError"),
    choice("protocol_error", "config::Outcome::ProtocolError"),
    choice("input_required", "config::Outcome::InputRequired"),
    choice("accepted", "config::Outcome::Accepted"),
    choice("refused", "config::Outcome::Refused"),
    choice("cancelled", "config::Outcome::Cancelled"),
    choice("failed", "config::Outcome::Failed"),
];

const fn choice(name: &'static str, constant: &'static str) -> Choice {
    Choice { name, constant }
}

/// The choice that `word` names, or what to say instead.
pub(crate) fn choose(choices: &'static [Choice], word: &str) -> Result<&'static Choice, String> {
    choices
        .iter()
        .find(|choice| choice.name == word)
        .ok_or_else(|| one_of(choices.iter().map(|choice| choice.name), word))
}

/// The rest of a sentence about a `word` that is none of `names`.
pub(crate) fn one_of(names: impl Iterator<Item = &'static str> + Clone, word: &str) -> String {
    let all = names.clone().collect::<Vec<_>>().join(", ");
    let same = names.clone().find(|name| name.eq_ignore_ascii_case(word));
    match same.or_else(|| nearest(word, names)) {
        Some(meant) => format!("must be one of {all}; did you mean {meant}?"),
        None => format!("must be one of {all}"),
    }
}
