//! A result in the caller's revision (2026-07-28, basic; the older revisions lack what it added).

use std::rc::Rc;

use bytes::Bytes;
use mcp_edge_audit::evidence::{RECEIPT, Receipt};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::meta::SERVER_INFO;
use crate::jsonrpc::Id;
use crate::refusal::Refusal;
use crate::revision::{Era, Revision};

/// What a request gets, before it is said in a revision.
#[derive(Debug)]
pub(crate) enum ResponsePayload {
    /// The members of a result.
    Members(Map<String, Value>),
    /// One page of a list.
    Page {
        key: &'static str,
        items: Vec<Rc<RawValue>>,
        next: Option<String>,
        meta: Map<String, Value>,
    },
    /// Questions, and the state to bring back with the answers.
    InputRequired(Map<String, Value>),
}

/// A result on its way out.
pub(crate) struct EncodedResult<'a> {
    pub(crate) id: &'a Id,
    pub(crate) payload: &'a ResponsePayload,
    pub(crate) revision: Revision,
    /// How long the result may be kept, where its method says so.
    pub(crate) ttl_ms: Option<u64>,
    /// Whether it is the same for every caller.
    pub(crate) is_public: bool,
    pub(crate) server: &'a RawValue,
    /// What the caller can prove its event with.
    pub(crate) receipt: Option<&'a Receipt>,
}

impl EncodedResult<'_> {
    pub(crate) fn to_bytes(&self) -> Bytes {
        serde_json::to_vec(self).map_or_else(
            // A map whose keys are not strings cannot get here; if it did, the caller must still hear something.
            |_| Refusal::InternalError.message(self.id, self.revision.era()),
            Bytes::from,
        )
    }
}

impl Serialize for EncodedResult<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut message = serializer.serialize_map(Some(3))?;
        message.serialize_entry("jsonrpc", "2.0")?;
        message.serialize_entry("id", self.id)?;
        message.serialize_entry("result", &ResultMembers(self))?;
        message.end()
    }
}

struct ResultMembers<'a>(&'a EncodedResult<'a>);

impl Serialize for ResultMembers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let answer = self.0;
        let modern = answer.revision.era() == Era::Modern;
        let complete = !matches!(answer.payload, ResponsePayload::InputRequired(_));
        let mut result = serializer.serialize_map(None)?;
        if modern {
            let kind = if complete {
                "complete"
            } else {
                "input_required"
            };
            result.serialize_entry("resultType", kind)?;
        }
        let mut meta = None;
        match answer.payload {
            ResponsePayload::Members(members) | ResponsePayload::InputRequired(members) => {
                for (name, value) in members {
                    if name == "_meta" {
                        meta = value.as_object();
                    } else {
                        result.serialize_entry(name, value)?;
                    }
                }
            }
            ResponsePayload::Page {
                key,
                items,
                next,
                meta: own,
            } => {
                meta = Some(own);
                result.serialize_entry(key, &Items(items))?;
                if let Some(next) = next {
                    result.serialize_entry("nextCursor", next)?;
                }
            }
        }
        if let (true, true, Some(ttl)) = (modern, complete, answer.ttl_ms) {
            result.serialize_entry("ttlMs", &ttl)?;
            let scope = if answer.is_public {
                "public"
            } else {
                "private"
            };
            result.serialize_entry("cacheScope", scope)?;
        }
        if modern || meta.is_some() || answer.receipt.is_some() {
            let server = modern.then_some(answer.server);
            result.serialize_entry("_meta", &Meta(meta, server, answer.receipt))?;
        }
        result.end()
    }
}

struct Items<'a>(&'a [Rc<RawValue>]);

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut items = serializer.serialize_seq(Some(self.0.len()))?;
        for item in self.0 {
            items.serialize_element(item.as_ref())?;
        }
        items.end()
    }
}

struct Meta<'a>(
    Option<&'a Map<String, Value>>,
    Option<&'a RawValue>,
    Option<&'a Receipt>,
);

impl Serialize for Meta<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut meta = serializer.serialize_map(None)?;
        // A handler does not speak for the server.
        let own = self.0.into_iter().flatten();
        for (name, value) in
            own.filter(|(name, _)| ![SERVER_INFO, RECEIPT].contains(&name.as_str()))
        {
            meta.serialize_entry(name, value)?;
        }
        if let Some(server) = self.1 {
            meta.serialize_entry(SERVER_INFO, server)?;
        }
        if let Some(receipt) = self.2 {
            meta.serialize_entry(RECEIPT, receipt)?;
        }
        meta.end()
    }
}
