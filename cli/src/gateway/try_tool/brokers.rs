//! The tool that a call names: an operation, or one of the three that find, describe and call the operations of an upstream.

use mcp_edge_catalog::codec::{Index, SearchIndex, encode};
use mcp_edge_catalog::{Broker, Catalog, MAX_DESCRIBED, Operation};
use mcp_edge_config::nearest;
use mcp_edge_runtime::config::{Exposure, Upstream};
use mcp_edge_schema::Schema;
use serde_json::{Map, Value as Json};

use super::Called;
use crate::output::Failure;
use crate::style::shown;

/// What a call is of.
pub(super) enum Asked<'a> {
    /// An operation, with arguments.
    Operation(&'a Operation, Map<String, Json>),
    /// A tool that sends no request, and its result.
    Result {
        upstream: &'static str,
        called: Called,
    },
}

/// Finds the tool `name`, and what a call with the arguments `given` is of.
pub(super) fn asked<'a>(
    catalog: &'a Catalog,
    upstreams: &'static [Upstream],
    name: &str,
    given: Map<String, Json>,
) -> Result<Asked<'a>, Failure> {
    let searched = upstreams
        .iter()
        .filter(|upstream| upstream.expose == Exposure::Search);
    let brokers: Vec<(&'static str, Broker, String)> = searched
        .flat_map(|upstream| {
            Broker::ALL.map(|broker| (upstream.name, broker, broker.name(upstream.name)))
        })
        .collect();
    if let Some((upstream, broker, _)) = brokers.iter().find(|(_, _, known)| known == name) {
        return by_broker(catalog, upstream, *broker, given);
    }
    if let Some(operation) = catalog.operations.iter().find(|it| it.name == name) {
        return Ok(Asked::Operation(operation, given));
    }
    let operations = catalog.operations.iter().map(|it| it.name.as_str());
    let brokers = brokers.iter().map(|(_, _, name)| name.as_str());
    let hint = match nearest(name, operations.chain(brokers)) {
        Some(meant) => format!("did you mean {meant}?"),
        None => "`mcp-edge check` lists the tools".to_owned(),
    };
    Err(Failure::usage(format!(
        "there is no tool `{}`; {hint}",
        shown(name)
    )))
}

fn by_broker<'a>(
    catalog: &'a Catalog,
    upstream: &'static str,
    broker: Broker,
    given: Map<String, Json>,
) -> Result<Asked<'a>, Failure> {
    let result = |called: Called| Ok(Asked::Result { upstream, called });
    let definition = broker.definition(upstream);
    let schema = definition.get("inputSchema").unwrap_or(&Json::Null);
    let schema = Schema::compile(schema).map_err(Failure::check)?;
    let given = Json::Object(given);
    if let Err(violations) = schema.validate(&given) {
        return result(Called::Rejected(format!("Invalid arguments: {violations}")));
    }
    let text = |member: &str| given.get(member).and_then(Json::as_str);
    let operation = |name: &str| {
        let mut operations = catalog.operations.iter();
        operations.find(|operation| operation.upstream == upstream && operation.name == name)
    };
    match broker {
        Broker::Call => {
            let name = text("name").unwrap_or_default();
            let arguments = given.get("arguments").and_then(Json::as_object);
            match operation(name) {
                Some(operation) => {
                    let arguments = arguments.cloned().unwrap_or_default();
                    Ok(Asked::Operation(operation, arguments))
                }
                None => result(Called::Rejected(format!(
                    "There is no tool `{}`.",
                    shown(name)
                ))),
            }
        }
        Broker::Describe => {
            let names = given.get("names").and_then(Json::as_array);
            let names = names.into_iter().flatten().filter_map(Json::as_str);
            let described = names
                .take(MAX_DESCRIBED)
                .map(|name| Broker::described(name, operation(name)));
            let described: Json = described.collect();
            result(Called::Found(described.to_string()))
        }
        Broker::Search => {
            let query = text("query").unwrap_or_default();
            let found = search(catalog, upstream, query, Broker::limit(&given), text("tag"))?;
            result(Called::Found(Broker::found(found)))
        }
    }
}

/// Searches as the gateway does for a caller who may call every tool.
fn search<'a>(
    catalog: &'a Catalog,
    upstream: &str,
    query: &str,
    limit: usize,
    tag: Option<&str>,
) -> Result<Vec<&'a Operation>, Failure> {
    let bytes = encode(catalog).map_err(Failure::check)?;
    let index = Index::of_catalog(&bytes).map_err(Failure::check)?;
    let range = index.header().search_range();
    let section = usize::try_from(range.start)
        .ok()
        .zip(usize::try_from(range.end).ok())
        .and_then(|(start, end)| bytes.get(start..end))
        .unwrap_or_default();
    let search = SearchIndex::decode(&index, section).map_err(Failure::check)?;
    let is_own = |place: usize| {
        let operation = catalog.operations.get(place);
        operation.is_some_and(|operation| operation.upstream == upstream)
    };
    let hits = search
        .search(query, limit, tag, is_own)
        .map_err(Failure::check)?;
    let found = hits
        .iter()
        .filter_map(|hit| catalog.operations.get(hit.place));
    Ok(found.collect())
}
