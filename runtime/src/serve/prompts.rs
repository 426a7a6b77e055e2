//! `prompts/get` (2026-07-28, server/prompts).

use super::{Failed, Served, Serving};
use crate::refusal::Refusal;

impl Serving {
    pub(super) async fn get_prompt(&self) -> Result<Served, Failed> {
        let name = self.text("name")?;
        let prompt =
            self.instance
                .server
                .prompts
                .get(name)
                .ok_or_else(|| Refusal::InvalidParams {
                    why: "there is no prompt of that name; see prompts/list".to_owned(),
                })?;
        let arguments = self.arguments()?;
        prompt
            .check(&arguments)
            .map_err(|why| Refusal::InvalidParams { why })?;
        let result = prompt
            .get(self.cx.clone(), arguments)
            .await
            .map_err(|error| Failed::request(error, None))?;
        Ok(result.members(self.call.client.revision()).into())
    }
}
