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
}

/// The message of a result. Its `_meta` is at the end, so that a receipt, which is about an event with the size of the rest, is
/// added without writing the rest again.
pub(crate) struct ResultMessage {
    bytes: Vec<u8>,
    has_meta: bool,
}

impl ResultMessage {
    /// How long it is.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Adds what the caller can prove its event with.
    pub(crate) fn add_receipt(&mut self, receipt: &Receipt) {
        let Ok(receipt) = serde_json::to_string(receipt) else {
            return;
        };
        // The objects that end with the message: `_meta`, `result` and the message itself.
        let open = if self.has_meta { 3 } else { 2 };
        self.bytes.truncate(self.bytes.len().saturating_sub(open));
        if self.bytes.last() != Some(&b'{') {
            self.bytes.push(b',');
        }
        let opening = if self.has_meta { "" } else { "\"_meta\":{" };
        let member = format!("{opening}\"{RECEIPT}\":{receipt}}}}}}}");
        self.bytes.extend_from_slice(member.as_bytes());
    }

    pub(crate) fn into_bytes(self) -> Bytes {
        self.bytes.into()
    }
}

impl<'a> EncodedResult<'a> {
    /// The message; or the refusal that takes its place where a result cannot be written, as a map whose keys are not strings
    /// could not: the caller must hear something.
    pub(crate) fn message(&self) -> Result<ResultMessage, Bytes> {
        match serde_json::to_vec(self) {
            Ok(bytes) => Ok(ResultMessage {
                bytes,
                has_meta: self.meta().is_some(),
            }),
            Err(_) => Err(Refusal::InternalError.message(self.id, self.revision.era())),
        }
    }

    /// What is in the result's `_meta`, if it has one.
    fn meta(&self) -> Option<Meta<'a>> {
        let own = match self.payload {
            ResponsePayload::Members(members) | ResponsePayload::InputRequired(members) => {
                members.get("_meta").and_then(Value::as_object)
            }
            ResponsePayload::Page { meta, .. } => Some(meta),
        };
        let server = (self.revision.era() == Era::Modern).then_some(self.server);
        (own.is_some() || server.is_some()).then_some(Meta { own, server })
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
        match answer.payload {
            ResponsePayload::Members(members) | ResponsePayload::InputRequired(members) => {
                for (name, value) in members.iter().filter(|(name, _)| *name != "_meta") {
                    result.serialize_entry(name, value)?;
                }
            }
            ResponsePayload::Page {
                key, items, next, ..
            } => {
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
        if let Some(meta) = answer.meta() {
            result.serialize_entry("_meta", &meta)?;
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

struct Meta<'a> {
    own: Option<&'a Map<String, Value>>,
    server: Option<&'a RawValue>,
}

impl Serialize for Meta<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut meta = serializer.serialize_map(None)?;
        // A handler does not speak for the server.
        let own = self.own.into_iter().flatten();
        for (name, value) in
            own.filter(|(name, _)| ![SERVER_INFO, RECEIPT].contains(&name.as_str()))
        {
            meta.serialize_entry(name, value)?;
        }
        if let Some(server) = self.server {
            meta.serialize_entry(SERVER_INFO, server)?;
        }
        meta.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn receipt() -> Receipt {
        Receipt {
            chain: "c".to_owned(),
            event: "e".to_owned(),
            sequence: 7,
            hash: "h".to_owned(),
            time: "t".to_owned(),
            key: "k".to_owned(),
            signature: "s".to_owned(),
        }
    }

    #[test]
    fn a_receipt_is_one_more_member_of_meta() {
        let server = RawValue::from_string(r#"{"name":"a","version":"1"}"#.to_owned()).unwrap();
        for payload in [
            json!({}),
            json!({ "last": {} }),
            json!({ "content": [], "_meta": {} }),
            json!({ "last": {}, "_meta": { "of/handler": {}, "mcp-edge/receipt": "forged" } }),
            json!({ "last": {}, "_meta": { "mcp-edge/receipt": "forged" } }),
        ] {
            let Value::Object(members) = payload else {
                panic!("an object");
            };
            let payload = ResponsePayload::Members(members);
            for revision in Revision::ALL {
                let result = EncodedResult {
                    id: &Id::Text("1".to_owned()),
                    payload: &payload,
                    revision,
                    ttl_ms: None,
                    is_public: true,
                    server: &server,
                };
                let mut message = result.message().unwrap_or_else(|_| panic!("a message"));
                let mut expected: Value = serde_json::from_slice(&message.bytes).unwrap();
                assert_eq!(expected["result"]["_meta"].get(RECEIPT), None);
                message.add_receipt(&receipt());
                expected["result"]["_meta"][RECEIPT] = serde_json::to_value(receipt()).unwrap();
                let bytes = message.into_bytes();
                assert_eq!(serde_json::from_slice::<Value>(&bytes).unwrap(), expected);
            }
        }
    }
}
