//! What `mcp.toml` says about the issuer for development.

use std::collections::BTreeSet;

use mcp_edge_config::{Configuration, Entry, Settings, Text, Value};

use crate::development::ENVIRONMENT;

/// What a token of the issuer for development needs so that a server takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    /// What `aud` must say, where that is in the file or in a variable of this process.
    pub audience: Option<String>,
    /// The variable in which the server looks for its public URL, where that is not in the file.
    pub url_variable: Option<String>,
    /// Every scope that the file names.
    pub scopes: BTreeSet<String>,
}

/// The environment of a developer's own machine: the one that was asked for, or `dev` where the file has it.
pub fn environment<'a>(configuration: &Configuration, asked: Option<&'a str>) -> Option<&'a str> {
    let has_dev = configuration.environments.contains_key(ENVIRONMENT);
    asked.or(has_dev.then_some(ENVIRONMENT))
}

/// What `settings` ask of a token of the issuer for development; `None` where they do not trust it.
pub fn of(settings: &Settings) -> Option<Trust> {
    let issuer = issuers(settings).find(|issuer| is_development(issuer))?;
    let audiences = match value(&issuer.settings, "audiences") {
        Some(Value::Texts(audiences)) => audiences.as_slice(),
        _ => &[],
    };
    Some(Trust {
        audience: match audiences.first() {
            Some(audience) => text(audience),
            None => server(settings),
        },
        url_variable: url_variable(settings),
        scopes: scopes(settings),
    })
}

/// The server's public URL, where it is in the file or in a variable of this process.
pub fn server(settings: &Settings) -> Option<String> {
    match value(settings, "server.url")? {
        Value::Text(url) => text(url),
        _ => None,
    }
}

/// The variable that holds the server's public URL, where the file leaves it to one.
pub fn url_variable(settings: &Settings) -> Option<String> {
    match value(settings, "server.url")? {
        Value::Text(Text::Variable(name)) => Some(name.clone()),
        _ => None,
    }
}

fn issuers(settings: &Settings) -> impl Iterator<Item = &Entry> {
    let issuers = match value(settings, "issuers") {
        Some(Value::Named(issuers)) => Some(issuers.values()),
        _ => None,
    };
    issuers.into_iter().flatten()
}

fn is_development(issuer: &Entry) -> bool {
    matches!(value(&issuer.settings, "preset"), Some(Value::Preset(preset)) if preset.name == "development")
}

fn scopes(settings: &Settings) -> BTreeSet<String> {
    let rules = match value(settings, "policy") {
        Some(Value::Each(rules)) => rules.as_slice(),
        _ => &[],
    };
    let of_rules = rules
        .iter()
        .filter_map(|rule| value(&rule.settings, "scopes"));
    let words = value(settings, "auth.scopes").into_iter().chain(of_rules);
    let words = words.filter_map(|value| match value {
        Value::Words(words) => Some(words),
        _ => None,
    });
    words.flatten().cloned().collect()
}

fn text(text: &Text) -> Option<String> {
    match text {
        Text::Literal(text) => Some(text.clone()),
        Text::Variable(name) => std::env::var(name).ok(),
    }
}

fn value<'a>(settings: &'a Settings, path: &str) -> Option<&'a Value> {
    settings.get(path).map(|setting| &setting.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
        [environments.dev.server]
        url = "http://127.0.0.1:8787/mcp"
        [environments.dev.auth]
        scopes = ["fraud:read"]
        [environments.dev.issuers.local]
        preset = "development"
        [[environments.dev.policy]]
        scopes = ["fraud:simulate"]
        tools = ["*"]
    "#;

    #[test]
    fn a_token_for_development_needs_what_the_file_says() {
        let configuration = mcp_edge_config::read(FILE).unwrap();
        assert_eq!(of(&configuration.base), None);
        let expected = Trust {
            audience: Some("http://127.0.0.1:8787/mcp".to_owned()),
            url_variable: None,
            scopes: ["fraud:read", "fraud:simulate"].map(str::to_owned).into(),
        };
        assert_eq!(of(&configuration.environments["dev"]), Some(expected));
    }

    #[test]
    fn the_audience_of_the_issuer_comes_before_the_url() {
        let file = FILE.replace(
            "preset = \"development\"",
            "preset = \"development\"\naudiences = [\"api://fraud\"]",
        );
        let configuration = mcp_edge_config::read(&file).unwrap();
        let trust = of(&configuration.environments["dev"]).unwrap();
        assert_eq!(trust.audience.as_deref(), Some("api://fraud"));
    }

    #[test]
    fn a_url_that_is_left_to_a_variable_is_known_by_its_name() {
        let file = FILE.replace(
            "\"http://127.0.0.1:8787/mcp\"",
            "{ variable = \"NO_SUCH_URL_IS_SET\" }",
        );
        let configuration = mcp_edge_config::read(&file).unwrap();
        let trust = of(&configuration.environments["dev"]).unwrap();
        assert_eq!(trust.audience, None);
        assert_eq!(trust.url_variable.as_deref(), Some("NO_SUCH_URL_IS_SET"));
    }

    #[test]
    fn the_environment_of_a_developer_is_dev_where_there_is_one() {
        let with = mcp_edge_config::read(FILE).unwrap();
        assert_eq!(environment(&with, None), Some("dev"));
        assert_eq!(environment(&with, Some("staging")), Some("staging"));
        assert_eq!(environment(&Configuration::default(), None), None);
    }
}
