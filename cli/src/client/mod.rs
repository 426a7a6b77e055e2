//! `mcp-edge tools`, `call`, `read` and `prompt`: a client for the command line.

mod arguments;
mod questions;
mod session;

use serde_json::{Map, Value as Json, json};

use self::arguments::{Connect, object};
use self::questions::Answers;
use self::session::Session;
use crate::output::{CommandOutput, Failure, status};
use crate::style::{BAD, HEADING, LINES, shown, styled};
use mcp_edge_clients::visible::visible_except;

/// Lists the tools of a server
#[derive(clap::Args)]
#[command(after_help = TOOLS)]
pub(crate) struct Tools {
    #[command(flatten)]
    connect: Connect,
}

const TOOLS: &str = "\
Examples:
  $ mcp-edge tools
  $ mcp-edge tools --url https://fraud.example.com/mcp --token-file token --json";

/// Calls a tool of a server
///
/// Questions of the tool are asked on the terminal, or answered with --answer. Progress goes to standard error.
#[derive(clap::Args)]
#[command(after_help = CALL)]
pub(crate) struct Call {
    /// The name of the tool
    tool: String,
    /// The arguments, a JSON object
    #[arg(default_value = "{}")]
    arguments: String,
    #[command(flatten)]
    answers: Answers,
    #[command(flatten)]
    connect: Connect,
}

const CALL: &str = "\
Examples:
  $ mcp-edge call count_words '{\"text\": \"to be or not to be\"}'
  $ mcp-edge call simulate_rule_change '{\"rule\": \"large-amount\"}' --answer amount=5000 --answer propose=false";

/// Reads a resource of a server
#[derive(clap::Args)]
#[command(after_help = READ)]
pub(crate) struct Read {
    /// The URI of the resource
    uri: String,
    #[command(flatten)]
    answers: Answers,
    #[command(flatten)]
    connect: Connect,
}

const READ: &str = "\
Examples:
  $ mcp-edge read rules://large-amount";

/// Gets a prompt of a server
#[derive(clap::Args)]
#[command(after_help = PROMPT)]
pub(crate) struct Prompt {
    /// The name of the prompt
    name: String,
    /// The arguments, a JSON object of texts
    #[arg(default_value = "{}")]
    arguments: String,
    #[command(flatten)]
    answers: Answers,
    #[command(flatten)]
    connect: Connect,
}

const PROMPT: &str = "\
Examples:
  $ mcp-edge prompt explain_rule '{\"rule\": \"large-amount\"}'";

pub(crate) fn tools(arguments: &Tools) -> Result<CommandOutput, Failure> {
    let tools = Session::open(&arguments.connect)?.tools()?;
    let mut text = String::new();
    for tool in &tools {
        let member = |name| tool.get(name).and_then(Json::as_str);
        let name = shown(member("name").unwrap_or_default());
        text.push_str(&format!("{}\n", styled(HEADING, &name)));
        let about = member("description").or_else(|| member("title"));
        if let Some(about) = about.and_then(|about| about.lines().next()) {
            text.push_str(&format!("  {}\n", shown(about)));
        }
        if let Some(schema) = tool.get("inputSchema") {
            text.push_str(&parameters(schema));
        }
    }
    if tools.is_empty() {
        text.push_str("The server offers this caller no tools.\n");
    }
    Ok(CommandOutput {
        text,
        json: json!({ "tools": tools }),
        product: None,
        status: status(true),
    })
}

/// One line for each argument: its name, its type and whether it is required.
fn parameters(schema: &Json) -> String {
    let required = schema.get("required").and_then(Json::as_array);
    let is_required = |name: &str| required.is_some_and(|all| all.iter().any(|one| one == name));
    let properties = schema.get("properties").and_then(Json::as_object);
    let lines = properties.into_iter().flatten().map(|(name, property)| {
        let kind = property
            .get("type")
            .and_then(Json::as_str)
            .unwrap_or("value");
        let optional = if is_required(name) { "" } else { ", optional" };
        let about = property.get("description").and_then(Json::as_str);
        let about = about.map_or_else(String::new, |about| format!(": {}", shown(about)));
        format!("  - {} ({}{optional}){about}\n", shown(name), shown(kind))
    });
    lines.collect()
}

pub(crate) fn call(arguments: &Call) -> Result<CommandOutput, Failure> {
    let given = object(&arguments.arguments)?;
    let mut session = Session::open(&arguments.connect)?;
    let headers = session.mirrored(&arguments.tool, &given)?;
    let params = json!({ "name": arguments.tool, "arguments": given });
    let name = arguments.tool.as_str();
    let result = session.ask("tools/call", name, params, &headers, &arguments.answers)?;
    let is_error = result.get("isError") == Some(&Json::Bool(true));
    let mut text = blocks(&result, "content");
    if let Some(structured) = result.get("structuredContent")
        && text.is_empty()
    {
        text = format!("{}\n", lines(&format!("{structured:#}")));
    }
    if is_error {
        text = format!("{} {text}", styled(BAD, "tool error:"));
    }
    Ok(CommandOutput {
        text,
        json: result,
        product: None,
        status: status(!is_error),
    })
}

pub(crate) fn read(arguments: &Read) -> Result<CommandOutput, Failure> {
    let uri = arguments.uri.as_str();
    let mut session = Session::open(&arguments.connect)?;
    let params = json!({ "uri": uri });
    let result = session.ask("resources/read", uri, params, &[], &arguments.answers)?;
    Ok(CommandOutput {
        text: blocks(&result, "contents"),
        json: result,
        product: None,
        status: status(true),
    })
}

pub(crate) fn prompt(arguments: &Prompt) -> Result<CommandOutput, Failure> {
    let given: Map<String, Json> = object(&arguments.arguments)?;
    let mut session = Session::open(&arguments.connect)?;
    let name = arguments.name.as_str();
    let params = json!({ "name": name, "arguments": given });
    let result = session.ask("prompts/get", name, params, &[], &arguments.answers)?;
    let mut text = String::new();
    let messages = result.get("messages").and_then(Json::as_array);
    for message in messages.into_iter().flatten() {
        let role = message
            .get("role")
            .and_then(Json::as_str)
            .unwrap_or_default();
        let content = message.get("content").map(block).unwrap_or_default();
        text.push_str(&format!("{}\n{content}\n", styled(HEADING, &shown(role))));
    }
    Ok(CommandOutput {
        text,
        json: result,
        product: None,
        status: status(true),
    })
}

/// Words of the server, with their line ends.
fn lines(text: &str) -> String {
    visible_except(text, &LINES).into_owned()
}

fn blocks(result: &Json, member: &str) -> String {
    let blocks = result.get(member).and_then(Json::as_array);
    let blocks = blocks.into_iter().flatten();
    blocks
        .map(|content| format!("{}\n", block(content)))
        .collect()
}

/// A text as it is; of anything else its type and its size.
fn block(content: &Json) -> String {
    let text = |pointer: &str| content.pointer(pointer).and_then(Json::as_str);
    if let Some(text) = text("/text").or_else(|| text("/resource/text")) {
        return lines(text);
    }
    let data = text("/data")
        .or_else(|| text("/blob"))
        .or_else(|| text("/resource/blob"));
    let kind = text("/mimeType")
        .or_else(|| text("/resource/mimeType"))
        .or_else(|| text("/uri"));
    let kind = shown(kind.unwrap_or("unknown type"));
    match data {
        Some(data) => format!(
            "[{kind}, {} characters of Base64; --json prints them]",
            data.len()
        ),
        None => format!("[{kind}]"),
    }
}
