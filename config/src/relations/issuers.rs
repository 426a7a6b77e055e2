//! What issuers must say.

use std::collections::BTreeMap;

use super::{about, named, names, of, words};
use crate::address::is_loopback_url;
use crate::item::{ISSUER, TENANT};
use crate::mistake::Mistake;
use crate::settings;
use crate::value::{Entry, Keys, Tenant, Text, Value};
use crate::value::{Setting, Settings};

pub(super) fn check(settings: &Settings, mistakes: &mut Vec<Mistake>) {
    let issuers = named(settings, "issuers");
    if !settings.contains_key("server.url") {
        mistakes.extend(issuers.values().map(|issuer| {
            of(
                issuer,
                "needs server.url, the public URL of this server, which tokens must be meant for: set it in [server]",
            )
        }));
    }
    names::plain(issuers, &settings::ISSUER, mistakes);
    for issuer in issuers.values() {
        needs(issuer, mistakes);
        tenants(issuer, mistakes);
        keys(issuer, mistakes);
    }
    twice(issuers, mistakes);
}

fn needs(issuer: &Entry, mistakes: &mut Vec<Mistake>) {
    if !issuer.settings.contains_key("issuer") {
        mistakes.push(of(
            issuer,
            "needs `issuer`, what its tokens say in iss, as issuer = \"https://id.example.com\"",
        ));
    }
    match issuer.settings.get("algorithms") {
        None => mistakes.push(of(
            issuer,
            "needs `algorithms`, or a `preset` that has them, as algorithms = [\"RS256\"]",
        )),
        Some(setting) if setting.value == Value::Choices(Vec::new()) => {
            mistakes.push(about(setting, "must name at least one, as [\"RS256\"]"));
        }
        Some(_) => {}
    }
    for path in ["types", "claims.subject"] {
        if let Some(setting) = issuer.settings.get(path)
            && setting.value == Value::Words(Vec::new())
        {
            mistakes.push(about(
                setting,
                "must name at least one, or no token is ever accepted",
            ));
        }
    }
}

fn tenants(issuer: &Entry, mistakes: &mut Vec<Mistake>) {
    let settings = &issuer.settings;
    let tenant = settings.get("tenant").map(|setting| &setting.value);
    let by_claim = matches!(tenant, Some(Value::Tenant(Tenant::Claim(_))));
    let listed = !words(settings, "tenants").is_empty();
    if let Some(setting) = settings.get("issuer")
        && matches!(&setting.value, Value::Text(Text::Literal(url)) if url.contains(TENANT))
    {
        if !by_claim {
            mistakes.push(about(
                setting,
                "holds {tenant}, so the issuer needs the claim that names it, as tenant = { claim = \"tid\" }",
            ));
        }
        if !listed {
            mistakes.push(about(
                setting,
                "holds {tenant}, so the issuer needs `tenants`, the list of those that are accepted; [\"*\"] is any",
            ));
        }
    } else if listed
        && !by_claim
        && let Some(setting) = settings.get("tenants")
    {
        mistakes.push(about(
            setting,
            "can only be told apart by a claim; write which, as tenant = { claim = \"tid\" }",
        ));
    }
}

fn keys(issuer: &Entry, mistakes: &mut Vec<Mistake>) {
    let issuer_is_templated = matches!(
        issuer.settings.get("issuer").map(|setting| &setting.value),
        Some(Value::Text(Text::Literal(url))) if url.contains(TENANT)
    );
    match issuer.settings.get("jwks") {
        Some(setting) => {
            // An issuer without `issuer` has its sentence already.
            if matches!(&setting.value, Value::Keys(Keys::Url(Text::Literal(url))) if url.contains(ISSUER))
                && issuer.settings.contains_key("issuer")
            {
                mistakes.push(about(
                    setting,
                    "cannot be derived from an issuer that is not one fixed text; write jwks = { url = \"https://…\" } \
                     or jwks = { url = { variable = \"NAME\" } }",
                ));
            }
            if let Value::Keys(Keys::Url(Text::Literal(url))) = &setting.value
                && is_loopback_url(url)
                && let Some(Value::Text(Text::Literal(own))) =
                    issuer.settings.get("issuer").map(|setting| &setting.value)
                && !is_loopback_url(own)
            {
                mistakes.push(about(
                    setting,
                    "must not name this machine, since the issuer is elsewhere; write jwks = { url = \"https://…\" }, or a key set as \
                     jwks = { set = '…' }",
                ));
            }
            if issuer_is_templated && setting.value == Value::Keys(Keys::Discovery) {
                mistakes.push(about(setting, TEMPLATED));
            }
        }
        None if issuer_is_templated => mistakes.push(of(issuer, TEMPLATED)),
        None => {}
    }
}

const TEMPLATED: &str = "cannot discover the keys of an issuer with {tenant}; write where they are, as \
                         jwks = { url = \"https://id.example.com/keys\" }";

/// No two issuers may claim the same token.
fn twice(issuers: &BTreeMap<String, Entry>, mistakes: &mut Vec<Mistake>) {
    let mut taken: Vec<(IssuerMatch<'_>, String, &Entry)> = Vec::new();
    for issuer in issuers.values() {
        let header = match issuer.settings.get("header").map(|setting| &setting.value) {
            Some(Value::Word(header)) => header.to_ascii_lowercase(),
            _ => String::new(),
        };
        for (called, setting) in called(issuer) {
            match taken
                .iter()
                .find(|(other, by, _)| *other == called && *by == header)
            {
                Some((_, _, first)) if first.at == issuer.at => {}
                Some((_, _, first)) => {
                    mistakes.push(about(
                        setting,
                        &format!("is also the issuer of {}; keep one of them", first.at),
                    ));
                    break;
                }
                None => taken.push((called, header.clone(), issuer)),
            }
        }
    }
}

/// What tokens say in `iss`.
#[derive(PartialEq)]
enum IssuerMatch<'a> {
    Literal(&'a str),
    Variable(&'a str),
}

/// What an issuer calls itself, by `issuer` and by `aliases`.
fn called(issuer: &Entry) -> Vec<(IssuerMatch<'_>, &Setting)> {
    let mut all = Vec::new();
    if let Some(setting) = issuer.settings.get("issuer") {
        match &setting.value {
            Value::Text(Text::Literal(url)) => all.push((IssuerMatch::Literal(url), setting)),
            Value::Text(Text::Variable(name)) => all.push((IssuerMatch::Variable(name), setting)),
            _ => {}
        }
    }
    if let Some(setting) = issuer.settings.get("aliases") {
        let aliases = words(&issuer.settings, "aliases").iter();
        all.extend(aliases.map(|alias| (IssuerMatch::Literal(alias), setting)));
    }
    all
}
