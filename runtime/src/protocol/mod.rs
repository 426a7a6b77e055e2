//! What is being asked, and in which revision (2026-07-28, basic and basic/versioning).
//!
//! One endpoint serves both eras. The body decides which one a request belongs to; headers then have to
//! agree with the body, so that a gateway that read only headers has judged the same request.

pub(crate) mod answer;
pub(crate) mod bounds;
mod headers;
mod legacy;
pub(crate) mod log;
mod message;
mod meta;
mod method;
mod modern;

use std::rc::Rc;

use http::HeaderMap;
use mcp_edge_schema::mirror::MirroredHeader;
use serde_json::{Map, Value};

use crate::auth::Caller;
use crate::client::Client;
use crate::host::Timestamp;
use crate::jsonrpc::rounded;
use crate::jsonrpc::strict::Parsed;
use crate::refusal::{Refusal, RefusedRequest, UnreadId};
use crate::revision::{Era, Revision, names_modern};
use crate::token::{Codec, Session, TokenError};
use crate::trace::TraceParent;

pub use self::headers::{header_text, repeated_arguments};
use self::log::LogLevel;
use self::message::Message;
pub(crate) use self::meta::SUBSCRIPTION_ID;
pub(crate) use self::method::Method;
use crate::jsonrpc::Id;

/// A request whose headers say the same as its body.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) id: Id,
    pub(crate) method: Method,
    pub(crate) params: Map<String, Value>,
    pub(crate) client: Rc<Client>,
    pub(crate) session: Option<Rc<Session>>,
    pub(crate) progress_token: Option<Value>,
    pub(crate) log_level: Option<LogLevel>,
    pub(crate) trace: Option<TraceParent>,
}

/// What a body asks for.
#[derive(Debug)]
pub(crate) enum Inbound {
    /// One request.
    One(Box<Call>),
    /// The requests of a batch, each on its own.
    Batch(Vec<Result<Call, RefusedRequest>>),
    /// Notifications or responses: nothing to answer.
    Nothing {
        /// The first message's method, for the log.
        method: Option<String>,
        client: Option<Rc<Client>>,
    },
}

/// Why a request was refused, with what only the log should know.
#[derive(Debug)]
pub(crate) struct ReadError {
    pub(crate) refused: RefusedRequest,
    pub(crate) token: Option<TokenError>,
    /// What was asked for, where that much could be read.
    pub(crate) method: Option<String>,
}

impl<R: Into<RefusedRequest>> From<R> for ReadError {
    fn from(refused: R) -> Self {
        Self {
            refused: refused.into(),
            token: None,
            method: None,
        }
    }
}

impl ReadError {
    /// Answers in `era`, where the request was refused before its own was known.
    fn in_era(mut self, era: Era) -> Self {
        self.refused.era.get_or_insert(era);
        self
    }
}

/// What the response to a request says in `id` if that is not read: a request that declares no revision may be of the oldest.
pub(crate) fn unread_id(headers: &HeaderMap) -> UnreadId {
    let revision = match headers::one(headers, headers::PROTOCOL_VERSION) {
        Ok(None) => Some(Revision::ASSUMED),
        Ok(Some(stated)) => Revision::parse(stated),
        Err(_) => None,
    };
    if revision.is_some_and(Revision::requires_id) {
        UnreadId::Null
    } else {
        UnreadId::Omitted
    }
}

/// What every message of a body is read with.
pub(crate) struct Reader<'a> {
    pub(crate) headers: &'a HeaderMap,
    pub(crate) caller: &'a Caller,
    pub(crate) codec: &'a Codec,
    /// The maximum number of messages in a batch.
    pub(crate) max_batch: usize,
    /// The arguments that headers repeat, of a tool that the caller may know of.
    pub(crate) mirrored: &'a dyn Fn(&str) -> Option<&'a [MirroredHeader]>,
    pub(crate) now: Timestamp,
}

impl Reader<'_> {
    /// Reads a body.
    pub(crate) fn read(&self, body: Parsed) -> Result<Inbound, ReadError> {
        let rounded = body
            .rounded
            .map(|path| format!("`{path}`: {}", rounded::WHY));
        match body.value {
            Value::Array(messages) => match rounded {
                None => self.batch(messages),
                Some(why) => Err(Refusal::InvalidRequest { why }.into()),
            }
            .map_err(|unread| unread.in_era(self.stated_era())),
            Value::Object(members) => self.single(members, rounded),
            _ => Err(Refusal::InvalidRequest {
                why: "a message is a JSON object".to_owned(),
            }
            .into()),
        }
    }

    /// `rounded` is what is wrong with the first number of the message that was rounded. It matters where something is done
    /// with it: not in a notification, nor in the id of a response.
    fn single(
        &self,
        members: Map<String, Value>,
        rounded: Option<String>,
    ) -> Result<Inbound, ReadError> {
        let message = Message::read(members)?;
        let id = message.id().cloned();
        let era = self.era_of(&message);
        let asked = message.method().map(str::to_owned);
        let refuse = |unread: ReadError| ReadError {
            refused: RefusedRequest {
                id,
                era: Some(era),
                ..unread.refused
            },
            method: asked,
            ..unread
        };
        match message {
            Message::Request { id, method, params } => match (rounded, era) {
                (Some(why), _) => Err(Refusal::InvalidParams { why }.into()),
                (None, Era::Modern) => self.modern(id, &method, params).map_err(ReadError::from),
                (None, Era::Legacy) => self.legacy(id, &method, params),
            }
            .map(|call| Inbound::One(Box::new(call)))
            .map_err(refuse),
            Message::Notification { method, .. } => {
                let client = match era {
                    Era::Modern => None,
                    Era::Legacy => Some(self.conversation().map_err(refuse)?.client),
                };
                Ok(Inbound::Nothing {
                    method: Some(method),
                    client,
                })
            }
            Message::Response => match era {
                // Nothing that this server sends to a modern client can be answered like this.
                Era::Modern => Err(refuse(
                    Refusal::InvalidRequest {
                        why: "a client sends requests and notifications, not responses".to_owned(),
                    }
                    .into(),
                )),
                Era::Legacy => Ok(Inbound::Nothing {
                    method: None,
                    client: Some(self.conversation().map_err(refuse)?.client),
                }),
            },
        }
    }

    /// The era by the body, and only then by the header.
    fn era_of(&self, message: &Message) -> Era {
        let (method, params) = match message {
            Message::Request { method, params, .. } | Message::Notification { method, params } => {
                (method.as_str(), Some(params))
            }
            Message::Response => ("", None),
        };
        if params.is_some_and(meta::is_enveloped) || method == "server/discover" {
            return Era::Modern;
        }
        if method == "initialize" {
            return Era::Legacy;
        }
        self.stated_era()
    }

    /// The era by the header alone. A header that cannot be read states none, and a body without an envelope is then a
    /// legacy one.
    fn stated_era(&self) -> Era {
        match headers::one(self.headers, headers::PROTOCOL_VERSION) {
            Ok(Some(stated)) if names_modern(stated) => Era::Modern,
            _ => Era::Legacy,
        }
    }
}
