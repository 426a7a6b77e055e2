//! The live policy: what can change without a deployment, as a signed document from a place that the host has.

mod document;
mod following;
mod place;
mod signed;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use http::HeaderValue;
use mcp_edge_audit::digest::sha256;
use serde_json::{Map, Value};

use self::document::{Document, MAX_BYTES};
pub(crate) use self::following::Following;
pub use self::place::LivePolicyPlace;
use self::place::{Found, Source};
pub use self::signed::LIVE_POLICY_TYPE;
use self::signed::{Keys, Opened, TOO_LARGE};
use crate::config::{LivePolicy, LivePolicyError, LivePolicyReader, ReadLivePolicy, Settings};
use crate::host::{DataFile, Host, Timestamp};
use crate::policy::Policy;
use crate::start::StartError;

/// The data file of the deployment that holds a live policy.
pub const LIVE_POLICY_FILE: &str = "live-policy.jws";

impl LivePolicyReader {
    /// Documents that are signed with Ed25519.
    pub const SIGNED: Self = Self::new("signed", |settings, audience, host| {
        Box::pin(Reader::start(settings, audience, host))
    });
}

/// A live policy whose signature was verified, for programs that show it.
#[derive(Debug, Clone, PartialEq)]
pub struct VerifiedDocument {
    /// The server that it is for: its public URL, or its name.
    pub server: String,
    /// Its version.
    pub version: u64,
    /// When it stops to hold.
    pub expires: Option<Timestamp>,
    /// The id of the key that signed it.
    pub key: String,
    /// SHA-256 of the signed document, in hexadecimal.
    pub digest: String,
    /// What it says.
    pub content: Value,
}

/// Reads a document as a server does whose `live.keys` are `keys`.
///
/// # Errors
///
/// It is not signed with one of the keys, or a server could not read it.
pub async fn verify(
    document: &[u8],
    keys: &'static [&'static str],
    host: &dyn Host,
) -> Result<VerifiedDocument, String> {
    let verified = async {
        let (opened, read) = Keys::parse(keys)?.read(document, host).await?;
        Ok(VerifiedDocument {
            server: read.server,
            version: read.version,
            expires: read.expires,
            key: opened.key,
            digest: sha256(document),
            content: serde_json::from_slice(&opened.payload).unwrap_or_default(),
        })
    };
    verified.await.map_err(|LivePolicyError(why)| why)
}

/// What a live policy for the server `server` says, in the form that is signed. `content` has its rules, approvals, revocations
/// and what is disabled.
///
/// # Errors
///
/// A server could not read it.
pub fn compose(
    server: &str,
    version: u64,
    expires: Option<Timestamp>,
    mut content: Map<String, Value>,
) -> Result<Vec<u8>, String> {
    content.insert("server".to_owned(), server.into());
    content.insert("version".to_owned(), version.into());
    if let Some(expires) = expires {
        content.insert("expires".to_owned(), expires.to_rfc3339().into());
    }
    let payload = Value::Object(content).to_string().into_bytes();
    match Document::read(&payload) {
        Ok(_) => Ok(payload),
        Err(why) => Err(why.to_string()),
    }
}

/// The policy by which a server with these settings decides under a live policy, and the digests of the tools that are approved.
/// `content` is what is signed.
///
/// # Errors
///
/// A server could not read it.
pub fn policy(content: &Value, settings: &Settings) -> Result<(Policy, Vec<String>), String> {
    let read = Document::read(content.to_string().as_bytes()).map_err(|why| why.to_string())?;
    let live = read.into_policy(String::new(), String::new());
    let policy = Policy::live(&live, settings).map_err(|why| why.to_string())?;
    Ok((policy, live.approved))
}

impl Document {
    fn into_policy(self, digest: String, key: String) -> LivePolicy {
        LivePolicy {
            version: self.version,
            digest,
            key,
            expires: self.expires,
            rules: self.rules,
            approved: self.approved,
            revocations: self.revocations,
            disabled: self.disabled,
        }
    }
}

impl Keys {
    /// What `document` says, if one of the keys signed it and a server can read it.
    async fn read(
        &self,
        document: &[u8],
        host: &dyn Host,
    ) -> Result<(Opened, Document), LivePolicyError> {
        let opened = self.open(document, host).await?;
        let read = Document::read(&opened.payload);
        let read = read.map_err(|error| LivePolicyError(error.to_string()))?;
        Ok((opened, read))
    }
}

/// Reads the documents of one server.
struct Reader {
    source: Source,
    keys: Keys,
    /// What a document must be for.
    server: String,
    /// The digest of the document that was read last.
    last: RefCell<Option<String>>,
}

impl Reader {
    async fn start(
        settings: &'static Settings,
        audience: &str,
        host: &dyn Host,
    ) -> Result<Rc<dyn ReadLivePolicy>, StartError> {
        let live = &settings.live;
        let unusable = |key: &str, LivePolicyError(why)| StartError::Setting {
            key: key.to_owned(),
            why,
        };
        let source = match live.source {
            Some(source) => source.resolve("live.source", host).await?,
            None => String::new(),
        };
        let keys = Keys::parse(live.keys).map_err(|error| unusable("live.keys", error))?;
        let token = match live.token {
            None => None,
            Some(secret) => Some(token(secret, host).await?),
        };
        let source = Source::new(source, token);
        Ok(Rc::new(Self {
            source: source.map_err(|error| unusable("live.source", error))?,
            keys,
            server: audience.to_owned(),
            last: RefCell::default(),
        }))
    }

    async fn open(&self, document: &[u8], host: &dyn Host) -> Result<LivePolicy, LivePolicyError> {
        let (opened, read) = self.keys.read(document, host).await?;
        if read.server != self.server {
            return Err(LivePolicyError(format!(
                "it is for another server; `server` must be {:?}",
                self.server
            )));
        }
        if read.expires.is_some_and(|expires| expires <= host.now()) {
            return Err(LivePolicyError("it has expired; sign a new one".to_owned()));
        }
        Ok(read.into_policy(sha256(document), opened.key))
    }
}

async fn token(secret: &'static str, host: &dyn Host) -> Result<HeaderValue, StartError> {
    let unusable = |why: &str| StartError::Setting {
        key: "live.token".to_owned(),
        why: why.to_owned(),
    };
    let token = host.variable(secret).await?;
    let token = token.filter(|token| !token.trim().is_empty());
    let token = token.ok_or_else(|| unusable(&format!("the secret {secret} is not set")))?;
    let value = HeaderValue::try_from(format!("Bearer {}", token.trim()));
    let mut value =
        value.map_err(|_| unusable(&format!("the secret {secret} is not a text for a header")))?;
    value.set_sensitive(true);
    Ok(value)
}

impl ReadLivePolicy for Reader {
    fn read<'a>(
        &'a self,
        host: &'a dyn Host,
    ) -> LocalBoxFuture<'a, Result<Option<LivePolicy>, LivePolicyError>> {
        Box::pin(async move {
            let (document, etag) = match self.source.read(host).await? {
                Found::Unchanged => return Ok(None),
                Found::Nothing => {
                    return Err(LivePolicyError("there is no document".to_owned()));
                }
                Found::Document(document, etag) => (document, etag),
            };
            let policy = self.open(&document, host).await?;
            self.source.accepted(etag);
            let last = self.last.replace(Some(policy.digest.clone()));
            Ok((last.as_ref() != Some(&policy.digest)).then_some(policy))
        })
    }

    fn deployed<'a>(
        &'a self,
        host: &'a dyn Host,
    ) -> LocalBoxFuture<'a, Result<Option<LivePolicy>, LivePolicyError>> {
        Box::pin(async move {
            let unreadable = |error: crate::host::HostError| LivePolicyError(error.to_string());
            let Some(file) = DataFile::open(host, LIVE_POLICY_FILE)
                .await
                .map_err(unreadable)?
            else {
                return Ok(None);
            };
            if file.length() > MAX_BYTES as u64 {
                return Err(LivePolicyError(TOO_LARGE.to_owned()));
            }
            let document = file.read(0..file.length()).await.map_err(unreadable)?;
            self.open(&document, host).await.map(Some)
        })
    }
}
