//! The official JSON Schemas of the revisions, which every message of a server must fit.
//!
//! They are read from the folder in the variable `MCP_EDGE_SCHEMAS`, or from `../shared/reference/schemas`
//! beside the workspace; where there is neither, the check steps aside and says so once.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use anyhow::{Context, Result, bail, ensure};
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::request::{MODERN, Request};

static FOLDER: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let folder = match std::env::var_os("MCP_EDGE_SCHEMAS") {
        Some(folder) => PathBuf::from(folder),
        None => xtask::workspace::root().join("../shared/reference/schemas"),
    };
    let found = folder.is_dir().then_some(folder);
    if found.is_none() {
        eprintln!(
            "no responses are checked against the official schemas; set MCP_EDGE_SCHEMAS to their folder"
        );
    }
    found
});

/// By file and definition; making one takes much longer than using it.
type Validators = HashMap<(String, &'static str), Arc<Validator>>;

static VALIDATORS: LazyLock<Mutex<Validators>> = LazyLock::new(Mutex::default);

/// Checks one message of the answer to `request`.
pub(crate) fn check(message: &Value, request: &Request) -> Result<()> {
    let revision = request.revision.as_str();
    let is_old = OLD.contains(&revision);
    if message.get("error").is_some() {
        return check_error(message, request);
    }
    if let Some(method) = message["method"].as_str() {
        return fits(message, revision, notification(method)?);
    }
    let response = if is_old {
        "JSONRPCResponse"
    } else {
        "JSONRPCResultResponse"
    };
    fits(message, revision, response)?;
    let method = method_of(request, &message["id"])
        .with_context(|| format!("no request asked for {message}"))?;
    let result = &message["result"];
    if result["resultType"] == "input_required" {
        return fits(result, revision, "InputRequiredResult");
    }
    fits(result, revision, result_of(method)?)
}

/// Revisions whose `JSONRPCError` requires `id`.
const OLD: [&str; 2] = ["2025-03-26", "2025-06-18"];

/// What is wrong with a whole request may leave its id unread. The old revisions require one nevertheless and have no form for
/// that but JSON-RPC's own, `null`; the newer ones have it left out. What the request declares decides.
fn check_error(message: &Value, request: &Request) -> Result<()> {
    let declared = request.declared_revision();
    let is_null_expected = declared
        .as_ref()
        .is_some_and(|declared| declared.is_empty() || OLD.contains(&declared.as_str()));
    match message.get("id") {
        Some(Value::Null) => {
            ensure!(
                is_null_expected,
                "a client of {declared:?} gets `id: null`: {message}"
            );
            let mut message = message.clone();
            message["id"] = json!(0);
            OLD.iter()
                .try_for_each(|revision| fits(&message, revision, "JSONRPCError"))
        }
        None => {
            ensure!(
                !is_null_expected,
                "a client of {declared:?} gets no `id`: {message}"
            );
            fits(message, MODERN, "JSONRPCErrorResponse")
        }
        Some(_) if OLD.contains(&request.revision.as_str()) => {
            fits(message, &request.revision, "JSONRPCError")
        }
        Some(_) => fits(message, &request.revision, "JSONRPCErrorResponse"),
    }
}

/// Whether messages are checked at all.
pub fn is_there() -> bool {
    FOLDER.is_some()
}

/// Checks one value against a definition of a revision.
pub fn fits(value: &Value, revision: &str, definition: &'static str) -> Result<()> {
    fits_in(value, &format!("mcp-{revision}"), definition)
}

/// Checks one value against a definition in one of the files, `FILE.schema.json`.
pub fn fits_in(value: &Value, file: &str, definition: &'static str) -> Result<()> {
    let Some(validator) = validator(file, definition)? else {
        return Ok(());
    };
    match validator.iter_errors(value).next() {
        None => Ok(()),
        Some(error) => bail!(
            "not a `{definition}` of {file}: {error} at `{}`: {value}",
            error.instance_path()
        ),
    }
}

fn validator(file: &str, definition: &'static str) -> Result<Option<Arc<Validator>>> {
    let Some(folder) = FOLDER.as_ref() else {
        return Ok(None);
    };
    let mut validators = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (file.to_owned(), definition);
    if let Some(validator) = validators.get(&key) {
        return Ok(Some(Arc::clone(validator)));
    }
    let path = folder.join(format!("{file}.schema.json"));
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("cannot read {}", path.display()))?;
    let mut schema: Value = serde_json::from_str(&text)?;
    let place = if schema.get("$defs").is_some() {
        "$defs"
    } else {
        "definitions"
    };
    if schema[place].get(definition).is_none() {
        bail!("{file} has no `{definition}`");
    }
    schema["allOf"] = json!([{ "$ref": format!("#/{place}/{definition}") }]);
    let validator = Arc::new(jsonschema::validator_for(&schema)?);
    validators.insert(key, Arc::clone(&validator));
    Ok(Some(validator))
}

/// The method that the request with this id called.
fn method_of<'a>(request: &'a Request, id: &Value) -> Option<&'a str> {
    let messages = match &request.message {
        Value::Array(messages) => messages.as_slice(),
        message => std::slice::from_ref(message),
    };
    messages
        .iter()
        .find(|message| message["id"] == *id)
        .and_then(|message| message["method"].as_str())
}

fn result_of(method: &str) -> Result<&'static str> {
    Ok(match method {
        "initialize" => "InitializeResult",
        "server/discover" => "DiscoverResult",
        "subscriptions/listen" => "SubscriptionsListenResult",
        "tools/list" => "ListToolsResult",
        "tools/call" => "CallToolResult",
        "resources/list" => "ListResourcesResult",
        "resources/templates/list" => "ListResourceTemplatesResult",
        "resources/read" => "ReadResourceResult",
        "prompts/list" => "ListPromptsResult",
        "prompts/get" => "GetPromptResult",
        "completion/complete" => "CompleteResult",
        "ping" | "logging/setLevel" | "resources/subscribe" | "resources/unsubscribe" => {
            "EmptyResult"
        }
        _ => bail!("`{method}` has a result, and no test says of which kind"),
    })
}

fn notification(method: &str) -> Result<&'static str> {
    Ok(match method {
        "notifications/progress" => "ProgressNotification",
        "notifications/message" => "LoggingMessageNotification",
        "notifications/subscriptions/acknowledged" => "SubscriptionsAcknowledgedNotification",
        _ => bail!("`{method}` is no notification that a server of ours sends"),
    })
}
