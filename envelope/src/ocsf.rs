//! OCSF (Open Cybersecurity Schema Framework) 1.8.0: API Activity, class 6003.
//!
//! OCSF has no class for MCP. What its users have agreed on so far is this one, with what was called in an object `ai_tool`
//! that is proposed to it (ocsf-schema, pull request 1729) and is among what is unmapped until it is part of it.

use mcp_edge_audit::chain::ChainedEvent;
use mcp_edge_audit::event::{Event, EventType, Outcome};
use serde_json::{Map, Value, json};

use crate::mapping::{self, AttributeMapping, Severity, mapped, row, row_of};

const VERSION: &str = "1.8.0";
const CATEGORY: u64 = 6;
const CLASS: u64 = 6003;
const PROFILES: [&str; 2] = ["security_control", "trace"];

pub(crate) const ATTRIBUTES: &[AttributeMapping] = &[
    row("/duration_ms", "duration"),
    row("/detail", "status_detail"),
    row("/event", "metadata.event_code"),
    row("/id", "metadata.uid"),
    row("/chain/sequence", "metadata.sequence"),
    row("/principal/tenant", "metadata.tenant_uid"),
    row("/principal/subject", "actor.user.uid"),
    row("/principal/issuer", "actor.session.issuer"),
    row("/principal/client", "actor.app_uid"),
    row("/client_info", "actor.app_name"),
    row("/client_info", "src_endpoint.svc_name"),
    row("/client_address", "src_endpoint.ip"),
    row("/method", "api.operation"),
    row("/id", "api.request.uid"),
    row("/status", "api.response.code"),
    row("/reason", "api.response.error"),
    row("/server", "api.service.name"),
    row("/revision", "api.version"),
    row("/trace_id", "trace.uid"),
    row("/span_id", "trace.span.uid"),
    row("/parent_span_id", "trace.span.parent_uid"),
    row_of("tools/call", "/name", "unmapped.ai_tool.name"),
    row_of("prompts/get", "/name", "unmapped.ai_tool.name"),
    row_of("resources/read", "/name", "unmapped.ai_tool.name"),
    row("/arguments/sha256", "unmapped.mcp_edge.arguments_sha256"),
    row("/chain/id", "unmapped.mcp_edge.chain"),
    row("/chain/previous", "unmapped.mcp_edge.previous"),
    row("/delivery", "unmapped.mcp_edge.delivery"),
    row("/environment", "unmapped.mcp_edge.environment"),
    row("/era", "unmapped.mcp_edge.era"),
    row("/host", "unmapped.mcp_edge.host"),
    row("/name_sha256", "unmapped.mcp_edge.name_sha256"),
    row("/outcome", "unmapped.mcp_edge.outcome"),
    row("/path", "unmapped.mcp_edge.path"),
    row("/principal/actors", "unmapped.mcp_edge.actors"),
    row("/principal/anonymous", "unmapped.mcp_edge.anonymous"),
    row("/quarantined", "unmapped.mcp_edge.quarantined"),
    row("/rate_limit", "unmapped.mcp_edge.rate_limit"),
    row("/request_id", "unmapped.mcp_edge.request_id"),
    row("/request_bytes", "unmapped.mcp_edge.request_bytes"),
    row("/response_bytes", "unmapped.mcp_edge.response_bytes"),
    row("/result/sha256", "unmapped.mcp_edge.result_sha256"),
    row("/token_error", "unmapped.mcp_edge.token_error"),
    row("/live_policy", "unmapped.mcp_edge.live_policy"),
    row("/upstream", "unmapped.mcp_edge.upstream"),
];

/// What a method does; every other does something that OCSF has no word for.
const ACTIVITIES: &[(&str, u64, &str)] = &[
    ("completion/complete", 2, "Read"),
    ("prompts/get", 2, "Read"),
    ("prompts/list", 2, "Read"),
    ("resources/list", 2, "Read"),
    ("resources/read", 2, "Read"),
    ("resources/templates/list", 2, "Read"),
    ("server/discover", 2, "Read"),
    ("tools/call", OTHER, "Invoke"),
    ("tools/list", 2, "Read"),
];
const UNKNOWN: u64 = 0;
const OTHER: u64 = 99;

/// What kind of thing has been called.
const CALLED: &[(&str, &str)] = &[
    ("prompts/get", "Prompt"),
    ("resources/read", "Resource"),
    ("tools/call", "Tool"),
];

/// The result of a decision of the policy: `action_id`, `action`, `disposition_id`, `disposition`.
const DECISIONS: &[(&str, Action)] = &[
    ("allow", (1, "Allowed", 1, "Allowed")),
    ("deny", BLOCKED),
    ("authenticate", (2, "Denied", 26, "Unauthorized")),
    ("step_up", (2, "Denied", 26, "Unauthorized")),
];
type Action = (u64, &'static str, u64, &'static str);
const BLOCKED: Action = (2, "Denied", 2, "Blocked");

/// An event as an API Activity of OCSF 1.8.0 (class 6003), with `line`, the event itself, as its `raw_data`.
pub fn ocsf(linked: &ChainedEvent, line: String) -> String {
    let mut ocsf = Map::new();
    for (path, value) in computed(linked, line) {
        put(&mut ocsf, path, value);
    }
    for (path, value) in mapped(ATTRIBUTES, &mapping::json(&linked.event)) {
        put(&mut ocsf, path, value.clone());
    }
    Value::Object(ocsf).to_string()
}

/// What follows from several members, and what OCSF wants to be there even if it is unknown.
fn computed(linked: &ChainedEvent, line: String) -> Vec<(&'static str, Value)> {
    let event = &linked.event;
    let (activity, activity_name) = activity(event);
    let (severity_id, severity) = severity(event);
    let (status_id, status) = status(event.outcome);
    let caption = if activity == OTHER {
        "Other"
    } else {
        activity_name
    };
    let began = linked.at().as_millis();
    let ended = began.saturating_add(event.duration_ms);
    let mut members = vec![
        ("activity_id", json!(activity)),
        ("activity_name", json!(activity_name)),
        ("category_uid", json!(CATEGORY)),
        ("category_name", json!("Application Activity")),
        ("class_uid", json!(CLASS)),
        ("class_name", json!("API Activity")),
        (
            "type_uid",
            json!(CLASS.saturating_mul(100).saturating_add(activity)),
        ),
        ("type_name", json!(format!("API Activity: {caption}"))),
        ("severity_id", json!(severity_id)),
        ("severity", json!(severity)),
        ("status_id", json!(status_id)),
        ("status", json!(status)),
        (
            "status_code",
            json!(event.reason.as_deref().unwrap_or(event.outcome.as_str())),
        ),
        ("time", json!(began)),
        ("start_time", json!(began)),
        ("end_time", json!(ended)),
        ("message", json!(message(event))),
        ("metadata.version", json!(VERSION)),
        ("metadata.profiles", json!(PROFILES)),
        ("metadata.product.name", json!("mcp-edge")),
        ("metadata.product.vendor_name", json!("mcp-edge")),
        ("metadata.log_version", json!(event.version.to_string())),
        // The same of an intent and of the request that it is about.
        (
            "metadata.correlation_uid",
            json!(event.request_id.as_deref().unwrap_or(&event.id)),
        ),
        ("api.operation", json!(event.event.as_str())),
        ("src_endpoint.svc_name", json!("unknown")),
        ("unmapped.mcp_edge.hash", json!(linked.hash)),
        ("raw_data_size", json!(line.len())),
        ("raw_data", json!(line)),
    ];
    if event
        .principal
        .as_ref()
        .is_none_or(|who| who.subject.is_none())
    {
        let is_anonymous = event.principal.as_ref().is_some_and(|who| who.anonymous);
        let name = if is_anonymous { "anonymous" } else { "unknown" };
        members.push(("actor.user.name", json!(name)));
        members.push(("actor.user.type_id", json!(UNKNOWN)));
    }
    if let Some(decision) = &event.decision {
        let policy = event.rule.as_ref().map(|rule| json!({ "name": rule }));
        let authorization = match policy {
            Some(policy) => json!({ "decision": decision, "policy": policy }),
            None => json!({ "decision": decision }),
        };
        members.push(("authorizations", json!([authorization])));
    }
    if let Some((action_id, action, disposition_id, disposition)) = action(event) {
        members.extend([
            ("action_id", json!(action_id)),
            ("action", json!(action)),
            ("disposition_id", json!(disposition_id)),
            ("disposition", json!(disposition)),
        ]);
    }
    if event.trace_id.is_some() && event.span_id.is_some() {
        members.push(("trace.span.start_time", json!(began)));
        members.push(("trace.span.end_time", json!(ended)));
    }
    if let Some(called) = called(event) {
        members.push(("unmapped.ai_tool.type", json!(called)));
        members.push(("unmapped.ai_tool.source", json!("MCP")));
    }
    members
}

fn activity(event: &Event) -> (u64, &str) {
    match (event.method.as_deref(), event.event) {
        (Some(method), _) => ACTIVITIES
            .iter()
            .find(|(known, ..)| *known == method)
            .map_or((OTHER, method), |(_, activity, name)| (*activity, name)),
        (None, EventType::Request) => (UNKNOWN, "Unknown"),
        (None, kind) => (OTHER, kind.as_str()),
    }
}

fn severity(event: &Event) -> (u64, &'static str) {
    match Severity::of(event) {
        Severity::Usual => (1, "Informational"),
        Severity::Notable => (3, "Medium"),
        Severity::Grave => (4, "High"),
    }
}

fn status(outcome: Outcome) -> (u64, &'static str) {
    match outcome {
        Outcome::Ok | Outcome::Accepted | Outcome::InputRequired => (1, "Success"),
        Outcome::Intended => (OTHER, Outcome::Intended.as_str()),
        Outcome::ToolError
        | Outcome::ProtocolError
        | Outcome::Refused
        | Outcome::Cancelled
        | Outcome::Failed => (2, "Failure"),
    }
}

/// Nothing without a decision.
fn action(event: &Event) -> Option<Action> {
    let decided = event.decision.as_deref().and_then(|decision| {
        let mut known = DECISIONS.iter();
        known.find(|(known, _)| *known == decision)
    });
    match (decided, event.outcome) {
        // What the policy allowed may still be beyond a rate.
        (None | Some(("allow", _)), Outcome::Refused) => Some(BLOCKED),
        (Some((_, action)), _) => Some(*action),
        (None, _) => None,
    }
}

fn called(event: &Event) -> Option<&'static str> {
    let (method, _) = event.method.as_deref().zip(event.name.as_ref())?;
    let (_, called) = CALLED.iter().find(|(known, _)| *known == method)?;
    Some(called)
}

fn message(event: &Event) -> String {
    let mut message = event
        .method
        .as_deref()
        .unwrap_or(event.event.as_str())
        .to_owned();
    for (before, text) in [
        (" ", event.name.as_deref()),
        (" ", event.path.as_deref()),
        (": ", Some(event.outcome.as_str())),
        (", ", event.reason.as_deref()),
    ] {
        if let Some(text) = text {
            message.push_str(before);
            message.push_str(text);
        }
    }
    message
}

/// Puts a value where a path with dots leads to.
fn put(object: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            object.insert(path.to_owned(), value);
        }
        Some((first, rest)) => {
            let inner = object
                .entry(first)
                .or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}
