//! What the tables of an upstream have in common, and the credentials that they add up to.

use super::{
    Authority, ClientAuthentication, IdentityProvider, SigningAlgorithm, TextSetting, Upstream,
};

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

/// A name, in quotes where TOML wants them.
fn quoted(name: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    match !name.is_empty() && name.bytes().all(is_bare) {
        true => name.to_owned(),
        false => format!("{name:?}"),
    }
}

impl Upstream {
    /// The full key of a setting of the upstream, such as `upstreams.orders.url` or `upstreams.orders.tenants.acme.url`.
    pub fn key(&self, key: &str) -> String {
        format!("{}.{key}", self.table())
    }

    /// The full key of the table: `upstreams.orders` or `upstreams.orders.tenants.acme`.
    pub fn table(&self) -> String {
        match self.tenant {
            None => format!("upstreams.{}", self.name),
            Some(tenant) => format!("upstreams.{}.tenants.{}", self.name, quoted(tenant)),
        }
    }

    /// The settings with which the upstream is called: those of each of its tenants, and those for all other callers.
    pub fn served(&self) -> impl Iterator<Item = Self> + use<> {
        let name = self.name;
        let others = (self.tenants.is_empty() || self.other_tenants).then_some(Self {
            tenants: &[],
            ..*self
        });
        let tenants = self.tenants.iter();
        others
            .into_iter()
            .chain(tenants.map(move |tenant| Self { name, ..*tenant }))
    }

    /// The settings for callers of `tenant`, or of none; `None` where the upstream does not exist for them.
    pub fn of_tenant(&self, tenant: Option<&str>) -> Option<Self> {
        let of = |tenant| self.served().find(|served| served.tenant == tenant);
        let named = tenant.and_then(|tenant| of(Some(tenant)));
        named.or_else(|| of(None))
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

/// The gateway as a client of an authorization server: what `authority` and `identity_provider` of an upstream both have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TokenClientSettings {
    /// The URL of the authorization server.
    pub issuer: Option<TextSetting>,
    /// The URL of its token endpoint.
    pub token_endpoint: Option<TextSetting>,
    /// The id of the client.
    pub client_id: Option<TextSetting>,
    /// How the client authenticates.
    pub client_authentication: ClientAuthentication,
    /// The secret of the client.
    pub client_secret: Option<&'static str>,
    /// The secret with the private key that signs.
    pub signing_key: Option<&'static str>,
    /// The algorithm of that key.
    pub signing_algorithm: SigningAlgorithm,
    /// The `kid` of that key.
    pub key_id: Option<&'static str>,
    /// The secret with a key that is published and does not sign.
    pub standby_key: Option<&'static str>,
    /// The audience of the client's assertion.
    pub assertion_audience: Option<TextSetting>,
}

macro_rules! token_client {
    ($($table:ident)+) => { $(
        impl $table {
            /// The gateway as a client of the authorization server.
            pub fn client(&self) -> TokenClientSettings {
                TokenClientSettings {
                    issuer: self.issuer,
                    token_endpoint: self.token_endpoint,
                    client_id: self.client_id,
                    client_authentication: self.client_authentication,
                    client_secret: self.client_secret,
                    signing_key: self.signing_key,
                    signing_algorithm: self.signing_algorithm,
                    key_id: self.key_id,
                    standby_key: self.standby_key,
                    assertion_audience: self.assertion_audience,
                }
            }
        }
    )+ };
}

token_client!(Authority IdentityProvider);

impl Upstream {
    /// Every authorization server at which the gateway is a client, by the section of the upstream that names it.
    pub fn token_clients(&self) -> [(&'static str, TokenClientSettings); 2] {
        [
            ("authority", self.authority.client()),
            ("identity_provider", self.identity_provider.client()),
        ]
    }
}
