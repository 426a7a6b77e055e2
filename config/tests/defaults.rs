//! The defaults documented here are the ones in force.
#![allow(clippy::expect_used)]

use std::collections::BTreeMap;

use mcp_edge_config::{EFFECTS, ISSUER, KEYS, Key, Keys, RATE, RULE, Value};
use mcp_edge_runtime::config as runtime;
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
        access,
        limits,
        tokens,
        streams,
        lists,
        auth,
        issuers,
        policy,
        rates,
    } = runtime::Settings::DEFAULT;
    let runtime::Server { url } = server;
    let runtime::Access { origins, hosts } = access;
    let runtime::Limits {
        body_bytes,
        json_depth,
        batch,
        page,
        state_bytes,
        step_bytes,
        fetch_bytes,
    } = limits;
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
    assert!(issuers.is_empty() && policy.is_empty() && rates.is_empty());

    let duration = |duration| Some(Value::Duration(duration));
    let in_force = vec![
        ("server.url", None),
        ("access.origins", words(origins)),
        ("access.hosts", words(hosts)),
        ("limits.body_bytes", number(body_bytes)),
        ("limits.json_depth", number(json_depth)),
        ("limits.batch", number(batch)),
        ("limits.page", number(page)),
        ("limits.state_bytes", number(state_bytes)),
        ("limits.step_bytes", number(step_bytes)),
        ("limits.fetch_bytes", number(fetch_bytes)),
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
    ];
    assert_eq!(documented(KEYS), in_force);
}

#[test]
fn of_an_issuer() {
    let runtime::Issuer {
        name: _,
        url: _,
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
