//! Requests of 2026-07-28: everything needed to serve them is in them.

use std::rc::Rc;

use serde_json::{Map, Value};

use super::{Call, Method, Reader, headers, meta};
use crate::client::Client;
use crate::jsonrpc::Id;
use crate::refusal::Refusal;
use crate::revision::{Era, Revision};
use crate::trace::TraceParent;

impl Reader<'_> {
    /// Checks a request in the order that clients of both eras can tell the answers apart by.
    pub(super) fn modern(
        &self,
        id: Id,
        name: &str,
        params: Map<String, Value>,
    ) -> Result<Call, Refusal> {
        let meta = params.get("_meta").and_then(Value::as_object);
        let envelope = meta::Envelope::read(meta)?;

        let stated = headers::one(self.headers, headers::PROTOCOL_VERSION)?;
        if stated.is_some() {
            headers::repeats(self.headers, headers::PROTOCOL_VERSION, &envelope.version)?;
        }
        let revision = Revision::parse(&envelope.version)
            .filter(|revision| revision.era() == Era::Modern)
            .ok_or_else(|| Refusal::UnsupportedProtocolVersion {
                requested: envelope.version.clone(),
            })?;
        headers::repeats(self.headers, headers::PROTOCOL_VERSION, &envelope.version)?;
        headers::repeats(self.headers, headers::METHOD, name)?;
        let method = Method::parse(name, Era::Modern);
        if let Some(subject) = method
            .and_then(Method::subject)
            .and_then(|subject| params.get(subject))
            .and_then(Value::as_str)
        {
            headers::repeats_text(self.headers, headers::NAME, subject)?;
            if method == Some(Method::CallTool)
                && let Some(mirrored) = (self.mirrored)(subject)
            {
                let none = Map::new();
                let arguments = params.get("arguments").and_then(Value::as_object);
                headers::repeats_arguments(self.headers, mirrored, arguments.unwrap_or(&none))?;
            }
        }
        let method = method.ok_or(Refusal::MethodNotFound)?;

        Ok(Call {
            id,
            method,
            progress_token: meta::progress_token(meta)?,
            log_level: meta::log_level(meta)?,
            trace: TraceParent::find(meta, self.headers),
            client: Rc::new(Client::new(
                revision,
                envelope.capabilities,
                envelope.client,
            )),
            session: None,
            params,
        })
    }
}
