//! `resources/read` (2026-07-28, server/resources).

use super::{Failed, Served, Serving};
use crate::refusal::Refusal;

impl Serving {
    pub(super) async fn read_resource(&self) -> Result<Served, Failed> {
        let uri = self.text("uri")?;
        let found =
            self.instance
                .server
                .resource(uri)
                .ok_or_else(|| Refusal::ResourceNotFound {
                    uri: uri.to_owned(),
                })?;
        let members = found
            .read(self.cx.clone(), uri)
            .await
            .map_err(|error| Failed::request(error, Some(uri)))?;
        Ok(members.into())
    }
}
