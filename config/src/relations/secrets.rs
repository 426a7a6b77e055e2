//! Each secret of the host is for one purpose.

use std::collections::BTreeMap;

use super::{about, in_force, named};
use crate::mistake::Mistake;
use crate::settings::KEYS;
use crate::value::{Keys, Text, Value};
use crate::value::{Setting, Settings};

/// What the host's variable or secret of a name is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Tokens,
    Evidence,
    /// Signs what goes to sinks of this type.
    Signature(&'static str),
    /// Is sent to sinks.
    Credential,
    /// Is sent to upstreams.
    Upstream,
    /// Signs assertions of the gateway.
    Assertion,
    /// Is sent to the place of the live policy.
    LivePolicy,
    /// Is no secret: it may be shown, sent and published.
    Text,
}

/// Where a name was used first.
struct Use {
    purpose: Purpose,
    at: String,
}

pub(super) fn check(settings: &Settings, mistakes: &mut Vec<Mistake>) {
    let mut uses = Uses {
        taken: BTreeMap::new(),
        mistakes,
    };
    if let Some(Value::Secret(name)) = in_force(KEYS, "tokens.keys", settings) {
        let at = "tokens.keys".to_owned();
        let purpose = Purpose::Tokens;
        uses.taken.insert(name, Use { purpose, at });
    }
    if let Some(keys) = settings.get("audit.signing_keys") {
        uses.add(keys, Purpose::Evidence);
    }
    if let Some(token) = settings.get("live.token") {
        uses.add(token, Purpose::LivePolicy);
    }
    for sink in named(settings, "sinks").values() {
        let purpose = match sink.settings.get("type").map(|setting| &setting.value) {
            Some(Value::Choice(chosen)) if matches!(chosen.name, "webhook" | "s3") => {
                Purpose::Signature(chosen.name)
            }
            _ => Purpose::Credential,
        };
        if let Some(token) = sink.settings.get("token") {
            uses.add(token, purpose);
        }
    }
    let upstreams = named(settings, "upstreams").values();
    let of_upstreams = upstreams.flat_map(|upstream| {
        let tenants = named(&upstream.settings, "tenants").values();
        std::iter::once(upstream).chain(tenants)
    });
    let of_upstreams: Vec<_> = of_upstreams.collect();
    for upstream in &of_upstreams {
        for path in [
            "token",
            "password",
            "headers",
            "query",
            "authority.client_secret",
            "identity_provider.client_secret",
        ] {
            if let Some(secret) = upstream.settings.get(path) {
                uses.add(secret, Purpose::Upstream);
            }
        }
        for path in [
            "authority.signing_key",
            "authority.standby_key",
            "identity_provider.signing_key",
            "identity_provider.standby_key",
        ] {
            if let Some(secret) = upstream.settings.get(path) {
                uses.add(secret, Purpose::Assertion);
            }
        }
    }
    uses.add_texts(settings);
    let others = ["issuers", "sinks"].map(|path| named(settings, path).values());
    for entry in others.into_iter().flatten().chain(of_upstreams) {
        uses.add_texts(&entry.settings);
    }
}

struct Uses<'a> {
    taken: BTreeMap<String, Use>,
    mistakes: &'a mut Vec<Mistake>,
}

impl Uses<'_> {
    fn add(&mut self, setting: &Setting, purpose: Purpose) {
        let names: Vec<&String> = match &setting.value {
            Value::Secret(name)
            | Value::Text(Text::Variable(name))
            | Value::Keys(Keys::Url(Text::Variable(name)) | Keys::Set(Text::Variable(name))) => {
                vec![name]
            }
            Value::Secrets(names) => names.values().collect(),
            Value::TextsByName(texts) => texts
                .values()
                .filter_map(|text| match text {
                    Text::Variable(name) => Some(name),
                    Text::Literal(_) => None,
                })
                .collect(),
            Value::Texts(texts) => texts
                .iter()
                .filter_map(|text| match text {
                    Text::Variable(name) => Some(name),
                    Text::Literal(_) => None,
                })
                .collect(),
            _ => return,
        };
        for name in names {
            match self.taken.get(name) {
                Some(taken) if taken.purpose != purpose => {
                    let says = format!(
                        "must not name the secret or variable of {}: each is for one purpose, so that a person who learns one \
                         cannot use it as the other; name another",
                        taken.at
                    );
                    self.mistakes.push(about(setting, &says));
                }
                Some(_) => {}
                None => {
                    let at = setting.at.clone();
                    self.taken.insert(name.clone(), Use { purpose, at });
                }
            }
        }
    }

    fn add_texts(&mut self, settings: &Settings) {
        for setting in settings.values() {
            if !matches!(setting.value, Value::Secret(_) | Value::Secrets(_)) {
                self.add(setting, Purpose::Text);
            }
        }
    }
}
