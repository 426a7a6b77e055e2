//! `mcp-edge gateway try`

mod brokers;
mod exchange;
mod secrets;

use bytes::Bytes;
use clap::Args;
use http::{Request, Response};
use mcp_edge_catalog::Operation;
use mcp_edge_catalog::request::{BaseUrl, build, check_reserved, redirected};
use mcp_edge_catalog::result::{ResultLimits, ResultParts, read};
use mcp_edge_runtime::config::{Settings, TextSetting, Upstream};
use mcp_edge_runtime::host::check_encoding;
use mcp_edge_schema::Schema;
use serde_json::{Map, Value as Json, json};

use self::brokers::Asked;
use self::exchange::{Shown, result_json};
use self::secrets::{Secrets, variable};
use crate::catalog::compile::{compiled, permitted};
use crate::file::{self, File};
use crate::http_error::RequestFailure;
use crate::local_host;
use crate::output::{CommandOutput, Failure, status};
use crate::style::{BAD, CAUTION, GOOD, HEADING, shown, styled};

/// Sends one call of a gateway's tool to its API, and shows the request, the response and the result
///
/// Compiles mcp.toml, checks the arguments and sends the request as the gateway does, with secrets from variables of this
/// environment that have their names. Secrets are shown as `***`, wherever the response repeats them too. Neither the policy nor
/// the audit log is part of it: it is the operator's own call.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(flatten)]
    file: File,
    /// The name of the tool
    tool: String,
    /// The arguments, a JSON object
    #[arg(default_value = "{}")]
    arguments: String,
    /// The tenant to call as, exactly as tokens name it [default: a caller of a tenant that the upstream does not name]
    #[arg(long, value_name = "TENANT")]
    tenant: Option<String>,
    /// Show the request, and send nothing
    #[arg(long)]
    dry_run: bool,
}

const EXAMPLES: &str = "\
Examples:
  $ ORDERS_KEY=$(cat key) mcp-edge gateway try get_order '{\"id\": \"7\"}'
  $ mcp-edge gateway try get_order '{\"id\": \"7\"}' --env dev --dry-run
  $ mcp-edge gateway try get_order '{\"id\": \"7\"}' --tenant acme";

/// What a call comes to.
enum Called {
    /// No request is made of these arguments.
    Rejected(String),
    /// A tool that finds or describes others has this result.
    Found(String),
    /// A request that was not sent.
    Dry(Shown),
    /// No response that can be read, to the last of these requests.
    Unanswered(Vec<Shown>, String),
    /// The response to the last of these requests: each after the first follows a redirect.
    Answered(Vec<Shown>, Shown, Box<ResultParts>),
}

pub(super) fn run(arguments: &Arguments) -> Result<CommandOutput, Failure> {
    let configuration = arguments.file.read()?;
    let written = file::settings(&configuration, arguments.file.env.as_deref())?;
    let compiled = compiled(written, arguments.file.folder())?;
    let settings = file::decoded(written)?;
    let given = object(&arguments.arguments)?;
    let mut secrets = Secrets::default();
    let asked = brokers::asked(
        &compiled.catalog,
        settings.upstreams,
        &arguments.tool,
        given,
    )?;
    let (operation, given) = match asked {
        Asked::Operation(operation, given) => (operation, given),
        Asked::Result { upstream, called } => {
            return Ok(output(&arguments.tool, upstream, &called, &secrets));
        }
    };
    let upstream = upstream(settings, &operation.upstream, arguments.tenant.as_deref())?;
    let called = call(operation, upstream, given, arguments.dry_run, &mut secrets)?;
    Ok(output(&operation.name, upstream.name, &called, &secrets))
}

/// The upstream `name`, as callers of `tenant` have it.
fn upstream(
    settings: &'static Settings,
    name: &str,
    tenant: Option<&str>,
) -> Result<&'static Upstream, Failure> {
    let mut upstreams = settings.upstreams.iter();
    let upstream = upstreams
        .find(|upstream| upstream.name == name)
        .ok_or_else(|| Failure::check(format!("there is no [upstreams.{name}]")))?;
    if let Some(found) = upstream.of_tenant(tenant) {
        return Ok(Box::leak(Box::new(found)));
    }
    let known = upstream.tenants.iter().filter_map(|known| known.tenant);
    let known: Vec<_> = known.map(shown).collect();
    let callers = match tenant {
        Some(tenant) => format!("of the tenant {}", shown(tenant)),
        None => "without a tenant".to_owned(),
    };
    Err(Failure::usage(format!(
        "[upstreams.{name}] has no tools for callers {callers}; name one of its tenants with --tenant: {}",
        known.join(", ")
    )))
}

fn object(text: &str) -> Result<Map<String, Json>, Failure> {
    let wrong = |why: String| {
        Failure::usage(format!(
            "the arguments must be a JSON object, as '{{\"id\": \"7\"}}': {why}"
        ))
    };
    match serde_json::from_str(text) {
        Ok(Json::Object(members)) => Ok(members),
        Ok(_) => Err(wrong("this is another JSON value".to_owned())),
        Err(error) => Err(wrong(error.to_string())),
    }
}

fn call(
    operation: &Operation,
    upstream: &'static Upstream,
    given: Map<String, Json>,
    is_dry: bool,
    secrets: &mut Secrets,
) -> Result<Called, Failure> {
    let schema = operation.strict_input.as_ref().unwrap_or(&operation.input);
    let schema = Schema::compile(schema).map_err(Failure::check)?.exact();
    let given = Json::Object(given);
    if let Err(violations) = schema.validate(&given) {
        return Ok(Called::Rejected(format!("Invalid arguments: {violations}")));
    }
    let Json::Object(given) = given else {
        return Err(Failure::usage("the arguments must be a JSON object"));
    };
    let mut boundary = [0; 16];
    getrandom::fill(&mut boundary)
        .map_err(|error| Failure::usage(format!("this machine gives no random bytes: {error}")))?;
    let base = base(operation, upstream)?;
    let reserved = upstream.query.iter().map(|(name, _)| *name);
    let built = build(operation, &base, &given, boundary).and_then(|request| {
        check_reserved(request.uri(), reserved)?;
        Ok(request)
    });
    let mut request = match built {
        Ok(request) => request,
        Err(error) if error.is_fault_of_caller() => {
            return Ok(Called::Rejected(format!("Invalid arguments: {error}.")));
        }
        Err(error) => return Err(Failure::check(error)),
    };
    secrets.add_credential(&mut request, upstream)?;
    let shown = Shown::request(&request, secrets);
    if is_dry {
        return Ok(Called::Dry(shown));
    }
    if let Some(name) = secrets.missing.first() {
        return Err(Failure::usage(format!(
            "the secret {name} of {} is not set; set the environment variable {name}, or show the request with --dry-run",
            upstream.table()
        )));
    }
    let mut requests = vec![shown];
    let mut redirects = upstream.max_redirects;
    let response = loop {
        let (method, target) = (request.method().clone(), request.uri().clone());
        let accept = request.headers().get(http::header::ACCEPT).cloned();
        let response = match send(request, upstream) {
            Ok(response) => response,
            Err(why) => return Ok(Called::Unanswered(requests, secrets.hidden(&why))),
        };
        let Some(left) = redirects.checked_sub(1) else {
            break response;
        };
        let Some(mut next) = redirected(&method, &target, accept, &response) else {
            break response;
        };
        redirects = left;
        secrets.add_credential(&mut next, upstream)?;
        requests.push(Shown::request(&next, secrets));
        request = next;
    };
    let answered = Shown::response(&response, secrets);
    let (head, body) = response.into_parts();
    let limits = ResultLimits::default();
    let mut parts = read(operation, head.status, &head.headers, &body, limits);
    if !upstream.error_details {
        parts = parts.without_details(upstream.name, head.status);
    }
    Ok(Called::Answered(requests, answered, Box::new(parts)))
}

/// The URL that the operation is below.
fn base(operation: &Operation, upstream: &'static Upstream) -> Result<BaseUrl, Failure> {
    let failed = |key: &str, why: &dyn std::fmt::Display| {
        Failure::check(format!("{}: {why}", upstream.key(key)))
    };
    let (key, setting) = match &operation.origin {
        None => ("url".to_owned(), upstream.url),
        Some(origin) => {
            let mut origins = upstream.origins.iter();
            let found = origins.find(|(name, _)| name == origin);
            (format!("origins.{origin}"), found.map(|(_, url)| *url))
        }
    };
    let text = match setting {
        Some(TextSetting::Literal(url)) => url.to_owned(),
        Some(TextSetting::Variable(name)) => variable(name).ok_or_else(|| {
            Failure::usage(format!(
                "{} is in the variable {name}, which is not set; set it to the URL",
                upstream.key(&key)
            ))
        })?,
        None => {
            return Err(Failure::usage(format!(
                "[{}] has a binding and no url, and only Workers have bindings; set url in an environment of this machine",
                upstream.table()
            )));
        }
    };
    let base = BaseUrl::parse(&text).map_err(|error| failed(&key, &error))?;
    permitted(base.as_str(), upstream.private, upstream.allow_http)
        .map_err(|why| Failure::check(format!("{} {why}", upstream.key(&key))))?;
    Ok(base)
}

fn send(request: Request<Bytes>, upstream: &'static Upstream) -> Result<Response<Bytes>, String> {
    let failed = |failure: &RequestFailure| format!("{failure}");
    let agent = match upstream.private {
        true => local_host::agent(upstream.timeout),
        false => local_host::public_agent(upstream.timeout),
    };
    // Sent as it is shown, without headers of the client library.
    let answer = match request.body().is_empty() {
        true => agent.run(
            agent
                .configure_request(request.map(drop))
                .user_agent("")
                .accept("")
                .allow_non_standard_methods(true)
                .build(),
        ),
        false => agent.run(
            agent
                .configure_request(request.map(|body| body.to_vec()))
                .user_agent("")
                .accept("")
                .build(),
        ),
    };
    let answer = answer.map_err(|error| failed(&RequestFailure::because_of(&error)))?;
    let (head, body) = answer.into_parts();
    check_encoding(&head.headers, &[]).map_err(|error| error.to_string())?;
    let limit = upstream.response_bytes;
    let bytes = local_host::whole(body, limit).map_err(|failure| failed(&failure))?;
    let bytes = bytes.ok_or_else(|| {
        format!(
            "the response is larger than {limit} bytes, which is {}",
            upstream.key("response_bytes")
        )
    })?;
    Ok(Response::from_parts(head, bytes.into()))
}

fn output(tool: &str, upstream: &str, called: &Called, secrets: &Secrets) -> CommandOutput {
    let said = |sentence: &str| json!([{ "type": "text", "text": sentence }]);
    let (requests, response, error, result) = match called {
        Called::Rejected(sentence) => {
            let result = json!({ "content": said(sentence), "isError": true });
            (&[][..], None, None, Some(result))
        }
        Called::Found(text) => (&[][..], None, None, Some(json!({ "content": said(text) }))),
        Called::Dry(request) => (std::slice::from_ref(request), None, None, None),
        Called::Unanswered(requests, why) => (requests.as_slice(), None, Some(why), None),
        Called::Answered(requests, response, parts) => {
            let result = secrets.hidden_in(result_json(parts));
            (requests.as_slice(), Some(response), None, Some(result))
        }
    };
    let mut text = String::new();
    let section = |text: &mut String, title: &str| {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&format!("{}\n", styled(HEADING, title)));
    };
    match called {
        Called::Rejected(_) => text.push_str("No request is made of these arguments.\n"),
        Called::Found(_) => text.push_str("No request is made by this tool.\n"),
        _ => {}
    }
    for (number, request) in requests.iter().enumerate() {
        let title = match number {
            0 => format!("Request to upstreams.{upstream}"),
            _ => "Request after a redirect".to_owned(),
        };
        section(&mut text, &title);
        text.push_str(&request.text());
    }
    for name in &secrets.missing {
        text.push_str(&format!(
            "{} the variable {name} is not set\n",
            styled(CAUTION, "warning:")
        ));
    }
    match (called, response) {
        (Called::Dry(_), _) => text.push_str("\nNot sent (--dry-run).\n"),
        (_, Some(response)) => {
            section(&mut text, "Response");
            text.push_str(&response.text());
        }
        _ => {}
    }
    if let Some(why) = error {
        text.push_str(&format!("\n{} no response: {why}\n", styled(BAD, "error:")));
    }
    let is_error = error.is_some()
        || result
            .as_ref()
            .is_some_and(|result| result.get("isError") == Some(&Json::Bool(true)));
    if let Some(result) = &result {
        section(&mut text, "Result for the model");
        let (style, word) = match is_error {
            true => (BAD, "error"),
            false => (GOOD, "ok"),
        };
        text.push_str(&format!("{}\n", styled(style, word)));
        text.push_str(&exchange::result_text(result));
    }
    let redirects = requests.iter().skip(1).map(Shown::json);
    CommandOutput {
        text,
        json: json!({
            "tool": tool,
            "upstream": upstream,
            "request": requests.first().map(Shown::json),
            "redirects": redirects.collect::<Vec<_>>(),
            "response": response.map(Shown::json),
            "error": error,
            "result": result,
            "missing": secrets.missing,
        }),
        product: None,
        status: status(!is_error),
    }
}
