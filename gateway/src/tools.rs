//! The operations of an upstream, as tools of a server.

use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use mcp_edge::config::Exposure;
use mcp_edge::context::Context;
use mcp_edge::revision::Revision;
use mcp_edge::server::{
    ArgumentError, DIGEST_BYTES, InnerCall, ToolBody, ToolError, ToolResult, ToolSource,
    ToolSummary,
};
use mcp_edge_catalog::codec::Summary;
use mcp_edge_catalog::{Broker, Definition, Destinations};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::authority::PublishedKey;
use crate::broker::BrokerTool;
use crate::catalog::{CatalogFile, Loaded};
use crate::operations::{Operations, raw};
use crate::tenants::TenantUpstreams;

/// The tools of one upstream.
pub(crate) struct UpstreamTools {
    label: String,
    shared: Rc<Operations>,
    destinations: Rc<Destinations>,
    /// Before the operations, where these are found by search.
    brokers: Vec<Rc<BrokerTool>>,
}

impl UpstreamTools {
    pub(crate) fn new(
        upstream: TenantUpstreams,
        catalog: Rc<CatalogFile>,
        destinations: Rc<Destinations>,
    ) -> Self {
        let settings = upstream.settings();
        let shared = Rc::new(Operations::new(upstream, catalog));
        let brokers = match settings.expose {
            Exposure::List => Vec::new(),
            Exposure::Search => Broker::ALL
                .iter()
                .map(|broker| Rc::new(BrokerTool::new(*broker, Rc::clone(&shared))))
                .collect(),
        };
        Self {
            label: format!("the upstream `{}`", settings.name),
            shared,
            destinations,
            brokers,
        }
    }

    /// The public keys of what the gateway signs for the upstream.
    pub(crate) fn published(&self) -> impl Iterator<Item = &PublishedKey> {
        self.shared.upstream.published()
    }

    /// The operation at a place of the source.
    fn operation(&self, place: usize) -> Option<(usize, &Summary)> {
        let position = place.checked_sub(self.brokers.len())?;
        self.shared.at(position)
    }
}

impl ToolSource for UpstreamTools {
    fn label(&self) -> &str {
        &self.label
    }

    fn count(&self) -> usize {
        self.brokers.len().saturating_add(self.shared.places.len())
    }

    fn find(&self, name: &str) -> Option<usize> {
        let mut brokers = self.brokers.iter();
        let broker = brokers.position(|broker| broker.name() == name);
        broker.or_else(|| self.shared.find(name)?.checked_add(self.brokers.len()))
    }

    fn summary(&self, place: usize) -> Option<ToolSummary<'_>> {
        match self.brokers.get(place) {
            Some(broker) => Some(broker.summary()),
            None => self
                .operation(place)
                .map(|(_, summary)| self.shared.summary(summary)),
        }
    }

    fn digest(&self, place: usize) -> Option<[u8; DIGEST_BYTES]> {
        match self.brokers.get(place) {
            Some(broker) => Some(broker.digest()),
            None => self.operation(place).map(|(_, summary)| summary.digest()),
        }
    }

    fn behaviour(&self, place: usize) -> Option<[u8; DIGEST_BYTES]> {
        let (_, summary) = self.operation(place)?;
        Some(summary.behaviour(&self.destinations))
    }

    fn open(
        &self,
        place: usize,
        _: &Context,
    ) -> LocalBoxFuture<'static, Result<Rc<dyn ToolBody>, ToolError>> {
        if let Some(broker) = self.brokers.get(place) {
            let body: Rc<dyn ToolBody> = Rc::<BrokerTool>::clone(broker);
            return Box::pin(std::future::ready(Ok(body)));
        }
        let found = self.operation(place).map(|(place, _)| place);
        let shared = Rc::clone(&self.shared);
        Box::pin(async move {
            let place =
                found.ok_or_else(|| ToolError::internal("there is no tool at this place"))?;
            let loaded = shared
                .catalog
                .operation(place)
                .await
                .map_err(ToolError::internal)?;
            let body: Rc<dyn ToolBody> = Rc::new(OperationBody { loaded, shared });
            Ok(body)
        })
    }

    fn inner(&self, place: usize, arguments: &Value) -> Option<InnerCall> {
        self.brokers.get(place)?.inner(arguments)
    }
}

/// An operation that was read.
struct OperationBody {
    loaded: Rc<Loaded>,
    shared: Rc<Operations>,
}

impl ToolBody for OperationBody {
    fn definition(&self, revision: Revision) -> Result<Rc<RawValue>, String> {
        let definition = Definition::of(&self.loaded.operation);
        let definition = if revision.has_any_structured_content() {
            definition.modern()
        } else if revision.has_structured_content() {
            definition.legacy()
        } else {
            definition.first()
        };
        raw(&definition)
    }

    fn check(&self, arguments: &Value) -> Result<(), ArgumentError> {
        Ok(self.loaded.input.validate(arguments)?)
    }

    fn call(
        &self,
        cx: Context,
        arguments: Value,
    ) -> LocalBoxFuture<'static, Result<ToolResult, ToolError>> {
        let (loaded, shared) = (Rc::clone(&self.loaded), Rc::clone(&self.shared));
        Box::pin(async move {
            let arguments = match arguments {
                Value::Object(arguments) => arguments,
                _ => Map::new(),
            };
            let upstream = shared.upstream.of(cx.caller()).ok_or_else(|| {
                ToolError::internal("the tool does not exist for the caller's tenant")
            })?;
            upstream.call(&cx, &loaded.operation, &arguments).await
        })
    }
}
