//! The operations of one upstream, by position and by name.

use std::collections::BTreeMap;
use std::rc::Rc;

use mcp_edge::config::Exposure;
use mcp_edge::server::{ToolRole, ToolSummary};
use mcp_edge_catalog::codec::Summary;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use crate::catalog::CatalogFile;
use crate::tenants::TenantUpstreams;

/// What calls need, for as long as the instance lives.
pub(crate) struct Operations {
    pub(crate) upstream: TenantUpstreams,
    pub(crate) catalog: Rc<CatalogFile>,
    /// The places of the upstream's operations in the catalog.
    pub(crate) places: Vec<usize>,
    /// The position in `places`, by name.
    by_name: BTreeMap<Box<str>, usize>,
}

impl Operations {
    pub(crate) fn new(upstream: TenantUpstreams, catalog: Rc<CatalogFile>) -> Self {
        let settings = upstream.settings();
        let own = catalog.index().summaries().iter().enumerate();
        let own = own.filter(|(_, summary)| summary.upstream() == settings.name);
        let mut places = Vec::new();
        let mut by_name = BTreeMap::new();
        for (place, summary) in own {
            by_name.insert(summary.name().into(), places.len());
            places.push(place);
        }
        Self {
            upstream,
            catalog,
            places,
            by_name,
        }
    }

    /// The place in the catalog of the operation at this position, and what the index has of it.
    pub(crate) fn at(&self, position: usize) -> Option<(usize, &Summary)> {
        let place = *self.places.get(position)?;
        Some((place, self.catalog.index().summaries().get(place)?))
    }

    /// The position of the operation `name`.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// What the policy sees of an operation.
    pub(crate) fn summary<'a>(&'a self, summary: &'a Summary) -> ToolSummary<'a> {
        let hints = summary.annotations();
        let read_only = hints.read_only == Some(true);
        ToolSummary {
            name: summary.name(),
            role: match self.upstream.settings().expose {
                Exposure::List => ToolRole::Tool,
                Exposure::Search => ToolRole::Operation,
            },
            read_only,
            destructive: !read_only && hints.destructive != Some(false),
            scopes: summary.scopes(),
            mirrored: summary.mirrored(),
            upstream: Some(self.upstream.settings().name),
            tenants: self.upstream.tenants(),
        }
    }
}

/// A definition as lists send it.
pub(crate) fn raw(definition: &Value) -> Result<Rc<RawValue>, String> {
    to_raw_value(definition)
        .map(Rc::from)
        .map_err(|error| error.to_string())
}
