//! Operations for tests.

use proptest::prelude::*;
use serde_json::{Number, Value, json};

use crate::{
    Annotations, Body, BodyContent, BodyForm, Catalog, Encoding, Location, Member, Method,
    Operation, Output, Parameter, PathPiece, ResultShape, Source, Style, WholeForm,
};

/// An operation without parameters.
pub(crate) fn operation(name: &str) -> Operation {
    Operation {
        name: name.to_owned(),
        title: None,
        description: "Does something.".to_owned(),
        annotations: Annotations::default(),
        scopes: Vec::new(),
        tags: Vec::new(),
        upstream: "api".to_owned(),
        origin: None,
        method: Method::Get,
        path: vec![vec![PathPiece::Literal("things".to_owned())]],
        fixed_query: Vec::new(),
        parameters: Vec::new(),
        body: None,
        accept: "application/json".to_owned(),
        input: json!({ "type": "object", "properties": {}, "additionalProperties": false }),
        strict_input: None,
        output: Output::Open,
        shape: ResultShape::default(),
    }
}

/// The style with the defaults of a parameter at `location`.
pub(crate) fn style(style: Style, explode: bool) -> Encoding {
    Encoding::Style {
        style,
        explode,
        allow_reserved: false,
    }
}

/// An optional argument with the name of the parameter.
pub(crate) fn argument(name: &str) -> Source {
    Source::Argument {
        name: name.to_owned(),
        required: false,
        default: None,
    }
}

/// A parameter that is an optional argument.
pub(crate) fn parameter(name: &str, location: Location, encoding: Encoding) -> Parameter {
    Parameter {
        name: name.to_owned(),
        source: argument(name),
        location,
        encoding,
        allow_slash: false,
    }
}

/// Any JSON value.
pub(crate) fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| Number::from_f64(number).map_or(Value::Null, Value::Number)),
        text().prop_map(Value::String),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((text(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Texts that are often equal, and those that are hard to write.
pub(crate) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "type",
            "string",
            "",
            ".",
            "..",
            "a long text that several operations have in common"
        ])
        .prop_map(str::to_owned),
        r#"[a-c%./\\?#;:@&=+,"'\[\] \t\r\n\x00é日]{0,12}"#,
        any::<String>(),
    ]
}

/// Any encoding.
fn encoding() -> impl Strategy<Value = Encoding> {
    let styles = vec![
        Style::Simple,
        Style::Label,
        Style::Matrix,
        Style::Form,
        Style::SpaceDelimited,
        Style::PipeDelimited,
        Style::DeepObject,
    ];
    prop_oneof![
        1 => Just(Encoding::Json),
        4 => (prop::sample::select(styles), any::<bool>(), any::<bool>()).prop_map(
            |(style, explode, allow_reserved)| Encoding::Style { style, explode, allow_reserved }
        ),
    ]
}

fn source() -> impl Strategy<Value = Source> {
    prop_oneof![
        (text(), any::<bool>(), prop::option::of(value())).prop_map(|(name, required, default)| {
            Source::Argument {
                name,
                required,
                default,
            }
        }),
        value().prop_map(Source::Fixed),
        Just(Source::Absent),
    ]
}

fn any_parameter() -> impl Strategy<Value = Parameter> {
    let locations = vec![
        Location::Path,
        Location::Query,
        Location::Header,
        Location::Cookie,
    ];
    (
        text(),
        source(),
        prop::sample::select(locations),
        encoding(),
        any::<bool>(),
    )
        .prop_map(
            |(name, source, location, encoding, allow_slash)| Parameter {
                name,
                source,
                location,
                encoding,
                allow_slash,
            },
        )
}

fn member() -> impl Strategy<Value = Member> {
    (
        text(),
        source(),
        encoding(),
        prop::option::of(text()),
        any::<bool>(),
    )
        .prop_map(|(name, source, encoding, content_type, is_binary)| Member {
            name,
            source,
            encoding,
            content_type,
            is_binary,
        })
}

fn body() -> impl Strategy<Value = Body> {
    let whole = vec![
        WholeForm::Json,
        WholeForm::Text,
        WholeForm::Base64,
        WholeForm::UrlEncoded,
    ];
    let forms = vec![BodyForm::Json, BodyForm::UrlEncoded, BodyForm::Multipart];
    let content = prop_oneof![
        (source(), prop::sample::select(whole))
            .prop_map(|(source, form)| BodyContent::Whole { source, form }),
        (
            prop::collection::vec(member(), 0..4),
            prop::sample::select(forms)
        )
            .prop_map(|(members, form)| BodyContent::Members { members, form }),
    ];
    (text(), any::<bool>(), content).prop_map(|(media_type, required, content)| Body {
        media_type,
        required,
        content,
    })
}

fn any_operation() -> impl Strategy<Value = Operation> {
    let methods = vec![
        Method::Get,
        Method::Head,
        Method::Post,
        Method::Put,
        Method::Patch,
        Method::Delete,
        Method::Options,
        Method::Trace,
    ];
    let output = prop_oneof![
        Just(Output::Open),
        Just(Output::Text),
        (value(), any::<bool>()).prop_map(|(schema, wrapped)| Output::Schema { schema, wrapped }),
    ];
    let texts = || prop::collection::vec(text(), 0..3);
    let shape = (
        texts(),
        texts(),
        prop::option::of(any::<u32>()),
        prop::option::of(text()),
    )
        .prop_map(|(select, omit, max_items, page_argument)| ResultShape {
            select,
            omit,
            max_items,
            page_argument,
        });
    let hints =
        any::<[Option<bool>; 4]>().prop_map(|[read_only, destructive, idempotent, open_world]| {
            Annotations {
                read_only,
                destructive,
                idempotent,
                open_world,
            }
        });
    let words = (
        prop::option::of(text()),
        text(),
        texts(),
        texts(),
        text(),
        prop::option::of(text()),
    );
    let request = (
        prop::sample::select(methods),
        prop::collection::vec(
            prop::collection::vec((any::<bool>(), text(), 0..8_usize), 0..3),
            0..4,
        ),
        prop::collection::vec((text(), text()), 0..3),
        prop::collection::vec(any_parameter(), 0..4),
        prop::option::of(body()),
        text(),
    );
    let header = prop::option::of("[A-Za-z]{1,4}");
    let schemas = (header, value(), prop::option::of(value()), output, shape);
    (words, hints, request, schemas).prop_map(
        |(
            (title, description, scopes, tags, upstream, origin),
            annotations,
            (method, path, fixed_query, parameters, body, accept),
            (header, input, strict_input, output, shape),
        )| {
            let count = parameters.len();
            let piece = |(is_parameter, text, index): (bool, String, usize)| {
                if is_parameter && count > 0 {
                    PathPiece::Parameter(index % count)
                } else {
                    PathPiece::Literal(text)
                }
            };
            let mut input = json!({ "type": "object", "default": input });
            if let Some(header) = header {
                input["properties"] = json!({ "a": { "type": "string", "x-mcp-header": header } });
            }
            Operation {
                name: String::new(),
                title,
                description,
                annotations,
                scopes,
                tags,
                upstream,
                origin,
                method,
                path: path
                    .into_iter()
                    .map(|segment| segment.into_iter().map(piece).collect())
                    .collect(),
                fixed_query,
                parameters,
                body,
                accept,
                input,
                strict_input,
                output,
                shape,
            }
        },
    )
}

/// Any catalog that has a binary form.
pub(crate) fn catalog() -> impl Strategy<Value = Catalog> {
    prop::collection::vec((any_operation(), 0..1000_u32), 0..5).prop_map(|operations| {
        let operations = operations
            .into_iter()
            .enumerate()
            .map(|(place, (operation, name))| Operation {
                name: format!("tool_{name}_{place}"),
                ..operation
            });
        Catalog {
            operations: operations.collect(),
        }
    })
}

/// An API with `count` operations of the usual kinds: schemas that operations share, and descriptions of their own.
pub(crate) fn api(count: usize) -> Catalog {
    let nouns = [
        "repository",
        "issue",
        "label",
        "team",
        "deployment",
        "runner",
        "secret",
        "webhook",
    ];
    let verbs = ["list", "get", "create", "update", "delete"];
    let operations = (0..count).map(|place| {
        let noun = nouns[place / verbs.len() % nouns.len()];
        let verb = verbs[place % verbs.len()];
        let group = place / (verbs.len() * nouns.len());
        let owner = json!({ "type": "string", "description": "The account owner of the repository. The name is not case sensitive." });
        let page = json!({ "type": "integer", "default": 1, "description": "The page number of the results to fetch." });
        let color = json!({ "type": "string", "pattern": "^[0-9a-fA-F]{6}$", "description": format!("The color of the {noun}, as a hexadecimal code without `#`.") });
        let filter = json!({
            "type": "object",
            "properties": {
                "state": { "type": "string", "enum": ["open", "closed", "all"], "default": "open" },
                "since": { "type": "string", "format": "date-time", "description": "Only show results that were last updated after the given time." },
                "color": color,
            }
        });
        let mut operation = operation(&format!("{verb}_{noun}_{group}"));
        operation.description = format!("{verb} the {noun}s of group {group}. Requires the permission `{noun}:{verb}` in the organization of number {place}.");
        operation.tags = vec![noun.to_owned()];
        operation.scopes = vec![format!("{noun}:read")];
        operation.path = vec![
            vec![PathPiece::Literal("repos".to_owned())],
            vec![PathPiece::Parameter(0)],
            vec![PathPiece::Literal(format!("{noun}s"))],
        ];
        operation.parameters = vec![
            Parameter { source: Source::Argument { name: "owner".to_owned(), required: true, default: None }, ..parameter("owner", Location::Path, style(Style::Simple, false)) },
            parameter("page", Location::Query, style(Style::Form, true)),
        ];
        operation.input = json!({
            "type": "object",
            "properties": { "owner": owner, "page": page, "filter": filter, "name": { "type": "string", "description": format!("The name of the {noun} of group {group}.") } },
            "required": ["owner"],
            "additionalProperties": false,
        });
        let item = json!({ "type": "object", "properties": { "id": { "type": "integer" }, "owner": owner, "filter": filter, "name": { "type": "string" } }, "required": ["id"] });
        operation.output = Output::Schema {
            schema: json!({ "type": "object", "properties": { "result": { "type": "array", "items": item } }, "required": ["result"] }),
            wrapped: true,
        };
        operation
    });
    Catalog {
        operations: operations.collect(),
    }
}
