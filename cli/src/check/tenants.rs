//! Which tenants see which upstreams.

use mcp_edge_runtime::config::{Settings, Upstream};
use serde_json::{Map, Value as Json, json};

use super::manifest::Manifest;
use crate::catalog::compile::Compiled;
use crate::style::shown;

/// The upstreams that differ between tenants.
fn divided(settings: &Settings) -> impl Iterator<Item = &Upstream> {
    let upstreams = settings.upstreams.iter();
    upstreams.filter(|upstream| !upstream.tenants.is_empty())
}

fn names(upstream: &Upstream) -> Vec<&'static str> {
    let tenants = upstream.tenants.iter();
    tenants.filter_map(|tenant| tenant.tenant).collect()
}

/// A line for each upstream that differs between tenants. Empty where none does.
pub(crate) fn text(settings: &Settings) -> String {
    let lines = divided(settings).map(|upstream| {
        let names: Vec<_> = names(upstream).into_iter().map(shown).collect();
        let others = match upstream.other_tenants {
            true => "; all other callers, with the settings of the upstream",
            false => "; no other caller",
        };
        format!("{}: {}{others}\n", upstream.name, names.join(", "))
    });
    lines.collect()
}

/// The same by the name of the upstream.
pub(crate) fn json(settings: &Settings) -> Json {
    let all = divided(settings).map(|upstream| {
        let described = json!({ "tenants": names(upstream), "others": upstream.other_tenants });
        (upstream.name.to_owned(), described)
    });
    Json::Object(Map::from_iter(all))
}

/// Adds to the tools of `manifest` which tenants' callers they exist for.
pub(super) fn add_to(manifest: &mut Manifest, compiled: &Compiled, settings: &Settings) {
    for operation in &compiled.catalog.operations {
        let found = divided(settings).find(|upstream| upstream.name == operation.upstream);
        let Some(upstream) = found else { continue };
        let mut tools = manifest.tools.iter_mut();
        if let Some(tool) = tools.find(|tool| tool.name == operation.name) {
            tool.tenants = Some((names(upstream), upstream.other_tenants));
        }
    }
}
