//! The body of an operation's request.

use mcp_edge_catalog::{BodyForm, Encoding, Method, Style, WholeForm};
use serde_json::{Value, json};

use crate::at::{At, escape};
use crate::media::{self, Kind};
use crate::operations::Found;
use crate::parameters::style;
use crate::refs::{Library, Node};
use crate::report::{Losses, Rejection};
use crate::schema::{Converter, Direction, Options, Patterns, References, Schema, merge};
use crate::slot::{Role, Shape, Slot, is_text};

/// The maximum number of members of a body that are arguments of their own.
const MAX_MEMBERS: usize = 300;
/// What reading the outline of a body's schema may cost.
const OUTLINE_BUDGET: usize = 512 * 1024;

/// A body, and the values that calls provide for it.
pub(crate) struct Planned<'d> {
    pub(crate) media_type: String,
    pub(crate) is_required: bool,
    pub(crate) content: Content<'d>,
    /// The schema that the members are properties of.
    pub(crate) schema: Option<(Node<'d>, &'d str, String)>,
}

pub(crate) enum Content<'d> {
    Whole(Slot<'d>, WholeForm),
    Members(Vec<Member<'d>>, BodyForm),
}

pub(crate) struct Member<'d> {
    pub(crate) slot: Slot<'d>,
    pub(crate) encoding: Encoding,
    pub(crate) content_type: Option<String>,
    pub(crate) is_binary: bool,
}

/// What planning a body needs.
pub(crate) struct Context<'d, 'c> {
    pub(crate) library: &'d Library,
    pub(crate) patterns: &'c Patterns,
    pub(crate) operation: &'c Found<'d>,
    /// Whether a media type without another form is text.
    pub(crate) as_text: bool,
}

/// A media type of a body.
struct Media<'d> {
    kind: Kind,
    name: &'d str,
    node: Node<'d>,
    schema: Option<Node<'d>>,
    document: &'d str,
    pointer: String,
    is_required: bool,
}

impl Media<'_> {
    fn at(&self) -> String {
        format!("{}#{}", self.document, self.pointer)
    }
}

/// Plans the body, if the operation has one.
pub(crate) fn plan<'d>(
    context: &Context<'d, '_>,
    losses: &mut Losses,
) -> Result<Option<Planned<'d>>, Rejection> {
    let operation = context.operation;
    let Some(node) = operation.node.get("requestBody") else {
        return Ok(None);
    };
    let pointer = format!("{}/requestBody", operation.pointer);
    let at = format!("{}#{pointer}", operation.document);
    let (node, target) = context.library.follow(node).map_err(|problem| {
        Rejection::new(format!("its body is not known: {problem}"), at.clone())
    })?;
    let (document, pointer) = match target {
        Some(target) => (target.document, target.pointer),
        None => (operation.document, pointer),
    };
    let is_required = node.is_true("required");
    let content = node
        .get("content")
        .filter(|content| content.value.as_object().is_some_and(|it| !it.is_empty()));
    if matches!(operation.method, Method::Get | Method::Head | Method::Trace) {
        return without(operation, is_required, content, &at, losses);
    }
    let Some(content) = content else {
        if is_required {
            return Err(Rejection::new("its required body has no media type", at));
        }
        losses.add("the optional body is left out: it has no media type", at);
        return Ok(None);
    };
    let members = content.value.as_object();
    let ordered = media::ordered(members.into_iter().flatten().map(|(name, _)| name));
    let mut problem = None;
    for (kind, name) in ordered {
        let Some(node) = content.get(name) else {
            continue;
        };
        let media = Media {
            kind,
            name,
            schema: node.get("schema"),
            node,
            document,
            pointer: format!("{pointer}/content/{}", escape(name)),
            is_required,
        };
        match of_media(context, &media, losses) {
            Ok(planned) => {
                if let Some(Rejection { reason, at }) = problem {
                    losses.add(format!("a media type is not used: {reason}"), at);
                }
                return Ok(Some(planned));
            }
            Err(reason) => {
                problem.get_or_insert_with(|| Rejection::new(reason, media.at()));
            }
        }
    }
    let problem =
        problem.unwrap_or_else(|| Rejection::new("its body has no valid media type", at.clone()));
    if is_required {
        return Err(problem);
    }
    // A tool that cannot send the body would silently do something else.
    match operation.method {
        Method::Delete | Method::Options => {
            losses.add(
                format!("the optional body is left out: {}", problem.reason),
                problem.at,
            );
            Ok(None)
        }
        _ => Err(problem),
    }
}

/// A request that cannot have a body.
fn without<'d>(
    operation: &Found<'_>,
    is_required: bool,
    content: Option<Node<'_>>,
    at: &str,
    losses: &mut Losses,
) -> Result<Option<Planned<'d>>, Rejection> {
    let verb = operation.verb;
    if is_required {
        return Err(Rejection::new(
            format!("it requires a body, and hosts send none with {verb}"),
            at,
        ));
    }
    // Generators write an empty form for every operation.
    let is_empty = content.is_none_or(|content| {
        content
            .value
            .as_object()
            .into_iter()
            .flatten()
            .all(|(_, media)| {
                let properties = media.pointer("/schema/properties");
                properties
                    .and_then(Value::as_object)
                    .is_some_and(|it| it.is_empty())
            })
    });
    if !is_empty {
        losses.add(
            format!("the optional body is left out: hosts send none with {verb}"),
            at,
        );
    }
    Ok(None)
}

fn of_media<'d>(
    context: &Context<'d, '_>,
    media: &Media<'d>,
    losses: &mut Losses,
) -> Result<Planned<'d>, String> {
    let name = media.name;
    let is_bytes = is_bytes(context.library, media.schema);
    let (media_type, form) = match media.kind {
        Kind::Json | Kind::OtherJson => (name.to_owned(), Form::Json),
        Kind::UrlEncoded => (name.to_owned(), Form::UrlEncoded),
        Kind::Multipart => (name.to_owned(), Form::Multipart),
        // What is declared as bytes is sent as bytes.
        Kind::Text if is_bytes => (named(name, "text/plain", media, losses), Form::Bytes),
        Kind::Text => (named(name, "text/plain", media, losses), Form::Text),
        Kind::Binary => (
            named(name, "application/octet-stream", media, losses),
            Form::Bytes,
        ),
        Kind::Any if is_bytes => (
            named(name, "application/octet-stream", media, losses),
            Form::Bytes,
        ),
        Kind::Any => (named(name, "application/json", media, losses), Form::Json),
        Kind::Other if is_bytes => (name.to_owned(), Form::Bytes),
        Kind::Other if context.as_text => (name.to_owned(), Form::Text),
        Kind::Other => {
            return Err(format!(
                "a body of the media type {} has no form; set `body_as_text` to send it as text",
                media::essence(name)
            ));
        }
    };
    let planned = |content, schema| Planned {
        media_type,
        is_required: media.is_required,
        content,
        schema,
    };
    match form {
        Form::Text => {
            let schema = text_schema(context, media, losses);
            let slot = whole(media, Shape::Given(schema));
            Ok(planned(Content::Whole(slot, WholeForm::Text), None))
        }
        Form::Bytes => {
            let schema = json!({ "type": "string", "contentEncoding": "base64" });
            let slot = whole(media, Shape::Given(schema));
            Ok(planned(Content::Whole(slot, WholeForm::Base64), None))
        }
        Form::Json => structured(
            context,
            media,
            BodyForm::Json,
            Some(WholeForm::Json),
            losses,
        )
        .map(|(content, schema, is_required)| Planned {
            is_required,
            ..planned(content, schema)
        }),
        Form::UrlEncoded => {
            let whole = Some(WholeForm::UrlEncoded);
            structured(context, media, BodyForm::UrlEncoded, whole, losses).map(
                |(content, schema, is_required)| Planned {
                    is_required,
                    ..planned(content, schema)
                },
            )
        }
        Form::Multipart => structured(context, media, BodyForm::Multipart, None, losses).map(
            |(content, schema, is_required)| Planned {
                is_required,
                ..planned(content, schema)
            },
        ),
    }
}

enum Form {
    Json,
    UrlEncoded,
    Multipart,
    Text,
    Bytes,
}

/// A media type that can be sent, for one that may be a range.
fn named(name: &str, instead: &str, media: &Media<'_>, losses: &mut Losses) -> String {
    if !name.contains('*') {
        return name.to_owned();
    }
    losses.add(
        format!("the body is sent as {instead}: {name} is a range of media types"),
        media.at(),
    );
    instead.to_owned()
}

/// Whether a schema is of bytes and not of text.
fn is_bytes(library: &Library, schema: Option<Node<'_>>) -> bool {
    let Some(Ok((schema, _))) = schema.map(|schema| library.follow(schema)) else {
        return false;
    };
    schema
        .text("type")
        .is_none_or(|kind| kind == "string" || kind == "file")
        && (schema.text("format") == Some("binary") || schema.text("type") == Some("file"))
}

fn text_schema(context: &Context<'_, '_>, media: &Media<'_>, losses: &mut Losses) -> Value {
    let kind = media.schema.and_then(|schema| {
        let (schema, _) = context.library.follow(schema).ok()?;
        schema.text("type")
    });
    if kind.is_some_and(|kind| kind != "string") {
        losses.add(
            format!("the body of the media type {} is one text", media.name),
            media.at(),
        );
    }
    json!({ "type": "string" })
}

fn whole<'d>(media: &Media<'d>, shape: Shape<'d>) -> Slot<'d> {
    Slot {
        wire: "body".to_owned(),
        role: Role::Body,
        is_required: media.is_required,
        description: None,
        is_deprecated: false,
        is_bytes: false,
        is_text: false,
        shape,
    }
}

type Structured<'d> = (Content<'d>, Option<(Node<'d>, &'d str, String)>, bool);

/// A body that has a structure: its members are arguments where it is a plain object, else it is one argument.
fn structured<'d>(
    context: &Context<'d, '_>,
    media: &Media<'d>,
    form: BodyForm,
    whole_form: Option<WholeForm>,
    losses: &mut Losses,
) -> Result<Structured<'d>, String> {
    let Some(schema) = media.schema else {
        let form = whole_form.ok_or("a multipart body has no schema")?;
        let slot = whole(media, Shape::Given(json!({})));
        return Ok((Content::Whole(slot, form), None, media.is_required));
    };
    let pointer = format!("{}/schema", media.pointer);
    let outline = outline(context, schema, media.document, &pointer)?;
    let source = (schema, media.document, pointer);
    // Members that are required together cannot be told from those of a body that is there anyway.
    let is_optional = !media.is_required && outline.contains_key("required");
    let sends_always = matches!(
        context.operation.method,
        Method::Post | Method::Put | Method::Patch
    );
    if let Some(outline) = members(&outline)
        && (!is_optional || sends_always)
    {
        if is_optional {
            losses.add(
                "the optional body is always sent: it has required members",
                media.at(),
            );
        }
        let members = outline
            .into_iter()
            .map(|outline| member(media, form, outline, losses))
            .collect();
        let is_required = media.is_required || is_optional;
        return Ok((Content::Members(members, form), Some(source), is_required));
    }
    let form = whole_form.ok_or("a multipart body is not an object with named members")?;
    if form == WholeForm::UrlEncoded && !is_open_object(&outline) {
        return Err("a form is not an object".to_owned());
    }
    let (node, document, pointer) = source;
    let slot = whole(media, Shape::Schema(node, document, pointer));
    Ok((Content::Whole(slot, form), None, media.is_required))
}

/// The schema of a body down to its members.
fn outline<'d>(
    context: &Context<'d, '_>,
    schema: Node<'d>,
    document: &'d str,
    pointer: &str,
) -> Result<Schema, String> {
    let options = Options {
        direction: Direction::Input,
        references: References::Inlined,
        own_description: 0,
        nested_description: 0,
        own_depth: 0,
        max_depth: 1,
        max_enum: 8,
        budget: OUTLINE_BUDGET,
    };
    Converter::new(context.library, context.patterns, options)
        .convert(schema, &At::new(document, pointer))
        .map_err(|_| "the schema of the body is too large".to_owned())
}

struct Outline {
    name: String,
    is_required: bool,
    /// Without descriptions. `None`: the member is required, and not described.
    schema: Option<Schema>,
}

/// The members of a plain object. `None` where the value is more than its named members, or less.
fn members(outline: &Schema) -> Option<Vec<Outline>> {
    let is_plain = outline
        .iter()
        .all(|(keyword, value)| match keyword.as_str() {
            "type" | "properties" | "required" | "description" | "title" | "deprecated"
            | "default" | "format" => true,
            "additionalProperties" => value == &Value::Bool(false),
            _ => false,
        });
    let properties = outline.get("properties")?.as_object()?;
    if !is_plain || !merge::is_object(outline) || properties.len() > MAX_MEMBERS {
        return None;
    }
    let required = outline.get("required").and_then(Value::as_array);
    let required: Vec<&str> = required
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let mut members: Vec<Outline> = properties
        .iter()
        .map(|(name, schema)| Outline {
            name: name.clone(),
            is_required: required.contains(&name.as_str()),
            schema: schema.as_object().cloned(),
        })
        .collect();
    for name in required {
        if !properties.contains_key(name) {
            members.push(Outline {
                name: name.to_owned(),
                is_required: true,
                schema: None,
            });
        }
    }
    Some(members)
}

/// Whether objects can be values of a schema.
fn is_open_object(outline: &Schema) -> bool {
    outline
        .get("type")
        .is_none_or(|types| merge::list(types).contains(&"object"))
}

fn member<'d>(
    media: &Media<'d>,
    form: BodyForm,
    outline: Outline,
    losses: &mut Losses,
) -> Member<'d> {
    let declared = media
        .node
        .get("encoding")
        .and_then(|encodings| encodings.get(&outline.name));
    let content_type = declared
        .and_then(|encoding| encoding.text("contentType"))
        .and_then(|types| types.split(',').next())
        .map(str::trim)
        .filter(|one| media::kind(one).is_some() && !one.contains('*'));
    if form == BodyForm::Multipart
        && declared.is_some_and(|encoding| encoding.get("headers").is_some())
    {
        losses.add(
            format!("the headers of the part `{}` are left out", outline.name),
            media.at(),
        );
    }
    let shape = match outline.schema {
        Some(_) => Shape::OfBody,
        None => Shape::Given(json!({})),
    };
    let schema = outline.schema.unwrap_or_default();
    let is_binary = form == BodyForm::Multipart && is_file(&schema, content_type);
    let encoding = encoding(form, declared, content_type, &schema, media, losses);
    Member {
        encoding,
        content_type: content_type
            .filter(|_| form == BodyForm::Multipart)
            .map(str::to_owned),
        is_binary,
        slot: Slot {
            wire: outline.name,
            role: Role::Member,
            is_required: outline.is_required,
            description: None,
            is_deprecated: false,
            is_bytes: is_binary,
            is_text: !is_binary && is_text(encoding),
            shape,
        },
    }
}

/// Whether a part of a multipart body is bytes, or a list of them.
fn is_file(schema: &Schema, content_type: Option<&str>) -> bool {
    let is_bytes = |schema: &Schema, otherwise: Option<&str>| {
        let media_type = schema.get("contentMediaType").and_then(Value::as_str);
        match schema.get("contentEncoding").and_then(Value::as_str) {
            Some(encoding) => encoding == "base64" && media_type.is_some(),
            // 3.1 describes a file by its media type alone.
            None => media_type
                .or(otherwise)
                .and_then(media::kind)
                .is_some_and(|kind| kind == Kind::Binary),
        }
    };
    let items = schema.get("items").and_then(Value::as_object);
    is_bytes(schema, content_type.filter(|_| schema.is_empty()))
        || items.is_some_and(|items| is_bytes(items, None))
}

/// How a form writes a member (OpenAPI 3.1, Encoding Object).
fn encoding(
    form: BodyForm,
    declared: Option<Node<'_>>,
    content_type: Option<&str>,
    schema: &Schema,
    media: &Media<'_>,
    losses: &mut Losses,
) -> Encoding {
    let set = |key: &str| declared.is_some_and(|encoding| encoding.get(key).is_some());
    let types = schema.get("type").map(merge::list).unwrap_or_default();
    let items = schema
        .get("items")
        .and_then(|items| items.get("type"))
        .map(merge::list)
        .unwrap_or_default();
    let is_structured = types.contains(&"object")
        || items.contains(&"object")
        || items.contains(&"array")
        || (types.is_empty() && schema.contains_key("properties"));
    let has_style = set("style") || set("explode") || set("allowReserved");
    if form == BodyForm::Json
        || (!has_style
            && (content_type.is_some_and(media::is_json)
                || (content_type.is_none() && is_structured)))
    {
        return Encoding::Json;
    }
    let named = declared.and_then(|encoding| encoding.text("style"));
    let known = named.and_then(style).filter(|style| {
        matches!(
            style,
            Style::Form | Style::SpaceDelimited | Style::PipeDelimited | Style::DeepObject
        )
    });
    if let (Some(name), None) = (named, known) {
        losses.add(
            format!("the style `{name}` does not exist for a form; the default is used"),
            media.at(),
        );
    }
    let style = known.unwrap_or(Style::Form);
    let explode = declared.and_then(|encoding| encoding.value.get("explode")?.as_bool());
    Encoding::Style {
        style,
        explode: explode.unwrap_or(matches!(style, Style::Form | Style::DeepObject)),
        allow_reserved: declared.is_some_and(|encoding| encoding.is_true("allowReserved")),
    }
}
