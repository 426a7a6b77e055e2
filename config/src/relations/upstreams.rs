//! What upstreams and tools must say.

use super::{about, authority, in_force, named, names, of, tenants, words};
use crate::address::check_secure;
use crate::mistake::Mistake;
use crate::nearest::nearest;
use crate::settings::{TOOL, UPSTREAM};
use crate::tenants::served;
use crate::value::{Entry, Setting, Settings, Text, Value};

/// Headers that a request has for other reasons than a credential.
const NOT_CREDENTIALS: [&str; 12] = [
    "accept",
    "accept-encoding",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "host",
    "te",
    "traceparent",
    "tracestate",
    "transfer-encoding",
    "upgrade",
];

pub(super) fn check(settings: &Settings, mistakes: &mut Vec<Mistake>) {
    let upstreams = named(settings, "upstreams");
    names::plain(upstreams, &UPSTREAM, mistakes);
    for upstream in upstreams.values() {
        has_what_it_needs(upstream, mistakes);
        credentials(upstream, mistakes);
        secure(upstream, mistakes);
        authority::check(upstream, settings, mistakes);
        for (_, served) in served(upstream) {
            authority::chosen_by_upstream(served, mistakes);
        }
        tenants::check(upstream, settings, mistakes);
        for tenant in named(&upstream.settings, "tenants").values() {
            has_place(tenant, mistakes);
            if tenants::has_own_credential(upstream, tenant) {
                credentials(tenant, mistakes);
                authority::check(tenant, settings, mistakes);
            }
            secure(tenant, mistakes);
        }
    }
    let tools = named(settings, "tools");
    names::plain(tools, &TOOL, mistakes);
    for tool in tools.values() {
        if let Some(setting) = tool.settings.get("upstream")
            && let Value::Word(name) = &setting.value
            && !upstreams.contains_key(name)
        {
            let meant = nearest(name, upstreams.keys().map(String::as_str))
                .map_or(String::new(), |meant| {
                    format!("; did you mean \"{meant}\"?")
                });
            mistakes.push(about(setting, &format!("names no [upstreams.NAME]{meant}")));
        }
    }
    if upstreams.len() > 1 {
        for tool in tools.values() {
            if !tool.settings.contains_key("upstream") {
                mistakes.push(of(tool, "needs `upstream`, since there are several"));
            }
        }
    }
    if let (Some(setting), true) = (settings.get("tools"), upstreams.is_empty()) {
        mistakes.push(about(
            setting,
            "is about tools of upstreams, and there is no [upstreams.NAME]",
        ));
    }
}

/// An upstream needs a place where its API is; with tenants alone, each of them does.
fn has_place(upstream: &Entry, mistakes: &mut Vec<Mistake>) {
    let has = |path| upstream.settings.contains_key(path);
    if !has("url") && !has("binding") {
        mistakes.push(of(
            upstream,
            "needs `url`, where its API is, as url = \"https://orders.example.com/api\", or a `binding` on Workers",
        ));
    }
}

fn has_what_it_needs(upstream: &Entry, mistakes: &mut Vec<Mistake>) {
    if served(upstream).iter().any(|(tenant, _)| tenant.is_none()) {
        has_place(upstream, mistakes);
    }
    for (path, example) in [
        ("documents", "documents = [\"openapi/orders.yaml\"]"),
        ("allow", "allow = [\"GET /orders/{id}\"]"),
    ] {
        if words(&upstream.settings, path).is_empty() {
            let what = match path {
                "documents" => "the OpenAPI documents of its API",
                _ => "the operations that become tools: without it there are none",
            };
            mistakes.push(of(
                upstream,
                &format!("needs `{path}`, {what}, as {example}"),
            ));
        }
    }
}

fn credentials(upstream: &Entry, mistakes: &mut Vec<Mistake>) {
    let get = |path| upstream.settings.get(path);
    for (path, other) in [("username", "password"), ("password", "username")] {
        if let (Some(setting), None) = (get(path), get(other)) {
            mistakes.push(about(setting, &format!("goes with `{other}`; write both")));
        }
    }
    let headers = match get("headers") {
        Some(Setting {
            value: Value::Secrets(headers),
            ..
        }) => headers
            .keys()
            .map(|name| name.to_ascii_lowercase())
            .collect(),
        _ => Vec::new(),
    };
    let authorizations = [
        get("token").is_some(),
        get("username").is_some(),
        headers.iter().any(|name| name == "authorization"),
        get("authority.type").is_some(),
    ];
    if authorizations.into_iter().filter(|is| *is).count() > 1 {
        mistakes.push(of(
            upstream,
            "sets `Authorization` in more than one way; keep one of `token`, `username` with `password`, \
             headers.Authorization, and `authority`",
        ));
    }
    if let Some(setting) = get("headers") {
        for name in headers
            .iter()
            .filter(|name| NOT_CREDENTIALS.contains(&name.as_str()) || name.starts_with("mcp-"))
        {
            let says =
                format!("must not set `{name}`, which the request itself determines; remove it");
            mistakes.push(about(setting, &says));
        }
    }
}

/// URLs in the file are secure, unless the upstream allows others. One in a variable is checked when an instance starts.
fn secure(upstream: &Entry, mistakes: &mut Vec<Mistake>) {
    let allows = matches!(
        in_force(UPSTREAM.keys, "allow_http", &upstream.settings),
        Some(Value::Flag(true))
    );
    let mut check = |setting: &Setting, within: &str, text: &Text| {
        let Text::Literal(url) = text else { return };
        if url.contains('?') {
            mistakes.push(about(
                setting,
                &format!(
                    "{within}must be a URL without query; use `query` for a secret in the query"
                ),
            ));
        } else if let (Err(says), false) = (check_secure(url), allows) {
            let says = format!(
                "{within}{says}; where the network up to the upstream is yours, set allow_http = true"
            );
            mistakes.push(about(setting, &says));
        }
    };
    if let Some(setting) = upstream.settings.get("url")
        && let Value::Text(text) = &setting.value
    {
        check(setting, "", text);
    }
    if let Some(setting) = upstream.settings.get("origins")
        && let Value::TextsByName(origins) = &setting.value
    {
        for (name, text) in origins {
            check(setting, &format!("{name}: "), text);
        }
    }
}
