//! Requests of the `initialize` revisions, without a session store: what `initialize` settled comes back
//! with every request, signed, in `Mcp-Session-Id`.

use std::rc::Rc;

use serde_json::{Map, Value};

use super::bounds::{MAX_REVISION, within};
use super::log::LogLevel;
use super::message::Message;
use super::{Call, Inbound, Method, ReadError, Reader, headers, meta};
use crate::client::Client;
use crate::jsonrpc::Id;
use crate::jsonrpc::member;
use crate::refusal::{Refusal, RefusedRequest};
use crate::revision::{Era, Revision, names_modern};
use crate::token::{Binding, Session, TokenError};
use crate::trace::TraceParent;

/// What holds for all messages of one legacy HTTP request.
pub(super) struct Conversation {
    pub(super) client: Rc<Client>,
    session: Option<Rc<Session>>,
}

/// What a client hears that never said what it wants to hear.
const DEFAULT_LEVEL: LogLevel = LogLevel::Info;

impl Reader<'_> {
    /// The session, or, without one, what the header says: servers need not hand out sessions, so clients
    /// may come without.
    pub(super) fn conversation(&self) -> Result<Conversation, ReadError> {
        let stated = headers::one(self.headers, headers::PROTOCOL_VERSION)?
            .map(|stated| {
                let stated = within(headers::PROTOCOL_VERSION, stated, MAX_REVISION)
                    .map_err(|why| Refusal::HeaderMismatch { why })?;
                Revision::parse(stated)
                    .filter(|revision| revision.era() == Era::Legacy)
                    .ok_or_else(|| Refusal::UnsupportedProtocolVersion {
                        requested: stated.to_owned(),
                    })
            })
            .transpose()?;
        let Some(token) = headers::one(self.headers, headers::SESSION)? else {
            let revision = stated.unwrap_or(Revision::ASSUMED);
            return Ok(Conversation {
                client: Rc::new(Client::new(revision, Map::new(), None)),
                session: None,
            });
        };
        // Some hosts join two lines into one; no token has a comma.
        if token.contains(',') {
            return Err(headers::doubled(headers::SESSION).into());
        }
        let open = |binding| self.codec.open::<Session>(token, &binding, self.now);
        let opened = open(self.caller.binding())
            .or_else(|error| match error {
                // Begun before the user signed in. It belongs to no principal, and holds nothing of one;
                // a client that has signed in goes on with it.
                TokenError::WrongPrincipal => open(Binding::anonymous()),
                other => Err(other),
            })
            .map_err(|error| ReadError {
                token: Some(error),
                ..Refusal::SessionNotFound.into()
            })?;
        let session = opened.content;
        let revision = Revision::parse(&session.revision)
            .filter(|revision| revision.era() == Era::Legacy)
            .ok_or(Refusal::SessionNotFound)?;
        if stated.is_some_and(|stated| stated != revision) {
            return Err(Refusal::HeaderMismatch {
                why: format!("the session was negotiated at {revision}; send that in MCP-Protocol-Version, or initialize again"),
            }
            .into());
        }
        let capabilities = session.capabilities.as_object().cloned();
        Ok(Conversation {
            client: Rc::new(Client::new(
                revision,
                capabilities.unwrap_or_default(),
                None,
            )),
            session: Some(Rc::new(session)),
        })
    }

    pub(super) fn legacy(
        &self,
        id: Id,
        name: &str,
        params: Map<String, Value>,
    ) -> Result<Call, ReadError> {
        let conversation = if name == "initialize" {
            negotiated(&params)?
        } else {
            self.conversation()?
        };
        Ok(self.call(&conversation, id, name, params)?)
    }

    fn call(
        &self,
        conversation: &Conversation,
        id: Id,
        name: &str,
        params: Map<String, Value>,
    ) -> Result<Call, Refusal> {
        let method = Method::parse(name, Era::Legacy).ok_or(Refusal::MethodNotFound)?;
        let meta = params.get("_meta").and_then(Value::as_object);
        let chosen = conversation
            .session
            .as_ref()
            .and_then(|session| session.log_level.as_deref())
            .and_then(LogLevel::parse);
        Ok(Call {
            id,
            method,
            progress_token: meta::progress_token(meta)?,
            log_level: Some(chosen.unwrap_or(DEFAULT_LEVEL)),
            trace: TraceParent::find(meta, self.headers),
            client: Rc::clone(&conversation.client),
            session: conversation.session.clone(),
            params,
        })
    }

    /// A body with several messages, which only 2025-03-26 has.
    pub(super) fn batch(&self, messages: Vec<Value>) -> Result<Inbound, ReadError> {
        let refuse = |why: String| ReadError::from(Refusal::InvalidRequest { why });
        let no_batches = |revision: &str| {
            refuse(format!(
                "revision {revision} has no batches; send one message at a time"
            ))
        };
        if let Some(stated) = headers::one(self.headers, headers::PROTOCOL_VERSION)?
            && names_modern(stated)
        {
            return Err(no_batches(stated));
        }
        let conversation = self.conversation()?;
        let revision = conversation.client.revision();
        if !revision.has_batches() {
            return Err(no_batches(revision.as_str()));
        }
        let limit = self.max_batch;
        if messages.is_empty() || messages.len() > limit {
            return Err(refuse(format!("a batch holds 1 to {limit} messages")));
        }
        let mut first = None;
        let mut calls = Vec::new();
        for message in messages {
            let read = match message {
                Value::Object(members) => Message::read(members),
                _ => Err(RefusedRequest::from(Refusal::InvalidRequest {
                    why: "a message is a JSON object".to_owned(),
                })),
            };
            match read {
                Ok(Message::Request { id, method, params }) => {
                    let answered = id.clone();
                    let alone = |what: &str| {
                        Err(Refusal::InvalidRequest {
                            why: format!("{what} cannot be part of a batch; send it by itself"),
                        })
                    };
                    let read = if method == "initialize" {
                        alone("initialize")
                    } else if meta::is_enveloped(&params) {
                        alone("a request whose `_meta` names its revision")
                    } else {
                        self.call(&conversation, id, &method, params)
                    };
                    calls.push(read.map_err(|refusal| RefusedRequest {
                        refusal,
                        id: Some(answered),
                        era: Some(Era::Legacy),
                    }));
                }
                Ok(Message::Notification { method, .. }) => first = first.or(Some(method)),
                Ok(Message::Response) => {}
                Err(refused) => calls.push(Err(RefusedRequest {
                    era: Some(Era::Legacy),
                    ..refused
                })),
            }
        }
        if calls.is_empty() {
            return Ok(Inbound::Nothing {
                method: first,
                client: Some(conversation.client),
            });
        }
        Ok(Inbound::Batch(calls))
    }
}

/// What `initialize` settles (2025-11-25, basic/lifecycle).
fn negotiated(params: &Map<String, Value>) -> Result<Conversation, Refusal> {
    let invalid = |what: &str| Refusal::InvalidParams {
        why: format!("initialize needs `{what}`"),
    };
    let requested = params
        .get("protocolVersion")
        .and_then(Value::as_str)
        .ok_or_else(|| invalid("protocolVersion"))?;
    let capabilities = params
        .get("capabilities")
        .and_then(Value::as_object)
        .ok_or_else(|| invalid("capabilities"))?;
    let info = member(params, "clientInfo").ok_or_else(|| invalid("clientInfo"))?;
    let revision = Revision::parse(requested)
        .filter(|revision| revision.era() == Era::Legacy)
        .unwrap_or(Revision::NEWEST_LEGACY);
    Ok(Conversation {
        client: Rc::new(Client::new(
            revision,
            capabilities.clone(),
            Some(meta::name_of(info, "clientInfo")?),
        )),
        session: None,
    })
}
