//! The names of the OpenTelemetry conventions for MCP, and our own for what they lack.

use std::borrow::Cow;

use mcp_edge_audit::chain::ChainedEvent;
use mcp_edge_audit::event::{Event, Outcome};

use super::common::{AnyValue, KeyValue};
use crate::mapping::{self, AttributeMapping, mapped, row, row_of};

/// What tells requests apart in a metric: few values each.
pub(crate) const DIMENSIONS: &[AttributeMapping] = &[
    row("/method", "mcp.method.name"),
    row("/revision", "mcp.protocol.version"),
    row_of("tools/call", "/name", "gen_ai.tool.name"),
    row_of("prompts/get", "/name", "gen_ai.prompt.name"),
];

/// What a log and a trace have besides. The conventions have `rpc.response.status_code` for JSON-RPC's code, which an event
/// does not hold: its reason says more.
pub(crate) const DETAILS: &[AttributeMapping] = &[
    row_of("resources/read", "/name", "mcp.resource.uri"),
    row("/status", "http.response.status_code"),
    row("/path", "url.path"),
    row("/client_address", "client.address"),
    row("/principal/subject", "enduser.id"),
    row("/principal/actors", "mcp_edge.principal.actors"),
    row("/principal/anonymous", "mcp_edge.principal.anonymous"),
    row("/principal/client", "mcp_edge.principal.client"),
    row("/principal/issuer", "mcp_edge.principal.issuer"),
    row("/principal/tenant", "mcp_edge.principal.tenant"),
    row("/client_info", "mcp_edge.client_info"),
    row("/era", "mcp_edge.era"),
    row("/name_sha256", "mcp_edge.name_sha256"),
    row("/decision", "mcp_edge.decision"),
    row("/rule", "mcp_edge.rule"),
    row("/live_policy/version", "mcp_edge.live_policy.version"),
    row("/live_policy/digest", "mcp_edge.live_policy.digest"),
    row("/live_policy/key", "mcp_edge.live_policy.key"),
    row("/quarantined", "mcp_edge.quarantined"),
    row("/reason", "mcp_edge.reason"),
    row("/rate_limit", "mcp_edge.rate_limit"),
    row("/token_error", "mcp_edge.token_error"),
    row("/outcome", "mcp_edge.outcome"),
    row("/duration_ms", "mcp_edge.duration_ms"),
    row("/request_bytes", "mcp_edge.request_bytes"),
    row("/response_bytes", "mcp_edge.response_bytes"),
    row("/upstream/calls", "mcp_edge.upstream.calls"),
    row("/upstream/failed", "mcp_edge.upstream.failed"),
    row("/arguments/sha256", "mcp_edge.arguments.sha256"),
    row("/result/sha256", "mcp_edge.result.sha256"),
    row("/id", "mcp_edge.event.id"),
    row("/request_id", "mcp_edge.event.request_id"),
    row("/version", "mcp_edge.event.version"),
    row("/chain/id", "mcp_edge.chain.id"),
    row("/chain/sequence", "mcp_edge.chain.sequence"),
    row("/chain/previous", "mcp_edge.chain.previous"),
    row("/delivery/sink", "mcp_edge.delivery.sink"),
    row("/delivery/events", "mcp_edge.delivery.events"),
    row("/delivery/oldest", "mcp_edge.delivery.oldest"),
];

/// What a log and a trace say of an event.
pub(super) fn of(linked: &ChainedEvent) -> Vec<KeyValue> {
    let event = mapping::json(&linked.event);
    let mapped = mapped(DIMENSIONS, &event)
        .chain(mapped(DETAILS, &event))
        .filter_map(|(key, value)| Some(KeyValue::new(key, AnyValue::of(value)?)));
    computed(&linked.event)
        .map(|(key, text)| KeyValue::text(key, text))
        .chain(mapped)
        .chain([KeyValue::text("mcp_edge.hash", linked.hash.as_str())])
        .collect()
}

/// What tells requests apart in a metric.
pub(super) fn dimensions(event: &Event) -> Vec<(&'static str, String)> {
    let json = mapping::json(event);
    let mapped = mapped(DIMENSIONS, &json)
        .filter_map(|(key, value)| Some((key, value.as_str()?.to_owned())));
    let computed = computed(event).map(|(key, text)| (key, text.into_owned()));
    computed.chain(mapped).collect()
}

/// What follows from several members.
fn computed(event: &Event) -> impl Iterator<Item = (&'static str, Cow<'_, str>)> {
    let is_tool = event.method.as_deref() == Some("tools/call");
    [
        error(event).map(|error| ("error.type", error)),
        is_tool.then_some(("gen_ai.operation.name", Cow::Borrowed("execute_tool"))),
        Some(("network.protocol.name", Cow::Borrowed("http"))),
    ]
    .into_iter()
    .flatten()
}

/// Why it ended otherwise than its caller wanted (`error.type`).
pub(super) fn error(event: &Event) -> Option<Cow<'_, str>> {
    match event.outcome {
        Outcome::Ok | Outcome::Accepted | Outcome::InputRequired | Outcome::Intended => None,
        Outcome::ToolError
        | Outcome::ProtocolError
        | Outcome::Refused
        | Outcome::Cancelled
        | Outcome::Failed => {
            let reason = event.reason.as_deref();
            Some(Cow::Borrowed(
                reason.unwrap_or_else(|| event.outcome.as_str()),
            ))
        }
    }
}
