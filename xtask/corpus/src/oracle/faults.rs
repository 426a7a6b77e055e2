//! The requests that Prism 5.16 misjudges, although they are as OpenAPI specifies. Each fault is named by its place in Prism.

use std::collections::BTreeMap;

use mcp_edge_catalog::{
    BodyContent, BodyForm, Encoding, Location, Operation, Source, Style, WholeForm,
};
use serde_json::{Map, Value};

/// `delimited.js` throws for what is no array, even if there is no value, which ends the process.
const DELIMITED: &str = "an operation with a delimited object ends Prism";
/// `uri-template-lite` gives a list for a value with a comma, and the deserializers throw, which ends the process.
const PATH: &str = "a path with a comma ends Prism";
/// `matrix.js` splits a value after it is decoded, and throws for what is no pair then, which ends the process.
const MATRIX: &str = "an encoded semicolon in a value of the style `matrix` ends Prism";
/// `simple.js` splits the value of every header whose schema is an array or an object, even if there is no value, which ends
/// the process.
const HEADER: &str = "a call without a header that may have an array or an object ends Prism";
/// `body.js`, `splitUriParams` assigns each pair to its name. A member without an `encoding` keeps its text, although `form`,
/// exploded, is the default (OpenAPI 3.0.3, Encoding Object).
const FORM: &str = "Prism reads no exploded array or object of a form";
/// `body.js`, `parseMultipartFormDataParams` has one text per name, and ignores the media type of the part.
const PARTS: &str = "Prism reads each part of a multipart body as one text";
/// `body.js`, `validateAgainstReservedCharacters` is for `application/x-www-form-urlencoded`: nothing encodes the parts of a
/// multipart body.
const RESERVED: &str = "Prism refuses reserved characters in a part of a multipart body";

/// The fault that a request meets as a whole. `head` is its request line and headers.
pub(crate) fn fatal(operation: &Operation, head: &str) -> Option<&'static str> {
    if encodings(operation).any(|(source, encoding)| {
        matches!(
            style(encoding),
            Some(Style::SpaceDelimited | Style::PipeDelimited)
        ) && !matches!(kind(operation, source), Some("array"))
    }) {
        return Some(DELIMITED);
    }
    let target = head.split(' ').nth(1).unwrap_or_default();
    let path = target.split('?').next().unwrap_or_default();
    if path.contains(',') {
        return Some(PATH);
    }
    let mut parameters = operation.parameters.iter();
    if path.contains("%3B") && parameters.any(|it| style(it.encoding) == Some(Style::Matrix)) {
        return Some(MATRIX);
    }
    let head = head.to_ascii_lowercase();
    let mut parameters = operation.parameters.iter();
    let lacks_header = parameters.any(|parameter| {
        parameter.location == Location::Header
            && matches!(kind(operation, &parameter.source), Some("array" | "object"))
            && !head.contains(&format!("\n{}:", parameter.name.to_ascii_lowercase()))
    });
    lacks_header.then_some(HEADER)
}

/// The arguments that are judged wrongly alone, and their faults.
pub(crate) fn misjudged(
    operation: &Operation,
    arguments: &Map<String, Value>,
) -> BTreeMap<String, &'static str> {
    let mut found = BTreeMap::new();
    let mut add = |source: &Source, fault: &dyn Fn(&Value) -> Option<&'static str>| {
        if let Source::Argument { name, .. } = source
            && let Some(fault) = arguments.get(name).and_then(fault)
        {
            found.insert(name.clone(), fault);
        }
    };
    match operation.body.as_ref().map(|body| &body.content) {
        Some(BodyContent::Whole {
            source,
            form: WholeForm::UrlEncoded,
        }) => add(source, &|value| {
            let mut members = value.as_object().into_iter().flatten();
            members
                .any(|(_, member)| is_structured(member))
                .then_some(FORM)
        }),
        Some(BodyContent::Members { members, form }) => {
            for member in members {
                add(&member.source, &|value| {
                    of_member(*form, member.encoding, value)
                });
            }
        }
        _ => {}
    }
    found
}

fn of_member(form: BodyForm, encoding: Encoding, value: &Value) -> Option<&'static str> {
    let is_exploded = matches!(
        encoding,
        Encoding::Style {
            style: Style::Form,
            explode: true,
            ..
        }
    );
    match form {
        BodyForm::Json => None,
        BodyForm::UrlEncoded => (is_exploded && is_structured(value)).then_some(FORM),
        BodyForm::Multipart if is_structured(value) => Some(PARTS),
        BodyForm::Multipart => value
            .as_str()?
            .contains(|char| "/?#[]@!$&'()*+,;=".contains(char))
            .then_some(RESERVED),
    }
}

/// The values that have an encoding.
fn encodings(operation: &Operation) -> impl Iterator<Item = (&Source, Encoding)> {
    let parameters = operation.parameters.iter();
    let members = operation.body.iter().flat_map(|body| match &body.content {
        BodyContent::Members { members, form } if *form != BodyForm::Json => members.as_slice(),
        _ => &[],
    });
    parameters
        .map(|parameter| (&parameter.source, parameter.encoding))
        .chain(members.map(|member| (&member.source, member.encoding)))
}

fn style(encoding: Encoding) -> Option<Style> {
    match encoding {
        Encoding::Style { style, .. } => Some(style),
        Encoding::Json => None,
    }
}

/// The type of an argument.
fn kind<'o>(operation: &'o Operation, source: &Source) -> Option<&'o str> {
    match source {
        Source::Argument { name, .. } => operation.input["properties"][name]["type"].as_str(),
        Source::Fixed(_) | Source::Absent => None,
    }
}

fn is_structured(value: &Value) -> bool {
    value.is_array() || value.is_object()
}
