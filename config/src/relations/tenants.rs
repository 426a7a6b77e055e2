//! What the tenants of an upstream must say.

use std::collections::{BTreeMap, BTreeSet};

use http::Uri;

use super::{about, named, of, words};
use crate::mistake::Mistake;
use crate::tenants::is_credential;
use crate::value::{Entry, Setting, Settings, Tenant, Text, Value};

/// The keys that decide where the requests of settings go: with a binding, URLs are what its receiver sees, and lead nowhere.
fn destination_keys(settings: &Settings) -> &'static [&'static str] {
    match settings.contains_key("binding") {
        true => &["binding"],
        false => &["url", "origins"],
    }
}

/// Whether a tenant has the `setting` itself, and not from its upstream.
fn is_own(upstream: &Entry, path: &str, setting: &Setting) -> bool {
    let around = upstream.settings.get(path);
    around.is_none_or(|around| around.at != setting.at)
}

/// Whether any part of the credential of a tenant is its own: then all of it is.
pub(super) fn has_own_credential(upstream: &Entry, tenant: &Entry) -> bool {
    let mut settings = tenant.settings.iter();
    settings.any(|(path, setting)| is_credential(path) && is_own(upstream, path, setting))
}

/// A mistake where a setting is about tenants, and no issuer gives any. Without issuers, another environment may have them.
pub(super) fn check_any(setting: &Setting, settings: &Settings, mistakes: &mut Vec<Mistake>) {
    if !named(settings, "issuers").is_empty() && Issuers::of(settings).0.is_empty() {
        mistakes.push(about(
            setting,
            "is for callers with a tenant, and no issuer has any; set `tenant` of an issuer, as tenant = { claim = \"tid\" }",
        ));
    }
}

pub(super) fn check(upstream: &Entry, settings: &Settings, mistakes: &mut Vec<Mistake>) {
    let tenants = named(&upstream.settings, "tenants");
    let (Some(setting), false) = (upstream.settings.get("tenants"), tenants.is_empty()) else {
        if let Some(setting) = upstream.settings.get("other_tenants") {
            mistakes.push(about(
                setting,
                "is about callers of other tenants than those of `tenants`, and there are none; remove it",
            ));
        }
        return;
    };
    check_any(setting, settings, mistakes);
    let issuers = Issuers::of(settings);
    for (name, tenant) in tenants {
        if name.is_empty() {
            mistakes.push(of(
                tenant,
                "must have the name of a tenant, as [upstreams.orders.tenants.acme]",
            ));
        }
        issuers.check(name, tenant, mistakes);
        for origin in origins(&tenant.settings).keys() {
            if !origins(&upstream.settings).contains_key(*origin)
                && let Some(own) = tenant.settings.get("origins")
            {
                let says = format!(
                    "has `{origin}`, which is no origin of the upstream: the operations are the same for all tenants; add it to \
                     {}.origins",
                    upstream.at
                );
                mistakes.push(about(own, &says));
            }
        }
        credential(upstream, tenant, mistakes);
    }
}

/// The credential of an upstream goes to its own origins, unless it is asked for.
fn credential(upstream: &Entry, tenant: &Entry, mistakes: &mut Vec<Mistake>) {
    let has_credential = upstream.settings.keys().any(|path| is_credential(path));
    let is_shared = tenant.settings.get("shared_credential");
    if !has_credential
        || has_own_credential(upstream, tenant)
        || is_shared.is_some_and(|setting| setting.value == Value::Flag(true))
    {
        return;
    }
    let known = destinations(&upstream.settings);
    for path in destination_keys(&tenant.settings) {
        let Some(setting) = tenant.settings.get(path) else {
            continue;
        };
        if is_own(upstream, path, setting) && !of_setting(setting).is_subset(&known) {
            let says = format!(
                "is not where the credential of {} is sent, and the tenant has none of its own; set one, as token = {{ secret = \
                 \"ACME_KEY\" }}, or shared_credential = true to send it there as well",
                upstream.at
            );
            mistakes.push(about(setting, &says));
        }
    }
}

/// Where the requests of settings go: origins, variables and bindings.
fn destinations(settings: &Settings) -> BTreeSet<String> {
    let all = destination_keys(settings).iter();
    let all = all.filter_map(|path| settings.get(path));
    all.flat_map(of_setting).collect()
}

fn of_setting(setting: &Setting) -> BTreeSet<String> {
    let of_text = |text: &Text| match text {
        Text::Literal(url) => origin(url),
        Text::Variable(name) => format!("variable {name}"),
    };
    match &setting.value {
        Value::Text(text) => [of_text(text)].into(),
        Value::TextsByName(texts) => texts.values().map(of_text).collect(),
        Value::Word(binding) => [format!("binding {binding}")].into(),
        _ => BTreeSet::new(),
    }
}

/// The origin of a URL; the whole text where it has none.
fn origin(url: &str) -> String {
    let parsed = url.parse::<Uri>().ok();
    let origin = parsed.as_ref().and_then(|url| {
        let (scheme, host) = (url.scheme_str()?, url.host()?);
        let port = url.port_u16().unwrap_or(match scheme {
            "http" => 80,
            _ => 443,
        });
        Some(format!("{scheme}://{host}:{port}").to_ascii_lowercase())
    });
    origin.unwrap_or_else(|| url.to_owned())
}

fn origins(settings: &Settings) -> BTreeMap<&str, &Text> {
    match settings.get("origins").map(|setting| &setting.value) {
        Some(Value::TextsByName(texts)) => texts
            .iter()
            .map(|(name, text)| (name.as_str(), text))
            .collect(),
        _ => BTreeMap::new(),
    }
}

/// The issuers whose tokens have a tenant.
struct Issuers<'a>(Vec<(&'a Entry, &'a Tenant)>);

impl<'a> Issuers<'a> {
    fn of(settings: &'a Settings) -> Self {
        let issuers = named(settings, "issuers").values();
        let with_tenant = issuers.filter_map(|issuer| {
            match issuer.settings.get("tenant").map(|setting| &setting.value) {
                Some(Value::Tenant(tenant)) => Some((issuer, tenant)),
                _ => None,
            }
        });
        Self(with_tenant.collect())
    }

    /// An issuer must name the tenant, and no other issuer may by chance.
    fn check(&self, name: &str, entry: &Entry, mistakes: &mut Vec<Mistake>) {
        // A server with a public URL refuses the issuer for development, which names any tenant.
        let (development, others): (Vec<_>, Vec<_>) = self
            .0
            .iter()
            .partition(|(issuer, _)| is_for_development(issuer));
        let (mut by_name, mut by_any) = (Vec::new(), Vec::new());
        for (issuer, tenant) in others {
            let listed = words(&issuer.settings, "tenants");
            match tenant {
                Tenant::Fixed(fixed) if fixed == name => by_name.push(issuer),
                Tenant::Fixed(_) => {}
                Tenant::Claim(_) if listed.iter().any(|listed| listed == name) => {
                    by_name.push(issuer);
                }
                Tenant::Claim(_) if listed.is_empty() || listed.iter().any(|one| one == "*") => {
                    by_any.push(issuer);
                }
                Tenant::Claim(_) => {}
            }
        }
        match (by_name.as_slice(), by_any.as_slice()) {
            ([], []) if development.is_empty() && !self.0.is_empty() => mistakes.push(of(
                entry,
                "is a tenant of no issuer, so that no caller has it; correct the name, or add it to `tenants` of an issuer",
            )),
            ([], [] | [_]) => {}
            (_, open) => mistakes.extend(open.iter().map(|issuer| {
                let says = format!(
                    "is a tenant that {at} may name as well, since it accepts tokens of every tenant; list its tenants in {at}.tenants",
                    at = issuer.at
                );
                of(entry, &says)
            })),
        }
    }
}

fn is_for_development(issuer: &Entry) -> bool {
    let preset = issuer.settings.get("preset").map(|setting| &setting.value);
    matches!(preset, Some(Value::Preset(preset)) if preset.development)
}
