//! The three kinds of JSON-RPC message.

use serde_json::{Map, Value};

use super::bounds::{MAX_ID, MAX_NAME, within};
use crate::jsonrpc::Id;
use crate::refusal::{Refusal, RefusedRequest};

/// A message, whatever it is about.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Message {
    Request {
        id: Id,
        method: String,
        params: Map<String, Value>,
    },
    Notification {
        method: String,
        params: Map<String, Value>,
    },
    Response,
}

impl Message {
    pub(crate) fn id(&self) -> Option<&Id> {
        match self {
            Self::Request { id, .. } => Some(id),
            Self::Notification { .. } | Self::Response => None,
        }
    }

    pub(crate) fn method(&self) -> Option<&str> {
        match self {
            Self::Request { method, .. } | Self::Notification { method, .. } => Some(method),
            Self::Response => None,
        }
    }

    pub(crate) fn read(mut members: Map<String, Value>) -> Result<Self, RefusedRequest> {
        let id = members.get("id").map(Id::from_value);
        let answering = |id: Option<&Id>, why: &str| RefusedRequest {
            refusal: Refusal::InvalidRequest {
                why: why.to_owned(),
            },
            id: id.cloned(),
            era: None,
        };
        if let Some(Some(Id::Text(text))) = &id {
            within("id", text, MAX_ID).map_err(|why| answering(None, &why))?;
        }
        let refuse = |why: &str| answering(id.as_ref().and_then(Option::as_ref), why);
        if members.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
            return Err(refuse("`jsonrpc` must be \"2.0\""));
        }
        if id == Some(None) {
            return Err(refuse("`id` must be a string or an integer"));
        }
        let params = match members.remove("params") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(params)) => params,
            Some(_) => return Err(refuse("`params` must be an object")),
        };
        let method = match members.remove("method") {
            Some(Value::String(method)) => {
                within("method", &method, MAX_NAME).map_err(|why| refuse(&why))?;
                Some(method)
            }
            Some(_) => return Err(refuse("`method` must be a string")),
            None => None,
        };
        match (method, id.clone().flatten()) {
            (Some(method), Some(id)) => Ok(Self::Request { id, method, params }),
            (Some(method), None) => Ok(Self::Notification { method, params }),
            (None, _) if members.contains_key("result") || members.contains_key("error") => {
                Ok(Self::Response)
            }
            (None, _) => Err(refuse("it has no `method`")),
        }
    }
}
