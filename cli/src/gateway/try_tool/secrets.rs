//! Secrets of an upstream, which nothing that is shown contains.

use base64ct::{Base64, Encoding as _};
use bytes::Bytes;
use http::Request;
use mcp_edge_catalog::request::Credential;
use mcp_edge_runtime::config::{TextSetting, Upstream};
use serde_json::Value as Json;

use crate::output::Failure;

/// What is shown in place of a secret.
pub(super) const HIDDEN: &str = "***";

/// The secrets that a request has, in every form in which a response could repeat them.
#[derive(Default)]
pub(super) struct Secrets {
    /// The longest first: one may contain another.
    forms: Vec<String>,
    /// The variables that are not set.
    pub(super) missing: Vec<&'static str>,
}

impl Secrets {
    /// The value of the secret `name` in this environment, or [`HIDDEN`] if it is not set.
    fn get(&mut self, name: &'static str) -> String {
        match variable(name) {
            Some(value) => {
                self.hide(&value);
                value
            }
            None => {
                self.missing.push(name);
                HIDDEN.to_owned()
            }
        }
    }

    fn hide(&mut self, secret: &str) {
        let mut encoded = Request::new(Bytes::new());
        let query = Credential::Query {
            name: "k",
            value: secret,
        };
        // A secret that is too long for a URL is in none.
        let _ = query.add_to(&mut encoded);
        let encoded = encoded
            .uri()
            .query()
            .and_then(|query| query.strip_prefix("k="));
        let json = Json::from(secret).to_string();
        let json = json
            .strip_prefix('"')
            .and_then(|json| json.strip_suffix('"'));
        let forms = [
            secret,
            encoded.unwrap_or_default(),
            json.unwrap_or_default(),
        ];
        let new = forms.into_iter().filter(|form| !form.is_empty());
        self.forms.extend(new.map(str::to_owned));
        self.forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        self.forms.dedup();
    }

    /// `text` without the secrets.
    pub(super) fn hidden(&self, text: &str) -> String {
        let mut hidden = text.to_owned();
        for form in &self.forms {
            if hidden.contains(form.as_str()) {
                hidden = hidden.replace(form.as_str(), HIDDEN);
            }
        }
        hidden
    }

    /// The same with every text and number in `value`.
    pub(super) fn hidden_in(&self, value: Json) -> Json {
        match value {
            Json::String(text) => Json::from(self.hidden(&text)),
            Json::Number(number) => {
                let text = number.to_string();
                match self.hidden(&text) {
                    hidden if hidden == text => Json::Number(number),
                    hidden => Json::from(hidden),
                }
            }
            Json::Array(items) => items.into_iter().map(|item| self.hidden_in(item)).collect(),
            Json::Object(members) => members
                .into_iter()
                .map(|(name, value)| (self.hidden(&name), self.hidden_in(value)))
                .collect(),
            other => other,
        }
    }

    /// Adds the credential of `upstream` to a request, from variables of this environment with the names of the secrets.
    pub(super) fn add_credential(
        &mut self,
        request: &mut Request<Bytes>,
        upstream: &'static Upstream,
    ) -> Result<(), Failure> {
        let mut add = |key: &str, credential: Credential<'_>| {
            credential.add_to(request).map_err(|error| {
                Failure::check(format!("upstreams.{}.{key}: {error}", upstream.name))
            })
        };
        if let Some(name) = upstream.token {
            add("token", Credential::Bearer(&self.get(name)))?;
        }
        if let (Some(username), Some(name)) = (upstream.username, upstream.password) {
            let username = match username {
                TextSetting::Literal(text) => text.to_owned(),
                TextSetting::Variable(name) => variable(name).unwrap_or_else(|| {
                    self.missing.push(name);
                    HIDDEN.to_owned()
                }),
            };
            let password = self.get(name);
            self.hide(&Base64::encode_string(
                format!("{username}:{password}").as_bytes(),
            ));
            let credential = Credential::Basic {
                username: &username,
                password: &password,
            };
            add("username", credential)?;
        }
        for (field, name) in upstream.headers {
            let value = &self.get(name);
            add(
                &format!("headers.{field}"),
                Credential::Header { name: field, value },
            )?;
        }
        for (parameter, name) in upstream.query {
            let value = &self.get(name);
            let credential = Credential::Query {
                name: parameter,
                value,
            };
            add(&format!("query.{parameter}"), credential)?;
        }
        Ok(())
    }
}

/// A variable of this environment that is set.
pub(super) fn variable(name: &str) -> Option<String> {
    let value = std::env::var(name).ok()?;
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_hidden_in_every_form() {
        let mut secrets = Secrets::default();
        secrets.hide("a/b \"c");
        secrets.hide("a/b");
        secrets.hide("4711");
        secrets.hide("ends with \"");
        for (text, hidden) in [
            ("x a/b \"c y", "x *** y"),
            ("?k=a%2Fb%20%22c&z", "?k=***&z"),
            ("{\"k\":\"a/b \\\"c\"}", "{\"k\":\"***\"}"),
            ("a/b", "***"),
            ("\"ends with \\\"\"", "\"***\""),
            ("nothing", "nothing"),
        ] {
            assert_eq!(secrets.hidden(text), hidden);
        }
        let value = json!({ "a/b": ["a/b", 4711, 12, null], "c": { "d": "xa/b" } });
        assert_eq!(
            secrets.hidden_in(value),
            json!({ "***": ["***", "***", 12, null], "c": { "d": "x***" } })
        );
    }
}
