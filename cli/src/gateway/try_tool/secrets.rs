//! Secrets of an upstream, which nothing that is shown contains.

use bytes::Bytes;
use http::Request;
use mcp_edge_catalog::request::{Credential, HIDDEN, Secrets as Known};
use mcp_edge_runtime::config::{TextSetting, Upstream, UpstreamCredential};
use serde_json::Value as Json;

use crate::output::Failure;

/// The secrets of a request.
pub(super) struct Secrets {
    known: Known,
    /// The variables that are not set.
    pub(super) missing: Vec<&'static str>,
}

impl Default for Secrets {
    fn default() -> Self {
        Self {
            known: Known::new(0),
            missing: Vec::new(),
        }
    }
}

impl Secrets {
    /// The value of the variable `name` of this environment, or [`HIDDEN`] if it is not set.
    fn get(&mut self, name: &'static str) -> String {
        variable(name).unwrap_or_else(|| {
            self.missing.push(name);
            HIDDEN.to_owned()
        })
    }

    /// `text` without the secrets.
    pub(super) fn hidden(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.known.hidden(text.as_bytes())).into_owned()
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
        if let Some(kind) = upstream.authority.kind {
            return Err(Failure::check(format!(
                "{}: `gateway try` has no caller and gets no tokens, and this upstream is called with \
                 {}; run the gateway and call the tool there",
                upstream.key("authority"),
                kind.name()
            )));
        }
        for credential in upstream.credentials() {
            let mut add = |secrets: &mut Self, added: Credential<'_>| {
                secrets.known.add(added);
                added.add_to(request).map_err(|error| {
                    let key = upstream.key(&credential.key());
                    Failure::check(format!("{key}: {error}"))
                })
            };
            match credential {
                UpstreamCredential::Token(name) => {
                    let token = self.get(name);
                    add(self, Credential::Bearer(&token))?;
                }
                UpstreamCredential::Basic { username, password } => {
                    let username = match username {
                        TextSetting::Literal(text) => text.to_owned(),
                        TextSetting::Variable(name) => self.get(name),
                    };
                    let password = self.get(password);
                    let credential = Credential::Basic {
                        username: &username,
                        password: &password,
                    };
                    add(self, credential)?;
                }
                UpstreamCredential::Header { name, secret } => {
                    let value = &self.get(secret);
                    add(self, Credential::Header { name, value })?;
                }
                UpstreamCredential::Query { name, secret } => {
                    let value = &self.get(secret);
                    add(self, Credential::Query { name, value })?;
                }
            }
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
    fn secrets_are_hidden_in_every_member() {
        let mut secrets = Secrets::default();
        secrets.known.add(Credential::Bearer("a/b"));
        secrets.known.add(Credential::Bearer("4711"));
        let value = json!({ "a/b": ["a/b", 4711, 12, null], "c": { "d": "xa/b" } });
        assert_eq!(
            secrets.hidden_in(value),
            json!({ "***": ["***", "***", 12, null], "c": { "d": "x***" } })
        );
    }
}
