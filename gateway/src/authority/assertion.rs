//! An assertion about one request: who it is for, and what it is.

use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use bytes::Bytes;
use http::Request;
use mcp_edge::StartError;
use mcp_edge::auth::Principal;
use mcp_edge::config::{Settings, Upstream};
use mcp_edge::context::Context;
use mcp_edge::host::{Timestamp, origin};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::AuthorityError;
use super::client::{Place, unique};
use super::jwt::{PublishedKey, SigningKey};

/// The type of the JWT, which no other has (RFC 8725, 3.11).
pub(super) const TYPE: &str = "mcp-edge-request+jwt";

/// What signs assertions for an upstream.
pub(super) struct Signer {
    upstream: &'static str,
    issuer: String,
    audience: String,
    lifetime: Duration,
    key: SigningKey,
    standby: Option<PublishedKey>,
}

/// The request that an assertion is about.
pub(crate) struct Subject<'a> {
    /// The tool that it is a call of.
    pub(crate) tool: &'a str,
    /// The request as it is sent, but for the assertion.
    pub(crate) request: &'a Request<Bytes>,
}

/// What the claims of an assertion are made of.
struct Claims<'a> {
    issuer: &'a str,
    audience: &'a str,
    caller: Option<&'a Principal>,
    subject: &'a Subject<'a>,
    id: String,
    now: Timestamp,
    lifetime: Duration,
}

impl Signer {
    pub(super) async fn start(
        upstream: &'static Upstream,
        settings: &'static Settings,
        base: &str,
        place: &Place<'_>,
    ) -> Result<Self, StartError> {
        let own = &upstream.authority;
        let issuer = place.text("type", settings.server.url).await?;
        let issuer =
            issuer.ok_or_else(|| place.mistake("type", "it needs server.url as its issuer"))?;
        let read = async |secret: &'static str, key: &str| {
            let key = format!("{}.{key}", place.key);
            let algorithm = own.signing_algorithm;
            SigningKey::start(secret, algorithm, None, &key, place.host).await
        };
        let secret = own
            .signing_key
            .ok_or_else(|| place.mistake("signing_key", "it is missing"))?;
        let mut key = read(secret, "signing_key").await?;
        if let Some(id) = own.key_id {
            key.published.id = id.to_owned();
        }
        let standby = match own.standby_key {
            Some(secret) => Some(read(secret, "standby_key").await?.published),
            None => None,
        };
        let audience = place.text("audience", own.audience).await?;
        Ok(Self {
            upstream: upstream.name,
            issuer,
            audience: audience.unwrap_or_else(|| base.to_owned()),
            lifetime: own.lifetime,
            key,
            standby,
        })
    }

    pub(super) fn audience(&self) -> &str {
        &self.audience
    }

    pub(super) fn published(&self) -> impl Iterator<Item = &PublishedKey> {
        std::iter::once(&self.key.published).chain(&self.standby)
    }

    pub(super) async fn sign(
        &self,
        cx: &Context,
        subject: &Subject<'_>,
    ) -> Result<String, AuthorityError> {
        let unavailable = |why: String| {
            AuthorityError::Unavailable(format!("upstreams.{}.authority: {why}", self.upstream))
        };
        let claims = Claims {
            issuer: &self.issuer,
            audience: &self.audience,
            caller: cx.caller().principal(),
            subject,
            id: unique(cx).map_err(|error| unavailable(error.to_string()))?,
            now: cx.now(),
            lifetime: self.lifetime,
        };
        let signed = self.key.sign(cx, TYPE, &claims.to_json()).await;
        signed.map_err(|error| unavailable(error.to_string()))
    }
}

impl Claims<'_> {
    fn to_json(&self) -> Value {
        let request = self.subject.request;
        let uri = request.uri();
        let mut claims = json!({
            "iss": self.issuer,
            "aud": self.audience,
            "jti": self.id,
            "iat": self.now.as_secs(),
            "exp": self.now.after(self.lifetime).as_secs(),
            "tool": self.subject.tool,
            // RFC 9449, 4.2: without query and fragment.
            "htm": request.method().as_str(),
            "htu": format!("{}{}", origin(uri), uri.path()),
            "query_s256": digest(uri.query().unwrap_or_default().as_bytes()),
            "body_s256": digest(request.body()),
        });
        if let (Some(members), Some(caller)) = (claims.as_object_mut(), self.caller) {
            add_caller(members, self.issuer, caller);
        }
        claims
    }
}

/// The caller, whose name is unique at its issuer alone (RFC 9493, 3.2.3), and who acts for it (RFC 8693, 4.1): the gateway, and
/// within that what acted before.
fn add_caller(members: &mut Map<String, Value>, gateway: &str, caller: &Principal) {
    let (issuer, subject) = (caller.issuer(), caller.subject());
    members.insert("sub".to_owned(), subject.into());
    let id = json!({ "format": "iss_sub", "iss": issuer, "sub": subject });
    members.insert("sub_id".to_owned(), id);
    for (name, value) in [("tenant", caller.tenant()), ("client_id", caller.client())] {
        if let Some(value) = value {
            members.insert(name.to_owned(), value.into());
        }
    }
    let mut earlier: Option<Value> = None;
    for actor in caller.actors().iter().rev() {
        let mut own = json!({ "sub": actor.subject });
        if let (Some(own), Some(issuer)) = (own.as_object_mut(), &actor.issuer) {
            own.insert("iss".to_owned(), issuer.as_str().into());
        }
        earlier = Some(within(own, earlier));
    }
    let act = within(json!({ "sub": gateway }), earlier);
    members.insert("act".to_owned(), act);
}

fn within(mut actor: Value, earlier: Option<Value>) -> Value {
    if let (Some(members), Some(earlier)) = (actor.as_object_mut(), earlier) {
        members.insert("act".to_owned(), earlier);
    }
    actor
}

/// SHA-256 in base64url.
fn digest(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(&Sha256::digest(bytes))
}
