//! `resources/read` (2026-07-28, server/resources).

use serde_json::Value;

use super::{CallError, CallHandler, CallOutput};
use crate::policy::Arguments;
use crate::protocol::bounds::MAX_URI;
use crate::refusal::Refusal;
use crate::server::Readable;

impl CallHandler {
    pub(super) async fn read_resource(&self) -> Result<CallOutput, CallError> {
        let uri = self.text("uri", MAX_URI)?;
        let absent = || not_found(uri);
        let found = self.subject.resource();
        let variables = found.map_or(Value::Null, Readable::arguments);
        let target = found.map(Readable::target);
        let _permits = self
            .permit(target, Arguments::Given(&variables), absent())
            .await?;
        let members = found
            .ok_or_else(absent)?
            .read(self.cx.clone(), uri)
            .await
            .map_err(|error| self.failed_request(error, Some(uri)))?;
        Ok(members.into())
    }
}

pub(super) fn not_found(uri: &str) -> Refusal {
    Refusal::ResourceNotFound {
        uri: uri.to_owned(),
    }
}
