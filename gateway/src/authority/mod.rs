//! The authority of requests to an upstream: a token that an authorization server issues, or an assertion of the gateway itself.
//!
//! The caller's access token goes to the token endpoint as the subject of an exchange, and never to the upstream.

mod assertion;
mod client;
mod flight;
mod jwt;
mod response;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;
use mcp_edge::StartError;
use mcp_edge::auth::{Principal, SubjectTokenField};
use mcp_edge::config::{
    Authority as AuthoritySettings, AuthorityType, Settings, TokenType,
    Upstream as UpstreamSettings,
};
use mcp_edge::context::Context;
use mcp_edge::host::Host;
use mcp_edge::recent::RecentMap;
use mcp_edge::server::ToolError;
use sha2::{Digest as _, Sha256};

use self::assertion::Signer;
pub(crate) use self::assertion::Subject as RequestSubject;
use self::client::{Form, MAX_TIME, Place, ProtectedResource, TokenClient};
use self::flight::Flight;
pub(crate) use self::jwt::PublishedKey;
use self::response::{Asked, ID_JAG, Issued};

/// RFC 6749, 4.4.
const CLIENT_CREDENTIALS: &str = "client_credentials";
/// RFC 8693, 2.1.
const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
/// RFC 7523, 2.1.
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

/// The time before its expiry at which a token counts as expired: a request takes some, and clocks differ.
const MARGIN: Duration = Duration::from_secs(15);

/// The maximum number of tokens of one upstream that an instance remembers.
const MAX_TOKENS: usize = 1024;

/// Why a request has no authority. A sentence is for the log and contains no token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AuthorityError {
    /// The caller has no access token.
    Anonymous,
    /// The authorization server does not accept the caller's access token.
    Subject(String),
    /// The authorization server gives the caller no token for the upstream.
    Denied(String),
    /// There is no token for any other reason.
    Unavailable(String),
}

/// What makes requests of one upstream the caller's, or the gateway's.
pub(crate) struct Authority {
    upstream: &'static str,
    settings: &'static AuthoritySettings,
    source: Source,
    audience: Option<String>,
    resource: Option<String>,
    /// In the memory of the instance, and nowhere else.
    tokens: RefCell<RecentMap<Key, Tokens>>,
}

/// The two clients of Cross-App Access.
struct Across {
    provider: TokenClient,
    upstream: TokenClient,
}

/// Where tokens come from.
enum Source {
    /// RFC 6749, 4.4.
    ClientCredentials(TokenClient),
    /// RFC 8693.
    TokenExchange(TokenClient),
    /// RFC 7523.
    JwtBearer(TokenClient),
    /// An identity assertion grant (ID-JAG) of the identity provider, redeemed at the authorization server of the upstream.
    CrossAppAccess(Box<Across>),
    /// The gateway signs each itself.
    Assertion(Box<Signer>),
}

/// The digest of everything that a token depends on.
type Key = [u8; 32];

/// A token's place in the memory of the instance.
type Tokens = Rc<Flight<Rc<str>>>;

/// A token for one request.
pub(crate) struct Token {
    text: Rc<str>,
    key: Option<Key>,
}

impl Token {
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

impl Authority {
    /// The authority of an upstream, if it has one. Checks its settings, and that its secrets are there.
    pub(crate) async fn start(
        upstream: &'static UpstreamSettings,
        settings: &'static Settings,
        base: &str,
        host: &dyn Host,
    ) -> Result<Option<Self>, StartError> {
        let own = &upstream.authority;
        let Some(kind) = own.kind else {
            return Ok(None);
        };
        let place = Place {
            key: upstream.key("authority"),
            private: upstream.private,
            host,
        };
        let mut resource = place.text("resource", own.resource).await?;
        let protected = protected_resource(own, &resource, base, &place).await?;
        if let Some(protected) = &protected {
            resource = Some(protected.resource.clone());
        }
        let client = || TokenClient::start(own.client(), protected, &place);
        let source = match kind {
            AuthorityType::ClientCredentials => Source::ClientCredentials(client().await?),
            AuthorityType::TokenExchange => Source::TokenExchange(client().await?),
            AuthorityType::JwtBearer => Source::JwtBearer(client().await?),
            AuthorityType::CrossAppAccess => {
                let place = Place {
                    key: upstream.key("identity_provider"),
                    ..place
                };
                let settings = upstream.identity_provider.client();
                Source::CrossAppAccess(Box::new(Across {
                    upstream: client().await?,
                    provider: TokenClient::start(settings, None, &place).await?,
                }))
            }
            AuthorityType::Assertion => {
                let signer = Signer::start(upstream, settings, base, &place).await?;
                Source::Assertion(Box::new(signer))
            }
        };
        Ok(Some(Self {
            upstream: upstream.name,
            settings: own,
            audience: match &source {
                Source::Assertion(signer) => Some(signer.audience().to_owned()),
                _ => place.text("audience", own.audience).await?,
            },
            source,
            resource,
            tokens: RefCell::new(RecentMap::new(MAX_TOKENS)),
        }))
    }

    /// The kind of authority, and what it is for, for an event.
    pub(crate) fn kind(&self) -> &'static str {
        self.settings.kind.map_or("", AuthorityType::name)
    }

    /// The audience or resource that tokens are for.
    pub(crate) fn audience(&self) -> Option<String> {
        self.audience.clone().or_else(|| self.resource.clone())
    }

    /// The public keys of what the gateway signs.
    pub(crate) fn published(&self) -> Vec<&PublishedKey> {
        match &self.source {
            Source::ClientCredentials(client)
            | Source::TokenExchange(client)
            | Source::JwtBearer(client) => client.published().collect(),
            Source::CrossAppAccess(across) => {
                let upstream = across.upstream.published();
                across.provider.published().chain(upstream).collect()
            }
            Source::Assertion(signer) => signer.published().collect(),
        }
    }

    /// What a request of the caller is authorized by: a token, or an assertion about this request.
    pub(crate) async fn token(
        &self,
        cx: &Context,
        request: &RequestSubject<'_>,
    ) -> Result<Token, AuthorityError> {
        if let Source::Assertion(signer) = &self.source {
            let text = signer.sign(cx, request).await?.into();
            return Ok(Token { text, key: None });
        }
        let of_gateway = matches!(self.source, Source::ClientCredentials(_));
        let (key, flight) = self.flight(cx, of_gateway)?;
        let text = flight.get(cx, MAX_TIME, || self.fetch(cx)).await?;
        let key = Some(key);
        Ok(Token { text, key })
    }

    /// Whether another token may be tried in place of one that the upstream has refused: it was not made for this request.
    pub(crate) fn forget(&self, token: &Token) -> bool {
        let Some(key) = &token.key else {
            return false;
        };
        if let Some(flight) = self.tokens.borrow_mut().get(key) {
            flight.forget(|held| *held == token.text);
        }
        true
    }

    /// The tool error for a call without authority.
    pub(crate) fn refused(&self, cx: &Context, error: AuthorityError) -> ToolError {
        let name = self.upstream;
        match error {
            AuthorityError::Anonymous => ToolError::new(format!(
                "The upstream `{name}` is called with the caller's authority. Sign in first."
            )),
            AuthorityError::Subject(why) => {
                cx.detail(why);
                ToolError::new(format!(
                    "The access token cannot be exchanged for one of the upstream `{name}`. Sign in again."
                ))
            }
            AuthorityError::Denied(why) => {
                cx.detail(why);
                self.challenge(cx, self.settings.scopes).unwrap_or_else(|| {
                    ToolError::new(format!(
                        "The authorization server does not permit the caller to use the upstream `{name}`."
                    ))
                })
            }
            AuthorityError::Unavailable(why) => {
                cx.detail(why);
                ToolError::new(format!(
                    "The gateway could not get its authority for the upstream `{name}`. Try again later."
                ))
            }
        }
    }

    /// The same for an answer of 403 with these headers, where the token is the caller's: the scopes that the upstream names in
    /// `WWW-Authenticate` (RFC 6750, 3.1).
    pub(crate) fn challenged(&self, cx: &Context, headers: &HeaderMap) -> Option<ToolError> {
        let challenges = headers.get_all(WWW_AUTHENTICATE).iter();
        let scopes: Vec<&str> = challenges
            .filter_map(|challenge| challenge.to_str().ok())
            .filter_map(scope_of)
            .flat_map(|scopes| scopes.split(' '))
            .collect();
        self.challenge(cx, &scopes)
    }

    /// The error that tells the caller which scopes to ask for, where the configuration maps the `wanted` ones and the caller
    /// lacks any of the result.
    pub(crate) fn challenge<'a>(
        &self,
        cx: &Context,
        wanted: impl IntoIterator<Item = &'a &'a str>,
    ) -> Option<ToolError> {
        let granted = cx.caller().principal()?.scopes();
        let mapped = |scope: &str| {
            let mut all = self.settings.scope_challenges.iter();
            all.find(|(of, _)| *of == scope).map(|(_, scopes)| *scopes)
        };
        let mut scopes: Vec<_> = wanted
            .into_iter()
            .filter_map(|scope| mapped(scope))
            .flatten()
            .collect();
        if scopes.is_empty() {
            scopes.extend(mapped("*").into_iter().flatten());
        }
        let lacks = scopes.iter().any(|scope| !granted.contains(**scope));
        lacks
            .then(|| ToolError::insufficient_scope(scopes.iter().map(|scope| (**scope).to_owned())))
    }

    /// The place of a token of the gateway itself, or of one for the caller.
    fn flight(&self, cx: &Context, of_gateway: bool) -> Result<(Key, Tokens), AuthorityError> {
        let caller = match of_gateway {
            true => None,
            false => {
                let principal = cx.caller().principal();
                let both = principal.zip(cx.subject_token_digest());
                Some(both.ok_or(AuthorityError::Anonymous)?)
            }
        };
        let key = self.key(caller);
        let mut tokens = self.tokens.borrow_mut();
        if let Some(flight) = tokens.get(&key) {
            return Ok((key, flight));
        }
        let flight = Tokens::default();
        tokens.insert(key, Rc::clone(&flight));
        Ok((key, flight))
    }

    /// The digest of everything that a token depends on. Each field has its length ahead of it, so that no two are the same.
    fn key(&self, caller: Option<(&Principal, [u8; 32])>) -> Key {
        let mut digest = Sha256::new();
        let mut add = |field: &[u8]| {
            let length = u64::try_from(field.len()).unwrap_or(u64::MAX);
            digest.update(length.to_be_bytes());
            digest.update(field);
        };
        let whose = if caller.is_some() {
            "caller"
        } else {
            "gateway"
        };
        for field in [self.kind(), self.upstream, whose] {
            add(field.as_bytes());
        }
        for field in [&self.audience, &self.resource] {
            add(field.as_deref().unwrap_or_default().as_bytes());
        }
        add(self.settings.scopes.join(" ").as_bytes());
        if let Some((principal, token)) = caller {
            add(principal.issuer().as_bytes());
            add(principal.subject().as_bytes());
            add(principal.tenant().unwrap_or_default().as_bytes());
            add(principal.client().unwrap_or_default().as_bytes());
            for actor in principal.actors() {
                add(actor.issuer.as_deref().unwrap_or_default().as_bytes());
                add(actor.subject.as_bytes());
            }
            // What the caller was granted is in its token: one with fewer scopes must not use what another got.
            add(&token);
        }
        digest.finalize().into()
    }

    async fn fetch(&self, cx: &Context) -> Result<(Rc<str>, Duration), AuthorityError> {
        let issued = match &self.source {
            Source::ClientCredentials(client) => {
                let form = self.targeted(Form::new(CLIENT_CREDENTIALS));
                let issued = client.request(cx, form, &self.asked(None)).await?;
                return Ok((issued.token.into(), issued.lifetime.saturating_sub(MARGIN)));
            }
            Source::TokenExchange(client) => self.exchange(cx, client).await?,
            Source::JwtBearer(client) => {
                let form = self
                    .targeted(Form::new(JWT_BEARER))
                    .optional(
                        "requested_token_use",
                        self.settings.on_behalf_of.then_some("on_behalf_of"),
                    )
                    .subject(SubjectTokenField::Assertion);
                client.request(cx, form, &self.asked(None)).await?
            }
            Source::CrossAppAccess(across) => self.across(cx, across).await?,
            // Is made for each request.
            Source::Assertion(_) => return Err(AuthorityError::Anonymous),
        };
        // What stands for the caller must not outlive its proof.
        let principal = cx.caller().principal();
        let left = principal.map_or(Duration::ZERO, |principal| {
            principal.expires().since(cx.now())
        });
        let lifetime = issued.lifetime.min(left);
        Ok((issued.token.into(), lifetime.saturating_sub(MARGIN)))
    }

    /// The form, with what the token is for.
    fn targeted(&self, form: Form) -> Form {
        form.optional("audience", self.audience.as_deref())
            .optional("resource", self.resource.as_deref())
            .scopes(self.settings.scopes)
    }

    async fn exchange(&self, cx: &Context, client: &TokenClient) -> Result<Issued, AuthorityError> {
        let requested = self.settings.requested_token_type;
        let requested = requested.map(|wanted| match wanted {
            TokenType::AccessToken => ACCESS_TOKEN,
            TokenType::Jwt => JWT,
        });
        let mut form = self
            .targeted(Form::new(TOKEN_EXCHANGE))
            .optional("requested_token_type", requested)
            .field("subject_token_type", ACCESS_TOKEN)
            .subject(SubjectTokenField::SubjectToken);
        if self.settings.actor {
            let actor = self.actor(cx, client).await?;
            form = form
                .field("actor_token", actor.to_string())
                .field("actor_token_type", ACCESS_TOKEN);
        }
        client.request(cx, form, &self.asked(requested)).await
    }

    /// A token of the gateway itself, which the authorization server reads.
    async fn actor(&self, cx: &Context, client: &TokenClient) -> Result<Rc<str>, AuthorityError> {
        let (_, flight) = self.flight(cx, true)?;
        let fetch = async || {
            let form = Form::new(CLIENT_CREDENTIALS);
            let issued = client.request(cx, form, &Asked::default()).await?;
            let lifetime = issued.lifetime.saturating_sub(MARGIN);
            Ok((Rc::from(issued.token), lifetime))
        };
        flight.get(cx, MAX_TIME, fetch).await
    }

    /// Both legs of Cross-App Access. A grant serves once, and is not kept.
    async fn across(
        &self,
        cx: &Context,
        Across { provider, upstream }: &Across,
    ) -> Result<Issued, AuthorityError> {
        let server = upstream.server(cx).await?;
        let issuer = server.issuer.as_deref();
        let form = Form::new(TOKEN_EXCHANGE)
            .field("requested_token_type", ID_JAG)
            .optional("audience", issuer)
            .optional("resource", self.resource.as_deref())
            .scopes(self.settings.scopes)
            .field("subject_token_type", ACCESS_TOKEN)
            .subject(SubjectTokenField::SubjectToken);
        let asked = Asked {
            scopes: self.settings.scopes,
            audiences: issuer.into_iter().collect(),
            token_type: Some(ID_JAG),
        };
        let grant = provider.request(cx, form, &asked).await?;
        let form = Form::new(JWT_BEARER)
            .field("assertion", grant.token)
            .scopes(self.settings.scopes);
        upstream.request(cx, form, &self.asked(None)).await
    }

    fn asked(&self, token_type: Option<&'static str>) -> Asked<'_> {
        let audiences = [&self.audience, &self.resource];
        Asked {
            scopes: self.settings.scopes,
            audiences: audiences.into_iter().filter_map(Option::as_deref).collect(),
            token_type,
        }
    }
}

/// The upstream as a protected resource, where its metadata choose the authorization server. Its identifier is `resource`, or
/// `base`.
async fn protected_resource(
    settings: &'static AuthoritySettings,
    resource: &Option<String>,
    base: &str,
    place: &Place<'_>,
) -> Result<Option<ProtectedResource>, StartError> {
    const KEY: &str = "authorization_servers";
    if settings.authorization_servers.is_empty() {
        return Ok(None);
    }
    let mut allowed = Vec::new();
    for server in settings.authorization_servers {
        allowed.extend(place.url(KEY, Some(*server)).await?);
    }
    let (key, resource) = match resource {
        Some(resource) => ("resource", resource.clone()),
        None => (KEY, base.to_owned()),
    };
    let resource = place.checked(key, resource)?;
    Ok(Some(ProtectedResource { resource, allowed }))
}

/// The value of `scope` in a challenge of the scheme `Bearer`.
fn scope_of(challenge: &str) -> Option<&str> {
    let (scheme, parameters) = challenge.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let at = parameters
        .match_indices("scope=\"")
        .find(|(at, _)| matches!(parameters.get(..*at), Some(before) if before.is_empty() || before.ends_with([' ', ','])))?
        .0;
    let (_, value) = parameters.get(at..)?.split_once('"')?;
    value.split('"').next()
}
