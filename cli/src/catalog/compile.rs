//! From `mcp.toml` and documents to a catalog.

use std::collections::BTreeMap;
use std::path::Path;

use http::Uri;
use mcp_edge_catalog::{Annotations, Broker, Catalog, Destinations, Operation};
use mcp_edge_config::{Entry, Settings, served};
use mcp_edge_openapi::{Origin, OutputPolicy, Report, Request, Rules, ToolChange, compile};
use mcp_edge_runtime::host::check_destination;
use mcp_edge_schema::mirror::mirrored;

use super::destination;
use super::documents::Files;
use super::values::Values;
use crate::output::Failure;

/// The catalog of one environment.
pub(crate) struct Compiled {
    pub(crate) catalog: Catalog,
    /// The result for the operations of each upstream, by its name.
    pub(crate) reports: BTreeMap<String, Report>,
    pub(crate) destinations: Destinations,
}

/// Compiles the documents of the upstreams in `settings`, whose file is in `folder`. All mistakes are told at once.
pub(crate) fn compiled(settings: &Settings, folder: &Path) -> Result<Compiled, Failure> {
    let values = Values(settings);
    let files = Files::in_folder(folder);
    let mut mistakes = Vec::new();
    let mut catalog = Catalog::default();
    let mut reports = BTreeMap::new();
    let mut destinations = Destinations::default();
    let upstreams = values.named("upstreams");
    for (name, upstream) in upstreams {
        for (_, served) in served(upstream) {
            mistakes.extend(refused(served));
        }
        destination::add(name, upstream, &mut destinations);
        match of_upstream(name, upstream, values, &files) {
            Ok((operations, report)) => {
                catalog.operations.extend(operations);
                reports.insert(name.clone(), report);
            }
            Err(found) => {
                let at = &upstream.at;
                mistakes.extend(found.into_iter().map(|mistake| format!("{at}: {mistake}")));
            }
        }
    }
    mistakes.extend(clashes(&catalog));
    mistakes.extend(shadowed(&catalog, upstreams));
    mistakes.extend(unrepeated(&catalog, upstreams));
    if mistakes.is_empty() {
        return Ok(Compiled {
            catalog,
            reports,
            destinations,
        });
    }
    Err(Failure::check(mistakes.join("\n")))
}

/// The URLs of an upstream that the server would refuse when it starts. Those in variables are not known.
fn refused(upstream: &Entry) -> Vec<String> {
    let values = Values(&upstream.settings);
    // A binding is no network.
    if values.word("binding").is_some() {
        return Vec::new();
    }
    let is_set = |path| values.flag(path) == Some(true);
    let url = values.literal("url").map(|url| ("url".to_owned(), url));
    let origins = values.literals("origins").into_iter();
    let origins = origins.map(|(name, url)| (format!("origins.{name}"), url));
    url.into_iter()
        .chain(origins)
        .filter_map(|(key, url)| {
            let why = permitted(&url, is_set("private"), is_set("allow_http")).err()?;
            Some(format!("{}.{key} {why}", upstream.at))
        })
        .collect()
}

/// Whether requests may be sent to the URL; the error is the rest of a sentence about it.
pub(crate) fn permitted(url: &str, private: bool, allow_http: bool) -> Result<(), String> {
    let uri: Uri = url
        .parse()
        .map_err(|error| format!("must be a URL: {error}"))?;
    check_destination(&uri, private, allow_http).map_err(str::to_owned)
}

fn of_upstream(
    name: &str,
    upstream: &Entry,
    all: Values<'_>,
    files: &Files,
) -> Result<(Vec<Operation>, Report), Vec<String>> {
    let values = Values(&upstream.settings);
    let documents: Result<Vec<_>, _> = values
        .words("documents")
        .iter()
        .map(|document| files.document(document))
        .collect();
    let read = |path: &str| files.referenced(path);
    let changes = all.named("tools").iter().filter(|(_, tool)| {
        let of = Values(&tool.settings).word("upstream");
        of.is_none_or(|of| of == name)
    });
    let origins = values.literals("origins").into_iter();
    let request = Request {
        url: values.literal("url"),
        rules: Rules {
            allow: values.words("allow"),
            exclude: values.words("exclude"),
        },
        read: &read,
        prefix: values.word("prefix").unwrap_or_default(),
        origins: origins.map(|(name, url)| Origin { name, url }).collect(),
        output: values
            .choice("output")
            .map_or(OutputPolicy::Schema, output_policy),
        max_input_bytes: values.upstream_number("input_schema_bytes"),
        max_output_bytes: values.upstream_number("output_schema_bytes"),
        changes: changes.map(|(name, tool)| change(name, tool)).collect(),
        ..Request::new(name, documents.map_err(|missing| vec![missing])?)
    };
    let compilation = compile(&request).map_err(|mistakes| {
        mistakes
            .into_iter()
            .map(|mistake| mistake.to_string())
            .collect::<Vec<_>>()
    })?;
    Ok((compilation.operations, compilation.report))
}

fn change(name: &str, tool: &Entry) -> ToolChange {
    let values = Values(&tool.settings);
    let rename = values.words_by_name("rename");
    // Other keys may name an argument as it is called in the end.
    let document_name = |name: String| {
        let renamed = rename.iter().find(|(_, new)| **new == name);
        renamed.map_or(name, |(old, _)| old.clone())
    };
    let words = |path: &str| values.words(path).into_iter().map(document_name).collect();
    let names = |path: &str| {
        let words = values.words_by_name(path).into_iter();
        words
            .map(|(name, word)| (document_name(name), word))
            .collect()
    };
    let arguments = |path: &str| {
        let arguments = values.values(path).into_iter();
        arguments
            .map(|(name, value)| (document_name(name), value))
            .collect()
    };
    ToolChange {
        operation: values.word("operation").unwrap_or_else(|| name.to_owned()),
        name: Some(name.to_owned()),
        title: values.word("title"),
        description: values.word("description"),
        annotations: Annotations {
            read_only: values.flag("read_only"),
            destructive: values.flag("destructive"),
            idempotent: values.flag("idempotent"),
            open_world: None,
        },
        scopes: values.words("scopes"),
        hide: words("hide"),
        expose: values.words("credential_arguments"),
        rename: rename.clone(),
        fix: arguments("fix"),
        default: arguments("defaults"),
        describe: names("describe"),
        headers: names("headers"),
        allow_slash: words("allow_slash"),
        body_as_text: values.flag("body_as_text") == Some(true),
        select: values.words("select"),
        omit: values.words("omit"),
        max_items: values
            .number("max_items")
            .and_then(|number| u32::try_from(number).ok()),
        page_argument: values.word("page_argument").map(document_name),
        output: values.choice("output").map(output_policy),
    }
}

fn output_policy(word: &str) -> OutputPolicy {
    match word {
        "open" => OutputPolicy::Open,
        "text" => OutputPolicy::Text,
        _ => OutputPolicy::Schema,
    }
}

/// The upstreams whose tools are called through another.
fn searched(upstreams: &BTreeMap<String, Entry>) -> impl Iterator<Item = &String> {
    let is_searched =
        |upstream: &Entry| Values(&upstream.settings).choice("expose") == Some("search");
    let searched = upstreams
        .iter()
        .filter(move |(_, upstream)| is_searched(upstream));
    searched.map(|(name, _)| name)
}

/// Tools whose arguments clients would have to repeat in headers, and cannot.
fn unrepeated(catalog: &Catalog, upstreams: &BTreeMap<String, Entry>) -> Vec<String> {
    let searched: Vec<_> = searched(upstreams).collect();
    let tools = catalog.operations.iter().filter(|operation| {
        let has_headers = mirrored(&operation.input).is_ok_and(|headers| !headers.is_empty());
        has_headers && searched.contains(&&operation.upstream)
    });
    tools
        .map(|operation| {
            let (tool, upstream) = (&operation.name, &operation.upstream);
            format!(
                "tools.{tool}.headers: a call through `{}` has no header of the tool, so that a proxy which decides by it would be \
                 bypassed; remove it, or set expose = \"list\" in [upstreams.{upstream}]",
                Broker::Call.name(upstream)
            )
        })
        .collect()
}

/// Tools with the name of one that finds or calls the operations of an upstream.
fn shadowed(catalog: &Catalog, upstreams: &BTreeMap<String, Entry>) -> Vec<String> {
    let brokers =
        searched(upstreams).flat_map(|name| Broker::ALL.map(|broker| (name, broker.name(name))));
    let mut shadowed = Vec::new();
    for (upstream, broker) in brokers {
        if catalog
            .operations
            .iter()
            .any(|operation| operation.name == broker)
        {
            shadowed.push(format!(
                "upstreams.{upstream}: expose = \"search\" makes a tool `{broker}`, and an operation has that name; set `prefix`, or name \
                 the operation in [tools.NAME]"
            ));
        }
    }
    shadowed
}

/// Tools of two upstreams with one name.
fn clashes(catalog: &Catalog) -> Vec<String> {
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    let mut clashes = Vec::new();
    for operation in &catalog.operations {
        let (name, upstream) = (operation.name.as_str(), operation.upstream.as_str());
        match first.insert(name, upstream) {
            Some(other) if other != upstream => clashes.push(format!(
                "upstreams.{other} and upstreams.{upstream} both have a tool `{name}`; set `prefix` in one of them, or name the tool \
                 in [tools.NAME]"
            )),
            _ => {}
        }
    }
    clashes
}
