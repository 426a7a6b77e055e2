//! What a configuration asks of the host that it runs on, whichever that is.

use mcp_edge_config::Configuration;
use mcp_edge_runtime::config::{Keys, Rate, Settings, Text};

use crate::compiled;
use crate::origin::origin;

/// One thing that the host must have for the server to work.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Need {
    pub(super) what: What,
    /// Which keys of `mcp.toml` ask for it.
    pub(super) why: Vec<String>,
    /// Whether the file asks for it without an environment and in each of its environments.
    pub(super) always: bool,
}

/// What a host can be asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum What {
    /// That the variable `MCP_EDGE_ENV` has this value.
    Environment(String),
    /// A secret, by its name.
    Secret(&'static str),
    /// A variable, by its name.
    Variable(&'static str),
    /// That requests to it get through.
    Origin(Origin),
    /// That it counts calls.
    Rate(&'static Rate),
    /// A queue, by its binding.
    Queue(&'static str),
    /// A bucket, by its binding.
    Bucket(&'static str),
    /// That it keeps what sinks do not take.
    Outbox,
    /// That it keeps what was fetched. A server works without, and fetches more often.
    Cache,
}

/// A scheme, a host and a port.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Origin {
    Known(String),
    /// That of the URL which the variable holds.
    Of(&'static str),
}

/// Issuers whose metadata names keys on another host.
const KEYS_ELSEWHERE: [(&str, &str); 1] =
    [("https://accounts.google.com", "https://www.googleapis.com")];

/// What `configuration` asks for in `environment`, whose settings are `settings`.
pub(super) fn needs(
    configuration: &Configuration,
    environment: Option<&str>,
    settings: &'static Settings,
) -> Vec<Need> {
    let mut needs = of_settings(settings);
    let all = std::iter::once(&configuration.base).chain(configuration.environments.values());
    for others in all.map(|file| of_settings(compiled::settings(file))) {
        for need in &mut needs {
            need.always &= others.iter().any(|other| other.what == need.what);
        }
    }
    let environment = environment.map(|name| Need {
        what: What::Environment(name.to_owned()),
        why: vec![format!("[environments.{name}]")],
        always: false,
    });
    environment.into_iter().chain(needs).collect()
}

fn of_settings(settings: &'static Settings) -> Vec<Need> {
    let mut list = List(Vec::new());
    list.add(What::Secret(settings.tokens.keys), "tokens.keys");
    if let Some(evidence) = settings.audit.keys {
        list.add(What::Secret(evidence.secret()), "audit.keys");
    }
    list.sinks(settings);
    if let Some(url) = settings.server.url {
        list.text(url, "server.url");
    }
    list.issuers(settings);
    for rate in settings.rates {
        list.add(What::Rate(rate), &format!("rate `{}`", rate.name));
    }
    list.0
}

struct List(Vec<Need>);

impl List {
    fn add(&mut self, what: What, why: &str) {
        match self.0.iter_mut().find(|need| need.what == what) {
            Some(need) if need.why.iter().any(|known| known == why) => {}
            Some(need) => need.why.push(why.to_owned()),
            None => self.0.push(Need {
                what,
                why: vec![why.to_owned()],
                always: true,
            }),
        }
    }

    fn text(&mut self, text: Text, why: &str) {
        if let Text::Variable(name) = text {
            self.add(What::Variable(name), why);
        }
    }

    /// A URL that requests go to.
    fn url(&mut self, url: Text, why: &str) {
        self.text(url, why);
        let origin = match url {
            Text::Literal(url) => origin(url).map(Origin::Known),
            Text::Variable(name) => Some(Origin::Of(name)),
        };
        if let Some(origin) = origin {
            self.add(What::Origin(origin), why);
        }
    }

    fn sinks(&mut self, settings: &'static Settings) {
        for sink in settings.sinks {
            let key = |key: &str| format!("sinks.{}.{key}", sink.name);
            if let Some(token) = sink.token {
                self.add(What::Secret(token), &key("token"));
            }
            if let Some(url) = sink.url {
                self.url(url, &key("url"));
            }
            if let Some(access_key) = sink.access_key {
                self.text(access_key, &key("access_key"));
            }
            match sink.binding {
                Some(binding) if sink.protocol == mcp_edge_sinks::QUEUE => {
                    self.add(What::Queue(binding), &key("binding"));
                }
                Some(binding) if sink.protocol == mcp_edge_sinks::R2 => {
                    self.add(What::Bucket(binding), &key("binding"));
                }
                _ => {}
            }
            if sink.outbox {
                self.add(What::Outbox, &key("outbox"));
            }
        }
    }

    fn issuers(&mut self, settings: &'static Settings) {
        for issuer in settings.issuers {
            let key = |key: &str| format!("issuers.{}.{key}", issuer.name);
            for audience in issuer.audiences {
                self.text(*audience, &key("audiences"));
            }
            match issuer.keys {
                Keys::Set(set) => {
                    self.text(issuer.url, &key("issuer"));
                    self.text(set, &key("keys"));
                    continue;
                }
                Keys::Url(url) => {
                    self.text(issuer.url, &key("issuer"));
                    self.url(url, &key("keys"));
                }
                Keys::Discovery => self.discovered(issuer.url, &key("issuer")),
            }
            self.add(What::Cache, &key("keys"));
        }
    }

    fn discovered(&mut self, issuer: Text, why: &str) {
        self.url(issuer, why);
        let Text::Literal(url) = issuer else {
            return;
        };
        let elsewhere = KEYS_ELSEWHERE.iter();
        for (_, keys) in elsewhere.filter(|(metadata, _)| origin(url).as_deref() == Some(*metadata))
        {
            self.add(What::Origin(Origin::Known((*keys).to_owned())), why);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, environment: Option<&str>) -> Vec<Need> {
        let configuration = mcp_edge_config::read(text).unwrap();
        let settings = crate::file::settings(&configuration, environment).unwrap();
        needs(&configuration, environment, compiled::settings(settings))
    }

    fn whats(text: &str, environment: Option<&str>) -> Vec<What> {
        let needs = of(text, environment).into_iter();
        needs.map(|need| need.what).collect()
    }

    #[test]
    fn an_empty_file_asks_for_the_keyring() {
        let needs = of("", None);
        let [need] = needs.as_slice() else {
            panic!("{needs:?}");
        };
        assert_eq!(need.what, What::Secret("MCP_EDGE_KEYS"));
        assert_eq!(need.why, ["tokens.keys"]);
        assert!(need.always);
    }

    const FILE: &str = r#"
        [server]
        url = { variable = "URL" }
        [audit]
        keys = { secret = "EVIDENCE" }
        [issuers.okta]
        preset = "okta"
        issuer = "https://acme.okta.com/oauth2/default"
        audiences = [{ variable = "AUDIENCE" }]
        [issuers.google]
        preset = "google"
        audiences = ["id"]
        tenants = ["example.com"]
        [issuers.access]
        preset = "cloudflare-access"
        issuer = "https://acme.cloudflareaccess.com"
        audiences = ["tag"]
        [environments.production.sinks.hook]
        type = "webhook"
        url = { variable = "HOOK" }
        token = { secret = "HOOK_SECRET" }
        outbox = true
        [environments.production.sinks.queue]
        type = "queue"
        binding = "EVENTS"
        [environments.production.sinks.lake]
        type = "r2"
        binding = "LAKE"
    "#;

    #[test]
    fn everything_that_the_file_refers_to_is_a_need() {
        let known = |origin: &str| What::Origin(Origin::Known(origin.to_owned()));
        assert_eq!(
            whats(FILE, Some("production")),
            [
                What::Environment("production".to_owned()),
                What::Secret("MCP_EDGE_KEYS"),
                What::Secret("EVIDENCE"),
                What::Secret("HOOK_SECRET"),
                What::Variable("HOOK"),
                What::Origin(Origin::Of("HOOK")),
                What::Outbox,
                What::Bucket("LAKE"),
                What::Queue("EVENTS"),
                What::Variable("URL"),
                known("https://acme.cloudflareaccess.com"),
                What::Cache,
                known("https://accounts.google.com"),
                known("https://www.googleapis.com"),
                What::Variable("AUDIENCE"),
                known("https://acme.okta.com"),
            ]
        );
    }

    #[test]
    fn what_one_environment_asks_for_is_not_always_asked_for() {
        let needs = of(FILE, Some("production"));
        let always = |name| {
            let names = [What::Secret(name), What::Variable(name)];
            let mut needs = needs.iter();
            needs
                .find(|need| names.contains(&need.what))
                .unwrap()
                .always
        };
        assert!(always("EVIDENCE") && always("URL"));
        assert!(!always("HOOK") && !always("HOOK_SECRET"));
    }

    #[test]
    fn keys_in_a_variable_are_not_fetched() {
        let dev = "[server]\nurl = \"http://127.0.0.1:8787/mcp\"\n[issuers.local]\npreset = \"development\"\n";
        assert_eq!(
            whats(dev, None),
            [
                What::Secret("MCP_EDGE_KEYS"),
                What::Variable("MCP_EDGE_DEV_KEYS")
            ]
        );
    }
}
