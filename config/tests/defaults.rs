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
        manifest,
        access,
        limits,
        connections,
        tokens,
        streams,
        lists,
        auth,
        issuers,
        policy,
        rates,
        audit,
        contents,
        sinks,
    } = runtime::Settings::DEFAULT;
    let runtime::Server { url } = server;
    let runtime::Card {
        publish,
        description,
        repository,
        icons,
        older_places,
    } = card;
    assert_eq!((description, repository), (None, None));
    let runtime::Page {
        publish: page_published,
    } = page;
    let runtime::Manifest { approved } = manifest;
    let runtime::Access {
        public,
        origins,
        hosts,
        trusted_proxies,
    } = access;
    assert!(trusted_proxies.is_empty());
    let runtime::Limits {
        body_bytes,
        json_depth,
        json_values,
        in_flight,
        batch,
        page,
        state_bytes,
        step_bytes,
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
        session,
        request_state,
        cursor,
        not_before,
        not_before_tenant,
        not_before_principal,
    } = tokens;
    let runtime::Streams {
        patience,
        heartbeat,
    } = streams;
    let runtime::Lists { ttl } = lists;
    let runtime::Auth {
        scopes,
        includes,
        token_bytes,
        leeway,
        remembered,
        keys_refresh,
        keys_interval,
        keys_stale,
        keys_timeout,
    } = auth;
    assert!(url.is_none() && not_before.is_none() && includes.is_empty());
    assert!(issuers.is_empty() && policy.is_empty() && rates.is_empty() && contents.is_empty());
    let runtime::Audit {
        keys: evidence,
        receipts,
        digests,
        late,
        max_event_bytes,
        redact,
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
        ("card.older_places", Some(Value::Flag(older_places))),
        ("page.publish", Some(Value::Flag(page_published))),
        ("manifest.approved", words(approved)),
        ("access.public", Some(Value::Flag(public))),
        ("access.origins", words(origins)),
        ("access.hosts", words(hosts)),
        ("access.trusted_proxies", Some(Value::Networks(Vec::new()))),
        ("limits.body_bytes", number(body_bytes)),
        ("limits.json_depth", number(json_depth)),
        ("limits.json_values", number(json_values)),
        ("limits.in_flight", number(in_flight)),
        ("limits.batch", number(batch)),
        ("limits.page", number(page)),
        ("limits.state_bytes", number(state_bytes)),
        ("limits.step_bytes", number(step_bytes)),
        ("limits.fetch_bytes", number(fetch_bytes)),
        ("connections.header_timeout", duration(header_timeout)),
        ("connections.idle_timeout", duration(idle_timeout)),
        ("connections.body_timeout", duration(body_timeout)),
        ("connections.write_timeout", duration(write_timeout)),
        ("connections.shutdown_timeout", duration(shutdown_timeout)),
        ("connections.max", number(max)),
        ("connections.max_per_address", number(max_per_address)),
        ("tokens.keys", Some(Value::Secret(keys.to_owned()))),
        ("tokens.session", duration(session)),
        ("tokens.request_state", duration(request_state)),
        ("tokens.cursor", duration(cursor)),
        ("tokens.not_before.all", None),
        ("tokens.not_before.tenants", times(not_before_tenant)),
        ("tokens.not_before.principals", times(not_before_principal)),
        ("streams.patience", duration(patience)),
        ("streams.heartbeat", duration(heartbeat)),
        ("lists.ttl", duration(ttl)),
        ("auth.scopes", words(scopes)),
        ("auth.includes", Some(Value::Includes(BTreeMap::new()))),
        ("auth.token_bytes", number(token_bytes)),
        ("auth.leeway", duration(leeway)),
        ("auth.remembered", number(remembered)),
        ("auth.keys_refresh", duration(keys_refresh)),
        ("auth.keys_interval", duration(keys_interval)),
        ("auth.keys_stale", duration(keys_stale)),
        ("auth.keys_timeout", duration(keys_timeout)),
        ("issuers", None),
        ("policy", None),
        ("rate", None),
        ("audit.keys", None),
        ("audit.receipts", Some(Value::Flag(receipts))),
        ("audit.digests", Some(Value::Flag(digests))),
        ("audit.late", duration(late)),
        ("audit.max_event_bytes", number(max_event_bytes)),
        ("audit.redact", words(redact)),
        ("contents", None),
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
        keys,
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
        (runtime::Keys::Discovery, runtime::Tenant::None)
    );
    let in_force = vec![
        ("preset", None),
        ("issuer", None),
        ("aliases", words(aliases)),
        ("audiences", Some(Value::Texts(Vec::new()))),
        ("algorithms", None),
        ("types", words(types)),
        ("keys", Some(Value::Keys(Keys::Discovery))),
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
    let runtime::Rate {
        name: _,
        per,
        tools,
        calls,
        period,
        concurrent,
        binding,
    } = runtime::Rate::DEFAULT;
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
    let runtime::Contents {
        tools,
        prompts,
        resources,
        arguments,
        result,
        hide,
        redact,
        bytes,
    } = runtime::Contents::DEFAULT;
    let in_force = vec![
        ("tools", words(tools)),
        ("prompts", words(prompts)),
        ("resources", words(resources)),
        ("arguments", Some(Value::Flag(arguments))),
        ("result", Some(Value::Flag(result))),
        ("hide", words(hide)),
        ("redact", words(redact)),
        // A quarter of `audit.max_event_bytes`.
        ("bytes", None),
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
        scheme,
        format,
        encoding,
        delivery,
        required_tools,
        outbox,
        tools,
        outcomes,
        timeout,
        retries,
        wait,
        batch,
        batch_bytes,
        buffer,
        topic,
        index,
        bucket,
        region,
        access_key,
        prefix,
        binding,
    } = runtime::Sink::DEFAULT;
    assert_eq!(protocol, Protocol::LOG);
    assert!(url.is_none() && access_key.is_none() && outcomes.is_empty());
    let open = [token, header, scheme, topic, index, bucket, binding];
    assert_eq!(open, [None; 7]);
    assert_eq!(delivery, runtime::Delivery::BestEffort);
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
        ("scheme", None),
        ("format", choice(FORMATS, format.name())),
        ("encoding", choice(ENCODINGS, "json")),
        ("delivery", choice(DELIVERIES, "best-effort")),
        ("required_tools", words(required_tools)),
        ("outbox", Some(Value::Flag(outbox))),
        ("tools", words(tools)),
        ("outcomes", Some(Value::Choices(Vec::new()))),
        ("timeout", duration(timeout)),
        ("retries", number(retries)),
        ("wait", duration(wait)),
        ("batch", number(batch)),
        ("batch_bytes", number(batch_bytes)),
        ("buffer", number(buffer)),
        ("topic", None),
        ("index", None),
        ("bucket", None),
        ("region", word(region)),
        ("access_key", None),
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
