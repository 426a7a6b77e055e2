//! The parameters of an operation.

use mcp_edge_catalog::{Encoding, Location, Style};
use serde_json::{Value, json};

use crate::credentials;
use crate::media;
use crate::operations::Found;
use crate::path::{QueryValue, Template};
use crate::refs::{Library, Node};
use crate::report::{Losses, Rejection};
use crate::slot::{Role, Shape, Slot, is_text, place};

/// The maximum number of parameters of an operation.
const MAX_PARAMETERS: usize = 500;

/// A parameter, and the value that a call provides for it.
pub(crate) struct Planned<'d> {
    pub(crate) slot: Slot<'d>,
    pub(crate) location: Location,
    pub(crate) encoding: Encoding,
}

/// A Parameter Object, by its name and place.
struct Declared<'d> {
    name: &'d str,
    location: Location,
    node: Node<'d>,
    document: &'d str,
    pointer: String,
}

impl Declared<'_> {
    fn at(&self) -> String {
        format!("{}#{}", self.document, self.pointer)
    }

    fn is(&self, name: &str, location: Location) -> bool {
        self.location == location
            && if location == Location::Header {
                self.name.eq_ignore_ascii_case(name)
            } else {
                self.name == name
            }
    }
}

/// The parameters of an operation.
pub(crate) struct Plan<'d> {
    /// Those that a request can have.
    pub(crate) planned: Vec<Planned<'d>>,
    /// The names and places of all that are declared.
    pub(crate) declared: Vec<(&'d str, Location)>,
}

/// Plans the parameters, and those of the template's query.
pub(crate) fn plan<'d>(
    library: &'d Library,
    operation: &Found<'d>,
    template: &Template,
    schemes: &[(Location, String)],
    exposed: &[String],
    losses: &mut Losses,
) -> Result<Plan<'d>, Rejection> {
    let mut declared = Vec::new();
    for (node, pointer) in [
        (operation.item, &operation.item_pointer),
        (operation.node, &operation.pointer),
    ] {
        collect(
            library,
            node,
            operation.document,
            pointer,
            &mut declared,
            losses,
        )?;
    }
    if declared.len() > MAX_PARAMETERS {
        return Err(Rejection::new(
            format!("it has more than {MAX_PARAMETERS} parameters"),
            operation.at(),
        ));
    }
    let in_query = |name: &str| {
        template.query.iter().find(|(_, value)| matches!(value, QueryValue::Placeholder(placeholder) if placeholder_is(placeholder, name)))
    };
    let mut planned = Vec::new();
    let names = declared.iter().map(|it| (it.name, it.location)).collect();
    for parameter in declared {
        let at = parameter.at();
        let (name, location) = (parameter.name, parameter.location);
        let place = place(location);
        if location == Location::Path && !template.placeholders().any(|it| placeholder_is(it, name))
        {
            if let Some((wire, _)) = in_query(name) {
                let mut value = planned_parameter(library, &parameter, losses)?;
                value.location = Location::Query;
                value.slot.role = Role::Parameter(Location::Query);
                value.slot.wire = wire.clone();
                value.encoding = default_encoding(Location::Query);
                planned.push(value);
            } else {
                losses.add(
                    format!("the parameter `{name}` is left out: the path does not contain it"),
                    at,
                );
            }
            continue;
        }
        if location == Location::Query
            && template
                .query
                .iter()
                .any(|(known, value)| known == name && matches!(value, QueryValue::Fixed(_)))
        {
            losses.add(
                format!("the parameter `{name}` is left out: the path sets its value"),
                at,
            );
            continue;
        }
        let is_exposed =
            exposed.iter().any(|one| one == name) && credentials::can_be_exposed(name, location);
        let description = parameter.node.text("description");
        if !is_exposed
            && let Some(reason) = credentials::reason(name, location, description, schemes)
        {
            losses.add(
                format!("the {place} parameter `{name}` is not an argument: {reason}"),
                at,
            );
            continue;
        }
        if matches!(location, Location::Header | Location::Cookie) && !is_token(name) {
            if parameter.node.is_true("required") {
                return Err(Rejection::new(
                    format!(
                        "the name of the required parameter `{name}` has characters that a header cannot have"
                    ),
                    at,
                ));
            }
            losses.add(
                format!("the parameter `{name}` is left out: its name has characters that a header cannot have"),
                at,
            );
            continue;
        }
        match planned_parameter(library, &parameter, losses) {
            Ok(parameter) => planned.push(parameter),
            Err(rejection) if location == Location::Path || parameter.node.is_true("required") => {
                return Err(rejection);
            }
            Err(rejection) => losses.add(
                format!("the parameter `{name}` is left out: {}", rejection.reason),
                rejection.at,
            ),
        }
    }
    Ok(Plan {
        planned,
        declared: names,
    })
}

/// Whether a placeholder is that of a parameter. `{+name}`, `{name*}` and `{name+}` are forms of other specifications.
pub(crate) fn placeholder_is(placeholder: &str, name: &str) -> bool {
    placeholder == name
        || placeholder
            .strip_prefix('+')
            .or_else(|| placeholder.strip_suffix(['*', '+']))
            .is_some_and(|inner| inner == name)
}

/// Adds the parameters of a path item or an operation. A later one replaces an earlier one of its name and place.
fn collect<'d>(
    library: &'d Library,
    node: Node<'d>,
    document: &'d str,
    pointer: &str,
    declared: &mut Vec<Declared<'d>>,
    losses: &mut Losses,
) -> Result<(), Rejection> {
    let Some(list) = node.get("parameters") else {
        return Ok(());
    };
    let Some(items) = list.value.as_array() else {
        losses.add(
            "`parameters` is ignored: it is not a list",
            format!("{document}#{pointer}/parameters"),
        );
        return Ok(());
    };
    for (index, item) in items
        .iter()
        .take(MAX_PARAMETERS.saturating_add(1))
        .enumerate()
    {
        let here = format!("{pointer}/parameters/{index}");
        let (node, target) = library.follow(list.with(item)).map_err(|problem| {
            Rejection::new(
                format!("a parameter is not known: {problem}"),
                format!("{document}#{here}"),
            )
        })?;
        let (document, pointer) = match target {
            Some(target) => (target.document, target.pointer),
            None => (document, here),
        };
        let at = format!("{document}#{pointer}");
        let (Some(name), Some(place)) = (node.text("name"), node.text("in")) else {
            losses.add("a parameter without `name` or `in` is left out", at);
            continue;
        };
        let location = match place {
            "path" => Location::Path,
            "query" => Location::Query,
            "header" => Location::Header,
            "cookie" => Location::Cookie,
            other => {
                let text = format!("`in: {other}` is not a place of a parameter in OpenAPI 3");
                if node.is_true("required") {
                    return Err(Rejection::new(format!("{text} (`{name}`)"), at));
                }
                losses.add(format!("the parameter `{name}` is left out: {text}"), at);
                continue;
            }
        };
        let parameter = Declared {
            name,
            location,
            node,
            document,
            pointer,
        };
        match declared.iter_mut().find(|known| known.is(name, location)) {
            Some(known) => *known = parameter,
            None => declared.push(parameter),
        }
    }
    Ok(())
}

fn planned_parameter<'d>(
    library: &'d Library,
    parameter: &Declared<'d>,
    losses: &mut Losses,
) -> Result<Planned<'d>, Rejection> {
    let node = parameter.node;
    let location = parameter.location;
    let mut encoding = encoding(parameter, losses);
    let shape = if let Some(schema) = node.get("schema") {
        Shape::Schema(
            schema,
            parameter.document,
            format!("{}/schema", parameter.pointer),
        )
    } else if let Some(content) = node.get("content") {
        let (shape, is_json) = content_of(library, parameter, content)?;
        if is_json {
            encoding = Encoding::Json;
        }
        shape
    } else {
        losses.add(
            format!(
                "the parameter `{}` has no schema; it is a string",
                parameter.name
            ),
            parameter.at(),
        );
        Shape::Given(json!({ "type": "string" }))
    };
    Ok(Planned {
        slot: Slot {
            wire: parameter.name.to_owned(),
            role: Role::Parameter(location),
            is_required: location == Location::Path || node.is_true("required"),
            description: node.text("description").map(str::to_owned),
            is_deprecated: node.is_true("deprecated"),
            is_bytes: false,
            is_text: is_text(encoding),
            shape,
        },
        location,
        encoding,
    })
}

/// The schema of a parameter with `content`, and whether its value is JSON.
fn content_of<'d>(
    library: &'d Library,
    parameter: &Declared<'d>,
    content: Node<'d>,
) -> Result<(Shape<'d>, bool), Rejection> {
    let rejected = |reason: String| Rejection::new(reason, parameter.at());
    let members = content.value.as_object();
    let (media_type, value) = members
        .and_then(|members| members.iter().next())
        .ok_or_else(|| rejected(format!("the `content` of `{}` is empty", parameter.name)))?;
    let is_json = media::is_json(media_type);
    if !is_json && media::kind(media_type) != Some(media::Kind::Text) {
        return Err(rejected(format!(
            "the parameter `{}` is of the media type {media_type}, which has no form in a parameter",
            parameter.name
        )));
    }
    let (media, _) = library
        .follow(content.with(value))
        .map_err(|problem| rejected(format!("the `content` of `{}`: {problem}", parameter.name)))?;
    let shape = match media.get("schema") {
        Some(schema) => Shape::Schema(
            schema,
            parameter.document,
            format!(
                "{}/content/{}/schema",
                parameter.pointer,
                crate::at::escape(media_type)
            ),
        ),
        None => Shape::Given(Value::Object(serde_json::Map::new())),
    };
    Ok((shape, is_json))
}

fn encoding(parameter: &Declared<'_>, losses: &mut Losses) -> Encoding {
    let location = parameter.location;
    let (styles, default): (&[&str], Style) = match location {
        Location::Path => (&["simple", "label", "matrix"], Style::Simple),
        Location::Query => (
            &["form", "spaceDelimited", "pipeDelimited", "deepObject"],
            Style::Form,
        ),
        Location::Header => (&["simple"], Style::Simple),
        Location::Cookie => (&["form"], Style::Form),
    };
    let style = match parameter.node.text("style") {
        None => default,
        Some(name) if styles.contains(&name) => style(name).unwrap_or(default),
        Some(name) => {
            losses.add(
                format!(
                    "the style `{name}` of `{}` does not exist for {} parameters; the default is used",
                    parameter.name,
                    place(location)
                ),
                parameter.at(),
            );
            default
        }
    };
    let explode = parameter.node.value.get("explode").and_then(Value::as_bool);
    Encoding::Style {
        style,
        explode: explode.unwrap_or(matches!(style, Style::Form | Style::DeepObject)),
        allow_reserved: location == Location::Query && parameter.node.is_true("allowReserved"),
    }
}

pub(crate) fn style(name: &str) -> Option<Style> {
    Some(match name {
        "simple" => Style::Simple,
        "label" => Style::Label,
        "matrix" => Style::Matrix,
        "form" => Style::Form,
        "spaceDelimited" => Style::SpaceDelimited,
        "pipeDelimited" => Style::PipeDelimited,
        "deepObject" => Style::DeepObject,
        _ => return None,
    })
}

pub(crate) fn default_encoding(location: Location) -> Encoding {
    let style = match location {
        Location::Path | Location::Header => Style::Simple,
        Location::Query | Location::Cookie => Style::Form,
    };
    Encoding::Style {
        style,
        explode: style == Style::Form,
        allow_reserved: false,
    }
}

fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 128
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
