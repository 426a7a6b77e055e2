//! The sign-in of the issuer for development: an authorization server on loopback, at which a stock client tries out sign-in, a
//! second user and a request for more scopes without a provider.
//!
//! It exists while `mcp-edge dev` runs a server that trusts the issuer, which no server does whose URL is not a loopback address.

mod answer;
mod client;
mod listener;
mod metadata;
mod page;
mod parameters;
mod single_use;
mod user;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use base64ct::{Base64UrlUnpadded, Encoding};
use bytes::Bytes;
use http::{Method, StatusCode};
use mcp_edge_runtime::is_loopback_url;
use serde_json::json;
use sha2::{Digest, Sha256};
use url::Url;

use crate::development::{Grant, Issuer};
use crate::output::Failure;
use answer::Answer;
use client::{Client, Documents};
use parameters::Parameters;
use single_use::SingleUse;
use user::User;

/// How long a user may look at the page.
const PAGE_TTL: Duration = Duration::from_secs(600);
/// How long a code may be redeemed.
const CODE_TTL: Duration = Duration::from_secs(60);
const MAX_SCOPES: usize = 100;

/// What users are signed in for.
#[derive(Clone)]
pub(super) struct Resource {
    pub(super) name: String,
    /// The URL of the endpoint: what clients name as the resource (RFC 8707).
    pub(super) url: String,
    /// What tokens name as their audience.
    pub(super) audience: String,
    /// Every scope that the file and the tools name.
    pub(super) scopes: Vec<String>,
    /// The folder with the issuer's key and the users.
    pub(super) folder: PathBuf,
}

/// The authorization server, which listens until the program ends.
pub(super) struct SignIn(Arc<AuthorizationServer>);

impl SignIn {
    /// Listens on `port` of 127.0.0.1, or where that is taken on another one.
    pub(super) fn start(port: u16) -> Result<Self, Failure> {
        let listener = listener::bind(port).map_err(|error| {
            Failure::usage(format!("the sign-in cannot listen on 127.0.0.1: {error}"))
        })?;
        let port = listener.local_addr().map_err(Failure::usage)?.port();
        let server = Arc::new(AuthorizationServer::new(port, Box::new(client::fetch)));
        listener::serve(listener, Arc::clone(&server)).map_err(Failure::usage)?;
        Ok(Self(server))
    }

    /// The issuer that clients discover (RFC 8414).
    pub(super) fn url(&self) -> &str {
        &self.0.url
    }

    /// Signs users in for `resource` from now on, and for no other.
    pub(super) fn serve(&self, resource: Option<Resource>) {
        self.0.state().resource = resource;
    }
}

struct AuthorizationServer {
    url: String,
    /// The only value of `Host` that is served, since a page of a rebound name (DNS rebinding) sends its own.
    authority: String,
    documents: Documents,
    state: Mutex<State>,
}

struct State {
    resource: Option<Resource>,
    pages: SingleUse<Asked>,
    codes: SingleUse<Granted>,
}

/// An authorization request that the page shows.
struct Asked {
    resource: Resource,
    client: Client,
    state: Option<String>,
    /// The challenge of the client's verifier (RFC 7636, 4.2).
    challenge: String,
    scopes: Vec<String>,
}

/// What a code is redeemed for.
struct Granted {
    asked: Asked,
    user: User,
    scopes: Vec<String>,
}

impl AuthorizationServer {
    fn new(port: u16, documents: Documents) -> Self {
        let authority = format!("127.0.0.1:{port}");
        Self {
            url: format!("http://{authority}"),
            authority,
            documents,
            state: Mutex::new(State {
                resource: None,
                pages: SingleUse::new(PAGE_TTL),
                codes: SingleUse::new(CODE_TTL),
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn respond(&self, request: &http::Request<Bytes>, now: SystemTime) -> Answer {
        let mut hosts = request.headers().get_all(http::header::HOST).iter();
        let host = hosts.next().map(http::HeaderValue::as_bytes);
        if host != Some(self.authority.as_bytes()) || hosts.next().is_some() {
            return Answer::text(
                StatusCode::MISDIRECTED_REQUEST,
                &format!("Host must be {}\n", self.authority),
            );
        }
        let origin = request.headers().get(http::header::ORIGIN);
        let origin = origin.map(|origin| origin.to_str().unwrap_or_default());
        let path = request.uri().path();
        // Pages of this machine's own applications read everything except the page on which a user decides.
        let is_allowed = match origin {
            None => path != "/authorize" || request.method() != Method::POST,
            Some(origin) if path == "/authorize" => origin == self.url,
            Some(origin) => is_loopback_url(origin),
        };
        if !is_allowed {
            return Answer::text(
                StatusCode::FORBIDDEN,
                "Origin is missing or not allowed: only pages of this machine may send this request\n",
            );
        }
        let Some(resource) = self.state().resource.clone() else {
            return Answer::text(StatusCode::SERVICE_UNAVAILABLE, "No server runs.\n");
        };
        let form = || Parameters::of_form(request);
        let answer = match (request.method(), path) {
            (&Method::GET, metadata::PATH | metadata::OPENID_PATH) => Answer::json(
                StatusCode::OK,
                &metadata::document(&self.url, &resource.scopes),
            ),
            (&Method::GET, "/jwks") => match Issuer::in_folder(&resource.folder) {
                Ok(issuer) => Answer::json(StatusCode::OK, &issuer.jwks()),
                Err(error) => Answer::text(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
            },
            (&Method::GET, "/authorize") => {
                let query = request.uri().query().unwrap_or_default();
                return self.ask(&Parameters::read(query.as_bytes()), resource, now);
            }
            (&Method::POST, "/authorize") => {
                return match form() {
                    Some(form) => self.decide(&form, now),
                    None => Answer::refusal("the request is not a form"),
                };
            }
            (&Method::POST, "/token") => match form() {
                Some(form) => self.redeem(&form, now).unwrap_or_else(|error| error.json()),
                None => Refused::new("invalid_request", "the body must be a form").json(),
            },
            (&Method::POST, "/register") => client::register(request.body()),
            (&Method::OPTIONS, _) => Answer::text(StatusCode::NO_CONTENT, ""),
            _ => Answer::text(StatusCode::NOT_FOUND, "Not found.\n"),
        };
        answer.readable_by(origin)
    }

    /// The page for an authorization request (RFC 6749, 4.1.1).
    fn ask(&self, query: &Parameters, resource: Resource, now: SystemTime) -> Answer {
        // Without a client and a redirect URI that fit each other the user is not sent anywhere (RFC 6749, 4.1.2.1).
        let known = query.required("client_id").and_then(|id| {
            let redirect = query.required("redirect_uri")?;
            Client::find(id, redirect, &self.documents)
        });
        let client = match known {
            Ok(client) => client,
            Err(refused) => return Answer::refusal(&refused.description),
        };
        let redirect = client.redirect.clone();
        let state = query.optional("state").ok().flatten().map(str::to_owned);
        let asked = Self::asked(query, resource, client, state.clone());
        let shown = asked.and_then(|asked| {
            let users = user::read(&asked.resource.folder)
                .map_err(|error| Refused::new("server_error", &error))?;
            let page = |key: &str| page::decision(key, &asked, &users);
            let key = single_use::key().map_err(|error| Refused::new("server_error", &error))?;
            let answer = Answer::page(StatusCode::OK, &page(&key), Some(&asked.client.redirect));
            self.state().pages.put(&key, asked, now);
            Ok(answer)
        });
        shown
            .unwrap_or_else(|refused| self.send(&redirect, state.as_deref(), &refused.parameters()))
    }

    fn asked(
        query: &Parameters,
        resource: Resource,
        client: Client,
        state: Option<String>,
    ) -> Result<Asked, Refused> {
        query.optional("state")?;
        if query.required("response_type")? != "code" {
            return Err(Refused::new(
                "unsupported_response_type",
                "response_type must be code",
            ));
        }
        let challenge = query.required("code_challenge")?;
        // Without a method it would be `plain` (RFC 7636, 4.3).
        if query.optional("code_challenge_method")? != Some("S256") {
            return Err(Refused::request("code_challenge_method must be S256"));
        }
        if !is_digest(challenge) {
            return Err(Refused::request(
                "code_challenge must be the base64url text of a SHA-256 digest",
            ));
        }
        check_resource(query, &resource)?;
        let mut scopes: Vec<String> = Vec::new();
        for scope in query
            .optional("scope")?
            .unwrap_or_default()
            .split_ascii_whitespace()
        {
            if !scopes.iter().any(|known| known == scope) {
                scopes.push(scope.to_owned());
            }
        }
        // RFC 6749, 3.3.
        let is_character = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        if scopes.len() > MAX_SCOPES || !scopes.iter().all(|scope| scope.bytes().all(is_character))
        {
            return Err(Refused::new(
                "invalid_scope",
                &format!("scope must be at most {MAX_SCOPES} scopes with spaces between them"),
            ));
        }
        Ok(Asked {
            scopes,
            challenge: challenge.to_owned(),
            resource,
            client,
            state,
        })
    }

    /// The user's decision. The key of the page is known to the page alone, so that no other page decides.
    fn decide(&self, form: &Parameters, now: SystemTime) -> Answer {
        let key = form.required("request").unwrap_or_default();
        let Some(asked) = self.state().pages.take(key, now) else {
            return Answer::refusal(
                "this page was used before, or is older than 10 minutes; start the sign-in again in the client",
            );
        };
        let (redirect, state) = (asked.client.redirect.clone(), asked.state.clone());
        let code = Self::granted(form, asked).and_then(|granted| {
            let code = single_use::key().map_err(|error| Refused::new("server_error", &error))?;
            self.state().codes.put(&code, granted, now);
            Ok(code)
        });
        let parameters = match code {
            Ok(code) => vec![("code", code)],
            Err(refused) => refused.parameters(),
        };
        self.send(&redirect, state.as_deref(), &parameters)
    }

    fn granted(form: &Parameters, asked: Asked) -> Result<Granted, Refused> {
        if form.optional("decision")? != Some("allow") {
            return Err(Refused::new("access_denied", "the user refused"));
        }
        let subject = form.required("user")?;
        let users = user::read(&asked.resource.folder)
            .map_err(|error| Refused::new("server_error", &error))?;
        let user = users.into_iter().find(|user| user.subject == subject);
        let user = user.ok_or_else(|| Refused::new("access_denied", "there is no such user"))?;
        let offered = page::offered(&asked);
        let scopes: Vec<_> = form.all("scope").map(str::to_owned).collect();
        if !scopes.iter().all(|scope| offered.contains(scope)) {
            return Err(Refused::new("access_denied", "a scope was not asked for"));
        }
        Ok(Granted {
            asked,
            user,
            scopes,
        })
    }

    /// Sends the user back to the client, with the issuer (RFC 9207).
    fn send(&self, redirect: &Url, state: Option<&str>, parameters: &[(&str, String)]) -> Answer {
        let mut url = redirect.clone();
        let mut query = url.query_pairs_mut();
        query.extend_pairs(parameters);
        if let Some(state) = state {
            query.append_pair("state", state);
        }
        query.append_pair("iss", &self.url);
        drop(query);
        Answer::redirect(&url)
    }

    /// An access token for a code (RFC 6749, 4.1.3). A code is spent by the first client that shows it.
    fn redeem(&self, form: &Parameters, now: SystemTime) -> Result<Answer, Refused> {
        if form.required("grant_type")? != "authorization_code" {
            return Err(Refused::new(
                "unsupported_grant_type",
                "grant_type must be authorization_code",
            ));
        }
        let verifier = form.required("code_verifier")?;
        let client = form.required("client_id")?;
        let redirect = form.required("redirect_uri")?;
        let code = form.required("code")?;
        let granted = self.state().codes.take(code, now);
        let invalid = |why| Refused::new("invalid_grant", why);
        let Granted {
            asked,
            user,
            scopes,
        } = granted.ok_or_else(|| invalid("the code was used before, or has expired"))?;
        if asked.client.id != client {
            return Err(invalid("the code is another client's"));
        }
        if asked.client.redirect_uri != redirect {
            return Err(invalid(
                "redirect_uri is not that of the authorization request",
            ));
        }
        if !(43..=128).contains(&verifier.len())
            || Base64UrlUnpadded::encode_string(&Sha256::digest(verifier)) != asked.challenge
        {
            return Err(invalid("code_verifier does not match code_challenge"));
        }
        check_resource(form, &asked.resource)?;
        let failed =
            |error: &dyn std::fmt::Display| Refused::new("server_error", &error.to_string());
        let issuer = Issuer::in_folder(&asked.resource.folder).map_err(|error| failed(&error))?;
        let grant = Grant {
            subject: user.subject,
            client: asked.client.id,
            scopes,
            tenant: user.tenant,
            roles: user.roles,
            groups: user.groups,
            ..Grant::to(asked.resource.audience)
        };
        let token = issuer.issue(&grant, now).map_err(|error| failed(&error))?;
        let answer = json!({
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": grant.lifetime.as_secs(),
            "scope": grant.scopes.join(" "),
        });
        Ok(Answer::json(StatusCode::OK, &answer))
    }
}

fn is_digest(text: &str) -> bool {
    Base64UrlUnpadded::decode_vec(text).is_ok_and(|digest| digest.len() == 32)
}

fn check_resource(parameters: &Parameters, resource: &Resource) -> Result<(), Refused> {
    let mut named = parameters.all("resource").peekable();
    let is_named = named.peek().is_some();
    match is_named && named.all(|named| named == resource.url) {
        true => Ok(()),
        false => Err(Refused::new(
            "invalid_target",
            &format!("resource must be {}", resource.url),
        )),
    }
}

/// An error of RFC 6749 (4.1.2.1, 5.2), RFC 7591 (3.2.2) or RFC 8707 (2).
#[derive(Debug, PartialEq)]
struct Refused {
    error: &'static str,
    description: String,
}

impl Refused {
    fn new(error: &'static str, description: &str) -> Self {
        // RFC 6749 allows no other characters.
        let is_allowed =
            |character: &char| matches!(character, ' '..='~' if !"\"\\".contains(*character));
        Self {
            error,
            description: description.chars().filter(is_allowed).collect(),
        }
    }

    fn request(description: &str) -> Self {
        Self::new("invalid_request", description)
    }

    fn parameters(self) -> Vec<(&'static str, String)> {
        vec![
            ("error", self.error.to_owned()),
            ("error_description", self.description),
        ]
    }

    fn json(self) -> Answer {
        let status = match self.error {
            "server_error" => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        let body = json!({ "error": self.error, "error_description": self.description });
        Answer::json(status, &body)
    }
}
