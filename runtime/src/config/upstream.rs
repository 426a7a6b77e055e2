//! The credentials of an upstream.

use super::{TextSetting, Upstream};

/// A credential of an upstream: what is sent, and the secrets that it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpstreamCredential {
    /// `Authorization: Bearer`, of this secret.
    Token(&'static str),
    /// `Authorization: Basic`.
    Basic {
        /// The user name.
        username: TextSetting,
        /// The secret that is the password.
        password: &'static str,
    },
    /// A header.
    Header {
        /// Its name.
        name: &'static str,
        /// The secret that is its value.
        secret: &'static str,
    },
    /// A parameter of the query.
    Query {
        /// Its name.
        name: &'static str,
        /// The secret that is its value.
        secret: &'static str,
    },
}

impl UpstreamCredential {
    /// The key of the setting in `[upstreams.NAME]`.
    pub fn key(&self) -> String {
        match self {
            Self::Token(_) => "token".to_owned(),
            Self::Basic { .. } => "username".to_owned(),
            Self::Header { name, .. } => format!("headers.{name}"),
            Self::Query { name, .. } => format!("query.{name}"),
        }
    }
}

impl Upstream {
    /// The full key of a setting of the upstream, such as `upstreams.orders.url`.
    pub fn key(&self, key: &str) -> String {
        format!("upstreams.{}.{key}", self.name)
    }

    /// All credentials that each request to the upstream has.
    pub fn credentials(&self) -> impl Iterator<Item = UpstreamCredential> + use<> {
        let token = self.token.map(UpstreamCredential::Token);
        let basic = self.username.zip(self.password);
        let basic =
            basic.map(|(username, password)| UpstreamCredential::Basic { username, password });
        let headers = self.headers.iter();
        let headers = headers.map(|(name, secret)| UpstreamCredential::Header { name, secret });
        let query = self.query.iter();
        let query = query.map(|(name, secret)| UpstreamCredential::Query { name, secret });
        token.into_iter().chain(basic).chain(headers).chain(query)
    }
}
