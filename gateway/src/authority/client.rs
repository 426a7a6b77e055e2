//! The gateway as a client of an authorization server.

use std::rc::Rc;
use std::time::Duration;

use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request, Response, Uri};
use mcp_edge::StartError;
use mcp_edge::auth::{SubjectTokenError, SubjectTokenField};
use mcp_edge::config::{ClientAuthentication, TextSetting, TokenClientSettings};
use mcp_edge::context::Context;
use mcp_edge::host::{FetchOptions, Host, check_destination};
use mcp_edge::is_secure_url;
use mcp_edge_catalog::request::encode;
use serde_json::json;

use super::AuthorityError;
use super::flight::Flight;
use super::jwt::{PublishedKey, SigningKey};
use super::response::{Asked, Issued, MAX_RESPONSE, Refused, read};

/// The maximum time for one request to an authorization server.
pub(super) const TIMEOUT: Duration = Duration::from_secs(10);

/// The maximum time for discovery: the metadata of the upstream, and those of the authorization server at two places.
const MAX_DISCOVERY_TIME: Duration = Duration::from_secs(30);

/// The maximum time for a token.
pub(super) const MAX_TIME: Duration = Duration::from_secs(40);

/// The time for which an authorization server that metadata name is used.
const SERVER_TTL: Duration = Duration::from_secs(3600);

/// The lifetime of a client's assertion.
const ASSERTION_LIFETIME: Duration = Duration::from_secs(60);

/// `private_key_jwt` (RFC 7523, 2.2).
const CLIENT_ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Where in `mcp.toml` a client is, and whether it may be in a private network.
pub(super) struct Place<'a> {
    pub(super) key: String,
    pub(super) private: bool,
    pub(super) host: &'a dyn Host,
}

/// A client whose settings were checked.
pub(super) struct TokenClient {
    key: String,
    private: bool,
    place: ServerPlace,
    discovered: Flight<Rc<Server>>,
    id: String,
    proof: Proof,
    standby: Option<PublishedKey>,
    assertion_audience: Option<String>,
}

/// An authorization server.
pub(super) struct Server {
    pub(super) issuer: Option<String>,
    endpoint: String,
}

/// How the authorization server is found.
enum ServerPlace {
    /// It is configured.
    Known(Rc<Server>),
    /// It is discovered.
    Discovered(Discovery),
}

/// Whose metadata name the authorization server.
enum Discovery {
    /// Those of this issuer.
    Issuer(String),
    /// Those of the upstream, and then those of the issuer that they name.
    Resource(ProtectedResource),
}

/// An upstream that publishes which authorization servers it accepts (RFC 9728), of which it may be only these.
pub(super) struct ProtectedResource {
    pub(super) resource: String,
    pub(super) allowed: Vec<String>,
}

/// How a client authenticates.
enum Proof {
    Basic(&'static str),
    Post(&'static str),
    Key(Box<SigningKey>),
}

/// The form of a token request. It has no `Debug`, so that no message contains it.
pub(super) struct Form {
    fields: Vec<(&'static str, String)>,
    subject: Option<SubjectTokenField>,
}

impl Form {
    pub(super) fn new(grant_type: &str) -> Self {
        Self {
            fields: vec![("grant_type", grant_type.to_owned())],
            subject: None,
        }
    }

    pub(super) fn field(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    pub(super) fn optional(self, name: &'static str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.field(name, value),
            None => self,
        }
    }

    /// Nothing where there are none.
    pub(super) fn scopes(self, scopes: &[&str]) -> Self {
        match scopes {
            [] => self,
            scopes => self.field("scope", scopes.join(" ")),
        }
    }

    /// The caller's access token.
    pub(super) fn subject(mut self, field: SubjectTokenField) -> Self {
        self.subject = Some(field);
        self
    }
}

impl Place<'_> {
    pub(super) fn mistake(&self, key: &str, why: impl std::fmt::Display) -> StartError {
        StartError::Setting {
            key: format!("{}.{key}", self.key),
            why: why.to_string(),
        }
    }

    /// A text, or that of a variable.
    pub(super) async fn text(
        &self,
        key: &str,
        setting: Option<TextSetting>,
    ) -> Result<Option<String>, StartError> {
        let Some(setting) = setting else {
            return Ok(None);
        };
        let key = format!("{}.{key}", self.key);
        let text = setting.resolve(&key, self.host).await?;
        Ok(Some(match setting {
            TextSetting::Literal(_) => text,
            TextSetting::Variable(_) => text.trim().to_owned(),
        }))
    }

    /// The URL of an authorization server, which gets credentials.
    pub(super) async fn url(
        &self,
        key: &str,
        setting: Option<TextSetting>,
    ) -> Result<Option<String>, StartError> {
        match self.text(key, setting).await? {
            Some(url) => self.checked(key, url).map(Some),
            None => Ok(None),
        }
    }

    /// A URL that requests may be sent to.
    pub(super) fn checked(&self, key: &str, url: String) -> Result<String, StartError> {
        let uri: Uri = url.parse().map_err(|error| self.mistake(key, error))?;
        check_destination(&uri, self.private, false).map_err(|why| self.mistake(key, why))?;
        if !is_secure_url(&url) {
            return Err(self.mistake(
                key,
                "it must be a URL that begins with https:// (or, on this machine, http://)",
            ));
        }
        Ok(url)
    }
}

impl TokenClient {
    /// Checks the settings, and that the secrets are there. A `resource` is asked for the authorization server, which then is not
    /// configured.
    pub(super) async fn start(
        settings: TokenClientSettings,
        resource: Option<ProtectedResource>,
        place: &Place<'_>,
    ) -> Result<Self, StartError> {
        let id = place.text("client_id", settings.client_id).await?;
        let id = id.ok_or_else(|| place.mistake("client_id", "it is missing"))?;
        let secret = async || {
            let name = settings
                .client_secret
                .ok_or_else(|| place.mistake("client_secret", "it is missing"))?;
            match place.host.variable(name).await? {
                Some(secret) if !secret.trim().is_empty() => Ok(name),
                _ => Err(place.mistake("client_secret", format!("the secret {name} is not set"))),
            }
        };
        let proof = match settings.client_authentication {
            ClientAuthentication::Basic => Proof::Basic(secret().await?),
            ClientAuthentication::Post => Proof::Post(secret().await?),
            ClientAuthentication::PrivateKeyJwt => {
                let name = settings
                    .signing_key
                    .ok_or_else(|| place.mistake("signing_key", "it is missing"))?;
                let key = format!("{}.signing_key", place.key);
                let algorithm = settings.signing_algorithm;
                let id = settings.key_id;
                let key = SigningKey::start(name, algorithm, id, &key, place.host).await?;
                Proof::Key(Box::new(key))
            }
        };
        let standby = match settings.standby_key {
            None => None,
            Some(name) => {
                let key = format!("{}.standby_key", place.key);
                let algorithm = settings.signing_algorithm;
                let standby = SigningKey::start(name, algorithm, None, &key, place.host).await?;
                Some(standby.published)
            }
        };
        let issuer = place.url("issuer", settings.issuer).await?;
        let endpoint = place.url("token_endpoint", settings.token_endpoint).await?;
        let audience = settings.assertion_audience;
        let server = match (resource, issuer, endpoint) {
            (Some(resource), _, _) => ServerPlace::Discovered(Discovery::Resource(resource)),
            (None, issuer, Some(endpoint)) => {
                ServerPlace::Known(Rc::new(Server { issuer, endpoint }))
            }
            (None, Some(issuer), None) => ServerPlace::Discovered(Discovery::Issuer(issuer)),
            (None, None, None) => return Err(place.mistake("issuer", "it is missing")),
        };
        Ok(Self {
            key: place.key.clone(),
            private: place.private,
            place: server,
            discovered: Flight::default(),
            id,
            proof,
            standby,
            assertion_audience: place.text("assertion_audience", audience).await?,
        })
    }

    /// The key that authenticates the client, where one does.
    pub(super) fn published(&self) -> impl Iterator<Item = &PublishedKey> {
        let key = match &self.proof {
            Proof::Key(key) => Some(&key.published),
            Proof::Basic(_) | Proof::Post(_) => None,
        };
        key.into_iter().chain(&self.standby)
    }

    /// Sends a token request, and gives the token if it is what was `asked` for.
    pub(super) async fn request(
        &self,
        cx: &Context,
        form: Form,
        asked: &Asked<'_>,
    ) -> Result<Issued, AuthorityError> {
        let server = self.server(cx).await?;
        let subject = form.subject;
        let request = self.sealed(cx, form, &server).await?;
        let options = self.options();
        let response: Response<Bytes> = match subject {
            None => cx
                .fetch_with(request, options)
                .await
                .map_err(|error| self.unavailable(error))?,
            Some(field) => cx
                .fetch_with_subject_token(request, field, options)
                .await
                .map_err(|error| match error {
                    SubjectTokenError::NoToken => AuthorityError::Anonymous,
                    error => self.unavailable(error),
                })?,
        };
        read(&response, asked).map_err(|refused| match (refused, subject) {
            (Refused::Subject(why), Some(_)) => AuthorityError::Subject(self.about(why)),
            (Refused::Denied(why), Some(_)) => AuthorityError::Denied(self.about(why)),
            (Refused::Subject(why) | Refused::Denied(why) | Refused::Unusable(why), _) => {
                self.unavailable(why)
            }
        })
    }

    fn options(&self) -> FetchOptions {
        FetchOptions {
            timeout: Some(TIMEOUT),
            private: self.private,
            ..FetchOptions::new(MAX_RESPONSE)
        }
    }

    fn about(&self, why: impl std::fmt::Display) -> String {
        format!("{}: {why}", self.key)
    }

    fn unavailable(&self, why: impl std::fmt::Display) -> AuthorityError {
        AuthorityError::Unavailable(self.about(why))
    }

    /// The authorization server.
    pub(super) async fn server(&self, cx: &Context) -> Result<Rc<Server>, AuthorityError> {
        let discovery = match &self.place {
            ServerPlace::Known(server) => return Ok(Rc::clone(server)),
            ServerPlace::Discovered(discovery) => discovery,
        };
        let find = || self.discover(cx, discovery);
        self.discovered.get(cx, MAX_DISCOVERY_TIME, find).await
    }

    async fn discover(
        &self,
        cx: &Context,
        discovery: &Discovery,
    ) -> Result<(Rc<Server>, Duration), AuthorityError> {
        let issuer = match discovery {
            Discovery::Issuer(issuer) => issuer,
            Discovery::Resource(ProtectedResource { resource, allowed }) => {
                let named = cx.authorization_servers(resource, self.options()).await;
                let named = named.map_err(|error| self.unavailable(error))?;
                let issuer = named
                    .iter()
                    .find_map(|issuer| allowed.iter().find(|one| *one == issuer));
                issuer.ok_or_else(|| {
                    self.unavailable("the upstream's metadata name no authorization server that `authorization_servers` allows")
                })?
            }
        };
        let endpoint = cx.token_endpoint(issuer, self.options()).await;
        let server = Server {
            endpoint: endpoint.map_err(|error| self.unavailable(error))?,
            issuer: Some(issuer.clone()),
        };
        Ok((Rc::new(server), SERVER_TTL))
    }

    /// The request, with what authenticates the client.
    async fn sealed(
        &self,
        cx: &Context,
        form: Form,
        server: &Server,
    ) -> Result<Request<Bytes>, AuthorityError> {
        let mut form = form;
        let mut authorization = None;
        match &self.proof {
            Proof::Basic(name) => {
                let secret = self.secret(cx, name).await?;
                // Both are encoded first (RFC 6749, 2.3.1).
                let pair = format!("{}:{}", encode(&self.id), encode(&secret));
                let pair = Base64::encode_string(pair.as_bytes());
                let mut value = HeaderValue::try_from(format!("Basic {pair}"))
                    .map_err(|error| self.unavailable(error))?;
                value.set_sensitive(true);
                authorization = Some(value);
            }
            Proof::Post(name) => {
                let secret = self.secret(cx, name).await?;
                form = form
                    .field("client_id", self.id.as_str())
                    .field("client_secret", secret);
            }
            Proof::Key(key) => {
                let issuer = server.issuer.as_deref();
                let audience = self.assertion_audience.as_deref().or(issuer);
                let claims = client_claims(cx, &self.id, audience.unwrap_or(&server.endpoint))
                    .map_err(|error| self.unavailable(error))?;
                let assertion = key.sign(cx, "JWT", &claims).await;
                let assertion = assertion.map_err(|error| self.unavailable(error))?;
                form = form
                    .field("client_id", self.id.as_str())
                    .field("client_assertion_type", CLIENT_ASSERTION_TYPE)
                    .field("client_assertion", assertion);
            }
        }
        let pairs = form.fields.iter();
        let pairs = pairs.map(|(name, value)| format!("{name}={}", encode(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        let mut request = Request::post(&server.endpoint)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json")
            .body(Bytes::from(body))
            .map_err(|error| self.unavailable(error))?;
        if let Some(value) = authorization {
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        Ok(request)
    }

    async fn secret(&self, cx: &Context, name: &str) -> Result<String, AuthorityError> {
        let value = cx.variable(name).await;
        match value.map_err(|error| self.unavailable(error))? {
            Some(secret) if !secret.trim().is_empty() => Ok(secret.trim().to_owned()),
            _ => Err(self.unavailable(format!("the secret {name} is not set"))),
        }
    }
}

/// The claims of a client's assertion (RFC 7523, 3).
fn client_claims(
    cx: &Context,
    client: &str,
    audience: &str,
) -> Result<serde_json::Value, mcp_edge::host::HostError> {
    let now = cx.now();
    Ok(json!({
        "iss": client,
        "sub": client,
        "aud": audience,
        "jti": unique(cx)?,
        "iat": now.as_secs(),
        "exp": now.after(ASSERTION_LIFETIME).as_secs(),
    }))
}

/// A name that no other JWT has.
pub(super) fn unique(cx: &Context) -> Result<String, mcp_edge::host::HostError> {
    let mut bytes = [0; 16];
    cx.random(&mut bytes)?;
    Ok(Base64UrlUnpadded::encode_string(&bytes))
}
