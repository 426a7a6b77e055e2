//! The four lists, page by page (2026-07-28, server/utilities/pagination).

use serde_json::{Map, Value};

use super::{CallError, CallHandler, CallOutput};
use crate::discovery::manifest::MANIFEST;
use crate::jsonrpc::member;
use crate::protocol::Method;
use crate::protocol::answer::ResponsePayload;
use crate::refusal::Refusal;
use crate::server::{ListPage, PolicySubject, Registry, ToolPage, ToolSet};
use crate::token::Cursor;

impl CallHandler {
    pub(super) async fn list(&self) -> Result<CallOutput, CallError> {
        let server = &self.instance.server;
        match self.call.method {
            Method::ListResources => self.page("resources", &server.resources),
            Method::ListTemplates => self.page("resourceTemplates", &server.templates),
            Method::ListPrompts => self.page("prompts", &server.prompts),
            _ => self.page_of_tools(&server.tools).await,
        }
    }

    async fn page_of_tools(&self, tools: &ToolSet) -> Result<CallOutput, CallError> {
        let after = self.cursor()?;
        let length = self.instance.settings.limits.page_size;
        let ToolPage { tools, last } = tools
            .page(after.as_deref(), length, |target| self.sees(target))
            .ok_or(Refusal::InvalidCursor)?;
        let revision = self.call.client.revision();
        let mut items = Vec::with_capacity(tools.len());
        for tool in tools {
            let tool = tool.open(&self.cx).await;
            let tool = tool.map_err(|error| CallError::internal(error.detail()))?;
            items.push(tool.definition(revision).map_err(CallError::internal)?);
        }
        self.payload("tools", ListPage { items, last })
    }

    fn page<T: PolicySubject>(
        &self,
        key: &'static str,
        list: &Registry<T>,
    ) -> Result<CallOutput, CallError> {
        let after = self.cursor()?;
        let length = self.instance.settings.limits.page_size;
        let page = list
            .page(
                after.as_deref(),
                length,
                self.call.client.revision(),
                |entry| self.sees(entry.item.target(&entry.name)),
            )
            .ok_or(Refusal::InvalidCursor)?;
        self.payload(key, page)
    }

    fn payload(&self, key: &'static str, page: ListPage) -> Result<CallOutput, CallError> {
        let ListPage { items, last } = page;
        let next = last.map(|last| self.next_cursor(last)).transpose()?;
        let manifest = self.instance.manifest(self.cx.caller());
        let digest = Value::from(manifest.digest.as_str());
        Ok(ResponsePayload::Page {
            key,
            items,
            next,
            meta: Map::from_iter([(MANIFEST.to_owned(), digest)]),
        }
        .into())
    }

    /// The name that the page begins after.
    fn cursor(&self) -> Result<Option<String>, CallError> {
        let token = match member(&self.call.params, "cursor") {
            None => return Ok(None),
            Some(Value::String(token)) => token,
            Some(_) => return Err(Refusal::InvalidCursor.into()),
        };
        let opened = self
            .instance
            .codec
            .open::<Cursor>(token, &self.cx.caller().binding(), self.cx.now())
            .map_err(|error| CallError::token(Refusal::InvalidCursor, error))?;
        if opened.content.list != self.call.method.as_str() {
            return Err(Refusal::InvalidCursor.into());
        }
        Ok(Some(opened.content.after))
    }

    fn next_cursor(&self, after: String) -> Result<String, CallError> {
        let cursor = Cursor {
            list: self.call.method.as_str().to_owned(),
            after,
        };
        self.instance
            .mint(
                &cursor,
                &self.cx.caller().binding(),
                self.instance.settings.tokens.cursor_ttl,
                self.cx.exchange().host.as_ref(),
            )
            .map_err(CallError::internal)
    }
}
