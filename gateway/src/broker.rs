//! The tools that find, describe and call the operations of an upstream.

use std::cell::OnceCell;
use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use mcp_edge::context::Context;
use mcp_edge::revision::Revision;
use mcp_edge::server::{
    ArgumentError, InnerCall, ToolBody, ToolError, ToolResult, ToolRole, ToolSummary,
};
use mcp_edge_catalog::codec::SearchIndex;
use mcp_edge_catalog::{Broker, MAX_DESCRIBED};
use mcp_edge_schema::Schema;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::operations::{Operations, raw};

/// One of the three tools of an upstream.
pub(crate) struct BrokerTool {
    broker: Broker,
    name: String,
    shared: Rc<Operations>,
    /// What arguments are checked against, once a call has needed it.
    input: OnceCell<Result<Schema, String>>,
}

impl BrokerTool {
    pub(crate) fn new(broker: Broker, shared: Rc<Operations>) -> Self {
        Self {
            name: broker.name(shared.upstream.settings().name),
            broker,
            shared,
            input: OnceCell::new(),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn summary(&self) -> ToolSummary<'_> {
        let read_only = self.broker != Broker::Call;
        ToolSummary {
            name: &self.name,
            role: ToolRole::Broker,
            read_only,
            destructive: !read_only,
            scopes: &[],
            mirrored: &[],
            upstream: Some(self.upstream()),
            tenants: self.shared.upstream.tenants(),
        }
    }

    pub(crate) fn digest(&self) -> [u8; 32] {
        self.broker.digest(self.upstream())
    }

    /// The operation that a call with these arguments is for.
    pub(crate) fn inner(&self, arguments: &Value) -> Option<InnerCall> {
        if self.broker != Broker::Call {
            return None;
        }
        let members = arguments.as_object()?;
        // The schema of the broker refuses the call, and names the member.
        if members
            .keys()
            .any(|name| name != "name" && name != "arguments")
        {
            return None;
        }
        let name = arguments.get("name")?.as_str()?.to_owned();
        let inner = match arguments.get("arguments") {
            None => Value::Object(Map::new()),
            Some(Value::Object(inner)) => Value::Object(inner.clone()),
            Some(_) => return None,
        };
        Some(InnerCall {
            name,
            arguments: inner,
        })
    }

    fn upstream(&self) -> &'static str {
        self.shared.upstream.settings().name
    }
}

impl ToolBody for BrokerTool {
    fn definition(&self, _: Revision) -> Result<Rc<RawValue>, String> {
        raw(&self.broker.definition(self.upstream()))
    }

    fn check(&self, arguments: &Value) -> Result<(), ArgumentError> {
        let input = self.input.get_or_init(|| {
            let definition = self.broker.definition(self.upstream());
            let schema = definition.get("inputSchema").unwrap_or(&Value::Null);
            Schema::compile(schema).map_err(|error| error.to_string())
        });
        let input = input
            .as_ref()
            .map_err(|why| ArgumentError::Schema(why.clone()))?;
        Ok(input.validate(arguments)?)
    }

    fn call(
        &self,
        cx: Context,
        arguments: Value,
    ) -> LocalBoxFuture<'static, Result<ToolResult, ToolError>> {
        let (broker, shared) = (self.broker, Rc::clone(&self.shared));
        Box::pin(async move {
            match broker {
                Broker::Search => search(&shared, &cx, &arguments).await,
                Broker::Describe => describe(&shared, &cx, &arguments).await,
                // A call whose arguments fit is that of the operation.
                Broker::Call => Err(ToolError::new(
                    "`name` must be the name of a tool, and `arguments` an object.",
                )),
            }
        })
    }
}

async fn search(
    shared: &Rc<Operations>,
    cx: &Context,
    arguments: &Value,
) -> Result<ToolResult, ToolError> {
    let query = arguments.get("query").and_then(Value::as_str);
    let limit = Broker::limit(arguments);
    let tag = arguments.get("tag").and_then(Value::as_str);
    let index = shared.catalog.index();
    let bytes = shared
        .catalog
        .search_index()
        .await
        .map_err(ToolError::internal)?;
    let search = SearchIndex::decode(index, &bytes).map_err(ToolError::internal)?;
    let upstream = shared.upstream.settings().name;
    let is_visible = |place: usize| {
        index.summaries().get(place).is_some_and(|summary| {
            summary.upstream() == upstream && cx.shows(&shared.summary(summary))
        })
    };
    let hits = search
        .search(query.unwrap_or_default(), limit, tag, is_visible)
        .map_err(ToolError::internal)?;
    let mut found = Vec::new();
    for hit in &hits {
        let loaded = shared.catalog.operation(hit.place).await;
        found.push(loaded.map_err(ToolError::internal)?);
    }
    let lines = Broker::found(found.iter().map(|loaded| &loaded.operation));
    Ok(ToolResult::text(lines))
}

async fn describe(
    shared: &Rc<Operations>,
    cx: &Context,
    arguments: &Value,
) -> Result<ToolResult, ToolError> {
    let names = arguments.get("names").and_then(Value::as_array);
    let names = names.into_iter().flatten().filter_map(Value::as_str);
    let mut described = Vec::new();
    for name in names.take(MAX_DESCRIBED) {
        let found = shared
            .find(name)
            .and_then(|position| shared.at(position))
            // What the caller may not call is not there.
            .filter(|(_, summary)| cx.shows(&shared.summary(summary)));
        let loaded = match found {
            None => None,
            Some((place, _)) => {
                let loaded = shared.catalog.operation(place).await;
                Some(loaded.map_err(ToolError::internal)?)
            }
        };
        let operation = loaded.as_ref().map(|loaded| &loaded.operation);
        described.push(Broker::described(name, operation));
    }
    let text = serde_json::to_string(&described).map_err(ToolError::internal)?;
    Ok(ToolResult::text(text))
}
