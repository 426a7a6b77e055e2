//! `mcp-edge token`: an issuer of access tokens for a server on this machine.

use std::time::{Duration, SystemTime};

use mcp_edge_config::span;
use serde_json::json;

use crate::development::{FOLDER, Grant, Issuer, KEYS_VARIABLE};
use crate::file::{self, File};
use crate::output::{CommandOutput, DONE, Failure};
use crate::style::{CAUTION, styled};
use crate::trust;

/// Issues an access token for a server on this machine
///
/// The server trusts it where its mcp.toml has an issuer with `preset = "development"`, for example in
/// [environments.dev.issuers.local], and the variable MCP_EDGE_DEV_JWKS holds what `mcp-edge token --jwks` prints. A
/// server whose URL is not a loopback address refuses to start with such an issuer. The key is kept in
/// .mcp-edge/issuer.json beside mcp.toml; deleting the file makes every token worthless.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Print the public keys, which MCP_EDGE_DEV_JWKS must hold, instead of a token
    #[arg(long)]
    jwks: bool,
    #[command(flatten)]
    file: File,
    /// What the token is for [default: server.url of the configuration]
    #[arg(long, value_name = "URL")]
    audience: Option<String>,
    /// Who it is
    #[arg(long, value_name = "SUBJECT", default_value = "developer")]
    subject: String,
    /// What is granted; several with spaces between, or with several --scope
    #[arg(long, value_name = "SCOPES")]
    scope: Vec<String>,
    /// The client that acts for the subject
    #[arg(long, value_name = "CLIENT", default_value = "mcp-edge-cli")]
    client: String,
    /// The tenant
    #[arg(long, value_name = "TENANT", default_value = "dev")]
    tenant: String,
    /// A role; may be given several times
    #[arg(long, value_name = "ROLE")]
    role: Vec<String>,
    /// A group; may be given several times
    #[arg(long, value_name = "GROUP")]
    group: Vec<String>,
    /// How long it lasts, at most 24h
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = lifetime)]
    lifetime: Duration,
}

const EXAMPLES: &str = "\
Examples:
  $ export MCP_EDGE_DEV_JWKS=$(mcp-edge token --jwks) MCP_EDGE_ENV=dev
  $ TOKEN=$(mcp-edge token --scope 'fraud:read fraud:simulate')
  $ mcp-edge token --subject alice --tenant acme --role analyst --lifetime 10m | mcp-edge explain - --env dev";

pub(crate) fn run(arguments: &Arguments) -> Result<CommandOutput, Failure> {
    let issuer = Issuer::in_folder(&arguments.file.folder().join(FOLDER))?;
    if arguments.jwks {
        return Ok(published(&issuer));
    }
    let configuration = arguments.file.read()?;
    let environment = trust::environment(&configuration, arguments.file.env.as_deref());
    let settings = file::settings(&configuration, environment)?;
    let trusted = trust::of(settings);

    let audience = arguments
        .audience
        .clone()
        .or_else(|| match &trusted {
            Some(trust) => trust.audience.clone(),
            None => trust::server(settings),
        })
        .ok_or_else(|| Failure::usage(unknown_audience(trust::url_variable(settings))))?;
    let grant = Grant {
        audience,
        subject: arguments.subject.clone(),
        client: arguments.client.clone(),
        scopes: scopes(&arguments.scope),
        tenant: arguments.tenant.clone(),
        roles: arguments.role.clone(),
        groups: arguments.group.clone(),
        replaced: Vec::new(),
        lifetime: arguments.lifetime,
    };
    let token = issuer.issue(&grant, SystemTime::now())?;
    let warning = trusted.is_none().then(|| untrusted(environment));
    Ok(issued(&grant, token, warning))
}

fn published(issuer: &Issuer) -> CommandOutput {
    let jwks = issuer.jwks();
    CommandOutput {
        text: String::new(),
        product: Some(jwks.to_string()),
        json: jwks,
        status: DONE,
    }
}

fn issued(grant: &Grant, token: String, warning: Option<String>) -> CommandOutput {
    let lifetime = span::format(grant.lifetime);
    let scope = grant.scopes.join(" ");
    let scopes = if scope.is_empty() {
        "no scopes"
    } else {
        &scope
    };
    let mut text = format!(
        "A token for {}, for {lifetime}, to {}: {scopes}\n",
        grant.audience, grant.subject
    );
    if let Some(warning) = &warning {
        text.push_str(&format!("{} {warning}\n", styled(CAUTION, "warning:")));
    }
    // The members of an answer of an authorization server (RFC 6749, 5.1).
    let json = json!({
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": grant.lifetime.as_secs(),
        "scope": scope,
        "audience": grant.audience,
        "warnings": Vec::from_iter(warning),
    });
    CommandOutput {
        text,
        json,
        product: Some(token),
        status: DONE,
    }
}

fn unknown_audience(variable: Option<String>) -> String {
    match variable {
        Some(name) => format!(
            "server.url is in the variable {name}, which is not set here; set it as the server has it, or name the URL \
             with --audience"
        ),
        None => "it is not known which server the token is for; set server.url in mcp.toml, or name it with --audience".to_owned(),
    }
}

fn untrusted(environment: Option<&str>) -> String {
    let section = match environment {
        Some(name) => format!("[environments.{name}.issuers.local]"),
        None => "[environments.dev.issuers.local]".to_owned(),
    };
    format!(
        "mcp.toml does not trust this issuer; add {section} with preset = \"development\", and hand the server \
         {KEYS_VARIABLE}=$(mcp-edge token --jwks)"
    )
}

fn scopes(texts: &[String]) -> Vec<String> {
    let scopes = texts.iter().flat_map(|text| text.split_whitespace());
    scopes.map(str::to_owned).collect()
}

fn lifetime(text: &str) -> Result<Duration, String> {
    let lifetime =
        span::parse(text).filter(|lifetime| *lifetime <= crate::development::MAX_LIFETIME);
    lifetime.ok_or_else(|| "write a time of at most 24h, as 90s, 10m or 2h".to_owned())
}
