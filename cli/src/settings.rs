//! From a file's settings to the runtime's: what `config!` does while a server compiles, done while we run.
//!
//! The runtime's settings are constants, so every text and list is leaked; the program ends soon.

use std::time::Duration;

use mcp_edge_audit::event::Outcome;
use mcp_edge_config::{self as file, Entry, Value};
use mcp_edge_runtime::config::Algorithm;
use mcp_edge_runtime::config::{
    Capture, DeliveryMode, Effect, Encoding, Issuer, JwksSource, Network, PageRenderer, RateLimit,
    RateLimitKey, Rule, Settings, SigningKeysSecret, Sink, TenantSource, TextSetting,
};
use mcp_edge_runtime::config::{Format, Protocol};
use mcp_edge_runtime::host::Timestamp;

/// The runtime's defaults with what the file sets.
pub(crate) fn settings(file: &file::Settings) -> &'static Settings {
    let mut settings = Settings::DEFAULT;
    for (path, setting) in file {
        set(&mut settings, path, &setting.value);
    }
    Box::leak(Box::new(settings))
}

/// Sets what `path` names. What is not listed here is not there: a test checks that nothing is missing.
fn set(settings: &mut Settings, path: &str, value: &Value) {
    let Settings {
        server,
        card,
        page,
        approvals,
        access,
        limits,
        connections,
        tokens,
        streams,
        lists,
        auth,
        issuers,
        policy,
        rate_limits,
        audit,
        capture,
        sinks,
    } = settings;
    match path {
        "server.url" => server.url = Some(text_of(value)),
        "card.publish" => card.publish = flag(value),
        "card.description" => card.description = Some(word(value)),
        "card.repository" => card.repository = Some(word(value)),
        "card.icons" => card.icons = words(value),
        "card.legacy_paths" => card.legacy_paths = flag(value),
        "page.publish" => page.publish = flag(value).then_some(PageRenderer::HTML),
        "approvals.tools" => approvals.tools = words(value),
        "access.public" => access.public = flag(value),
        "access.allowed_origins" => access.allowed_origins = words(value),
        "access.allowed_hosts" => access.allowed_hosts = words(value),
        "access.trusted_proxies" => access.trusted_proxies = networks(value),
        "limits.body_bytes" => limits.body_bytes = number(value),
        "limits.json_depth" => limits.json_depth = number(value),
        "limits.json_values" => limits.json_values = number(value),
        "limits.in_flight" => limits.in_flight = number(value),
        "limits.batch_messages" => limits.batch_messages = number(value),
        "limits.page_size" => limits.page_size = number(value),
        "limits.state_bytes" => limits.state_bytes = number(value),
        "limits.step_reserve_bytes" => limits.step_reserve_bytes = number(value),
        "limits.fetch_bytes" => limits.fetch_bytes = number(value),
        "connections.header_timeout" => connections.header_timeout = duration(value),
        "connections.idle_timeout" => connections.idle_timeout = duration(value),
        "connections.body_timeout" => connections.body_timeout = duration(value),
        "connections.write_timeout" => connections.write_timeout = duration(value),
        "connections.shutdown_timeout" => connections.shutdown_timeout = duration(value),
        "connections.max" => connections.max = number(value),
        "connections.max_per_address" => connections.max_per_address = number(value),
        "tokens.keys" => tokens.keys = word(value),
        "tokens.session_ttl" => tokens.session_ttl = duration(value),
        "tokens.request_state_ttl" => tokens.request_state_ttl = duration(value),
        "tokens.cursor_ttl" => tokens.cursor_ttl = duration(value),
        "tokens.not_before.all" => tokens.not_before = time(value),
        "tokens.not_before.tenants" => tokens.not_before_tenant = times(value),
        "tokens.not_before.principals" => tokens.not_before_principal = times(value),
        "streams.stream_after" => streams.stream_after = duration(value),
        "streams.heartbeat_interval" => streams.heartbeat_interval = duration(value),
        "lists.ttl" => lists.ttl = duration(value),
        "auth.scopes" => auth.scopes = words(value),
        "auth.implied_scopes" => auth.implied_scopes = includes(value),
        "auth.token_bytes" => auth.token_bytes = number(value),
        "auth.leeway" => auth.leeway = duration(value),
        "auth.token_cache_size" => auth.token_cache_size = number(value),
        "auth.jwks_refresh_interval" => auth.jwks_refresh_interval = duration(value),
        "auth.jwks_cooldown" => auth.jwks_cooldown = duration(value),
        "auth.jwks_stale_if_error" => auth.jwks_stale_if_error = duration(value),
        "auth.jwks_timeout" => auth.jwks_timeout = duration(value),
        "issuers" => *issuers = named(value, issuer),
        "policy" => *policy = each(value, rule),
        "rate_limit" => *rate_limits = each(value, rate),
        "audit.signing_keys" => {
            audit.signing_keys = Some(SigningKeysSecret::in_secret(word(value)))
        }
        "audit.receipts" => audit.receipts = flag(value),
        "audit.digests" => audit.digests = flag(value),
        "audit.late_after" => audit.late_after = duration(value),
        "audit.max_event_bytes" => audit.max_event_bytes = number(value),
        "audit.redact_patterns" => audit.redact_patterns = words(value),
        "capture" => *capture = each(value, recorded),
        "sinks" => *sinks = named(value, sink),
        _ => {}
    }
}

fn issuer(name: &str, entry: &Entry) -> Issuer {
    let mut issuer = Issuer {
        name: leak(name),
        ..Issuer::DEFAULT
    };
    for (path, setting) in &entry.settings {
        let value = &setting.value;
        let claims = &mut issuer.claims;
        match *path {
            "preset" => {
                issuer.development = matches!(value, Value::Preset(preset) if preset.development)
            }
            "issuer" => issuer.url = text_of(value),
            "aliases" => issuer.aliases = words(value),
            "audiences" => issuer.audiences = texts(value),
            "algorithms" => issuer.algorithms = choices(value, algorithm),
            "types" => issuer.types = words(value),
            "jwks" => issuer.jwks = keys(value),
            "tenant" => issuer.tenant = tenant(value),
            "tenants" => issuer.tenants = words(value),
            "header" => issuer.header = Some(word(value)),
            "claims.subject" => claims.subject = words(value),
            "claims.scopes" => claims.scopes = words(value),
            "claims.roles" => claims.roles = words(value),
            "claims.groups" => claims.groups = words(value),
            "claims.client" => claims.client = words(value),
            "claims.actor" => claims.actor = words(value),
            _ => {}
        }
    }
    issuer
}

fn rule(entry: &Entry) -> Rule {
    let mut rule = Rule::DEFAULT;
    for (path, setting) in &entry.settings {
        let value = &setting.value;
        match *path {
            "name" => rule.name = word(value),
            "effect" => rule.effect = effect(value),
            "anonymous" => rule.anonymous = flag(value),
            "issuers" => rule.issuers = words(value),
            "tenants" => rule.tenants = words(value),
            "subjects" => rule.subjects = words(value),
            "clients" => rule.clients = words(value),
            "roles" => rule.roles = words(value),
            "groups" => rule.groups = words(value),
            "scopes" => rule.scopes = words(value),
            "step_up" => rule.step_up = flag(value),
            "tools" => rule.tools = words(value),
            "prompts" => rule.prompts = words(value),
            "resources" => rule.resources = words(value),
            "read_only" => rule.read_only = Some(flag(value)),
            "destructive" => rule.destructive = Some(flag(value)),
            "arguments" => rule.arguments = arguments(value),
            _ => {}
        }
    }
    rule
}

fn rate(entry: &Entry) -> RateLimit {
    let mut rate = RateLimit::DEFAULT;
    for (path, setting) in &entry.settings {
        let value = &setting.value;
        match *path {
            "name" => rate.name = word(value),
            "per" => rate.per = choices(value, per),
            "tools" => rate.tools = words(value),
            "calls" => rate.calls = Some(number(value)),
            "period" => rate.period = duration(value),
            "concurrent" => rate.concurrent = Some(number(value)),
            "binding" => rate.binding = Some(word(value)),
            _ => {}
        }
    }
    rate
}

fn recorded(entry: &Entry) -> Capture {
    let mut contents = Capture::DEFAULT;
    for (path, setting) in &entry.settings {
        let value = &setting.value;
        match *path {
            "tools" => contents.tools = words(value),
            "prompts" => contents.prompts = words(value),
            "resources" => contents.resources = words(value),
            "arguments" => contents.arguments = flag(value),
            "result" => contents.result = flag(value),
            "redact_paths" => contents.redact_paths = words(value),
            "redact_patterns" => contents.redact_patterns = words(value),
            "max_bytes" => contents.max_bytes = number(value),
            _ => {}
        }
    }
    contents
}

fn sink(name: &str, entry: &Entry) -> Sink {
    let mut sink = Sink {
        name: leak(name),
        ..Sink::DEFAULT
    };
    for (path, setting) in &entry.settings {
        let value = &setting.value;
        match *path {
            "type" => sink.protocol = protocol(value),
            "url" => sink.url = Some(text_of(value)),
            "allow_http" => sink.allow_http = flag(value),
            "token" => sink.token = Some(word(value)),
            "header" => sink.header = Some(word(value)),
            "auth_scheme" => sink.auth_scheme = Some(word(value)),
            "format" => sink.format = format(value),
            "encoding" => sink.encoding = encoding(value),
            "delivery" => sink.delivery = delivery(value),
            "required_tools" => sink.required_tools = words(value),
            "outbox" => sink.outbox = flag(value),
            "tools" => sink.tools = words(value),
            "outcomes" => sink.outcomes = choices(value, outcome),
            "timeout" => sink.timeout = duration(value),
            "retries" => sink.retries = number(value),
            "linger" => sink.linger = duration(value),
            "batch_events" => sink.batch_events = number(value),
            "batch_bytes" => sink.batch_bytes = number(value),
            "buffer_events" => sink.buffer_events = number(value),
            "topic" => sink.topic = Some(word(value)),
            "index" => sink.index = Some(word(value)),
            "bucket" => sink.bucket = Some(word(value)),
            "region" => sink.region = word(value),
            "access_key_id" => sink.access_key_id = Some(text_of(value)),
            "prefix" => sink.prefix = word(value),
            "binding" => sink.binding = Some(word(value)),
            _ => {}
        }
    }
    sink
}

// The reader has checked that each setting holds a value of its kind, so that what a function does with another one
// never matters.

fn leak(text: &str) -> &'static str {
    text.to_owned().leak()
}

fn list<T>(entries: impl IntoIterator<Item = T>) -> &'static [T] {
    Vec::from_iter(entries).leak()
}

fn text(text: &file::Text) -> TextSetting {
    match text {
        file::Text::Literal(text) => TextSetting::Literal(leak(text)),
        file::Text::Variable(name) => TextSetting::Variable(leak(name)),
    }
}

fn text_of(value: &Value) -> TextSetting {
    match value {
        Value::Text(held) => text(held),
        _ => TextSetting::Literal(""),
    }
}

fn texts(value: &Value) -> &'static [TextSetting] {
    match value {
        Value::Texts(texts) => list(texts.iter().map(text)),
        _ => &[],
    }
}

fn word(value: &Value) -> &'static str {
    match value {
        Value::Word(text) | Value::Secret(text) => leak(text),
        _ => "",
    }
}

fn words(value: &Value) -> &'static [&'static str] {
    match value {
        Value::Words(words) => leaked(words),
        _ => &[],
    }
}

fn networks(value: &Value) -> &'static [Network] {
    match value {
        Value::Networks(networks) => {
            let networks = networks.iter();
            list(networks.map(|network| Network::new(network.address, network.prefix)))
        }
        _ => &[],
    }
}

fn leaked(words: &[String]) -> &'static [&'static str] {
    list(words.iter().map(|word| leak(word)))
}

fn flag(value: &Value) -> bool {
    matches!(value, Value::Flag(true))
}

fn number<T: TryFrom<u64> + Default>(value: &Value) -> T {
    match value {
        Value::Number(number) => T::try_from(*number).unwrap_or_default(),
        _ => T::default(),
    }
}

fn duration(value: &Value) -> Duration {
    match value {
        Value::Duration(duration) => *duration,
        _ => Duration::ZERO,
    }
}

fn time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Time(millis) => Some(Timestamp::from_millis(*millis)),
        _ => None,
    }
}

fn times(value: &Value) -> &'static [(&'static str, Timestamp)] {
    match value {
        Value::Times(times) => list(
            times
                .iter()
                .map(|(name, millis)| (leak(name), Timestamp::from_millis(*millis))),
        ),
        _ => &[],
    }
}

fn includes(value: &Value) -> &'static [(&'static str, &'static [&'static str])] {
    match value {
        Value::Includes(includes) => list(
            includes
                .iter()
                .map(|(scope, included)| (leak(scope), leaked(included))),
        ),
        _ => &[],
    }
}

fn keys(value: &Value) -> JwksSource {
    match value {
        Value::Keys(file::Keys::Url(url)) => JwksSource::Url(text(url)),
        Value::Keys(file::Keys::Set(set)) => JwksSource::Set(text(set)),
        _ => JwksSource::Discovery,
    }
}

fn tenant(value: &Value) -> TenantSource {
    match value {
        Value::Tenant(file::Tenant::Fixed(name)) => TenantSource::Fixed(leak(name)),
        Value::Tenant(file::Tenant::Claim(claim)) => TenantSource::Claim(leak(claim)),
        _ => TenantSource::None,
    }
}

fn arguments(value: &Value) -> Option<&'static str> {
    match value {
        Value::Arguments(schemas) => Some(file::arguments_schema(schemas).leak()),
        _ => None,
    }
}

fn effect(value: &Value) -> Effect {
    match chosen(value) {
        "deny" => Effect::Deny,
        _ => Effect::Allow,
    }
}

fn choices<T>(value: &Value, of: fn(&str) -> Option<T>) -> &'static [T] {
    match value {
        Value::Choices(choices) => list(choices.iter().filter_map(|choice| of(choice.name))),
        _ => &[],
    }
}

fn algorithm(name: &str) -> Option<Algorithm> {
    Algorithm::ALL
        .into_iter()
        .find(|algorithm| algorithm.name() == name)
}

fn per(name: &str) -> Option<RateLimitKey> {
    match name {
        "principal" => Some(RateLimitKey::Principal),
        "tenant" => Some(RateLimitKey::Tenant),
        "client" => Some(RateLimitKey::Client),
        "tool" => Some(RateLimitKey::Tool),
        "address" => Some(RateLimitKey::Address),
        _ => None,
    }
}

fn chosen(value: &Value) -> &'static str {
    match value {
        Value::Choice(choice) => choice.name,
        _ => "",
    }
}

fn protocol(value: &Value) -> Protocol {
    match chosen(value) {
        "otlp" => mcp_edge_sinks::OTLP_LOGS,
        "otlp-traces" => mcp_edge_sinks::OTLP_TRACES,
        "otlp-metrics" => mcp_edge_sinks::OTLP_METRICS,
        "splunk" => mcp_edge_sinks::SPLUNK,
        "elasticsearch" => mcp_edge_sinks::ELASTICSEARCH,
        "kafka" => mcp_edge_sinks::KAFKA,
        "datadog" => mcp_edge_sinks::DATADOG,
        "webhook" => mcp_edge_sinks::WEBHOOK,
        "s3" => mcp_edge_sinks::S3,
        "queue" => mcp_edge_sinks::QUEUE,
        "r2" => mcp_edge_sinks::R2,
        _ => Protocol::LOG,
    }
}

fn format(value: &Value) -> Format {
    match chosen(value) {
        "ocsf" => mcp_edge_sinks::OCSF,
        "cloudevents" => mcp_edge_sinks::CLOUD_EVENTS,
        _ => Format::EVENT,
    }
}

fn encoding(value: &Value) -> Encoding {
    match chosen(value) {
        "protobuf" => Encoding::Protobuf,
        _ => Encoding::Json,
    }
}

fn delivery(value: &Value) -> DeliveryMode {
    match chosen(value) {
        "required" => DeliveryMode::Required,
        _ => DeliveryMode::BestEffort,
    }
}

fn outcome(name: &str) -> Option<Outcome> {
    serde_json::from_value(name.into()).ok()
}

fn named<T>(value: &Value, one: fn(&str, &Entry) -> T) -> &'static [T] {
    match value {
        Value::Named(entries) => list(entries.iter().map(|(name, entry)| one(name, entry))),
        _ => &[],
    }
}

fn each<T>(value: &Value, one: fn(&Entry) -> T) -> &'static [T] {
    match value {
        Value::Each(entries) => list(entries.iter().map(one)),
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use mcp_edge_config::{KEYS, Kind, PROTOCOLS, Table, read};
    use mcp_edge_runtime::config::Configuration;

    use super::*;

    const TEXT: &str = include_str!("../tests/every_setting.toml");
    const COMPILED: Configuration = mcp_edge_macros::config!("tests/every_setting.toml");

    #[test]
    fn gives_what_the_macro_gives() {
        let file = read(TEXT).unwrap();
        assert_eq!(*settings(&file.base), COMPILED.base);
        let [environment] = COMPILED.environments else {
            panic!("one environment");
        };
        let overlaid = &file.environments[environment.name];
        assert_eq!(*settings(overlaid), environment.settings);
    }

    /// Otherwise the comparison would not notice a key that is missing here.
    #[test]
    fn the_file_sets_every_key_and_every_choice() {
        let base = read(TEXT).unwrap().base;
        for key in KEYS {
            let setting = base.get(key.path);
            let value = &setting.unwrap_or_else(|| panic!("{}", key.path)).value;
            if let Kind::Named(table) | Kind::Each(table) = key.kind {
                every_key(table, value);
            }
        }
    }

    #[test]
    fn the_file_has_a_sink_of_every_type() {
        let mut missing = PROTOCOLS
            .iter()
            .map(|protocol| protocol.name)
            .collect::<Vec<_>>();
        missing.retain(|name| {
            COMPILED
                .base
                .sinks
                .iter()
                .all(|sink| sink.protocol.name() != *name)
        });
        assert!(missing.is_empty(), "{missing:?}");
    }

    fn every_key(table: &Table, value: &Value) {
        let entries: Vec<&Entry> = match value {
            Value::Named(entries) => entries.values().collect(),
            Value::Each(entries) => entries.iter().collect(),
            other => panic!("{other:?}"),
        };
        for key in table.keys {
            let mut set = entries
                .iter()
                .filter_map(|entry| entry.settings.get(key.path));
            let first = set
                .next()
                .unwrap_or_else(|| panic!("{} {}", table.entry, key.path));
            if let (Kind::Choices(all), Value::Choices(chosen)) = (key.kind, &first.value) {
                assert_eq!(chosen.len(), all.len(), "{} {}", table.entry, key.path);
            }
        }
    }
}
