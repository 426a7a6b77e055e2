//! The defaults documented here are the ones in force.
#![allow(clippy::expect_used)]

use std::collections::BTreeMap;

use mcp_edge_audit::event::Outcome;
use mcp_edge_config::{
    CONTENTS, Choice, DELIVERIES, EFFECTS, ENCODINGS, FORMATS, ISSUER, KEYS, Key, Keys, Kind,
    OUTCOMES, RATE, RULE, SINK, Value,
};
use mcp_edge_runtime::audit_trail::MIN_EVENT;
use mcp_edge_runtime::config as runtime;
use mcp_edge_runtime::config::Protocol;
use mcp_edge_runtime::host::Timestamp;

type Defaults = Vec<(&'static str, Option<Value>)>;

fn documented(keys: &'static [Key]) -> Defaults {
    keys.iter()
        .map(|key| (key.path, key.default_value()))
        .collect()
}

fn number(number: usize) -> Option<Value> {
    Some(Value::Number(
        u64::try_from(number).expect("a small number"),
    ))
}

fn words(words: &[&str]) -> Option<Value> {
    let words = words.iter().map(|word| (*word).to_owned());
    Some(Value::Words(words.collect()))
}

fn times(times: &[(&str, Timestamp)]) -> Option<Value> {
    let times = times
        .iter()
        .map(|(name, time)| ((*name).to_owned(), time.as_millis()));
    Some(Value::Times(times.collect()))
}

/// Each is taken apart completely, so that a new setting cannot be forgotten here.
#[test]
fn of_the_sections() {
    let runtime::Settings {
        server,
        card,
        page,
        approvals: manifest,
        access,
        limits,
        connections,
        tokens,
        streams,
        lists,
        auth,
        issuers,
        policy,
        rate_limits: rates,
        audit,
        capture: contents,
        sinks,
    } = runtime::Settings::DEFAULT;
    let runtime::Server { url } = server;
    let runtime::Card {
        publish,
        description,
        repository,
        icons,
        legacy_paths,
    } = card;
    assert_eq!((description, repository), (None, None));
    let runtime::Page {
        publish: page_published,
    } = page;
    let runtime::Approvals { tools } = manifest;
    let runtime::Access {
        public,
        allowed_origins,
        allowed_hosts,
        trusted_proxies,
    } = access;
    assert!(trusted_proxies.is_empty());
    let runtime::Limits {
        body_bytes,
        json_depth,
        json_values,
        in_flight,
        batch_messages: batch,
        page_size: page,
        state_bytes,
        step_reserve_bytes,
        fetch_bytes,
    } = limits;
    let runtime::Connections {
        header_timeout,
        idle_timeout,
        body_timeout,
        write_timeout,
        shutdown_timeout,
        max,
        max_per_address,
    } = connections;
    let runtime::Tokens {
        keys,
        session_ttl,
        request_state_ttl,
        cursor_ttl,
        not_before,
        not_before_tenant,
        not_before_principal,
    } = tokens;
    let runtime::Streams {
        stream_after,
        heartbeat_interval,
    } = streams;
    let runtime::Lists { ttl } = lists;
    let runtime::Auth {
        scopes,
        implied_scopes,
        token_bytes,
        leeway,
        token_cache_size,
        jwks_refresh_interval,
        jwks_cooldown,
        jwks_stale_if_error,
        jwks_timeout,
    } = auth;
    assert!(url.is_none() && not_before.is_none() && implied_scopes.is_empty());
    assert!(issuers.is_empty() && policy.is_empty() && rates.is_empty() && contents.is_empty());
    let runtime::Audit {
        signing_keys: evidence,
        receipts,
        digests,
        late_after,
        max_event_bytes,
        redact_patterns: redact,
    } = audit;
    let log = runtime::Sink {
        name: "log",
        ..runtime::Sink::DEFAULT
    };
    assert!(evidence.is_none() && *sinks == [log]);

    let duration = |duration| Some(Value::Duration(duration));
    let in_force = vec![
        ("server.url", None),
        ("card.publish", Some(Value::Flag(publish))),
        ("card.description", None),
        ("card.repository", None),
        ("card.icons", words(icons)),
        ("card.legacy_paths", Some(Value::Flag(legacy_paths))),
        ("page.publish", Some(Value::Flag(page_published.is_some()))),
        ("approvals.tools", words(tools)),
        ("access.public", Some(Value::Flag(public))),
        ("access.allowed_origins", words(allowed_origins)),
        ("access.allowed_hosts", words(allowed_hosts)),
        ("access.trusted_proxies", Some(Value::Networks(Vec::new()))),
        ("limits.body_bytes", number(body_bytes)),
        ("limits.json_depth", number(json_depth)),
        ("limits.json_values", number(json_values)),
        ("limits.in_flight", number(in_flight)),
        ("limits.batch_messages", number(batch)),
        ("limits.page_size", number(page)),
        ("limits.state_bytes", number(state_bytes)),
        ("limits.step_reserve_bytes", number(step_reserve_bytes)),
        ("limits.fetch_bytes", number(fetch_bytes)),
        ("connections.header_timeout", duration(header_timeout)),
        ("connections.idle_timeout", duration(idle_timeout)),
        ("connections.body_timeout", duration(body_timeout)),
        ("connections.write_timeout", duration(write_timeout)),
        ("connections.shutdown_timeout", duration(shutdown_timeout)),
        ("connections.max", number(max)),
        ("connections.max_per_address", number(max_per_address)),
        ("tokens.keys", Some(Value::Secret(keys.to_owned()))),
        ("tokens.session_ttl", duration(session_ttl)),
        ("tokens.request_state_ttl", duration(request_state_ttl)),
        ("tokens.cursor_ttl", duration(cursor_ttl)),
        ("tokens.not_before.all", None),
        ("tokens.not_before.tenants", times(not_before_tenant)),
        ("tokens.not_before.principals", times(not_before_principal)),
        ("streams.stream_after", duration(stream_after)),
        ("streams.heartbeat_interval", duration(heartbeat_interval)),
        ("lists.ttl", duration(ttl)),
        ("auth.scopes", words(scopes)),
        (
            "auth.implied_scopes",
            Some(Value::Includes(BTreeMap::new())),
        ),
        ("auth.token_bytes", number(token_bytes)),
        ("auth.leeway", duration(leeway)),
        ("auth.token_cache_size", number(token_cache_size)),
        (
            "auth.jwks_refresh_interval",
            duration(jwks_refresh_interval),
        ),
        ("auth.jwks_cooldown", duration(jwks_cooldown)),
        ("auth.jwks_stale_if_error", duration(jwks_stale_if_error)),
        ("auth.jwks_timeout", duration(jwks_timeout)),
        ("issuers", None),
        ("policy", None),
        ("rate_limit", None),
        ("audit.signing_keys", None),
        ("audit.receipts", Some(Value::Flag(receipts))),
        ("audit.digests", Some(Value::Flag(digests))),
        ("audit.late_after", duration(late_after)),
        ("audit.max_event_bytes", number(max_event_bytes)),
        ("audit.redact_patterns", words(redact)),
        ("capture", None),
        ("sinks", None),
    ];
    assert_eq!(documented(KEYS), in_force);
    let least = KEYS.iter().find_map(|key| match key.kind {
        Kind::Number { least, .. } if key.path == "audit.max_event_bytes" => Some(least),
        _ => None,
    });
    assert_eq!(least.map(Value::Number), number(MIN_EVENT));
}

#[test]
fn of_an_issuer() {
    let runtime::Issuer {
        name: _,
        url: _,
        aliases,
        audiences,
        algorithms,
        types,
        jwks: keys,
        claims,
        tenant,
        tenants,
        header,
        development,
        scheme: _,
    } = runtime::Issuer::DEFAULT;
    let runtime::Claims {
        subject,
        scopes,
        roles,
        groups,
        client,
        actor,
    } = claims;
    assert!(audiences.is_empty() && algorithms.is_empty() && header.is_none() && !development);
    assert_eq!(
        (keys, tenant),
        (runtime::JwksSource::Discovery, runtime::TenantSource::None)
    );
    let in_force = vec![
        ("preset", None),
        ("issuer", None),
        ("aliases", words(aliases)),
        ("audiences", Some(Value::Texts(Vec::new()))),
        ("algorithms", None),
        ("types", words(types)),
        ("jwks", Some(Value::Keys(Keys::Discovery))),
        ("tenant", None),
        ("tenants", words(tenants)),
        ("header", None),
        ("claims.subject", words(subject)),
        ("claims.scopes", words(scopes)),
        ("claims.roles", words(roles)),
        ("claims.groups", words(groups)),
        ("claims.client", words(client)),
        ("claims.actor", words(actor)),
    ];
    assert_eq!(documented(ISSUER.keys), in_force);
}

#[test]
fn of_a_rule() {
    let runtime::Rule {
        name: _,
        effect,
        anonymous,
        issuers,
        tenants,
        subjects,
        clients,
        roles,
        groups,
        scopes,
        step_up,
        tools,
        prompts,
        resources,
        read_only,
        destructive,
        arguments,
    } = runtime::Rule::DEFAULT;
    assert_eq!(effect, runtime::Effect::Allow);
    assert_eq!((read_only, destructive, arguments), (None, None, None));
    let allow = EFFECTS.iter().find(|effect| effect.name == "allow");
    let in_force = vec![
        ("name", None),
        ("effect", allow.map(Value::Choice)),
        ("anonymous", Some(Value::Flag(anonymous))),
        ("issuers", words(issuers)),
        ("tenants", words(tenants)),
        ("subjects", words(subjects)),
        ("clients", words(clients)),
        ("roles", words(roles)),
        ("groups", words(groups)),
        ("scopes", words(scopes)),
        ("step_up", Some(Value::Flag(step_up))),
        ("tools", words(tools)),
        ("prompts", words(prompts)),
        ("resources", words(resources)),
        ("read_only", None),
        ("destructive", None),
        ("arguments", None),
    ];
    assert_eq!(documented(RULE.keys), in_force);
}

#[test]
fn of_a_rate() {
    let runtime::RateLimit {
        name: _,
        per,
        tools,
        calls,
        period,
        concurrent,
        binding,
    } = runtime::RateLimit::DEFAULT;
    assert!(per.is_empty() && calls.is_none() && concurrent.is_none() && binding.is_none());
    let in_force = vec![
        ("name", None),
        ("per", Some(Value::Choices(Vec::new()))),
        ("tools", words(tools)),
        ("calls", None),
        ("period", Some(Value::Duration(period))),
        ("concurrent", None),
        ("binding", None),
    ];
    assert_eq!(documented(RATE.keys), in_force);
}

#[test]
fn of_contents() {
    let runtime::Capture {
        tools,
        prompts,
        resources,
        arguments,
        result,
        redact_paths: hide,
        redact_patterns: redact,
        max_bytes: bytes,
    } = runtime::Capture::DEFAULT;
    let in_force = vec![
        ("tools", words(tools)),
        ("prompts", words(prompts)),
        ("resources", words(resources)),
        ("arguments", Some(Value::Flag(arguments))),
        ("result", Some(Value::Flag(result))),
        ("redact_paths", words(hide)),
        ("redact_patterns", words(redact)),
        // A quarter of `audit.max_event_bytes`.
        ("max_bytes", None),
    ];
    assert_eq!(documented(CONTENTS.keys), in_force);
    let derived = runtime::Settings::DEFAULT.audit.max_event_bytes / 4;
    assert_eq!(bytes, derived);
}

#[test]
fn of_a_sink() {
    let runtime::Sink {
        name: _,
        protocol,
        url,
        allow_http,
        token,
        header,
        auth_scheme: scheme,
        format,
        encoding,
        delivery,
        required_tools,
        outbox,
        tools,
        outcomes,
        timeout,
        retries,
        linger: wait,
        batch_events: batch,
        batch_bytes,
        buffer_events: buffer,
        topic,
        index,
        bucket,
        region,
        access_key_id: access_key,
        prefix,
        binding,
    } = runtime::Sink::DEFAULT;
    assert_eq!(protocol, Protocol::LOG);
    assert!(url.is_none() && access_key.is_none() && outcomes.is_empty());
    let open = [token, header, scheme, topic, index, bucket, binding];
    assert_eq!(open, [None; 7]);
    assert_eq!(delivery, runtime::DeliveryMode::BestEffort);
    assert_eq!(encoding, runtime::Encoding::Json);

    let choice = |choices: &'static [Choice], name: &str| {
        let chosen = choices.iter().find(|choice| choice.name == name);
        chosen.map(Value::Choice)
    };
    let word = |text: &str| Some(Value::Word(text.to_owned()));
    let duration = |duration| Some(Value::Duration(duration));
    let in_force = vec![
        ("type", None),
        ("url", None),
        ("allow_http", Some(Value::Flag(allow_http))),
        ("token", None),
        ("header", None),
        ("auth_scheme", None),
        ("format", choice(FORMATS, format.name())),
        ("encoding", choice(ENCODINGS, "json")),
        ("delivery", choice(DELIVERIES, "best-effort")),
        ("required_tools", words(required_tools)),
        ("outbox", Some(Value::Flag(outbox))),
        ("tools", words(tools)),
        ("outcomes", Some(Value::Choices(Vec::new()))),
        ("timeout", duration(timeout)),
        ("retries", number(retries)),
        ("linger", duration(wait)),
        ("batch_events", number(batch)),
        ("batch_bytes", number(batch_bytes)),
        ("buffer_events", number(buffer)),
        ("topic", None),
        ("index", None),
        ("bucket", None),
        ("region", word(region)),
        ("access_key_id", None),
        ("prefix", word(prefix)),
        ("binding", None),
    ];
    assert_eq!(documented(SINK.keys), in_force);
}

/// Events say how a request ended in the words that a filter knows.
#[test]
fn of_outcomes() {
    let words = [
        Outcome::Ok,
        Outcome::ToolError,
        Outcome::ProtocolError,
        Outcome::InputRequired,
        Outcome::Accepted,
        Outcome::Refused,
        Outcome::Cancelled,
        Outcome::Failed,
    ];
    let known: Vec<_> = OUTCOMES.iter().map(|outcome| outcome.name).collect();
    assert_eq!(known, words.map(Outcome::as_str));
}
