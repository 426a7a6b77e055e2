//! One operation becomes one tool.

use mcp_edge_catalog::{
    Annotations, Body, BodyContent, BodyForm, Location, Member, Method, Operation, Output,
    Parameter, ResultShape, Source,
};
use serde_json::Value;

use crate::body::{self, Content};
use crate::credentials;
use crate::input::Parts;
use crate::names;
use crate::operations::Found;
use crate::output;
use crate::parameters::{self, placeholder_is};
use crate::path::{QueryValue, Template};
use crate::refs::Library;
use crate::report::{Losses, Mistake, Rejection};
use crate::request::{Request, ToolChange};
use crate::rules;
use crate::schema::{Patterns, text};
use crate::servers;
use crate::shape::{self, Argument, Supply};
use crate::slot::{self, Slot};

/// The maximum length of a tool's description that comes from a document, in characters.
const MAX_DESCRIPTION: usize = 2_000;
/// The maximum number of tags of a tool, and of the characters of one.
const MAX_TAGS: usize = 32;
const MAX_TAG: usize = 120;
/// The maximum length of a tool's title that comes from a document, in characters.
const MAX_TITLE: usize = 120;

/// What is the same for all operations of a compilation.
pub(crate) struct Context<'d, 'c> {
    pub(crate) request: &'c Request<'c>,
    pub(crate) library: &'d Library,
    pub(crate) patterns: Patterns,
    /// By document.
    pub(crate) schemes: Vec<Vec<(Location, String)>>,
}

/// Makes a tool of an operation.
pub(crate) fn build(
    context: &Context<'_, '_>,
    found: &Found<'_>,
    change: &ToolChange,
    losses: &mut Losses,
    mistakes: &mut Vec<Mistake>,
) -> Result<Operation, Rejection> {
    let (library, request) = (context.library, context.request);
    let at = found.at();
    if !found.node.value.is_object() {
        return Err(Rejection::new("it is not an object", at));
    }
    let origin = servers::origin(found, request.url.as_deref(), &request.origins)?;
    let template = Template::read(found.path).map_err(|reason| Rejection::new(reason, &at))?;
    let schemes = context.schemes.get(found.root.file);
    let plan = parameters::plan(
        library,
        found,
        &template,
        schemes.map(Vec::as_slice).unwrap_or_default(),
        &change.expose,
        losses,
    )?;
    check_exposed(found, &plan.declared, &change.expose, mistakes);
    let parameters = plan.planned;
    let body = body::plan(
        &body::Context {
            library,
            patterns: &context.patterns,
            operation: found,
            as_text: change.body_as_text,
        },
        losses,
    )?;

    let mut slots: Vec<&Slot<'_>> = parameters.iter().map(|parameter| &parameter.slot).collect();
    match body.as_ref().map(|body| &body.content) {
        Some(Content::Whole(slot, _)) => slots.push(slot),
        Some(Content::Members(members, _)) => slots.extend(members.iter().map(|one| &one.slot)),
        None => {}
    }
    let given = slot::names(&slots);
    let arguments = shape::arguments(&found.label, &slots, &given, change, mistakes);
    let parts = Parts {
        library,
        patterns: &context.patterns,
        slots,
        arguments: &arguments,
        body: body.as_ref(),
    };
    let input = parts
        .input(request.max_input_bytes, &at, losses)
        .map_err(|reason| Rejection::new(reason, &at))?;
    check_values(found, &parts, &given, mistakes);
    if let Err(problem) = mcp_edge_schema::mirror::mirrored(&input.schema) {
        mistakes.push(mistake(found, &format!("headers: {problem}")));
    }
    if let Err(problem) = mcp_edge_schema::Schema::compile(&input.schema) {
        return Err(Rejection::new(
            format!("its input schema is invalid: {problem}"),
            at,
        ));
    }

    let shape = result_shape(change, &given, &arguments);
    let (mut output, accept) = output::plan(
        library,
        &context.patterns,
        found,
        change.output.unwrap_or(request.output),
        request.max_output_bytes,
        losses,
    );
    if shape != ResultShape::default() && matches!(output, Output::Schema { .. }) {
        losses.add(
            "no output schema is declared: the configuration shapes the result",
            &at,
        );
        output = Output::Open;
    }

    let mut rest = arguments.iter();
    let mut wired = Vec::new();
    for (parameter, argument) in parameters.iter().zip(rest.by_ref()) {
        let source = source(argument);
        // No other argument writes a name of its own there.
        if source == Source::Absent && parameter.location != Location::Query {
            continue;
        }
        wired.push(Parameter {
            name: parameter.slot.wire.clone(),
            source,
            location: parameter.location,
            encoding: parameter.encoding,
            allow_slash: argument.allow_slash,
        });
    }
    let schemes = schemes.into_iter().flatten();
    let reserved = schemes.map(|(location, name)| (name.as_str(), *location));
    add_absent(
        plan.declared.into_iter().chain(reserved),
        &template,
        &mut wired,
    );
    let path = template
        .path(|placeholder| {
            wired.iter().position(|parameter| {
                parameter.location == Location::Path && placeholder_is(placeholder, &parameter.name)
            })
        })
        .map_err(|reason| Rejection::new(reason, &at))?;
    let fixed_query =
        fixed_query(&template, &wired).map_err(|reason| Rejection::new(reason, &at))?;
    let body = body.and_then(|body| wired_body(body, &mut rest));
    if let Some(cut) = page_cut(&shape, &wired, &input.schema) {
        losses.add(cut, &at);
    }

    let (title, description) = texts(found, change, losses);
    let name = match &change.name {
        Some(name) => name.clone(),
        None => {
            let base = found.node.text("x-mcp-name").unwrap_or(&found.id);
            names::of_tool(&request.prefix, base, found.verb, found.path)
        }
    };
    if !names::is_tool_name(&name) {
        mistakes.push(mistake(
            found,
            &format!("the name \"{name}\" must be 1 to 64 letters, digits, `_` or `-`"),
        ));
    }
    Ok(Operation {
        name,
        title,
        description,
        annotations: annotations(found.method, change.annotations),
        scopes: change.scopes.clone(),
        tags: tags(found),
        upstream: request.upstream.clone(),
        origin,
        method: found.method,
        path,
        fixed_query,
        parameters: wired,
        body,
        accept,
        input: input.schema,
        strict_input: input.strict,
        output,
        shape,
    })
}

fn mistake(found: &Found<'_>, text: &str) -> Mistake {
    Mistake {
        message: format!("tool \"{}\": {text}", found.label),
        operations: vec![found.label.clone()],
    }
}

/// Checks the names of parameters that are to be arguments.
fn check_exposed(
    found: &Found<'_>,
    declared: &[(&str, Location)],
    exposed: &[String],
    mistakes: &mut Vec<Mistake>,
) {
    for name in exposed {
        let mut places = declared
            .iter()
            .filter(|(known, _)| known == name)
            .peekable();
        let text = if places.peek().is_none() {
            let nearest = rules::nearest(name, declared.iter().map(|(known, _)| *known));
            let hint = match nearest {
                Some(nearest) => format!("the nearest is \"{nearest}\""),
                None => "it has no parameters".to_owned(),
            };
            format!("credential_arguments: unknown parameter \"{name}\"; {hint}")
        } else if places.all(|(name, place)| !credentials::can_be_exposed(name, *place)) {
            format!("credential_arguments: the gateway sets the header \"{name}\" or sends none")
        } else {
            continue;
        };
        mistakes.push(mistake(found, &text));
    }
}

/// Checks the values of the configuration against the schemas of their arguments.
fn check_values(
    found: &Found<'_>,
    parts: &Parts<'_, '_>,
    given: &[String],
    mistakes: &mut Vec<Mistake>,
) {
    for (index, (argument, name)) in parts.arguments.iter().zip(given).enumerate() {
        let (setting, value) = match &argument.supply {
            Supply::Fixed(value) => ("fix", value),
            Supply::Call {
                default: Some(value),
                ..
            } => ("defaults", value),
            _ => continue,
        };
        let Some(schema) = parts.alone(index) else {
            continue;
        };
        let Ok(schema) = mcp_edge_schema::Schema::compile(&schema) else {
            continue;
        };
        if let Err(violations) = schema.validate(value) {
            mistakes.push(mistake(
                found,
                &format!("{setting}: the value of \"{name}\" does not fit: {violations}"),
            ));
        }
    }
}

/// Adds the parameters of the query that requests do not have: a free-form object must not set them.
fn add_absent<'n>(
    declared: impl Iterator<Item = (&'n str, Location)>,
    template: &Template,
    wired: &mut Vec<Parameter>,
) {
    for (name, location) in declared {
        let mut fixed = template.query.iter();
        let is_known = location != Location::Query
            || fixed.any(|(known, _)| known == name)
            || wired
                .iter()
                .any(|one| one.location == location && one.name == name);
        if !is_known {
            wired.push(Parameter {
                name: name.to_owned(),
                source: Source::Absent,
                location,
                encoding: parameters::default_encoding(location),
                allow_slash: false,
            });
        }
    }
}

fn source(argument: &Argument) -> Source {
    match &argument.supply {
        Supply::Call {
            is_required,
            default,
        } => Source::Argument {
            name: argument.name.clone(),
            required: *is_required,
            default: default.clone(),
        },
        Supply::Fixed(value) => Source::Fixed(value.clone()),
        Supply::None => Source::Absent,
    }
}

fn fixed_query(
    template: &Template,
    parameters: &[Parameter],
) -> Result<Vec<(String, String)>, String> {
    let mut fixed = Vec::new();
    for (name, value) in &template.query {
        match value {
            QueryValue::Fixed(value) => fixed.push((name.clone(), value.clone())),
            QueryValue::Placeholder(placeholder) => {
                let is_known = parameters
                    .iter()
                    .any(|one| one.location == Location::Query && one.name == *name);
                if !is_known {
                    return Err(format!(
                        "the placeholder `{{{placeholder}}}` of the path has no parameter"
                    ));
                }
            }
        }
    }
    Ok(fixed)
}

fn wired_body<'a>(
    body: body::Planned<'_>,
    arguments: &mut impl Iterator<Item = &'a Argument>,
) -> Option<Body> {
    let content = match body.content {
        Content::Whole(_, form) => BodyContent::Whole {
            source: Some(source(arguments.next()?)).filter(|source| *source != Source::Absent)?,
            form,
        },
        Content::Members(members, form) => BodyContent::Members {
            members: members
                .into_iter()
                .zip(arguments)
                .map(|(member, argument)| Member {
                    name: member.slot.wire,
                    source: source(argument),
                    encoding: member.encoding,
                    content_type: member.content_type,
                    is_binary: member.is_binary,
                })
                // An object in JSON sets no member of another.
                .filter(|member| form != BodyForm::Json || member.source != Source::Absent)
                .collect(),
            form,
        },
    };
    Some(Body {
        media_type: body.media_type,
        required: body.is_required,
        content,
    })
}

fn result_shape(change: &ToolChange, given: &[String], arguments: &[Argument]) -> ResultShape {
    let page_argument = change.page_argument.as_ref().and_then(|name| {
        let index = given.iter().position(|one| one == name)?;
        arguments.get(index).map(|argument| argument.name.clone())
    });
    ResultShape {
        select: change.select.clone(),
        omit: change.omit.clone(),
        max_items: change.max_items,
        page_argument,
    }
}

/// What names of parameters say how many elements a page has, without case and without what separates words.
const PAGE_SIZES: [&str; 15] = [
    "count",
    "first",
    "itemsperpage",
    "limit",
    "maxitems",
    "maxresults",
    "pagelimit",
    "pagesize",
    "perpage",
    "resultsperpage",
    "rows",
    "rowsperpage",
    "size",
    "take",
    "top",
];

/// Why a model that pages would miss elements: the pages that the API sends are longer than the arrays that a result may have.
fn page_cut(shape: &ResultShape, parameters: &[Parameter], input: &Value) -> Option<String> {
    let max_items = u64::from(shape.max_items?);
    let is_page_size = |name: &str| {
        let letters = name.chars().filter(char::is_ascii_alphanumeric);
        let word = letters.collect::<String>().to_ascii_lowercase();
        PAGE_SIZES.contains(&word.as_str())
    };
    let mut sizes = parameters
        .iter()
        .filter(|one| one.location == Location::Query && is_page_size(&one.name));
    sizes.find_map(|one| {
        let size = match &one.source {
            Source::Fixed(value) => value.as_u64(),
            Source::Argument {
                default: Some(value),
                ..
            } => value.as_u64(),
            Source::Argument { name, .. } => {
                let schema = input.get("properties")?.get(name)?;
                schema.get("default")?.as_u64()
            }
            Source::Absent => None,
        }?;
        let name = &one.name;
        (size > max_items).then(|| {
            format!(
                "max_items = {max_items} cuts pages, which have {size} elements by default (`{name}`): set `{name}` to at most \
                 {max_items} in `defaults` or `fix`, or raise max_items"
            )
        })
    })
}

/// The title and the description.
fn texts(found: &Found<'_>, change: &ToolChange, losses: &mut Losses) -> (Option<String>, String) {
    let of_document = |key: &str| found.node.text(key).or_else(|| found.item.text(key));
    let summary = of_document("summary").map(|text| text::cleaned(text, MAX_TITLE).0);
    let summary = summary.filter(|text| !text.is_empty());
    let title = change.title.clone().or_else(|| summary.clone());
    if let Some(description) = &change.description {
        return (title, description.clone());
    }
    let (description, is_shortened) = of_document("description")
        .map(|text| text::cleaned(text, MAX_DESCRIPTION))
        .unwrap_or_default();
    if is_shortened {
        losses.add(
            format!("the description is shortened to {MAX_DESCRIPTION} characters"),
            format!("{}/description", found.at()),
        );
    }
    let mut text = match (summary, description) {
        (None, description) if description.is_empty() => found.label.clone(),
        (None, description) => description,
        (Some(summary), description) if description.is_empty() => summary,
        (Some(summary), description) => {
            let start = summary.trim_end_matches(['.', '…']);
            if description.starts_with(start) {
                description
            } else {
                let stop = match summary.ends_with(['.', '!', '?', '…']) {
                    true => "",
                    false => ".",
                };
                format!("{summary}{stop}\n\n{description}")
            }
        }
    };
    if found.node.value.get("deprecated") == Some(&Value::Bool(true)) {
        text = format!("Deprecated. {text}");
    }
    (title, text)
}

/// The tags, of a length that an index can hold.
fn tags(found: &Found<'_>) -> Vec<String> {
    let tags = found.tags.iter().take(MAX_TAGS);
    tags.map(|tag| text::cleaned(tag, MAX_TAG).0).collect()
}

/// What a method promises (RFC 9110, 9.2), and what the configuration says instead.
fn annotations(method: Method, change: Annotations) -> Annotations {
    let is_safe = matches!(
        method,
        Method::Get | Method::Head | Method::Options | Method::Trace
    );
    let is_idempotent = matches!(method, Method::Put | Method::Delete);
    Annotations {
        read_only: change.read_only.or(Some(is_safe)),
        destructive: change
            .destructive
            .or((method == Method::Delete).then_some(true)),
        idempotent: change.idempotent.or(is_idempotent.then_some(true)),
        open_world: change.open_world,
    }
}
