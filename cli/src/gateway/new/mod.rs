//! `mcp-edge gateway new`

mod allow;
mod credential;
mod document;
mod place;
mod quoted;
mod settings;

use std::io::{BufRead, IsTerminal, Write, stderr, stdin};
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use self::allow::Proposal;
use self::document::Source;
use self::place::Place;
use super::folder::deployed_name;
use crate::catalog::list_size::ListSize;
use crate::new::folder;
use crate::output::{CommandOutput, DONE, Failure};
use crate::style::{CAUTION, HEADING, shown, styled};

/// Proposes a gateway for an HTTP API, from its OpenAPI document
///
/// Writes a folder with an mcp.toml and a copy of the document. The allow-list has the operations that only read (GET and HEAD),
/// by tag, by path or one by one; it is compiled before anything is written. What the document says about URLs and credentials is
/// a proposal: read mcp.toml before you deploy it. Asks for what is not given, on a terminal only.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The document (OpenAPI 3.0 or 3.1, JSON or YAML): a file, or a URL
    document: String,
    /// The name of the server, as com.example/orders [default: com.example and the title of the document]
    #[arg(long)]
    name: Option<String>,
    /// The URL of the API [default: that of the document]
    #[arg(long)]
    url: Option<String>,
    /// The folder to write; it must not be there, or be empty [default: the last part of the name]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  $ mcp-edge gateway new orders.yaml --name com.example/orders
  $ mcp-edge gateway new https://api.example.com/openapi.json --url https://api.internal.example.com --out orders";

const IGNORED: &str = "\
/deploy
.spin
.wrangler

# Secrets.
/keys
*.keys
.dev.vars*
.env*
.mcp-edge
";

/// `is_asking` is whether a person may be asked.
pub(crate) fn run(arguments: &Arguments, is_asking: bool) -> Result<CommandOutput, Failure> {
    let is_asking = is_asking && stdin().is_terminal() && stderr().is_terminal();
    let source = Source::read(&arguments.document)?;
    let facts = source.facts();
    let slug = facts.slug();
    let proposal = Proposal::of(&source, &slug)?;

    let name = format!("com.example/{slug}");
    let name = answered(
        arguments.name.clone(),
        is_asking,
        "Name of the server",
        name,
    )?;
    let place = match (&arguments.url, Place::of_document(&facts, source.url())) {
        (Some(url), _) => Place::Given(url.clone()),
        (None, found) if is_asking => {
            let url = answered(None, true, "URL of the API", found.url().to_owned())?;
            match url == found.url() {
                true => found,
                false => Place::Given(url),
            }
        }
        (None, found) => found,
    };
    let out = arguments
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from(deployed_name(&name)));

    let size = ListSize::of(&proposal.compilation.operations);
    let text = settings::Proposed {
        name: &name,
        upstream: &slug,
        document: source.path(),
        facts: &facts,
        place: &place,
        proposal: &proposal,
        size,
    }
    .text();
    readable(&text)?;
    let copies = source.copies();
    let mut files = vec![("mcp.toml", &*text), (".gitignore", IGNORED)];
    files.extend(copies.iter().map(|(path, text)| (&**path, &**text)));
    folder::make(&out, &files)?;
    Ok(written(&Written {
        name,
        out,
        paths: files.iter().map(|(path, _)| (*path).to_owned()).collect(),
        proposal,
        size,
    }))
}

/// The mistakes that the reader of mcp.toml finds in what would be written: of a name or a URL that was given.
fn readable(text: &str) -> Result<(), Failure> {
    mcp_edge_config::read(text).map(drop).map_err(|mistakes| {
        let sentences: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
        Failure::usage(format!(
            "mcp.toml would have mistakes, so nothing is written; give another --name or --url:\n{}",
            sentences.join("\n")
        ))
    })
}

/// What was given, or what a person answers, or else the default.
fn answered(
    given: Option<String>,
    is_asking: bool,
    question: &str,
    default: String,
) -> Result<String, Failure> {
    if let Some(given) = given {
        return Ok(given);
    }
    if !is_asking {
        return Ok(default);
    }
    let failed =
        |error: std::io::Error| Failure::usage(format!("cannot ask for the {question}: {error}"));
    let mut out = stderr();
    write!(out, "{question} [{}]: ", shown(&default)).map_err(failed)?;
    out.flush().map_err(failed)?;
    let mut answer = String::new();
    stdin().lock().read_line(&mut answer).map_err(failed)?;
    Ok(match answer.trim() {
        "" => default,
        answer => answer.to_owned(),
    })
}

struct Written {
    name: String,
    out: PathBuf,
    paths: Vec<String>,
    proposal: Proposal,
    size: ListSize,
}

fn written(written: &Written) -> CommandOutput {
    let Written {
        name,
        out,
        paths,
        proposal,
        size,
    } = written;
    let report = &proposal.compilation.report;
    let mut text = format!(
        "{}: tools for {} of {} operations, which only read.\n",
        styled(HEADING, name),
        report.tools.len(),
        proposal.operations
    );
    for operation in &report.unmappable {
        text.push_str(&format!(
            "  {} {}\n",
            styled(CAUTION, "unmappable:"),
            shown(&operation.to_string())
        ));
    }
    for (operation, why) in &proposal.exclude {
        text.push_str(&format!(
            "  {} {}: {why}\n",
            styled(CAUTION, "excluded:"),
            shown(operation)
        ));
    }
    if size.is_large() {
        text.push_str(&format!(
            "  {}; mcp.toml sets expose = \"search\"\n",
            size.described()
        ));
    }
    let next = [
        format!("cd {}", out.display()),
        "mcp-edge check --env dev".to_owned(),
        "mcp-edge keys generate --file keys".to_owned(),
        "mcp-edge gateway build --host native".to_owned(),
    ];
    text.push_str("\nRead mcp.toml: its URLs and credentials are proposals. Then:\n\n");
    for line in &next {
        text.push_str(&format!("  $ {line}\n"));
    }
    let exclude = proposal.exclude.iter();
    CommandOutput {
        text,
        json: json!({
            "name": name,
            "folder": out,
            "files": paths,
            "operations": proposal.operations,
            "tools": report.tools.len(),
            "unmappable": report.unmappable.len(),
            "allow": proposal.allow,
            "exclude": exclude.map(|(operation, _)| operation).collect::<Vec<_>>(),
            "list_bytes": size.bytes,
            "list_tokens": size.tokens(),
            "expose": if size.is_large() { "search" } else { "list" },
            "next": next,
        }),
        product: None,
        status: DONE,
    }
}
