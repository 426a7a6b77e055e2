//! What a configuration asks of the host that it runs on, whichever that is.

use mcp_edge_config::Configuration;
use mcp_edge_runtime::config::{
    JwksSource, RateLimit, Settings, TextSetting, TokenClientSettings, Upstream, UpstreamCredential,
};
use mcp_edge_runtime::host::DocumentPlace;
use mcp_edge_runtime::live::LivePolicyPlace;

use crate::file;
use crate::origin::origin;
use crate::output::Failure;

/// One thing that the host must have for the server to work.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Need {
    pub(super) what: NeedKind,
    /// Which keys of `mcp.toml` ask for it.
    pub(super) why: Vec<String>,
    /// Whether the file asks for it without an environment and in each of its environments.
    pub(super) always: bool,
}

/// What a host can be asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum NeedKind {
    /// That the variable `MCP_EDGE_ENV` has this value.
    Environment(String),
    /// A secret, by its name.
    Secret(&'static str),
    /// A variable, by its name.
    Variable(&'static str),
    /// That requests to it get through.
    Origin(Origin),
    /// That it counts calls.
    Rate(&'static RateLimit),
    /// A queue, by its binding.
    Queue(&'static str),
    /// A bucket, by its binding.
    Bucket(&'static str),
    /// A key-value store: a namespace of KV by its binding, or a store of Spin by its name.
    KeyValue(&'static str),
    /// Another Worker, by its binding.
    Service(&'static str),
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
) -> Result<Vec<Need>, Failure> {
    let mut needs = of_settings(settings);
    let all = std::iter::once(&configuration.base).chain(configuration.environments.values());
    for file in all {
        let others = of_settings(file::decoded(file)?);
        for need in &mut needs {
            need.always &= others.iter().any(|other| other.what == need.what);
        }
    }
    let environment = environment.map(|name| Need {
        what: NeedKind::Environment(name.to_owned()),
        why: vec![format!("[environments.{name}]")],
        always: false,
    });
    Ok(environment.into_iter().chain(needs).collect())
}

fn of_settings(settings: &'static Settings) -> Vec<Need> {
    let mut list = List(Vec::new());
    list.add(NeedKind::Secret(settings.tokens.keys), "tokens.keys");
    if let Some(evidence) = settings.audit.signing_keys {
        list.add(NeedKind::Secret(evidence.secret()), "audit.signing_keys");
    }
    list.live_policy(settings);
    list.sinks(settings);
    list.upstreams(settings);
    if let Some(url) = settings.server.url {
        list.text(url, "server.url");
    }
    list.issuers(settings);
    for rate in settings.rate_limits {
        list.add(NeedKind::Rate(rate), &format!("rate `{}`", rate.name));
    }
    list.0
}

struct List(Vec<Need>);

impl List {
    fn add(&mut self, what: NeedKind, why: &str) {
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

    fn text(&mut self, text: TextSetting, why: &str) {
        if let TextSetting::Variable(name) = text {
            self.add(NeedKind::Variable(name), why);
        }
    }

    /// A URL that requests go to.
    fn url(&mut self, url: TextSetting, why: &str) {
        self.text(url, why);
        let origin = match url {
            TextSetting::Literal(url) => origin(url).map(Origin::Known),
            TextSetting::Variable(name) => Some(Origin::Of(name)),
        };
        if let Some(origin) = origin {
            self.add(NeedKind::Origin(origin), why);
        }
    }

    fn live_policy(&mut self, settings: &'static Settings) {
        const KEY: &str = "live.source";
        let live = &settings.live;
        let Some(source) = live.source.filter(|_| live.enabled.is_some()) else {
            return;
        };
        if let Some(token) = live.token {
            self.add(NeedKind::Secret(token), "live.token");
        }
        let place = match source {
            TextSetting::Literal(text) => LivePolicyPlace::parse(text),
            TextSetting::Variable(_) => None,
        };
        match place {
            Some(LivePolicyPlace::Host(DocumentPlace::KeyValue { store, .. })) => {
                self.add(NeedKind::KeyValue(store), KEY);
            }
            Some(LivePolicyPlace::Host(DocumentPlace::Object { bucket, .. })) => {
                self.add(NeedKind::Bucket(bucket), KEY);
            }
            Some(LivePolicyPlace::Host(DocumentPlace::File { .. })) => {}
            Some(LivePolicyPlace::Url(_)) | None => self.url(source, KEY),
        }
    }

    fn sinks(&mut self, settings: &'static Settings) {
        for sink in settings.sinks {
            let key = |key: &str| format!("sinks.{}.{key}", sink.name);
            if let Some(token) = sink.token {
                self.add(NeedKind::Secret(token), &key("token"));
            }
            if let Some(url) = sink.url {
                self.url(url, &key("url"));
            }
            if let Some(access_key) = sink.access_key_id {
                self.text(access_key, &key("access_key_id"));
            }
            match sink.binding {
                Some(binding) if sink.protocol == mcp_edge_sinks::QUEUE => {
                    self.add(NeedKind::Queue(binding), &key("binding"));
                }
                Some(binding) if sink.protocol == mcp_edge_sinks::R2 => {
                    self.add(NeedKind::Bucket(binding), &key("binding"));
                }
                _ => {}
            }
            if sink.outbox {
                self.add(NeedKind::Outbox, &key("outbox"));
            }
        }
    }

    fn upstreams(&mut self, settings: &'static Settings) {
        for upstream in settings.upstreams.iter().flat_map(Upstream::served) {
            let key = |key: &str| upstream.key(key);
            match (upstream.url, upstream.binding) {
                (Some(url), None) => self.url(url, &key("url")),
                // A binding is used in place of the network.
                (Some(url), Some(_)) => self.text(url, &key("url")),
                (None, _) => {}
            }
            if let Some(binding) = upstream.binding {
                self.add(NeedKind::Service(binding), &key("binding"));
            }
            for (name, origin) in upstream.origins {
                self.url(*origin, &key(&format!("origins.{name}")));
            }
            for credential in upstream.credentials() {
                let (secret, path) = match credential {
                    UpstreamCredential::Basic { password, .. } => (password, "password".to_owned()),
                    UpstreamCredential::Token(secret)
                    | UpstreamCredential::Header { secret, .. }
                    | UpstreamCredential::Query { secret, .. } => (secret, credential.key()),
                };
                self.add(NeedKind::Secret(secret), &key(&path));
                if let UpstreamCredential::Basic { username, .. } = credential {
                    self.text(username, &key("username"));
                }
            }
            let authority = &upstream.authority;
            for (text, path) in [
                (authority.audience, "authority.audience"),
                (authority.resource, "authority.resource"),
            ] {
                if let Some(text) = text {
                    self.text(text, &key(path));
                }
            }
            // Without it the metadata are those of `url`.
            if let (Some(resource), [_, ..]) = (authority.resource, authority.authorization_servers)
            {
                self.url(resource, &key("authority.authorization_servers"));
            }
            for server in authority.authorization_servers {
                self.url(*server, &key("authority.authorization_servers"));
            }
            for (section, client) in upstream.token_clients() {
                self.token_client(&client, |path| key(&format!("{section}.{path}")));
            }
        }
    }

    /// What a client of an authorization server needs. `key` makes the full key of one of its settings.
    fn token_client(&mut self, client: &TokenClientSettings, key: impl Fn(&str) -> String) {
        for (url, path) in [
            (client.issuer, "issuer"),
            (client.token_endpoint, "token_endpoint"),
        ] {
            if let Some(url) = url {
                self.url(url, &key(path));
            }
        }
        for (text, path) in [
            (client.client_id, "client_id"),
            (client.assertion_audience, "assertion_audience"),
        ] {
            if let Some(text) = text {
                self.text(text, &key(path));
            }
        }
        for (secret, path) in [
            (client.client_secret, "client_secret"),
            (client.signing_key, "signing_key"),
            (client.standby_key, "standby_key"),
        ] {
            if let Some(secret) = secret {
                self.add(NeedKind::Secret(secret), &key(path));
            }
        }
    }

    fn issuers(&mut self, settings: &'static Settings) {
        for issuer in settings.issuers {
            let key = |key: &str| format!("issuers.{}.{key}", issuer.name);
            for audience in issuer.audiences {
                self.text(*audience, &key("audiences"));
            }
            match issuer.jwks {
                JwksSource::Set(set) => {
                    self.text(issuer.url, &key("issuer"));
                    self.text(set, &key("jwks"));
                    continue;
                }
                JwksSource::Url(url) => {
                    self.text(issuer.url, &key("issuer"));
                    self.url(url, &key("jwks"));
                }
                JwksSource::Discovery => self.discovered(issuer.url, &key("issuer")),
            }
            self.add(NeedKind::Cache, &key("jwks"));
        }
    }

    fn discovered(&mut self, issuer: TextSetting, why: &str) {
        self.url(issuer, why);
        let TextSetting::Literal(url) = issuer else {
            return;
        };
        let elsewhere = KEYS_ELSEWHERE.iter();
        for (_, keys) in elsewhere.filter(|(metadata, _)| origin(url).as_deref() == Some(*metadata))
        {
            self.add(NeedKind::Origin(Origin::Known((*keys).to_owned())), why);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, environment: Option<&str>) -> Vec<Need> {
        let configuration = mcp_edge_config::read(text).unwrap();
        let settings = file::settings(&configuration, environment).unwrap();
        needs(
            &configuration,
            environment,
            file::decoded(settings).unwrap(),
        )
        .unwrap()
    }

    fn whats(text: &str, environment: Option<&str>) -> Vec<NeedKind> {
        let needs = of(text, environment).into_iter();
        needs.map(|need| need.what).collect()
    }

    #[test]
    fn an_empty_file_asks_for_the_keyring() {
        let needs = of("", None);
        let [need] = needs.as_slice() else {
            panic!("{needs:?}");
        };
        assert_eq!(need.what, NeedKind::Secret("MCP_EDGE_KEYS"));
        assert_eq!(need.why, ["tokens.keys"]);
        assert!(need.always);
    }

    const FILE: &str = r#"
        [server]
        url = { variable = "URL" }
        [audit]
        signing_keys = { secret = "EVIDENCE" }
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
        [upstreams.orders]
        url = { variable = "ORDERS_URL" }
        origins = { upload = "https://upload.example.com" }
        token = { secret = "ORDERS_TOKEN" }
        query = { key = { secret = "ORDERS_KEY" } }
        documents = ["orders.yaml"]
        allow = ["*"]
        [upstreams.payments]
        url = "https://payments.example.com"
        documents = ["payments.yaml"]
        allow = ["*"]
        [upstreams.payments.authority]
        type = "token_exchange"
        issuer = "https://id.example.com"
        client_id = { variable = "PAYMENTS_CLIENT" }
        client_secret = { secret = "PAYMENTS_SECRET" }
        [upstreams.quotes]
        url = "https://quotes.example.com"
        documents = ["quotes.yaml"]
        allow = ["*"]
        [upstreams.quotes.authority]
        type = "client_credentials"
        authorization_servers = ["https://id.example.com", { variable = "SECOND_SERVER" }]
        resource = "https://public.example.com/quotes"
        client_id = "gateway"
        client_secret = { secret = "PAYMENTS_SECRET" }
        [upstreams.stock]
        binding = "STOCK"
        username = { variable = "STOCK_USER" }
        password = { secret = "STOCK_PASSWORD" }
        documents = ["stock.yaml"]
        allow = ["*"]
        [environments.production.sinks.lake]
        type = "r2"
        binding = "LAKE"
    "#;

    #[test]
    fn everything_that_the_file_refers_to_is_a_need() {
        let known = |origin: &str| NeedKind::Origin(Origin::Known(origin.to_owned()));
        assert_eq!(
            whats(FILE, Some("production")),
            [
                NeedKind::Environment("production".to_owned()),
                NeedKind::Secret("MCP_EDGE_KEYS"),
                NeedKind::Secret("EVIDENCE"),
                NeedKind::Secret("HOOK_SECRET"),
                NeedKind::Variable("HOOK"),
                NeedKind::Origin(Origin::Of("HOOK")),
                NeedKind::Outbox,
                NeedKind::Bucket("LAKE"),
                NeedKind::Queue("EVENTS"),
                NeedKind::Variable("ORDERS_URL"),
                NeedKind::Origin(Origin::Of("ORDERS_URL")),
                known("https://upload.example.com"),
                NeedKind::Secret("ORDERS_TOKEN"),
                NeedKind::Secret("ORDERS_KEY"),
                known("https://payments.example.com"),
                known("https://id.example.com"),
                NeedKind::Variable("PAYMENTS_CLIENT"),
                NeedKind::Secret("PAYMENTS_SECRET"),
                known("https://quotes.example.com"),
                known("https://public.example.com"),
                NeedKind::Variable("SECOND_SERVER"),
                NeedKind::Origin(Origin::Of("SECOND_SERVER")),
                NeedKind::Service("STOCK"),
                NeedKind::Secret("STOCK_PASSWORD"),
                NeedKind::Variable("STOCK_USER"),
                NeedKind::Variable("URL"),
                known("https://acme.cloudflareaccess.com"),
                NeedKind::Cache,
                known("https://accounts.google.com"),
                known("https://www.googleapis.com"),
                NeedKind::Variable("AUDIENCE"),
                known("https://acme.okta.com"),
            ]
        );
    }

    #[test]
    fn what_one_environment_asks_for_is_not_always_asked_for() {
        let needs = of(FILE, Some("production"));
        let always = |name| {
            let names = [NeedKind::Secret(name), NeedKind::Variable(name)];
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
                NeedKind::Secret("MCP_EDGE_KEYS"),
                NeedKind::Variable("MCP_EDGE_DEV_JWKS")
            ]
        );
    }
}
