//! `resources/read` (2026-07-28, server/resources).

use serde_json::Value;

use super::{Failed, Served, Serving};
use crate::policy::Target;
use crate::refusal::Refusal;
use crate::server::Found;

impl Serving {
    pub(super) async fn read_resource(&self) -> Result<Served, Failed> {
        let uri = self.text("uri")?;
        let absent = || not_found(uri);
        let found = self.resource(uri);
        let variables = found.as_ref().map_or(Value::Null, Found::arguments);
        let target = found.as_ref().map(Found::target);
        let _permits = self.permit(target, Some(&variables), absent()).await?;
        let members = found
            .ok_or_else(absent)?
            .read(self.cx.clone(), uri)
            .await
            .map_err(|error| Failed::request(error, Some(uri)))?;
        Ok(members.into())
    }

    /// The resource at `uri`. One that the caller may not know of does not stand in the way of another.
    pub(super) fn resource(&self, uri: &str) -> Option<Found<'_>> {
        let server = &self.instance.server;
        server
            .resource(uri, |name| self.sees(Target::resource(name)))
            .or_else(|| server.resource(uri, |_| true))
    }
}

pub(super) fn not_found(uri: &str) -> Refusal {
    Refusal::ResourceNotFound {
        uri: uri.to_owned(),
    }
}
